"""The raw path in the real runtime client, over loopback, beside an echo of the same bytes.

The echo gets the same events, and gives back from memory the bytes that the raw path answers with. What both
do beside that is the client's; what is left is the transformation. Wall time counts, as whole processes take
turns; the ratio of their CPU times is printed beside it.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import corpus as corpora
from benchmarks import machine
from benchmarks.contenders import check, checked_response
from benchmarks.runtime_api import Function
from benchmarks.verdict import Ratio

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.runtime_api import RuntimeApi

ROUNDS = 25
WARM = 3
"""Invocations of each function that do not count."""
SIZES = {"small": 1_900_000, "large": 5_500_000}
"""Bytes of an event: buffers of 1 MB and 3 MB, which base64 and what is around it make longer."""


@dataclass(frozen=True)
class Times:
    """Seconds of each round of one function."""

    cpu: list[float]
    """Of the client's process, until it waits for the next event."""
    wall: list[float]


@dataclass(frozen=True)
class Comparison:
    """The raw path / the echo."""

    ratio: Ratio
    cpu: Ratio
    event: int
    response: int

    def __str__(self) -> str:
        return f"{self.event:,} bytes in, {self.response:,} out; CPU time {self.cpu}"


def against_echo(folder: Path, name: str, size: str) -> Comparison:
    """Compare the raw path with the echo, an event of corpus ``name``."""
    corpus = corpora.block(name)
    event = corpora.event_of_size(corpus.lines, SIZES[size])
    response = checked_response(corpus.fields, event)
    path = folder / "echo.json"
    path.write_bytes(response)
    functions = {
        "raw": Function("edgelift.runtime.handler", {"EDGELIFT_FIELDS": ",".join(corpus.fields)}),
        "echo": Function("benchmarks.echo.handler", {"ECHO": str(path)}, path=machine.ROOT),
    }
    with ExitStack() as stack:
        running = {
            key: stack.enter_context(function.running(folder / f"{key}.log"))
            for key, function in functions.items()
        }
        times = _rounds(running, event, response)
    path.unlink()
    return Comparison(
        ratio=Ratio.of(times["raw"].wall, times["echo"].wall),
        cpu=Ratio.of(times["raw"].cpu, times["echo"].cpu),
        event=len(event),
        response=len(response),
    )


def _rounds(running: Mapping[str, RuntimeApi], event: bytes, expected: bytes) -> dict[str, Times]:
    """Invoke the functions in turns; every answer is checked."""
    counted: dict[str, list[float]] = {key: [] for key in running}
    wall: dict[str, list[float]] = {key: [] for key in running}
    for _ in range(WARM + ROUNDS + 1):
        for key, function in running.items():
            # What a process has left to do for an answer that it posted, it does while the other's turn is.
            counted[key].append(cpu_seconds(function.pid))
            start = time.perf_counter()
            outcome = function.invoke(event)
            wall[key].append(time.perf_counter() - start)
            check_outcome(key, outcome.kind, outcome.body, expected)
    # The last invocation only ends the one before.
    return {
        key: Times([after - before for before, after in pairwise(counted[key][WARM:])], wall[key][WARM:-1])
        for key in running
    }


def check_outcome(key: str, kind: str, body: bytes, expected: bytes) -> None:
    """Stop the run if a function did not answer what it should.

    Raises:
        AssertionError: it did not.

    """
    right = kind == "response" and body == expected
    check(right, f"{key} posted {kind} of {len(body)} bytes, not its response of {len(expected)}")


def cpu_seconds(process: int) -> float:
    """Read the CPU time of all threads of a process that waits, user and system, to the nanosecond."""
    threads = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9

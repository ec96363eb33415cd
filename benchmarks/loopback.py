"""The raw path in the real runtime client, over loopback, beside an echo of the same event.

The echo gets the same bytes and gives them back, so that both receive the same. Of c45 it has less to send,
since documents are longer than lines: that is the stricter of two ways to read "an echo of the same bytes".

The time of an echo is the wall time from the event to the answer, the shortest of all rounds. The client's
process does one thing after the other, so that the raw path takes as much longer as the process takes more
CPU time, user and system: that is counted in nanoseconds, and what else the machine does hardly moves it.
The ratio of the wall times themselves is told beside it; it is worth something only where the machine does
nothing else.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
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
    wall: Ratio
    event: int
    response: int

    def __str__(self) -> str:
        return f"{self.event:,} bytes in, {self.response:,} out; wall time {self.wall}"


def ratio(raw: Times, echo: Times) -> Ratio:
    """Compare the echo's time, and the CPU time that the raw path takes beyond it, with the echo's time."""
    shortest = min(echo.wall)
    more = median(mine - its for mine, its in zip(raw.cpu, echo.cpu, strict=True))
    return Ratio(1 + more / shortest, 1 + (min(raw.cpu) - min(echo.cpu)) / shortest)


def against_echo(folder: Path, name: str, size: str) -> Comparison:
    """Compare the raw path with the echo, an event of corpus ``name``."""
    corpus = corpora.block(name)
    event = corpora.event_of_size(corpus.lines, SIZES[size])
    response = checked_response(corpus.fields, event)
    environment = {"EDGELIFT_FIELDS": ",".join(corpus.fields)}
    functions = {
        "raw": Function("edgelift.runtime.handler", environment),
        "echo": Function("benchmarks.echo.handler", path=machine.ROOT),
    }
    with ExitStack() as stack:
        running = {
            key: stack.enter_context(function.running(folder / f"{key}.log"))
            for key, function in functions.items()
        }
        times = _rounds(running, event, {"raw": response, "echo": event})
    return Comparison(
        ratio=ratio(times["raw"], times["echo"]),
        wall=Ratio.of(times["raw"].wall, times["echo"].wall),
        event=len(event),
        response=len(response),
    )


def _rounds(
    running: Mapping[str, RuntimeApi], event: bytes, expected: Mapping[str, bytes]
) -> dict[str, Times]:
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
            check_outcome(key, outcome.kind, outcome.body, expected[key])
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

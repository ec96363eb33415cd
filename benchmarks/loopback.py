"""The raw path in the real runtime client, over loopback, beside an echo of the same event.

The echo gets the same bytes and gives them back, so that both receive the same. Of c45 it has less to send, since
the documents are longer than the lines: that is the stricter of two ways to read "an echo of the same bytes".

Counted is the CPU time of the client's process, user and system, from one event to the next, in nanoseconds: it
has everything that is ours, and nothing of the service's side, which is Python here and takes as long as the
client. The wall time of the same invocations is told beside it: where the machine does other things it says little.
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
class Comparison:
    """The raw path / the echo."""

    cpu: Ratio
    wall: Ratio
    event: int
    response: int

    def __str__(self) -> str:
        return f"{self.event:,} bytes in, {self.response:,} out; wall time {self.wall}"


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
        cpu, wall = _rounds(running, event, {"raw": response, "echo": event})
    return Comparison(
        cpu=Ratio.of(cpu["raw"], cpu["echo"]),
        wall=Ratio.of(wall["raw"], wall["echo"]),
        event=len(event),
        response=len(response),
    )


def _rounds(
    running: Mapping[str, RuntimeApi], event: bytes, expected: Mapping[str, bytes]
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Invoke the functions in turns; every answer is checked."""
    spent: dict[str, list[float]] = {key: [] for key in running}
    wall: dict[str, list[float]] = {key: [] for key in running}
    for _ in range(WARM + ROUNDS + 1):
        for key, function in running.items():
            # What a process has left to do for an answer that it posted, it does while the other's turn is.
            spent[key].append(cpu_seconds(function.pid))
            start = time.perf_counter()
            outcome = function.invoke(event)
            wall[key].append(time.perf_counter() - start)
            check_outcome(key, outcome.kind, outcome.body, expected[key])
    cpu = {key: [after - before for before, after in pairwise(counted)] for key, counted in spent.items()}
    return (
        {key: rounds[WARM:] for key, rounds in cpu.items()},
        {key: rounds[WARM:-1] for key, rounds in wall.items()},
    )


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

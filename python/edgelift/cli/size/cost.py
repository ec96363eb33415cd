"""What a million records take and cost: arithmetic, and one measurement on this machine."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edgelift.cli.size.prices import ONE_VCPU_MB

if TYPE_CHECKING:
    from collections.abc import Callable

MILLION: Final = 1_000_000

ROUNDS: Final = 5


@dataclass(frozen=True)
class Function:
    """A Lambda function and its prices."""

    memory_mb: int
    gb_second_usd: float
    million_requests_usd: float

    @property
    def slowdown(self) -> float:
        """How much longer than on one vCPU the work takes; more than one is of no use to a single thread."""
        return max(ONE_VCPU_MB / self.memory_mb, 1.0)


@dataclass(frozen=True)
class Million:
    """What a million records take, sent in full buffers."""

    requests: float
    cpu_seconds: float
    billed_seconds: float
    gb_seconds: float
    usd: float


def million(function: Function, cpu_seconds: float, records: int) -> Million:
    """Reckon what a million records take.

    Args:
        function: the function and its prices.
        cpu_seconds: what a request takes on one vCPU.
        records: how many come with a request.

    """
    requests = MILLION / records
    # Each request is billed in whole milliseconds.
    milliseconds = math.ceil(cpu_seconds * function.slowdown * 1000)
    billed = requests * milliseconds / 1000
    gb_seconds = billed * function.memory_mb / 1024
    usd = gb_seconds * function.gb_second_usd + requests / MILLION * function.million_requests_usd
    return Million(requests, requests * cpu_seconds, billed, gb_seconds, usd)


def least_cpu_seconds(work: Callable[[], object]) -> float:
    """Give the CPU time of the work, the least of some rounds: what disturbs only ever adds."""
    work()
    return min(_cpu_seconds(work) for _ in range(ROUNDS))


def _cpu_seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began

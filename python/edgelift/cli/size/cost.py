"""Time and price of a million records: arithmetic on AWS's prices, and one measurement on this machine."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

ONE_VCPU_MB: Final = 1769
"""Memory at which a function has one vCPU: AWS Lambda Developer Guide, "Configure Lambda function memory"."""

X86_GB_SECOND_USD: Final = 0.0000166667
ARM_GB_SECOND_USD: Final = 0.0000133334
MILLION_REQUESTS_USD: Final = 0.20
PRICES: Final = "AWS Lambda pricing page, us-east-1, x86_64, as of May 2026"
"""Source of the default prices."""

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
        """Factor by which the work takes longer than on one vCPU; a single thread uses one at most."""
        return max(ONE_VCPU_MB / self.memory_mb, 1.0)


@dataclass(frozen=True)
class Million:
    """Time and price of a million records, sent in full buffers."""

    requests: float
    cpu_seconds: float
    billed_seconds: float
    gb_seconds: float
    usd: float


def million(function: Function, cpu_seconds: float, records: int) -> Million:
    """Calculate the time and price of a million records.

    Args:
        function: the function and its prices.
        cpu_seconds: CPU time of a request on one vCPU.
        records: records per request.

    """
    requests = MILLION / records
    # Each request is billed in whole milliseconds.
    milliseconds = math.ceil(cpu_seconds * function.slowdown * 1000)
    billed = requests * milliseconds / 1000
    gb_seconds = billed * function.memory_mb / 1024
    usd = gb_seconds * function.gb_second_usd + requests / MILLION * function.million_requests_usd
    return Million(requests, requests * cpu_seconds, billed, gb_seconds, usd)


def least_cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU time of the work, the minimum of some rounds: other load only ever adds to it."""
    work()
    return min(_cpu_seconds(work) for _ in range(ROUNDS))


def _cpu_seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began

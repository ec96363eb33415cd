"""How large a buffer may be so that no request and no response grows over what Lambda takes: arithmetic only.

A buffer is full as soon as its rows reach its size, so it may hold up to one row more than that. A sample
stands for endless traffic: behind its last row comes its first one again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LIMIT: Final = 6_291_456
"""Most bytes of a request and of a response: AWS Lambda Developer Guide, "Lambda quotas"."""

FREE_PERCENT: Final = 5
"""What a safe buffer leaves free of it, for traffic that the sample does not show."""

FILLED: Final = LIMIT * (100 - FREE_PERCENT) // 100
"""Most bytes that a buffer may become to be called safe."""

MEGABYTE: Final = 1024 * 1024
"""One of the megabytes of ``BufferSizeInMBs``, the larger of the two that are meant by the word."""

LEAST_TENTHS: Final = 2
MOST_TENTHS: Final = 30
"""``BufferSizeInMBs`` is from 0.2 to 3: Firehose Developer Guide, "Quota"."""


@dataclass(frozen=True)
class Payload:
    """A request or a response as it grows row by row."""

    sizes: Sequence[int]
    """Bytes that each row of the sample takes in it, the comma behind it included."""
    around: int
    """Bytes that it has without any row; less the comma that the last row does not have."""


def percentile(ordered: Sequence[int], percent: int) -> int:
    """Give the least of the ordered values that so many percent of them do not exceed."""
    return ordered[max(-(-len(ordered) * percent // 100), 1) - 1]


def largest_buffer(rows: Sequence[int], payloads: Iterable[Payload]) -> int | None:
    """Give the largest safe ``BufferSizeInMBs`` in tenths, or None if even the least one is too large.

    Safe is what fits wherever in the sample a buffer begins: its consecutive rows bring no payload over
    `FILLED` bytes.

    Args:
        rows: bytes of each row of the sample.
        payloads: what the rows become.

    """
    tenths = min(_least_that_fits(rows, payload) * 10 // MEGABYTE for payload in payloads)
    return min(tenths, MOST_TENTHS) if tenths >= LEAST_TENTHS else None


def fullest(rows: Sequence[int], payload: Payload, tenths: int) -> int:
    """Give the bytes of the largest payload that a buffer of so many tenths of a megabyte can become."""
    reach = bytes_of(tenths)
    end = taken = size = most = 0
    for begin, row in enumerate(rows):
        while taken < reach:
            taken += rows[end % len(rows)]
            size += payload.sizes[end % len(rows)]
            end += 1
        most = max(most, size)
        taken -= row
        size -= payload.sizes[begin]
    return payload.around + most


def bytes_of(tenths: int) -> int:
    """Give the bytes at which a buffer of so many tenths of a megabyte is full."""
    return -(-tenths * MEGABYTE // 10)


def _least_that_fits(rows: Sequence[int], payload: Payload) -> int:
    """Take from every row on as many as fit the payload; give their bytes where these are fewest."""
    least = None
    end = taken = 0
    size = payload.around
    for begin, row in enumerate(rows):
        while size + payload.sizes[end % len(rows)] <= FILLED:
            taken += rows[end % len(rows)]
            size += payload.sizes[end % len(rows)]
            end += 1
        if begin == end:
            return 0  # not even this row alone
        least = taken if least is None else min(least, taken)
        taken -= row
        size -= payload.sizes[begin]
    return least or 0

"""The sample: how many bytes each row takes on its way, and a batch of rows to measure the time with."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING, Final

from edgelift.cli.size.answers import REQUEST_AROUND, Answerer, Naive, request_size
from edgelift.cli.size.buffer import (
    LEAST_TENTHS,
    LIMIT,
    Payload,
    bytes_of,
    fullest,
    largest_buffer,
    percentile,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgelift._core import Transformer

WAYS: Final = ("handler", "raw", "naive")
"""The handler for dicts, the one for bytes, and the naive one."""


@dataclass(frozen=True)
class Spread:
    """Bytes of a record, over all rows."""

    mean: float
    p50: int
    p99: int
    max: int


@dataclass(frozen=True)
class Way:
    """What becomes of the rows on one way."""

    bytes_out: Spread
    growth: float
    tenths: int | None
    """The largest safe ``BufferSizeInMBs`` in tenths, or None if even the least one is too large."""
    fullest_request: int
    """Bytes of the largest request with this buffer, or with the least one if it is None."""
    fullest_response: int


class Sample:
    """The rows read so far; a few numbers are kept of each, so memory grows with the sample only.

    Attributes:
        bytes_in: bytes of each row.
        failed: rows that failed, by reason.
        first_failures: line and message of the first row that failed for each reason.

    """

    def __init__(self, transformer: Transformer) -> None:
        self.bytes_in = array("I")
        self.failed: Counter[str] = Counter()
        self.first_failures: dict[str, tuple[int, str]] = {}
        self._answerer = Answerer(transformer)
        self._naive = Naive([column.field for column in layout] for layout in transformer.layouts)
        self._requests = array("I")
        self._sizes = {way: array("I") for way in WAYS}
        self._kept: list[bytes] = []
        self._room = LIMIT - REQUEST_AROUND

    def add(self, row: bytes, line: int) -> None:
        """Measure a row."""
        answer = self._answerer.answer(row)
        size = request_size(row)
        self.bytes_in.append(len(row))
        self._requests.append(size)
        for way, bytes_out in zip(WAYS, (answer.handler, answer.raw, self._naive.answer(row)), strict=True):
            self._sizes[way].append(bytes_out)
        for reason, (_, message) in answer.report.first_failures.items():
            self.failed[reason] += 1
            self.first_failures.setdefault(reason, (line, message))
        self._room -= size
        if self._room >= 0:
            self._kept.append(row)

    @property
    def all_failed(self) -> bool:
        """Whether no row became a document."""
        return self.failed.total() == len(self.bytes_in)

    def spread_in(self) -> Spread:
        """Sum up the bytes of the rows."""
        return _spread(self.bytes_in)

    def way(self, name: str) -> Way:
        """Sum up what becomes of the rows on one of the `WAYS`."""
        around = {
            "handler": self._answerer.handler_around,
            "raw": self._answerer.raw_around,
            "naive": self._naive.around,
        }
        request = Payload(self._requests, REQUEST_AROUND)
        response = Payload(self._sizes[name], around[name])
        tenths = largest_buffer(self.bytes_in, [request, response])
        shown = tenths or LEAST_TENTHS
        return Way(
            _spread(response.sizes),
            sum(response.sizes) / sum(self.bytes_in),
            tenths,
            fullest(self.bytes_in, request, shown),
            fullest(self.bytes_in, response, shown),
        )

    def batch(self, tenths: int) -> list[bytes]:
        """Give the rows of a full buffer: the first ones, again and again if there are too few."""
        batch: list[bytes] = []
        missing, room = bytes_of(tenths), LIMIT - REQUEST_AROUND
        for row in cycle(self._kept):
            room -= request_size(row)
            if missing <= 0 or room < 0:
                break
            batch.append(row)
            missing -= len(row)
        return batch


def _spread(sizes: Sequence[int]) -> Spread:
    ordered = sorted(sizes)
    mean = sum(ordered) / len(ordered)
    return Spread(mean, percentile(ordered, 50), percentile(ordered, 99), ordered[-1])

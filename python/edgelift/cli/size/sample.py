"""The rows that `edgelift size` measures, read one by one in constant memory."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING, Final

from edgelift.cli.size.payload import (
    LEAST_TENTHS,
    LIMIT,
    REQUEST_OVERHEAD,
    NaiveHandler,
    Payload,
    ResponseMeter,
    bytes_of,
    fullest,
    largest_buffer,
    percentile,
    request_size,
)
from edgelift.inputs.damage import DamagedFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from edgelift._core import Transformer

LONGEST: Final = 1_024_000
"""Bytes of the longest record that Firehose takes, 1,000 KiB: Firehose Developer Guide, "Quota"."""

BLANK: Final = (b"\n", b"\r\n")


class RowReader:
    """Reads the first rows of an input: its lines, without blank ones and those longer than a record may be.

    Attributes:
        line: number of the line read last, from 1.
        read: rows so far.
        blank: blank lines so far.
        too_long: lines so far that are longer than a record of Firehose may be.
        damage: damage of the file, or None. An incomplete line before it is skipped.

    """

    def __init__(self, blocks: Iterable[bytes], limit: int) -> None:
        self.line = 0
        self.read = 0
        self.blank = 0
        self.too_long = 0
        self.damage: DamagedFile | None = None
        self._blocks = blocks
        self._limit = limit

    def __iter__(self) -> Iterator[bytes]:
        """Yield each row with its line end."""
        for line in self._lines():
            self.line += 1
            if line is None:
                self.too_long += 1
            elif line in BLANK:
                self.blank += 1
            else:
                self.read += 1
                yield line
                # Here and not before the next line, which may arrive late.
                if self.read == self._limit:
                    return

    def _lines(self) -> Iterator[bytes | None]:
        """Yield the lines; None for one that is too long, of which nothing is kept."""
        line, length = bytearray(), 0
        try:
            for part in self._line_parts():
                length += len(part)
                if length <= LONGEST:
                    line += part
                if part.endswith(b"\n"):
                    yield bytes(line) if length <= LONGEST else None
                    line.clear()
                    length = 0
        except DamagedFile as damage:
            self.damage = damage
            # An incomplete line may look like a complete one.
            if damage.unfinished:
                return
        if length:
            yield bytes(line) if length <= LONGEST else None

    def _line_parts(self) -> Iterator[bytes]:
        """Yield the input in parts that end where a line or a block does."""
        for block in self._blocks:
            *ended, rest = block.split(b"\n")
            yield from (line + b"\n" for line in ended)
            if rest:
                yield rest


WAYS: Final = ("handler", "raw", "naive")
"""The handler that works on dicts, the one that works on bytes, and the naive one."""


@dataclass(frozen=True)
class Spread:
    """Distribution of the bytes per record over all rows."""

    mean: float
    p50: int
    p99: int
    max: int


@dataclass(frozen=True)
class Way:
    """Sizes of the responses of one handler, and the buffer that is safe for it."""

    bytes_out: Spread
    growth: float
    tenths: int | None
    """The largest safe ``BufferSizeInMBs`` in tenths, or None if even the smallest one is too large."""
    fullest_request: int
    """Bytes of the largest request with this buffer, or with the smallest one if it is None."""
    fullest_response: int


class Sample:
    """Sizes of the rows read so far; memory grows with the sample only.

    Attributes:
        bytes_in: bytes of each row.
        failed: rows that failed, by reason.
        first_failures: line and message of the first row that failed for each reason.

    """

    def __init__(self, transformer: Transformer) -> None:
        self.bytes_in = array("I")
        self.failed: Counter[str] = Counter()
        self.first_failures: dict[str, tuple[int, str]] = {}
        self._meter = ResponseMeter(transformer)
        self._naive = NaiveHandler([column.field for column in layout] for layout in transformer.layouts)
        self._requests = array("I")
        self._sizes = {way: array("I") for way in WAYS}
        self._kept: list[bytes] = []
        self._bytes_left = LIMIT - REQUEST_OVERHEAD

    def add(self, row: bytes, line: int) -> None:
        """Measure a row."""
        sizes = self._meter.measure(row)
        size = request_size(row)
        self.bytes_in.append(len(row))
        self._requests.append(size)
        for way, bytes_out in zip(
            WAYS, (sizes.handler, sizes.raw, self._naive.response_size(row)), strict=True
        ):
            self._sizes[way].append(bytes_out)
        for reason, (_, message) in sizes.report.first_failures.items():
            self.failed[reason] += 1
            self.first_failures.setdefault(reason, (line, message))
        self._bytes_left -= size
        if self._bytes_left >= 0:
            self._kept.append(row)

    @property
    def all_failed(self) -> bool:
        """True if no row became a document."""
        return self.failed.total() == len(self.bytes_in)

    def spread_in(self) -> Spread:
        """Return the distribution of the bytes of the rows."""
        return _spread(self.bytes_in)

    def way(self, name: str) -> Way:
        """Return the sizes of one of the `WAYS`."""
        overhead = {
            "handler": self._meter.handler_overhead,
            "raw": self._meter.raw_overhead,
            "naive": self._naive.overhead,
        }
        request = Payload(self._requests, REQUEST_OVERHEAD)
        response = Payload(self._sizes[name], overhead[name])
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
        """Return the rows of a full buffer: the first ones, repeated if there are too few."""
        batch: list[bytes] = []
        missing, bytes_left = bytes_of(tenths), LIMIT - REQUEST_OVERHEAD
        for row in cycle(self._kept):
            bytes_left -= request_size(row)
            if missing <= 0 or bytes_left < 0:
                break
            batch.append(row)
            missing -= len(row)
        return batch


def _spread(sizes: Sequence[int]) -> Spread:
    ordered = sorted(sizes)
    mean = sum(ordered) / len(ordered)
    return Spread(mean, percentile(ordered, 50), percentile(ordered, 99), ordered[-1])

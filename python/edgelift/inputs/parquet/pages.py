"""Headers of the pages of a Parquet column chunk: how much a reader has to hold in memory.

pyarrow exposes no page headers, and allocates what they ask for, up to 2 GiB per page and column.

Sources: Apache Parquet, ``parquet.thrift`` (``PageHeader``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edgelift.inputs.parquet.thrift import Compact

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgelift.inputs.parquet.thrift import Struct

    ReadAt = Callable[[int, int], bytes]
    """Reads from an offset at most so many bytes of the file."""

HEADER: Final = 512
"""Bytes that are read of a header first: enough unless it has long statistics."""

LARGEST_HEADER: Final = 64 * 1024

PADDING: Final = 100
"""Bytes after a chunk that pyarrow reads as part of it if an old writer made the file (PARQUET-816)."""

DICTIONARY_PAGE: Final = 2
_DATA_PAGE_HEADERS: Final = {0: 5, 3: 8}
"""Type of a data page to the id of its own header, and within that header the id of the encoding."""
_ENCODING: Final = {0: 2, 3: 4}

DICTIONARY_ENCODINGS: Final = {2, 8}
DELTA_ENCODINGS: Final = {5, 6, 7}
DELTA_BYTE_ARRAY: Final = 7


@dataclass(frozen=True, slots=True)
class Page:
    """A page as its header describes it.

    Attributes:
        is_dictionary: whether it holds the dictionary of its column chunk.
        size: its bytes, compressed or not, whichever are more.
        values: number of its values.
        encoding: number of the encoding of its values; -1: unknown.

    """

    is_dictionary: bool
    size: int
    values: int
    encoding: int

    @property
    def memory(self) -> int:
        """Bytes that a reader allocates: decoders of deltas take 8 for each value that is promised."""
        return max(self.size, 8 * self.values) if self.encoding in DELTA_ENCODINGS else self.size


class BadHeaderError(Exception):
    """The bytes are not a page header."""


def pages_of(read_at: ReadAt, start: int, length: int, values: int) -> list[Page]:
    """Return the pages of a column chunk up to its end, or to the first header that pyarrow refuses as well.

    Args:
        read_at: reads the file.
        start: offset of the first page.
        length: compressed bytes of the chunk, headers included.
        values: number of values of the chunk; pages after them are never read.

    Raises:
        BadHeaderError: a header is longer than `LARGEST_HEADER`.

    """
    pages, seen, end = [], 0, start + length + PADDING
    while start < end and seen < values:
        try:
            header, header_length = _header(read_at, start, end)
        except IndexError:
            break
        kind, expanded, packed = (header.get(number, -1) for number in (1, 2, 3))
        if not (isinstance(expanded, int) and isinstance(packed, int)) or min(expanded, packed) < 0:
            break
        if packed > end - start:
            break
        page = _page(header, kind, max(expanded, packed))
        pages.append(page)
        seen += 0 if page.is_dictionary else page.values
        start += header_length + packed
    return pages


def _page(header: Struct, kind: object, size: int) -> Page:
    if not isinstance(kind, int) or kind not in _DATA_PAGE_HEADERS:
        return Page(is_dictionary=kind == DICTIONARY_PAGE, size=size, values=0, encoding=-1)
    own = header.get(_DATA_PAGE_HEADERS[kind])
    values, encoding = (own.get(1, 0), own.get(_ENCODING[kind], -1)) if isinstance(own, dict) else (0, -1)
    assert isinstance(values, int)  # noqa: S101 - for the type: ids 1, 2 and 4 are never structs there
    assert isinstance(encoding, int)  # noqa: S101
    values = max(values, 0)
    return Page(is_dictionary=False, size=size, values=values, encoding=encoding)


def _header(read_at: ReadAt, start: int, end: int) -> tuple[Struct, int]:
    """Return a header and its length.

    Raises:
        IndexError: the bytes end within it, or are not one.
        BadHeaderError: it is too long.

    """
    wanted = HEADER
    while True:
        data = read_at(start, min(wanted, end - start))
        reader = Compact(data)
        try:
            return reader.struct(), reader.position
        except IndexError:
            if len(data) < wanted:
                raise
        if wanted >= LARGEST_HEADER:
            raise BadHeaderError
        wanted *= 4

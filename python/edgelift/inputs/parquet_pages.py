"""Headers of the pages of a Parquet column chunk: how much a reader has to hold in memory.

pyarrow exposes no page headers, and allocates what they ask for, up to 2 GiB per page and column.

Sources: Apache Parquet, ``parquet.thrift`` (``PageHeader``); Apache Thrift, "Thrift Compact Protocol".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    ReadAt = Callable[[int, int], bytes]
    """Reads from an offset at most so many bytes of the file."""

    Struct = dict[int, "int | Struct"]
    """Fields by id: those of type i32 and nested structs; others are skipped."""

HEADER: Final = 512
"""Bytes that are read of a header first: enough unless it has long statistics."""

LARGEST_HEADER: Final = 64 * 1024

PADDING: Final = 100
"""Bytes after a chunk that pyarrow reads as part of it if an old writer made the file (PARQUET-816)."""

MAX_DEPTH: Final = 8
"""Structs, lists and maps in each other; a page header has four."""

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
        reader = _Compact(data)
        try:
            return reader.struct(), reader.position
        except IndexError:
            if len(data) < wanted:
                raise
        if wanted >= LARGEST_HEADER:
            raise BadHeaderError
        wanted *= 4


class _Compact:
    """Reads Thrift's compact protocol; IndexError: the data is too short, or not of that protocol."""

    def __init__(self, data: bytes) -> None:
        self.position = 0
        self._data = data

    def struct(self, depth: int = 0) -> Struct:
        fields: Struct = {}
        number = 0
        while byte := self._byte():
            delta, kind = byte >> 4, byte & 15
            number = number + delta if delta else self._signed()
            if kind == 5:  # noqa: PLR2004 - i32
                fields[number] = self._signed()
            elif kind == 12:  # noqa: PLR2004 - struct
                fields[number] = self.struct(_deeper(depth))
            elif kind > 2:  # noqa: PLR2004 - the two booleans have no bytes
                self._skip(kind, depth)
        return fields

    def _skip(self, kind: int, depth: int) -> None:
        match kind:
            case 1 | 2 | 3:
                self._byte()
            case 4 | 5 | 6:
                self._unsigned()
            case 7:
                self._pass(8)
            case 8:
                self._pass(self._unsigned())
            case 9 | 10:
                byte = self._byte()
                count = byte >> 4 if byte >> 4 < 15 else self._unsigned()  # noqa: PLR2004
                for _ in range(count):
                    self._skip(byte & 15, _deeper(depth))
            case 11:
                count = self._unsigned()
                kinds = self._byte() if count else 0
                for _ in range(count):
                    self._skip(kinds >> 4, _deeper(depth))
                    self._skip(kinds & 15, _deeper(depth))
            case 12:
                self.struct(_deeper(depth))
            case _:
                raise IndexError

    def _pass(self, count: int) -> None:
        self.position += count
        if self.position > len(self._data):
            raise IndexError

    def _byte(self) -> int:
        byte = self._data[self.position]
        self.position += 1
        return byte

    def _unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:  # noqa: PLR2004
                return value
            shift += 7
            if shift > 63:  # noqa: PLR2004 - no integer has more than 64 bits
                raise IndexError

    def _signed(self) -> int:
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)


def _deeper(depth: int) -> int:
    if depth == MAX_DEPTH:
        raise IndexError
    return depth + 1

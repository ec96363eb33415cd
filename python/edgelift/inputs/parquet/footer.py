"""The footer of a Parquet file: where its column chunks are.

pyarrow knows that as well, but ends the process where a damaged footer makes its accessors of column chunks
fail in C++: "Definition level histogram size mismatch", for one.

Source: Apache Parquet, ``parquet.thrift`` (``FileMetaData``), and "File Format".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from edgelift.inputs.damage import CostlyFile
from edgelift.inputs.parquet.thrift import I64, LIST, STRUCT, Compact

if TYPE_CHECKING:
    from edgelift.inputs.parquet.pages import ReadAt

LARGEST_FOOTER: Final = 64 * 1024 * 1024
"""Bytes of a footer at most, half a minute at worst. A log of 45 columns takes 4 KB for each row group."""

END: Final = 8
"""Bytes after the footer: its length, and the magic bytes."""

_ROW_GROUPS: Final = 4
_COLUMNS: Final = 1
_METADATA: Final = 3
_VALUES, _LENGTH, _DATA_PAGE, _DICTIONARY_PAGE = 5, 7, 9, 11


class BadFooterError(Exception):
    """The bytes are not a footer."""


class Place(NamedTuple):
    """Where a column chunk is, as the footer claims.

    Attributes:
        start: offset of its first page.
        length: its compressed bytes.
        values: number of its values.

    """

    start: int
    length: int
    values: int


def places_of(read_at: ReadAt, size: int) -> list[list[Place]]:
    """Return for each row group of a file the places of its column chunks.

    Args:
        read_at: reads the file.
        size: its bytes.

    Raises:
        BadFooterError: its footer is damaged.
        CostlyFile: its footer is too long.

    """
    length = int.from_bytes(read_at(max(size - END, 0), END)[:4], "little")
    if length > size - END:
        raise BadFooterError("the footer is longer than the file")
    if length > LARGEST_FOOTER:
        raise CostlyFile(f"has a footer of {length:,} bytes, more than {LARGEST_FOOTER:,}")
    footer = _Footer(read_at(size - END - length, length))
    try:
        return footer.row_groups()
    except IndexError:
        raise BadFooterError("the footer cannot be read") from None


class _Footer(Compact):
    """Reads a footer as pyarrow does: of a field that is there twice the last counts, and structs add up."""

    def row_groups(self) -> list[list[Place]]:
        groups: list[list[Place]] = []
        for field in self.fields():
            if field == (_ROW_GROUPS, LIST):
                groups = [self._row_group() for _ in range(self.count())]
            else:
                self.skip(field[1])
        return groups

    def _row_group(self) -> list[Place]:
        places: list[Place] = []
        for field in self.fields():
            if field == (_COLUMNS, LIST):
                places = [self._place() for _ in range(self.count())]
            else:
                self.skip(field[1])
        return places

    def _place(self) -> Place:
        known: dict[int, int] = {}
        for field in self.fields():
            if field == (_METADATA, STRUCT):
                self._metadata(known)
            else:
                self.skip(field[1])
        try:
            data_page, length, values = known[_DATA_PAGE], known[_LENGTH], known[_VALUES]
        except KeyError:
            raise BadFooterError("the footer does not say where a column is") from None
        dictionary = known.get(_DICTIONARY_PAGE, 0)
        return Place(min(data_page, dictionary) if dictionary > 0 else data_page, length, values)

    def _metadata(self, into: dict[int, int]) -> None:
        for number, kind in self.fields():
            if kind == I64:
                into[number] = self.signed()
            else:
                self.skip(kind)

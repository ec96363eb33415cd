"""Thrift's compact protocol, as far as the metadata of Parquet files needs it.

Source: Apache Thrift, "Thrift Compact Protocol".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    Struct = dict[int, "int | Struct"]
    """Fields by id: those of type i32 and nested structs; others are skipped."""

MAX_DEPTH: Final = 8
"""Structs, lists and maps in each other, of what is skipped or a page header; the latter has four."""

I32: Final = 5
I64: Final = 6
LIST: Final = 9
STRUCT: Final = 12


class Compact:
    """Reads Thrift's compact protocol; IndexError: the data is too short, or not of that protocol.

    Whatever it reads takes time in proportion to its bytes: each field and each element has at least one.
    """

    def __init__(self, data: bytes) -> None:
        self.position = 0
        self._data = data

    def fields(self) -> Iterator[tuple[int, int]]:
        """Yield id and type of each field of a struct; the caller reads or skips each value."""
        number = 0
        while byte := self._byte():
            delta, kind = byte >> 4, byte & 15
            number = number + delta if delta else self.signed()
            # Other readers keep an id in 16 bits.
            number = (number + 0x8000 & 0xFFFF) - 0x8000
            yield number, kind

    def struct(self, depth: int = 0) -> Struct:
        """Read a struct."""
        fields: Struct = {}
        for number, kind in self.fields():
            if kind == I32:
                fields[number] = self.signed()
            elif kind == STRUCT:
                fields[number] = self.struct(_deeper(depth))
            else:
                self.skip(kind, depth)
        return fields

    def skip(self, kind: int, depth: int = 0) -> None:
        """Skip the value of a field."""
        if kind > 2:  # noqa: PLR2004 - the two booleans have no bytes
            self._skip(kind, depth)

    def count(self) -> int:
        """Read the beginning of a list: the number of its elements, as it claims, which follow."""
        return self._list()[0]

    def _list(self) -> tuple[int, int]:
        byte = self._byte()
        return byte >> 4 if byte >> 4 < 15 else self._unsigned(), byte & 15  # noqa: PLR2004

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
                count, element = self._list()
                for _ in range(count):
                    self._skip(element, _deeper(depth))
            case 11:
                count = self._unsigned()
                kinds = self._byte() if count else 0
                for _ in range(count):
                    self._skip(kinds >> 4, _deeper(depth))
                    self._skip(kinds & 15, _deeper(depth))
            case 12:
                self._skip_fields(_deeper(depth))
            case _:
                raise IndexError

    def _skip_fields(self, depth: int) -> None:
        for _, kind in self.fields():
            self.skip(kind, depth)

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
                return value & 0xFFFF_FFFF_FFFF_FFFF
            shift += 7
            if shift > 63:  # noqa: PLR2004 - no integer has more than 64 bits
                raise IndexError

    def signed(self) -> int:
        """Read an integer."""
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)


def _deeper(depth: int) -> int:
    if depth == MAX_DEPTH:
        raise IndexError
    return depth + 1

"""The first rows of an input, one by one, in constant memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edgelift.damage import DamagedFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST: Final = 1_024_000
"""Bytes of the longest record that Firehose takes, 1,000 KiB: Firehose Developer Guide, "Quota"."""

BLANK: Final = (b"\n", b"\r\n")


class Rows:
    """The first rows of an input: its lines, without blank ones and without those that no record can be.

    Attributes:
        line: number of the line that was read last, from 1.
        read: rows so far.
        blank: blank lines so far.
        too_long: lines so far that are longer than a record of Firehose may be.
        damage: what is wrong with the file, or None. Half a line before the damage is left out.

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
                # Here and not before the next line: it may be long in coming.
                if self.read == self._limit:
                    return

    def _lines(self) -> Iterator[bytes | None]:
        """Yield the lines, None for one that is too long, of which nothing is kept."""
        line, length = bytearray(), 0
        try:
            for piece in self._pieces():
                length += len(piece)
                if length <= LONGEST:
                    line += piece
                if piece.endswith(b"\n"):
                    yield bytes(line) if length <= LONGEST else None
                    line.clear()
                    length = 0
        except DamagedFile as damage:
            self.damage = damage
            # Half a line is left out: it may look like a whole one.
            if damage.unfinished:
                return
        if length:
            yield bytes(line) if length <= LONGEST else None

    def _pieces(self) -> Iterator[bytes]:
        """Yield the input in pieces that end where a line or a block does."""
        for block in self._blocks:
            *ended, rest = block.split(b"\n")
            yield from (line + b"\n" for line in ended)
            if rest:
                yield rest

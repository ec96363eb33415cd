"""Compressed bytes with lookahead, and the error of a damaged file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgelift.inputs.damage import DamagedFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OUTPUT_BLOCK = 256 * 1024
"""Bytes of content that are yielded at once at most."""

TOO_EARLY = "it ends too early"


class DamagedCompression(DamagedFile):
    """A compressed file is truncated or corrupt; all that could be read has been yielded.

    Attributes:
        compressed: bytes of the file before the damage.
        unfinished: bytes yielded since the last line feed: the beginning of a line that is lost.
        is_after_content: true if the damage follows complete content, so all lines were read.

    """

    def __init__(self, codec: str, compressed: int, what: str, *, is_after_content: bool = False) -> None:
        super().__init__(codec, compressed, what)
        self.compressed = compressed
        self._message = f"damaged {codec} after {compressed} compressed bytes: {what}"
        self.unfinished = 0
        self.is_after_content = is_after_content

    def __str__(self) -> str:
        lost = f"; the incomplete last line ({self.unfinished} bytes) was skipped" if self.unfinished else ""
        return self._message + lost


class CompressedInput:
    """Compressed bytes, read as they are needed.

    Attributes:
        codec: name of the format for messages.
        consumed: bytes consumed so far.
        file: name of the file that is read from an archive, for messages; empty: none.

    """

    def __init__(self, codec: str, first: bytes, read: Callable[[], bytes]) -> None:
        self.codec = codec
        self.consumed = 0
        self.file = ""
        self._data = first
        self._at = 0
        self._read = read

    def peek(self, size: int) -> bytes:
        """Return the next ``size`` bytes without consuming them; fewer at the end."""
        while len(self._data) - self._at < size and (more := self._read()):
            self._data, self._at = self._data[self._at :] + more, 0
        return self._data[self._at : self._at + size]

    def take(self, size: int) -> bytes:
        """Return the next ``size`` bytes.

        Raises:
            DamagedCompression: there are fewer.

        """
        taken = self.peek(size)
        self.skip(len(taken))
        if len(taken) < size:
            raise self.damage(TOO_EARLY)
        return taken

    def skip(self, size: int) -> None:
        """Consume bytes that have been peeked."""
        self.consumed += size
        self._at += size

    def next_block(self, size: int = OUTPUT_BLOCK) -> bytes:
        """Return the next bytes, ``size`` at most, without consuming them; none at the end."""
        if self._at == len(self._data):
            self._data, self._at = self._read(), 0
        return self._data[self._at : self._at + size]

    def blocks(self, size: int, *, is_after_content: bool = False) -> Iterator[bytes]:
        """Yield and consume the next ``size`` bytes, in blocks of `OUTPUT_BLOCK` bytes at most.

        Raises:
            DamagedCompression: there are fewer; with ``is_after_content``, as `damage` takes it.

        """
        while size:
            block = self.next_block(min(size, OUTPUT_BLOCK))
            if not block:
                raise self.damage(TOO_EARLY, is_after_content=is_after_content)
            self.skip(len(block))
            size -= len(block)
            yield block

    def discard(self, size: int, *, is_after_content: bool = False) -> None:
        """Consume the next ``size`` bytes; errors are those of `blocks`."""
        for _ in self.blocks(size, is_after_content=is_after_content):
            pass

    def skip_padding(self) -> bool:
        """Consume zero bytes; return true if anything else follows."""
        while block := self.next_block():
            rest = block.lstrip(b"\0")
            self.skip(len(block) - len(rest))
            if rest:
                return True
        return False

    def drain(self) -> None:
        """Consume everything that follows."""
        while block := self.next_block():
            self.skip(len(block))

    def damage(self, what: str, *, is_after_content: bool = False) -> DamagedCompression:
        """Return the error for damage at the current position."""
        if self.file:
            what = f"{what} in {self.file}"
        return DamagedCompression(self.codec, self.consumed, what, is_after_content=is_after_content)


def in_blocks(content: bytes) -> Iterator[bytes]:
    """Yield content in blocks of `OUTPUT_BLOCK` bytes at most."""
    for start in range(0, len(content), OUTPUT_BLOCK):
        yield content[start : start + OUTPUT_BLOCK]

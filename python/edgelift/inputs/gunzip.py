"""Decompresses gzip in constant memory, and saves as much as possible of a damaged file.

The module gzip of the standard library is not used: it gives no data of the block in which it meets damage.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Protocol

from edgelift.inputs.damage import DamagedFile, check_expansion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OUTPUT_BLOCK = 256 * 1024
"""Bytes that come out at once at most, so that a gzip bomb takes time and not memory."""

GZIP_WRAPPER = 31

HEADERS = (b"#Version:", b"#Fields:")
"""Beginnings of a log: the last line of a log before it ends there, with or without a line feed."""


class DamagedGzip(DamagedFile):
    """A gzip file is truncated or corrupt; all that could be read has been yielded.

    Attributes:
        what: what is wrong with it.
        compressed: bytes of the file before the damage.
        unfinished: bytes yielded since the last line feed: the beginning of a line that is lost.

    """

    def __init__(self, what: str, compressed: int, unfinished: int) -> None:
        super().__init__(what, compressed, unfinished)
        self.what = what
        self.compressed = compressed
        self.unfinished = unfinished

    def __str__(self) -> str:
        text = f"damaged gzip after {self.compressed} compressed bytes: {self.what}"
        if self.unfinished:
            text += f"; the incomplete last line ({self.unfinished} bytes) was skipped"
        return text


class _Inflater(Protocol):
    """The type of zlib.decompressobj(); its class has no public name."""

    def decompress(self, data: bytes, /) -> bytes: ...


def beginning(read: Callable[[], bytes]) -> bytes:
    """Return the first bytes of an input: at least two, which identify gzip, unless it has fewer.

    Args:
        read: returns the next bytes of the input, and no bytes at the end.

    """
    first = read()
    # A pipe may hand over a single byte, which is no answer yet.
    while len(first) == 1 and (more := read()):
        first += more
    return first


def unpacked(
    read: Callable[[], bytes], first: bytes | None = None, *, max_expansion: int = 0
) -> Iterator[bytes]:
    """Yield what an input holds: the content of gzip, detected by its first two bytes, or its own bytes.

    Args:
        read: returns the next bytes of the input, and no bytes at the end.
        first: its `beginning`, if that has been read.
        max_expansion: as for `gunzip`.

    Raises:
        DamagedGzip: as `gunzip`.
        CostlyFile: as `gunzip`.

    """
    block = beginning(read) if first is None else first
    if block.startswith(b"\x1f\x8b"):
        yield from gunzip(block, read, max_expansion=max_expansion)
        return
    while block:
        yield block
        block = read()


def gunzip(first: bytes, read: Callable[[], bytes], *, max_expansion: int = 0) -> Iterator[bytes]:
    """Yield the content of all members of a gzip file.

    A line may go on in the next member, unless that one begins like a log: then a line feed comes first.

    Args:
        first: the beginning of the file.
        read: returns the bytes that follow, and no bytes at the end.
        max_expansion: highest ratio of content to compressed bytes, of all members together; 0: unlimited.

    Raises:
        DamagedGzip: the file is truncated, corrupt or followed by something else than zero bytes.
        CostlyFile: it expands to more than that.

    """
    unfinished = expanded = 0
    members = _Members(first, read)
    try:
        for block in members:
            expanded += len(block)
            check_expansion(expanded, members.consumed, max_expansion, unfinished)
            yield block
            last = block.rfind(b"\n")
            unfinished = len(block) - last - 1 if last >= 0 else unfinished + len(block)
    except _DamageError as damage:
        # Damage after a complete member does not affect it: its last line is complete.
        left_out = 0 if damage.after_member else unfinished
        raise DamagedGzip(damage.what, damage.compressed, left_out) from None


class _DamageError(Exception):
    def __init__(self, what: str, compressed: int, *, after_member: bool) -> None:
        super().__init__(what, compressed)
        self.what = what
        self.compressed = compressed
        self.after_member = after_member


class _Members:
    """The members of a gzip file, one after the other.

    Attributes:
        consumed: compressed bytes read so far.

    """

    def __init__(self, first: bytes, read: Callable[[], bytes]) -> None:
        self._data = first
        self.consumed = 0
        self._read = read
        # True if a member has ended and nothing has come since.
        self._after_member = False
        self._last = b"\n"

    def __iter__(self) -> Iterator[bytes]:
        while self._data:
            for block in self._apart(self._member()):
                self._last = block[-1:]
                yield block
            self._after_member = True
            self._skip_padding()

    def _apart(self, member: Iterator[bytes]) -> Iterator[bytes]:
        if self._last != b"\n":
            head = b""
            try:
                while len(head) < max(map(len, HEADERS)):
                    block = next(member, b"")
                    head += block
                    if not block:
                        break
            finally:
                # Damage or not.
                if head:
                    yield b"\n" + head if head.startswith(HEADERS) else head
        yield from member

    def _skip_padding(self) -> None:
        # Tapes pad with zero bytes, which every gzip passes over.
        while self._data or self._refill():
            rest = self._data.lstrip(b"\0")
            self.consumed += len(self._data) - len(rest)
            self._data = rest
            if rest:
                return

    def _member(self) -> Iterator[bytes]:
        inflater = zlib.decompressobj(wbits=GZIP_WRAPPER)
        while not inflater.eof:
            at_end = not self._data and not self._refill()
            # A call that meets damage hands out nothing, not even what it read before it: keep a copy to
            # begin again with. It costs 2 % of the inflating.
            before = inflater.copy()
            try:
                block = inflater.decompress(self._data, OUTPUT_BLOCK)
            except zlib.error as error:
                saved, length = _up_to_damage(before, self._data)
                if saved:
                    self._after_member = False
                    yield saved
                raise self._damage(str(error).rpartition(": ")[2], length) from None
            rest = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
            self.consumed += len(self._data) - len(rest)
            self._data = rest
            if block:
                self._after_member = False
                yield block
            elif at_end and not inflater.eof:
                raise self._damage("it ends too early", 0)

    def _damage(self, what: str, read: int) -> _DamageError:
        return _DamageError(what, self.consumed + read, after_member=self._after_member)

    def _refill(self) -> bool:
        self._data = self._read()
        return bool(self._data)


def _up_to_damage(inflater: _Inflater, data: bytes) -> tuple[bytes, int]:
    """Content and number of the good bytes of ``data``: byte by byte, since it happens once a file."""
    content = bytearray()
    for position in range(len(data)):
        try:
            content += inflater.decompress(data[position : position + 1])
        except zlib.error:
            return bytes(content), position
    return bytes(content), len(data)

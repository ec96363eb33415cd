"""Decompresses an input, however often it is compressed; formats are detected by their first bytes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from edgelift.inputs.codecs import bzip2, gzip, snappy, zip_archive, zstandard
from edgelift.inputs.codecs.compressed_input import DamagedCompression
from edgelift.inputs.damage import DamagedFile, check_expansion
from edgelift.inputs.errors import NoLogError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    Read = Callable[[], bytes]
    Decompress = Callable[[bytes, Read], Iterator[bytes]]

MAX_LAYERS: Final = 4
"""Times that an input may be compressed. Two are common: a delivery compresses what a client compressed."""


def _unzip(first: bytes, read: Read) -> Iterator[bytes]:
    return zip_archive.decompress(first, read, lambda block: not block.startswith(_MAGIC))


_CODECS: Final[tuple[tuple[tuple[bytes, ...], Decompress], ...]] = (
    (gzip.MAGIC, gzip.decompress),
    (bzip2.MAGIC, bzip2.decompress),
    (zstandard.MAGIC, zstandard.decompress),
    (snappy.MAGIC, snappy.decompress),
    (zip_archive.MAGIC, _unzip),
)
"""The first bytes of each format, and its decompressor."""

_MAGIC: Final = tuple(magic for magics, _ in _CODECS for magic in magics)


def decompressed(read: Read, max_expansion: int) -> tuple[bytes, Read]:
    """Return the first bytes of the content of an input, and a function that returns those that follow.

    Both raise what is wrong with the input; the function returns no bytes at the end.

    Args:
        read: returns the next bytes of the input, and no bytes at the end.
        max_expansion: highest ratio of content to compressed bytes; 0: unlimited.

    Raises:
        NoLogError: it is compressed more than `MAX_LAYERS` times.
        UnreadableError: a package that decompresses it is not installed.
        DamagedFile: it is truncated or corrupt, and all that could be read of it has been returned.
        CostlyFile: it expands to more than ``max_expansion`` allows.

    """
    source = _CountedRead(read)
    first, read = beginning(source, _MAGIC)
    layers = 0
    while first.startswith(_MAGIC):
        if layers == MAX_LAYERS:
            raise NoLogError(f"compressed more than {MAX_LAYERS} times")
        layers += 1
        decompress = next(decompress for magics, decompress in _CODECS if first.startswith(magics))
        blocks = _checked(decompress(first, read), source, max_expansion)
        first, read = beginning(partial(next, blocks, b""), _MAGIC)
    return first, read


class _CountedRead:
    """Reads the input.

    Attributes:
        size: bytes read so far.

    """

    def __init__(self, read: Read) -> None:
        self.size = 0
        self._read = read

    def __call__(self) -> bytes:
        block = self._read()
        self.size += len(block)
        return block


def beginning(read: Read, magics: tuple[bytes, ...]) -> tuple[bytes, Read]:
    """Return the first bytes of some content, enough to detect a format, and what reads the others.

    Args:
        read: returns the next bytes, and no bytes at the end.
        magics: the first bytes of each format.

    """
    first = read()
    # A pipe may hand over a single byte, which decides nothing yet.
    while first and any(len(first) < len(magic) and magic.startswith(first) for magic in magics):
        try:
            more = read()
        except DamagedFile as damage:
            return first, partial(_raise, damage)
        if not more:
            break
        first += more
    return first, read


def _raise(damage: DamagedFile) -> bytes:
    raise damage


def _checked(blocks: Iterator[bytes], source: _CountedRead, max_expansion: int) -> Generator[bytes]:
    """Yield the blocks of one layer while the input does not expand too much.

    An error of the layer below gets the length of the unfinished line in this one.
    """
    expanded = unfinished = 0
    try:
        for block in blocks:
            expanded += len(block)
            check_expansion(expanded, source.size, max_expansion, unfinished)
            yield block
            last = block.rfind(b"\n")
            unfinished = len(block) - last - 1 if last >= 0 else unfinished + len(block)
    except DamagedCompression as damage:
        is_complete = damage.is_after_content and not damage.is_inherited
        damage.unfinished = 0 if is_complete else unfinished
        damage.is_inherited = True
        raise
    except DamagedFile as damage:
        damage.unfinished = unfinished
        raise

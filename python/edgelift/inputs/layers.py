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
    Unpack = Callable[[bytes, Read], Iterator[Iterator[bytes]]]

MAX_LAYERS: Final = 4
"""Times that an input may be compressed. Two are common: a delivery compresses what a client compressed."""


def _files_of(decompress: Decompress) -> Unpack:
    """Return a function for a compression of one file."""
    return lambda first, read: iter((decompress(first, read),))


_CODECS: Final[tuple[tuple[tuple[bytes, ...], Unpack], ...]] = (
    (gzip.MAGIC, _files_of(gzip.decompress)),
    (bzip2.MAGIC, _files_of(bzip2.decompress)),
    (zstandard.MAGIC, _files_of(zstandard.decompress)),
    (snappy.MAGIC, _files_of(snappy.decompress)),
    (zip_archive.MAGIC, zip_archive.files),
)
"""The first bytes of each format, and what yields the blocks of each file in it."""

_MAGIC: Final = tuple(magic for magics, _ in _CODECS for magic in magics)


def decompressed_files(read: Read, max_expansion: int) -> Iterator[tuple[bytes, Read]]:
    """Yield the first bytes of each file in an input, and a function that returns those that follow.

    Only a zip archive holds several files, or none. The function returns no bytes at the end.

    Args:
        read: returns the next bytes of the input, and no bytes at the end.
        max_expansion: highest ratio of content to compressed bytes; 0: unlimited.

    Raises:
        NoLogError: it is compressed more than `MAX_LAYERS` times.
        UnreadableError: a package that decompresses it is not installed.
        DamagedFile: it is truncated or corrupt, and all that could be read of it has been returned.
        CostlyFile: it expands to more than ``max_expansion`` allows.

    """
    source = _Source(read, max_expansion)
    yield from _files(source.read, source, layer=0)


class _Source:
    """The input.

    Attributes:
        size: bytes read so far.
        max_expansion: highest ratio of content to compressed bytes; 0: unlimited.
        expanded: bytes of content so far, by layer.

    """

    def __init__(self, read: Read, max_expansion: int) -> None:
        self.size = 0
        self.max_expansion = max_expansion
        self.expanded = [0] * MAX_LAYERS
        self._read = read

    def read(self) -> bytes:
        block = self._read()
        self.size += len(block)
        return block


def _files(read: Read, source: _Source, layer: int) -> Iterator[tuple[bytes, Read]]:
    """Yield the files in what is compressed ``layer`` times."""
    first, read = beginning(read, _MAGIC)
    if not first.startswith(_MAGIC):
        yield first, read
        return
    if layer == MAX_LAYERS:
        raise NoLogError(f"compressed more than {MAX_LAYERS} times")
    unpack = next(unpack for magics, unpack in _CODECS if first.startswith(magics))
    for file in unpack(first, read):
        blocks = _checked(file, source, layer)
        yield from _files(partial(next, blocks, b""), source, layer + 1)


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


def _checked(blocks: Iterator[bytes], source: _Source, layer: int) -> Generator[bytes]:
    """Yield the blocks of a file in one layer while the input does not expand too much.

    An error of the layer below gets the length of the unfinished line in this one.
    """
    unfinished = 0
    try:
        for block in blocks:
            source.expanded[layer] += len(block)
            check_expansion(source.expanded[layer], source.size, source.max_expansion, unfinished)
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

"""Decompresses bzip2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edgelift.inputs.codecs.compressed_input import OUTPUT_BLOCK, TOO_EARLY, CompressedInput
from edgelift.inputs.codecs.members import joined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_BLOCK = b"1AY&SY"
_END = b"\x17rE8P\x90"

MAGIC: Final = tuple(b"BZh%d" % level + next_magic for level in range(1, 10) for next_magic in (_BLOCK, _END))

PIECE: Final = 1024
"""Bytes decompressed at once: a call that meets damage discards its output, so the pieces are small."""


def decompress(first: bytes, read: Callable[[], bytes]) -> Iterator[bytes]:
    """Yield the content of all streams of a bzip2 file.

    Args:
        first: the beginning of the file.
        read: returns the bytes that follow, and no bytes at the end.

    Raises:
        DamagedCompression: it is truncated, corrupt or followed by something else than zero bytes.

    """
    return joined(_streams(CompressedInput("bzip2", first, read)))


def _streams(source: CompressedInput) -> Iterator[Iterator[bytes]]:
    yield _stream(source)
    while source.skip_padding():
        if not source.peek(10).startswith(MAGIC):
            raise source.damage("something else follows", is_after_content=True)
        yield _stream(source)


def _stream(source: CompressedInput) -> Iterator[bytes]:
    import bz2  # rare

    decompressor = bz2.BZ2Decompressor()
    while not decompressor.eof:
        piece = source.next_block(PIECE) if decompressor.needs_input else b""
        if decompressor.needs_input and not piece:
            raise source.damage(TOO_EARLY)
        try:
            block = decompressor.decompress(piece, OUTPUT_BLOCK)
        except OSError:
            raise source.damage("invalid data") from None
        source.skip(len(piece) - len(decompressor.unused_data))
        if block:
            yield block

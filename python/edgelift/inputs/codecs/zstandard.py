"""Decompresses Zstandard by the extra ``edgelift[zstd]``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from edgelift.inputs.codecs.compressed_input import TOO_EARLY, CompressedInput, in_blocks
from edgelift.inputs.codecs.members import joined
from edgelift.inputs.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FRAME: Final = b"\x28\xb5\x2f\xfd"

SKIPPABLE: Final = tuple(bytes([0x50 + low]) + b"\x2a\x4d\x18" for low in range(16))
"""Frames without content, such as those of pzstd. Source: RFC 8878, section 3.1.2."""

MAGIC: Final = (FRAME, *SKIPPABLE)

PIECE: Final = 128
"""Bytes decompressed at once. Four bytes of a frame can expand to 128 KiB, so a piece expands to 4 MiB."""


def decompress(first: bytes, read: Callable[[], bytes]) -> Iterator[bytes]:
    """Yield the content of all frames of a Zstandard file.

    Args:
        first: the beginning of the file.
        read: returns the bytes that follow, and no bytes at the end.

    Raises:
        UnreadableError: the package zstandard is not installed.
        DamagedCompression: it is truncated, corrupt or followed by something else than zero bytes.

    """
    try:
        import zstandard  # an extra
    except ImportError:
        raise UnreadableError(
            "compressed by Zstandard, and the package zstandard, which reads it, is not installed: "
            "pip install 'edgelift[zstd]'"
        ) from None
    return joined(_frames(CompressedInput("Zstandard", first, read), zstandard))


def _frames(source: CompressedInput, zstandard: Any) -> Iterator[Iterator[bytes]]:  # noqa: ANN401 - as below
    while source.skip_padding():
        start = source.peek(4)
        if start.startswith(SKIPPABLE):
            size = int.from_bytes(source.take(8)[4:], "little")
            source.discard(size, is_after_content=True)
        elif start == FRAME:
            yield _frame(source, zstandard)
        else:
            raise source.damage("something else follows", is_after_content=True)


def _frame(source: CompressedInput, zstandard: Any) -> Iterator[bytes]:  # noqa: ANN401 - an optional module
    decompressor = zstandard.ZstdDecompressor().decompressobj()
    while not decompressor.eof:
        piece = source.next_block(PIECE)
        if not piece:
            raise source.damage(TOO_EARLY)
        try:
            content = decompressor.decompress(piece)
        except zstandard.ZstdError as error:
            raise source.damage(str(error).rpartition(": ")[2]) from None
        source.skip(len(piece) - len(decompressor.unused_data))
        yield from in_blocks(content)

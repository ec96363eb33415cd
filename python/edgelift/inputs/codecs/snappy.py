"""Decompresses framed Snappy by the extra ``edgelift[snappy]``.

Source: "Snappy framing format description" of Snappy. Firehose compresses objects in S3 in this way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edgelift.inputs.codecs.compressed_input import TOO_EARLY, CompressedInput
from edgelift.inputs.codecs.members import joined
from edgelift.inputs.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cramjam import Buffer

    Decompress = Callable[[bytes], Buffer]

IDENTIFIER: Final = b"\xff\x06\0\0sNaPpY"

MAGIC: Final = (IDENTIFIER,)

CHECKSUM: Final = 4
"""Bytes of the checksum that a chunk begins with."""

MAX_CHUNK: Final = 65_536
"""Bytes of content of a chunk at most."""

MAX_COMPRESSED: Final = CHECKSUM + 32 + MAX_CHUNK + MAX_CHUNK // 6
"""Bytes of a chunk at most: the checksum, and what Snappy makes of content that it cannot compress."""

_COMPRESSED, _PLAIN, _FIRST_SKIPPABLE = 0, 1, 0x80


def decompress(first: bytes, read: Callable[[], bytes]) -> Iterator[bytes]:
    """Yield the content of a framed Snappy file, or of several, one after the other.

    Args:
        first: the beginning of the file.
        read: returns the bytes that follow, and no bytes at the end.

    Raises:
        UnreadableError: the package cramjam is not installed.
        DamagedCompression: it is truncated or corrupt.

    """
    try:
        from cramjam import snappy  # an extra
    except ImportError:
        raise UnreadableError(
            "compressed by Snappy, and the package cramjam, which reads it, is not installed: "
            "pip install 'edgelift[snappy]'"
        ) from None
    return joined(_streams(CompressedInput("Snappy", first, read), snappy.decompress))


def _streams(source: CompressedInput, decompress_frames: Decompress) -> Iterator[Iterator[bytes]]:
    while source.peek(1):
        yield _stream(source, decompress_frames)


def _stream(source: CompressedInput, decompress_frames: Decompress) -> Iterator[bytes]:
    """Yield the content up to the identifier that begins the next stream."""
    is_first = True
    while head := source.peek(4):
        if not is_first and source.peek(len(IDENTIFIER)) == IDENTIFIER:
            return
        is_first = False
        if len(head) < 4:  # noqa: PLR2004 - the head of a chunk
            raise source.damage(TOO_EARLY)
        kind, size = head[0], int.from_bytes(head[1:4], "little")
        if _COMPRESSED <= kind <= _PLAIN:
            yield _content(source, size, decompress_frames)
        elif kind >= _FIRST_SKIPPABLE:
            source.discard(4 + size)
        else:
            raise source.damage(f"unknown chunk {kind:#04x}")


def _content(source: CompressedInput, size: int, decompress_frames: Decompress) -> bytes:
    if not CHECKSUM <= size <= MAX_COMPRESSED or _content_size(source.peek(13)) > MAX_CHUNK:
        raise source.damage("a chunk has a wrong size")
    chunk = source.peek(4 + size)
    if len(chunk) < 4 + size:
        source.skip(len(chunk))
        raise source.damage(TOO_EARLY)
    try:
        # A stream of this chunk alone, so that its checksum is verified, too.
        content = bytes(decompress_frames(IDENTIFIER + chunk))
    except Exception as error:  # noqa: BLE001 - its errors differ between versions
        raise source.damage(" ".join(str(error).split()) or "invalid data") from None
    source.skip(len(chunk))
    return content


def _content_size(head: bytes) -> int:
    """Return the size of the content that a compressed chunk announces, before anything is allocated."""
    if head[0] != _COMPRESSED:
        return 0
    size = 0
    for at, byte in enumerate(head[8:]):
        size |= (byte & 0x7F) << 7 * at
        if byte < 0x80:  # noqa: PLR2004 - the last byte of a varint
            break
    return size

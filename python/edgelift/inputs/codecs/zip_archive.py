"""Decompresses the files of a zip archive as they come.

The module zipfile of the standard library is not used: it begins at the end of an archive, so it reads
neither pipes nor truncated archives, and it keeps the list of all files in memory.
Source: ".ZIP File Format Specification" of PKWARE.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from edgelift.inputs.codecs.compressed_input import TOO_EARLY, CompressedInput
from edgelift.inputs.codecs.inflate import inflated
from edgelift.inputs.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOCAL_FILE: Final = b"PK\x03\x04"

MAGIC: Final = (LOCAL_FILE,)

_DESCRIPTOR: Final = b"PK\x07\x08"
_DIRECTORY: Final = (b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x08")
_HEADER: Final = struct.Struct("<4s5H3I2H")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _SIZES_FOLLOW = 1, 8
_ZIP64, _NO_SIZE = 1, 0xFFFF_FFFF
_RAW_WBITS: Final = -15
"""The ``wbits`` of zlib for a stream without header and checksum."""


def files(first: bytes, read: Callable[[], bytes]) -> Iterator[Iterator[bytes]]:
    """Yield the blocks of each file of a zip archive; what is not read of them is skipped.

    Args:
        first: the beginning of the archive.
        read: returns the bytes that follow, and no bytes at the end.

    Raises:
        UnreadableError: it is encrypted, or not deflated.
        DamagedCompression: it is truncated or corrupt.

    """
    source = CompressedInput("zip archive", first, read)
    while source.peek(4) == LOCAL_FILE:
        blocks = _file(source)
        yield blocks
        for _ in blocks:
            pass
    source.file = ""
    if not source.peek(4).startswith(_DIRECTORY):
        what = "something else follows" if source.peek(4) else TOO_EARLY
        raise source.damage(what, is_after_content=True)
    source.drain()


def _file(source: CompressedInput) -> Iterator[bytes]:
    from edgelift.inputs.codecs.deflate import zlib  # 2 ms

    _, _, flags, method, _, _, checksum, compressed, size, name, extra = _HEADER.unpack(
        source.take(_HEADER.size)
    )
    source.file = source.take(name).decode("utf-8", "backslashreplace")
    fields = source.take(extra)
    if flags & _ENCRYPTED:
        raise UnreadableError("an encrypted zip archive: decrypt it first")
    if method == _STORED and not flags & _SIZES_FOLLOW:
        compressed = _size64(fields, size) if compressed == _NO_SIZE else compressed
        parts = source.blocks(compressed)
    elif method == _DEFLATED:
        parts = inflated(source, _RAW_WBITS)
    else:
        raise UnreadableError(f"a zip archive whose file {source.file} is not deflated: unpack it first")
    actual = content = 0
    begin = source.consumed
    for block in parts:
        actual = zlib.crc32(block, actual)
        content += len(block)
        yield block
    if flags & _SIZES_FOLLOW:
        checksum = _skip_descriptor(source, content, source.consumed - begin)
    if actual != checksum:
        raise source.damage("incorrect data check")


def _size64(fields: bytes, size: int) -> int:
    """Return the compressed size of a large file, which is in an extra field."""
    at = 0
    while at + 4 <= len(fields):
        kind, length = struct.unpack_from("<2H", fields, at)
        place = at + 4 + (8 if size == _NO_SIZE else 0)
        if kind == _ZIP64 and place + 8 <= len(fields):
            return int.from_bytes(fields[place : place + 8], "little")
        at += 4 + length
    return _NO_SIZE


def _skip_descriptor(source: CompressedInput, content: int, compressed: int) -> int:
    """Consume what follows a file whose sizes were unknown before it; return its checksum.

    The signature is optional, and sizes have four or eight bytes, whichever agree with the file.
    """
    start = 4 if source.peek(4) == _DESCRIPTOR else 0
    head = source.peek(start + 20)
    for width in (4, 8):
        end = start + 4 + 2 * width
        sizes = compressed.to_bytes(8, "little")[:width] + content.to_bytes(8, "little")[:width]
        if head[start + 4 : end] == sizes:
            source.skip(end)
            return int.from_bytes(head[start : start + 4], "little")
    raise source.damage("incorrect data check" if len(head) == start + 20 else TOO_EARLY)

"""Decompresses gzip.

The module gzip of the standard library is not used: it gives no data of the block in which it meets damage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edgelift.inputs.codecs.compressed_input import CompressedInput, DamagedCompression
from edgelift.inputs.codecs.inflate import inflated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAGIC: Final = (b"\x1f\x8b",)

WRAPPER: Final = 31
"""The ``wbits`` of zlib for a member with its header and checksum."""

HEADERS: Final = (b"#Version:", b"#Fields:")
"""Beginnings of a log: the last line of a log before it ends there, with or without a line feed."""


def decompress(first: bytes, read: Callable[[], bytes]) -> Iterator[bytes]:
    """Yield the content of all members of a gzip file.

    A line may go on in the next member, unless that one begins like a log: then a line feed comes first.

    Args:
        first: the beginning of the file.
        read: returns the bytes that follow, and no bytes at the end.

    Raises:
        DamagedCompression: it is truncated, corrupt or followed by something else than zero bytes.

    """
    source = CompressedInput("gzip", first, read)
    last, is_first = b"\n", True
    # Tapes pad with zero bytes, which every gzip passes over.
    while is_first or source.skip_padding():
        member = _member(source, is_first=is_first)
        for block in member if last == b"\n" else _apart(member):
            last = block[-1:]
            yield block
        is_first = False


def _member(source: CompressedInput, *, is_first: bool) -> Iterator[bytes]:
    has_content = False
    try:
        for block in inflated(source, WRAPPER):
            has_content = True
            yield block
    except DamagedCompression as damage:
        damage.is_after_content = not is_first and not has_content
        raise


def _apart(member: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the content of a member that follows an unfinished line."""
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

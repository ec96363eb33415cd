"""Decompresses gzip.

The module gzip of the standard library is not used: it gives no data of the block in which it meets damage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edgelift.inputs.codecs.compressed_input import CompressedInput, DamagedCompression
from edgelift.inputs.codecs.inflate import inflated
from edgelift.inputs.codecs.members import joined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAGIC: Final = (b"\x1f\x8b",)

WRAPPER: Final = 31
"""The ``wbits`` of zlib for a member with its header and checksum."""


def decompress(first: bytes, read: Callable[[], bytes]) -> Iterator[bytes]:
    """Yield the content of all members of a gzip file.

    Args:
        first: the beginning of the file.
        read: returns the bytes that follow, and no bytes at the end.

    Raises:
        DamagedCompression: it is truncated, corrupt or followed by something else than zero bytes.

    """
    return joined(_members(CompressedInput("gzip", first, read)))


def _members(source: CompressedInput) -> Iterator[Iterator[bytes]]:
    yield _member(source, is_first=True)
    # Tapes pad with zero bytes, which every gzip passes over.
    while source.skip_padding():
        yield _member(source, is_first=False)


def _member(source: CompressedInput, *, is_first: bool) -> Iterator[bytes]:
    has_content = False
    try:
        for block in inflated(source, WRAPPER):
            has_content = True
            yield block
    except DamagedCompression as damage:
        damage.is_after_content = not is_first and not has_content
        raise

"""Inflates what gzip and zip archives hold, and saves as much as possible of a damaged file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from edgelift.inputs.codecs.compressed_input import OUTPUT_BLOCK, TOO_EARLY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgelift.inputs.codecs.compressed_input import CompressedInput


class _Inflater(Protocol):
    """The type of zlib.decompressobj(); its class has no public name."""

    def decompress(self, data: bytes, /) -> bytes: ...


def inflated(source: CompressedInput, wbits: int) -> Iterator[bytes]:
    """Yield the content of one deflated stream, in blocks of `OUTPUT_BLOCK` bytes at most.

    Args:
        source: where the stream begins; what follows it is not consumed.
        wbits: what surrounds the stream, as for `zlib.decompressobj`.

    Raises:
        DamagedCompression: it is truncated or corrupt.

    """
    from edgelift.inputs.codecs.deflate import zlib  # 2 ms, for what is compressed only

    inflater = zlib.decompressobj(wbits=wbits)
    while not inflater.eof:
        data = source.next_block()
        # A call that meets damage returns nothing, not even the content before it: keep a copy to begin again
        # with. It costs 2 % of the inflating.
        before = inflater.copy()
        try:
            block = inflater.decompress(data, OUTPUT_BLOCK)
        except zlib.error as error:
            saved, length = _up_to_damage(before, data, zlib.error)
            source.skip(length)
            if saved:
                yield saved
            raise source.damage(str(error).rpartition(": ")[2]) from None
        source.skip(len(data) - len(inflater.unused_data if inflater.eof else inflater.unconsumed_tail))
        if block:
            yield block
        elif not data and not inflater.eof:
            raise source.damage(TOO_EARLY)


def _up_to_damage(inflater: _Inflater, data: bytes, error: type[Exception]) -> tuple[bytes, int]:
    """Return content and number of the good bytes of ``data``: byte by byte, since it is rare."""
    content = bytearray()
    for position in range(len(data)):
        try:
            content += inflater.decompress(data[position : position + 1])
        except error:
            return bytes(content), position
    return bytes(content), len(data)

"""The content of a file or object: gzip is decompressed, Parquet becomes JSON records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgelift.inputs import parquet
from edgelift.inputs.errors import CopyError
from edgelift.inputs.gunzip import beginning, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from edgelift.inputs.limits import Limits

BLOCK = 256 * 1024
"""Bytes that a read of a file asks for: so many that the system calls do not count."""


def content(read: Callable[[], bytes], limits: Limits, descriptor: int | None = None) -> Generator[bytes]:
    """Yield the content of an input; the first bytes say whether it is gzip or Parquet.

    Args:
        read: returns the next bytes of the input, and no bytes at the end.
        limits: those of one input.
        descriptor: the file that ``read`` reads, since Parquet is read from its end; None: a Parquet file
            is copied to a temporary one.

    Raises:
        NoLogError: it is a Parquet file of something else.
        UnreadableError: it is a Parquet file in a pipe, or pyarrow is not installed.
        CopyError: there is no room for the temporary file.
        CostlyFile: it would take too much memory or time.
        DamagedFile: it is gzip or Parquet, and all that could be read of it has been yielded.

    """
    first = beginning(read)
    if not first.startswith(parquet.MAGIC):
        yield from unpacked(read, first, max_expansion=limits.max_expansion)
    elif descriptor is not None:
        yield from parquet.records(descriptor, limits)
    else:
        yield from _copied_records(read, first, limits)


def _copied_records(read: Callable[[], bytes], block: bytes, limits: Limits) -> Generator[bytes]:
    import tempfile  # noqa: PLC0415 - 5 ms, for Parquet only

    # The copy has no name, so that nothing of it remains.
    with tempfile.TemporaryFile() as copy:
        try:
            while block:
                copy.write(block)
                block = read()
            copy.flush()
        except OSError as error:
            raise CopyError(
                f"a Parquet file is kept in {tempfile.gettempdir()} while it is read: {error.strerror}"
            ) from None
        yield from parquet.records(copy.fileno(), limits)

"""The content of a file or object: compressed ones are decompressed, Parquet becomes JSON records."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from edgelift.inputs import parquet
from edgelift.inputs.damage import DamagedFile
from edgelift.inputs.errors import CopyError
from edgelift.inputs.layers import decompressed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from edgelift.inputs.limits import Limits

BLOCK = 256 * 1024
"""Bytes that a read of a file asks for: so many that the system calls do not count."""


def content(read: Callable[[], bytes], limits: Limits, descriptor: int | None = None) -> Generator[bytes]:
    """Yield the content of an input; the first bytes say what it is.

    Args:
        read: returns the next bytes of the input, and no bytes at the end.
        limits: those of one input.
        descriptor: the file that ``read`` reads, since Parquet is read from its end; None: a Parquet file
            is copied to a temporary one.

    Raises:
        NoLogError: it is a Parquet file of something else.
        UnreadableError: it is a Parquet file in a pipe, or a package that reads it is not installed.
        CopyError: there is no room for the temporary file.
        CostlyFile: it would take too much memory or time.
        DamagedFile: it is compressed or Parquet, and all that could be read of it has been yielded.

    """
    begin = read()
    if begin.startswith(parquet.MAGIC) and descriptor is not None:
        yield from parquet.records(descriptor, limits)
        return
    first, read_on = decompressed(_with_beginning(begin, read), limits.max_expansion)
    if first.startswith(parquet.MAGIC):
        yield from _copied_records(read_on, first, limits)
        return
    while first:
        yield first
        first = read_on()


def _with_beginning(begin: bytes, read: Callable[[], bytes]) -> Callable[[], bytes]:
    blocks = chain((begin,), iter(read, b""))
    return lambda: next(blocks, b"")


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
        except DamagedFile as damage:
            # Nothing of it has been yielded.
            damage.unfinished = 0
            raise
        yield from parquet.records(copy.fileno(), limits)

"""The content of an object: gzip is decompressed, Parquet becomes JSON records."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from edgelift.gunzip import beginning, unpacked
from edgelift.inputs import parquet
from edgelift.inputs.errors import UnreadableError
from edgelift.reprocess.errors import ObjectError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from edgelift.inputs.limits import Limits


def content(read: Callable[[], bytes], limits: Limits) -> Generator[bytes]:
    """Yield what an object holds.

    Args:
        read: gives the next bytes of the object, and no bytes at the end.
        limits: those of one object.

    Raises:
        NoLogError: it is a Parquet file of something else.
        ObjectError: it cannot be read.
        CostlyFile: it would take too much memory or time.
        DamagedFile: it is gzip or Parquet, and all that could be read of it has been yielded.

    """
    first = beginning(read)
    if first.startswith(parquet.MAGIC):
        yield from _rows(read, first, limits)
    else:
        yield from unpacked(read, first, max_expansion=limits.max_expansion)


def _rows(read: Callable[[], bytes], block: bytes, limits: Limits) -> Generator[bytes]:
    # The footer with the schema is at the end. The copy has no name, so that nothing of it remains.
    with tempfile.TemporaryFile() as kept:
        try:
            while block:
                kept.write(block)
                block = read()
            kept.flush()
        except OSError as error:
            raise ObjectError(
                f"a Parquet file is kept in {tempfile.gettempdir()} while it is read: {error.strerror}"
            ) from None
        try:
            yield from parquet.records(kept.fileno(), limits)
        except UnreadableError as error:
            raise ObjectError(f"it is {error.what}") from None

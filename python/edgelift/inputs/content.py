"""The content of a file or object: decompressed, with one record per line."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

from edgelift.inputs.beginning import records
from edgelift.inputs.damage import DamagedFile
from edgelift.inputs.errors import CopyError, NoLogError
from edgelift.inputs.layers import beginning, decompressed_files

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from edgelift.inputs.limits import Limits

PARQUET_MAGIC: Final = b"PAR1"
"""The first bytes of every Parquet file."""

NEXT_FILE: Final = b""
"""Yielded between the files of an archive."""

BLOCK = 256 * 1024
"""Bytes that a read of a file asks for: so many that the system calls do not count."""


def content(read: Callable[[], bytes], limits: Limits, descriptor: int | None = None) -> Generator[bytes]:
    """Yield the content of an input; the first bytes say what it is.

    `NEXT_FILE` separates the files of an archive.

    Args:
        read: returns the next bytes of the input, and no bytes at the end.
        limits: those of one input.
        descriptor: the file that ``read`` reads, since Parquet is read from its end; None: a Parquet file
            is copied to a temporary one.

    Raises:
        NoLogError: it is a Parquet file of something else, or a log that cannot be read.
        UnreadableError: it is a Parquet file in a pipe, or a package that reads it is not installed.
        CopyError: the disk is too full for the temporary file.
        CostlyFile: it would take too much memory or time.
        DamagedFile: it is compressed or Parquet, and all that could be read of it has been yielded; or a
            later file of an archive is not a log.

    """
    begin, read = beginning(read, (PARQUET_MAGIC,))
    if begin.startswith(PARQUET_MAGIC) and descriptor is not None:
        yield from _parquet_records(descriptor, limits)
        return
    files = decompressed_files(partial(next, _with_beginning(begin, read), b""), limits.max_expansion)
    has_begun, number = False, 1
    try:
        for first, read_on in files:
            is_new = has_begun
            for block in filter(None, _file(first, read_on, limits)):
                if is_new:
                    yield NEXT_FILE
                    is_new = False
                has_begun = True
                yield block
            number += 1
    except NoLogError as error:
        if not has_begun:
            raise
        raise DamagedFile(f"file {number} in it is {error.problem}; the rest was skipped") from None


def _file(first: bytes, read: Callable[[], bytes], limits: Limits) -> Generator[bytes]:
    first, read = beginning(partial(next, _with_beginning(first, read), b""), (PARQUET_MAGIC,))
    if first.startswith(PARQUET_MAGIC):
        yield from _copied_records(read, first, limits)
    else:
        yield from records(_with_beginning(first, read))


def _with_beginning(begin: bytes, read: Callable[[], bytes]) -> Iterator[bytes]:
    return chain((begin,) if begin else (), iter(read, b""))


def _parquet_records(descriptor: int, limits: Limits) -> Iterator[bytes]:
    from edgelift.inputs.parquet.records import records  # 2 ms, for Parquet only

    return records(descriptor, limits)


def _copied_records(read: Callable[[], bytes], block: bytes, limits: Limits) -> Generator[bytes]:
    import tempfile  # 5 ms, for Parquet only

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
        yield from _parquet_records(copy.fileno(), limits)

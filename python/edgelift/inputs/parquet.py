"""Parquet files of standard logs, version 2, as the JSON records that CloudFront would have delivered.

Source for the columns, all of them strings under the names of the fields with underscores: Amazon Athena
User Guide, "Create a table for CloudFront logs in Athena using manual partitioning with Parquet".
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final

from edgelift._core import STANDARD_NAMES
from edgelift.damage import DamagedFile
from edgelift.inputs.errors import NoLogError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAGIC: Final = b"PAR1"
"""The first bytes of every Parquet file."""

ROWS: Final = 500
"""Rows that are read and handed out at once, about half a megabyte."""

READ: Final = 64 * 1024
"""Bytes that are read of a column at once, so that memory does not depend on the size of a group of rows."""

SHOWN: Final = 5
"""Columns of a file that is no log, of which the names are shown."""


class DamagedParquet(DamagedFile):
    """A Parquet file that is cut off or corrupt."""


def records(descriptor: int) -> Iterator[bytes]:
    """Yield the rows of a Parquet file as JSON records, one a line, a block of them at a time.

    Args:
        descriptor: the file, open for reading; it is read from its beginning, and left open.

    Raises:
        NoLogError: it has other columns than a log of CloudFront.
        UnreadableError: it is a pipe, or pyarrow is not installed.
        DamagedParquet: it is cut off or corrupt, and the rows before that have been yielded.

    """
    if not _is_seekable(descriptor):
        raise UnreadableError(
            "a Parquet file, which cannot be read from a pipe, since what its columns are stands at its end: "
            "store it and name the file"
        )
    try:
        import pyarrow as pa  # noqa: PLC0415 - of the extra, and 100 ms
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError:
        raise UnreadableError(
            "a Parquet file, and pyarrow, which reads it, is not installed: pip install 'edgelift[parquet]'"
        ) from None
    import orjson  # noqa: PLC0415 - nothing else needs it

    read = 0
    try:
        with (
            os.fdopen(os.dup(descriptor), "rb", buffering=0) as source,
            parquet.ParquetFile(source, buffer_size=READ, pre_buffer=False) as file,
        ):
            names = _field_names(file.schema_arrow)
            for batch in file.iter_batches(ROWS, use_threads=False):
                columns = [_texts(column, pa) for column in batch.columns]
                yield b"".join(
                    orjson.dumps(dict(zip(names, row, strict=True)), option=orjson.OPT_APPEND_NEWLINE)
                    for row in zip(*columns, strict=True)
                )
                read += batch.num_rows
    # pyarrow's errors have no class of their own in common; what it says may be of several lines.
    except (pa.ArrowException, OSError, UnicodeError) as error:
        what = " ".join(str(error).split()) or type(error).__name__
        raise DamagedParquet(f"damaged Parquet file after {read} rows: {what}") from None


def _is_seekable(descriptor: int) -> bool:
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
    except OSError:
        return False
    return True


def _field_names(schema: Any) -> list[str]:  # noqa: ANN401 - pyarrow has no types
    """Give the names of the columns as JSON records have them.

    Raises:
        NoLogError: they are not those of a log.

    """
    known = {_plain(field): field for field in STANDARD_NAMES}
    names = [known.get(_plain(column), column) for column in schema.names]
    if not known.keys() & {_plain(column) for column in schema.names}:
        raise _no_log(f"with the columns {_listed(schema.names)}")
    others = [f"{field.name} ({field.type})" for field in schema if not _is_text(field.type)]
    if others:
        raise _no_log(f"with columns that are no strings, as all of CloudFront's are: {_listed(others)}")
    twice = [field for place, field in enumerate(names) if field in names[:place]]
    if twice:
        raise _no_log(f"with more than one column for {_listed(twice)}")
    return names


def _plain(name: str) -> str:
    """Give a name as columns have it: ``cs_user_agent`` for ``cs(User-Agent)``."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _no_log(what: str) -> NoLogError:
    return NoLogError(f"a Parquet file {what}")


def _is_text(kind: Any) -> bool:  # noqa: ANN401 - as above
    from pyarrow import types  # noqa: PLC0415 - as above

    is_text = (types.is_string, types.is_large_string, types.is_string_view, types.is_binary)
    return any(test(kind.value_type if types.is_dictionary(kind) else kind) for test in is_text)


def _texts(column: Any, pa: Any) -> list[str | None]:  # noqa: ANN401 - as above
    """Give the values of a column; what is not UTF-8 becomes U+FFFD, as in JSON records."""
    values = column.cast(pa.binary()).to_pylist()
    return [None if value is None else value.decode("utf-8", "replace") for value in values]

"""Parquet files of standard logs, version 2, and connection logs, as JSON records like those of CloudFront.

Source for the columns, all of them strings under the names of the fields with underscores: Amazon Athena
User Guide, "Create a table for CloudFront logs in Athena using manual partitioning with Parquet".
"""

from __future__ import annotations

import os
import re
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from edgelift._core import CONNECTION_FIELDS, STANDARD_FIELDS
from edgelift.inputs.damage import CostlyFile, DamagedFile, check_expansion
from edgelift.inputs.errors import NoLogError, UnfitError, UnreadableError
from edgelift.inputs.limits import Limits
from edgelift.inputs.parquet.batches import Batches
from edgelift.inputs.parquet.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_COLUMNS: Final = 1000
"""Columns of a log at most: each takes a buffer of 64 KiB. CloudFront has less than 50."""

THRIFT_STRING: Final = 16 * 1024 * 1024
THRIFT_LIST: Final = 65_536
"""Limits on what the metadata may contain: pyarrow allocates a list before it has read its elements."""

SHOWN: Final = 5
"""Maximum number of columns that are named if a file is not a log."""


class DamagedParquet(DamagedFile):
    """A Parquet file is truncated or corrupt."""


def records(descriptor: int, limits: Limits | None = None) -> Iterator[bytes]:
    """Yield the rows of a Parquet file as JSON records, one per line, a block of them at a time.

    A row whose values have more than ``max_record_bytes`` bytes comes with its beginning only, one byte
    longer than a record may be: the reader counts it as ``too_large``.

    Args:
        descriptor: the file, open for reading; it is read from its beginning, and left open.
        limits: those of one object.

    Raises:
        NoLogError: it has other columns than a log of CloudFront.
        UnreadableError: it is a pipe, or pyarrow is not installed.
        CostlyFile: it would take too much memory or time, and the rows before that have been yielded.
        DamagedParquet: it is truncated or corrupt, and the rows before that have been yielded.

    """
    limits = limits or Limits()
    if not _is_seekable(descriptor):
        raise UnreadableError(
            "a Parquet file, which cannot be read from a pipe, since its schema is at its end: "
            "store it and name the file"
        )
    try:
        from pyarrow import parquet  # of the extra, and 100 ms
    except ImportError:
        raise UnreadableError(
            "a Parquet file, and pyarrow is not installed: pip install 'edgelift[parquet]'"
        ) from None

    size = os.fstat(descriptor).st_size
    read = expanded = 0
    with os.fdopen(os.dup(descriptor), "rb", buffering=0) as source:
        with _problems(read):
            file = parquet.ParquetFile(
                source, thrift_string_size_limit=THRIFT_STRING, thrift_container_size_limit=THRIFT_LIST
            )
            names = _field_names(file.schema_arrow)
            batches = iter(Batches(source, file.metadata, file.schema_arrow.names, limits.max_expansion))
        while True:
            with _problems(read):
                batch = next(batches, None)
                if batch is None:
                    return
                blocks = Rows(batch, names, limits.max_record_bytes).blocks()
            while True:
                with _problems(read):
                    block, rows, values = next(blocks, (b"", 0, 0))
                if not rows:
                    break
                expanded += values
                check_expansion(expanded, size, limits.max_expansion)
                yield block
                read += rows


@contextmanager
def _problems(read: int) -> Iterator[None]:
    """Turn whatever pyarrow raises, whose errors have no class in common, into a problem of the file.

    Raises:
        CostlyFile: there is not enough memory.
        DamagedParquet: all other errors.

    """
    try:
        yield
    except (UnfitError, DamagedFile):
        raise
    except MemoryError:
        raise CostlyFile(f"needs more memory than is available, after {read} rows") from None
    except Exception as error:  # noqa: BLE001 - as said above
        # Of several lines, sometimes.
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
    if len(schema.names) > MOST_COLUMNS:
        raise _no_log(f"with {len(schema.names):,} columns, where a log has {MOST_COLUMNS:,} at most")
    # Nearly every table has a timestamp.
    columns = {_plain(column) for column in schema.names} - {"timestamp"}
    # Standard logs, if both know as many: the ids of connections and distributions are in both.
    known = max(_spellings(), key=lambda spellings: len(spellings.keys() & columns))
    names = [known.get(_plain(column), column) for column in schema.names]
    if not known.keys() & columns:
        raise _no_log(f"with the columns {_listed(schema.names)}")
    others = [f"{field.name} ({field.type})" for field in schema if not _is_text(field.type)]
    if others:
        raise _no_log(f"with columns that are not strings, as all of CloudFront's are: {_listed(others)}")
    twice = [field for field, count in Counter(names).items() if count > 1]
    if twice:
        raise _no_log(f"with more than one column for {_listed(twice)}")
    return names


def _spellings() -> tuple[dict[str, str], dict[str, str]]:
    """Return the fields of standard and of connection logs by the names that their columns may have."""
    connection = {_plain(name): name for name in CONNECTION_FIELDS}
    connection |= {field.keys["snake"]: name for name, field in CONNECTION_FIELDS.items()}
    return {_plain(name): name for name in STANDARD_FIELDS}, connection


def _plain(name: str) -> str:
    """Give a name as columns have it: ``cs_user_agent`` for ``cs(User-Agent)``."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _no_log(what: str) -> NoLogError:
    return NoLogError(f"a Parquet file {what}")


def _is_text(kind: Any) -> bool:  # noqa: ANN401 - as above
    from pyarrow import types  # as above

    is_text = (types.is_string, types.is_large_string, types.is_string_view, types.is_binary)
    return any(test(kind.value_type if types.is_dictionary(kind) else kind) for test in is_text)

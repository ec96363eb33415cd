"""``--partition-by``: a folder of tables, one for each source and partition, in the layout of Hive."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from edgelift._core import FIELDS
from edgelift.atomic_file import AtomicFile, remove_temporaries
from edgelift.cli.console import CliExit, ExitCode, shown_name
from edgelift.cli.output_options import PartitionBy
from edgelift.output_lock import LockedError, OutputLock
from edgelift.tables import GROUP_BYTES, Form, TableWriter, split, time_column

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edgelift._core import ColumnBatch, ColumnSchema

MAX_PARTITIONS: Final = 500
"""Partitions of one source: each is an open file."""

MAX_NAME: Final = 200
"""Characters of the name of a partition."""

NO_VALUE: Final = "__HIVE_DEFAULT_PARTITION__"
"""The partition of rows without a value, as Hive and Spark name it."""

_HOUR: Final = 3_600_000_000
"""Microseconds of an hour."""


class PartitionedSink:
    """Tables in a folder, in place of a `Sink` of documents.

    The tables of a source get their names when the source is read to its end, each whole. A second run with
    the same sources replaces them.

    Args:
        folder: the folder, which is created if it is missing. Other files in it are kept.
        stack: closes the open files at the end.
        schema: the schema of the batches.
        form: the format of the tables.
        by: the partitions.

    Raises:
        CliExit: the folder cannot be made, locked or written, or the rows lack the column.

    """

    is_file = True
    is_atomic = False
    replaces_content = False

    def __init__(
        self, folder: str, stack: ExitStack, schema: ColumnSchema, form: Form, by: PartitionBy
    ) -> None:
        import pyarrow as pa

        self.name = shown_name(folder)
        self.written = 0
        self._folder = Path(os.path.realpath(folder))
        self._schema = pa.schema(schema)
        self._form: Form = form
        self._by = by
        hosts = {*FIELDS["cs-host"].keys.values()}
        self._column = (
            next((name for name in self._schema.names if name in hosts), None)
            if by is PartitionBy.HOST
            else time_column(self._schema)
        )
        if self._column is None:
            field = "cs-host" if by is PartitionBy.HOST else "timestamp"
            raise CliExit(ExitCode.USAGE, f"--partition-by {by} needs the field {field}, which no layout has")
        self._source = ""
        self._sources: set[str] = set()
        self._tables: dict[str, _Table] = {}
        self._open = stack.enter_context(ExitStack())
        try:
            stack.enter_context(OutputLock(folders=[self._folder]))
        except LockedError as error:
            raise CliExit(ExitCode.USAGE, str(error)) from None
        except OSError as error:
            raise self._unwritable(error) from None
        remove_temporaries(self._folder)

    def truncate(self) -> None:
        """Do nothing: tables are replaced one by one."""

    def begin_source(self, place: str) -> None:
        """Name the tables of the source before, and begin those of another one.

        Raises:
            CliExit: the source was read before.

        """
        self.commit()
        self._source = file_name(place)
        if self._source in self._sources:
            raise CliExit(
                ExitCode.USAGE, f"{shown_name(place)} is given twice: its tables would replace each other"
            )
        self._sources.add(self._source)

    def write(self, batches: Iterable[ColumnBatch]) -> None:
        """Write rows of the source into the tables of their partitions."""
        import pyarrow as pa

        try:
            for batch in batches:
                rows = pa.record_batch(batch)
                for key, part in split(rows, self._keys(rows)):
                    self._table(partition(self._by, key)).writer.write(part)
                if sum(table.writer.buffered for table in self._tables.values()) >= GROUP_BYTES:
                    # Parts of a batch keep all of it in memory.
                    for table in self._tables.values():
                        table.writer.flush()
        except OSError as error:
            raise self._unwritable(error) from None

    def commit(self) -> None:
        """Write the ends of the tables of the source, and give them their names."""
        try:
            for table in self._tables.values():
                table.writer.close()
            for table in self._tables.values():
                table.file.commit()
                self.written += table.file.written
        except OSError as error:
            raise self._unwritable(error) from None
        self._tables.clear()
        self._open.close()

    def _keys(self, rows: Any) -> Any:  # noqa: ANN401 -- of pyarrow
        import pyarrow as pa
        from pyarrow import compute

        column = rows.column(self._column)
        if self._by is PartitionBy.HOST:
            return column
        hours = 24 if self._by is PartitionBy.DAY else 1
        return compute.divide(column.cast(pa.int64()), _HOUR * hours)

    def _table(self, folder: str) -> _Table:
        if folder in self._tables:
            return self._tables[folder]
        if len(self._tables) == MAX_PARTITIONS:
            raise CliExit(
                ExitCode.STOPPED,
                f"{self._source} has rows of more than {MAX_PARTITIONS} partitions by {self._by}; "
                "use --partition-by day",
            )
        path = self._folder / folder / f"{self._source}.{self._form}"
        file = self._open.enter_context(AtomicFile(path, below=self._folder))
        writer = TableWriter(file, self._schema, self._form)
        self._tables[folder] = _Table(file, writer)
        return self._tables[folder]

    def _unwritable(self, error: OSError) -> CliExit:
        return CliExit(ExitCode.STOPPED, f"cannot write to {self.name}: {error.strerror or error}")


class _Table:
    """A table that is being written."""

    def __init__(self, file: AtomicFile, writer: TableWriter) -> None:
        self.file = file
        self.writer = writer


def partition(by: PartitionBy, key: int | str | None) -> str:
    """Return the folders of a partition: ``day=2023-11-14/hour=22``, ``host=example.com``.

    Args:
        by: unit of the partitions.
        key: days or hours since 1970, or a host.

    """
    if isinstance(key, str):
        value = quote(key, safe="")
        # A name that no file system takes is not a host.
        return f"{by}={value}" if 0 < len(value) <= MAX_NAME else f"{by}={NO_VALUE}"
    if key is None:
        return f"day={NO_VALUE}/hour={NO_VALUE}" if by is PartitionBy.HOUR else f"{by}={NO_VALUE}"
    seconds = key * 3600 * (24 if by is PartitionBy.DAY else 1)
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)
    return moment.strftime("day=%Y-%m-%d" if by is PartitionBy.DAY else "day=%Y-%m-%d/hour=%H")


def file_name(place: str) -> str:
    """Return the name for the tables of a source: unique, and for files and objects equal in each run."""
    whole = place if "://" in place else os.path.abspath(place)  # noqa: PTH100 - it may be no path
    if "://" not in place and not os.path.isfile(place):  # noqa: PTH113 - the same
        # Another run has other content in a pipe of this name.
        whole = f"{whole}\0{time.time_ns()}"
    digest = hashlib.sha256(os.fsencode(whole)).hexdigest()[:12]
    last = re.sub(r"[^A-Za-z0-9._-]+", "_", place.rstrip("/").rpartition("/")[2]).lstrip("._")[:100]
    return f"{last or 'source'}-{digest}"

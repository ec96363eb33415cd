"""``--format parquet|arrow``: a table of typed columns instead of documents."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

from edgelift.cli.console import CliExit, ExitCode
from edgelift.cli.sink import STANDARD_OUTPUT, open_sink
from edgelift.tables import TableWriter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import ExitStack

    from edgelift._core import ColumnBatch, ColumnSchema, ColumnStream, Counts, Failure
    from edgelift.tables import Form


class TableResult(NamedTuple):
    """Batches, failures and counts of many lines, as `TransformResult` has documents."""

    output: list[ColumnBatch]
    failures: tuple[Failure, ...]
    counts: Counts


class TableStream:
    """A stream of columns in place of one of documents."""

    def __init__(self, stream: ColumnStream) -> None:
        self._stream = stream

    @property
    def counts(self) -> Counts:
        """Counts of all lines so far."""
        return self._stream.counts

    @property
    def detected_formats(self) -> tuple[str, ...]:
        """Formats of the lines so far."""
        return self._stream.detected_formats

    def feed(self, chunk: bytes, /) -> TableResult:
        """Transform the lines that a chunk completes."""
        return self._result(self._stream.feed(chunk))

    def begin_file(self) -> TableResult:
        """Begin the next file of an archive."""
        return self._result(self._stream.begin_file())

    def flush(self) -> TableResult:
        """Return what complete lines have become and no batch has yet."""
        return self._result(self._stream.flush())

    def finish(self) -> TableResult:
        """End the stream."""
        return self._result(self._stream.finish())

    def _result(self, batches: list[ColumnBatch]) -> TableResult:
        failures = tuple(failure for batch in batches for failure in batch.failures)
        return TableResult([batch for batch in batches if batch], failures, self.counts)


class TableSink:
    """A table in a file or on standard output, in place of a `Sink` of documents.

    Raises:
        CliExit: it cannot be opened, locked or written, or pyarrow is not installed.

    """

    def __init__(self, path: str, stack: ExitStack, schema: ColumnSchema, form: Form) -> None:
        if path == STANDARD_OUTPUT and sys.stdout is not None and sys.stdout.isatty():
            raise CliExit(
                ExitCode.USAGE, "a table cannot be shown on a terminal; -o FILE names a file for it"
            )
        self._sink = open_sink(path, stack)
        self._table = TableWriter(self._sink, schema, form)
        self.name = self._sink.name
        self.is_file = self._sink.is_file
        self.is_atomic = self._sink.is_atomic
        self.replaces_content = self._sink.replaces_content
        self.truncate = self._sink.truncate

    @property
    def written(self) -> int:
        """Bytes written so far."""
        return self._sink.written

    def write(self, batches: Iterable[ColumnBatch]) -> None:
        """Write rows."""
        for batch in batches:
            self._table.write(batch)

    def begin_source(self, place: str) -> None:
        """Do nothing: one table has the rows of all sources."""

    def commit(self) -> None:
        """Write the end of the table, and replace the old content of a regular file."""
        self._table.close()
        self._sink.commit()

"""Logs as tables: a lazy scan of files, folders and objects, for packages that read Arrow streams.

It imports none of these packages; `Scan.lazy` imports polars.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from edgelift._core import Counts, Transformer
from edgelift.errors import EdgeliftError
from edgelift.inputs.content import content
from edgelift.inputs.damage import DamagedFile
from edgelift.inputs.detect import transformed
from edgelift.inputs.errors import CopyError, NoLogError, UnnamedError, UnreadableError
from edgelift.inputs.limits import MAX_EXPANSION, Limits
from edgelift.inputs.prefetch import prefetched
from edgelift.reprocess.errors import ObjectError
from edgelift.reprocess.objects import LogObject, display_path
from edgelift.reprocess.sources.s3 import S3Options
from edgelift.reprocess.sources.stores import Stores, listing

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

    import polars as pl

    from edgelift._core import ColumnBatch, ColumnSchema, Failure

PathLike = str | os.PathLike[str]

ROWS: Final = 8192
"""Most rows of a batch."""

MAX_FAILURES: Final = 1000
"""Failures that `Scan.failures` keeps."""

MAX_FAILURE_BYTES: Final = 1 << 24
"""Bytes of failed rows that `Scan.failures` keeps, and that a batch of failures has."""

UNREADABLE_FILE: Final = "unreadable_file"
"""Reason of a file that cannot be read, or not to its end."""


class FailedRow(NamedTuple):
    """A row that failed, or a file that cannot be read; as such it is in the column ``_failure``."""

    reason: str
    """Code of the reason, one of `REASONS` or ``unreadable_file``."""
    message: str
    """Explanation for people."""
    source: str
    """Path or URL of the file."""
    line: int | None
    """Line number in the file, from 1; None for a file that cannot be read."""
    raw: bytes | None
    """The line as it was read; None for a file that cannot be read."""


class _Options(NamedTuple):
    columns: tuple[str, ...] | None
    rows: int
    on_failure: Literal["collect", "column", "raise"]
    on_error: Literal["raise", "collect"]
    max_expansion: int


def scan(  # noqa: PLR0913 -- options by name
    paths: PathLike | Iterable[PathLike],
    config: Transformer | Mapping[str, Any] | PathLike | None = None,
    *,
    columns: Iterable[str] | None = None,
    rows: int = ROWS,
    on_failure: Literal["collect", "column", "raise"] = "collect",
    on_error: Literal["raise", "collect"] = "raise",
    max_expansion: int = MAX_EXPANSION,
) -> Scan:
    """Return a lazy table of the rows in log files. Nothing is read yet.

    Args:
        paths: files, folders, patterns, ``s3://`` URLs; each is listed again for each read.
        config: a transformer, a mapping, TOML text, or the path of a TOML file; None reads logs that name
            their columns.
        columns: names of the columns, in this order; None means all.
        rows: most rows of a batch.
        on_failure: ``collect`` leaves failed rows out, and `Scan.failures` has the first ones. ``column``
            adds the column ``_failure``, and a row for each failure with null in all other columns.
            ``raise`` raises at the first one.
        on_error: ``raise`` raises at a file that cannot be read or is not a log. ``collect`` makes it a
            failure as ``on_failure`` says, and goes on with the next file.
        max_expansion: most bytes of content per byte of a compressed file, beyond 16 MiB; 0: unlimited.

    Raises:
        ConfigError: the configuration is invalid, or a column is unknown.
        OSError: the configuration cannot be read.
        ValueError: an option has another value.

    """
    for name, value, values in (
        ("on_failure", on_failure, ("collect", "column", "raise")),
        ("on_error", on_error, ("raise", "collect")),
    ):
        if value not in values:
            raise ValueError(f"{name} is {value!r}; it must be one of {', '.join(values)}")
    listed = [paths] if isinstance(paths, str | os.PathLike) else paths
    chosen = None if columns is None else tuple(columns)
    options = _Options(chosen, rows, on_failure, on_error, max_expansion)
    return Scan(tuple(os.fspath(path) for path in listed), _compiled(config), options)


class Scan:
    """A table of the rows in log files. Each reader reads the files again.

    Any package that reads Arrow streams takes it: ``polars.DataFrame(scan)``, ``pyarrow.table(scan)``,
    ``duckdb.sql("FROM scan")``, ``pandas.DataFrame.from_arrow(scan)``.

    Attributes:
        schema: names and types of the columns.

    """

    def __init__(self, paths: tuple[str, ...], transformer: Transformer, options: _Options) -> None:
        # Begun, so that it is known now whether the options can be used.
        stream = transformer.column_stream(options.rows, _list(options.columns))
        self._columns = stream.schema
        self.schema: ColumnSchema = (
            self._columns.with_failure_column() if options.on_failure == "column" else self._columns
        )
        self._paths = paths
        self._transformer = transformer
        self._options = options
        self._stores = Stores(S3Options())
        self._latest = _Results()

    @property
    def counts(self) -> Counts:
        """Counts of the records that the latest read has read so far."""
        return self._latest.counts

    @property
    def failures(self) -> tuple[FailedRow, ...]:
        """The first failures of the latest read: at most 1,000, and at most 16 MiB of rows."""
        return tuple(self._latest.failures)

    def __iter__(self) -> Generator[ColumnBatch]:
        """Read the files, and yield their rows in batches.

        Raises:
            EdgeliftError: a path does not exist; or a file or row fails, with ``raise``.

        """
        self._latest = results = _Results()
        options = self._options
        for source in self._objects():
            file = _File(self._stores, source, self._transformer, options)
            before = results.counts
            try:
                for batch in file.batches():
                    results.counts = _sum(before, file.stream.counts)
                    yield from self._delivered(batch, file.failed_rows(batch.failures), results)
            finally:
                results.counts = _sum(before, file.stream.counts)
            if file.problem is not None and options.on_error == "raise":
                raise EdgeliftError(f'{file.problem}; on_error="collect" goes on with the next file')
            yield from self._delivered(None, file.failed_file(), results)

    def __arrow_c_schema__(self) -> object:
        """Export the schema as a capsule."""
        return self.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Export a new read as the capsule of a stream; ``requested_schema`` is ignored."""
        return self.schema.export_stream(iter(self))

    def select(self, columns: Iterable[str]) -> Scan:
        """Return a scan of the same files with these columns, in this order.

        Raises:
            ConfigError: a column is unknown or selected twice.

        """
        return Scan(self._paths, self._transformer, self._options._replace(columns=tuple(columns)))

    def lazy(self) -> pl.LazyFrame:
        """Return the scan as a lazy frame of polars, which reads the columns that a query needs only.

        Raises:
            ImportError: polars is not installed.

        """
        import polars as pl
        from polars.io.plugins import register_io_source

        def read(
            names: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, _: int | None
        ) -> Iterator[pl.DataFrame]:
            left = n_rows
            with closing(iter(self._selected(names))) as batches:
                for batch in batches:
                    frame = pl.DataFrame(batch)
                    if left is not None:
                        frame = frame.head(left)
                        left -= len(frame)
                    if names is not None:
                        frame = frame.select(names)
                    yield frame if predicate is None else frame.filter(predicate)
                    if left == 0:
                        return

        return register_io_source(read, schema=pl.Schema(self.schema))

    def _selected(self, names: list[str] | None) -> Scan:
        """Return a scan with at least these columns."""
        if names is None:
            return self
        # Rows without columns cannot be counted.
        columns = [name for name in names if name in self._columns.names] or self._columns.names[:1]
        return self.select(columns)

    def _delivered(
        self, batch: ColumnBatch | None, failed: list[FailedRow], results: _Results
    ) -> Iterator[ColumnBatch]:
        """Yield a batch and its failures as `on_failure` says.

        Raises:
            EdgeliftError: there is a failure, with ``raise``.

        """
        results.add(failed)
        if failed and self._options.on_failure == "raise":
            first = failed[0]
            where = first.source if first.line is None else f"{first.source}: line {first.line}"
            raise EdgeliftError(f"{where}: {first.message}")
        has_column = self._options.on_failure == "column"
        if batch:
            yield batch.with_failure_column() if has_column else batch
        if has_column:
            yield from map(self._columns.failure_rows, _parts(failed))

    def _objects(self) -> Iterator[LogObject]:
        for path in self._paths:
            yield from listing(path, self._stores)


class _Results:
    """Counts and failures of a read."""

    def __init__(self) -> None:
        self.counts = Counts()
        self.failures: list[FailedRow] = []
        self._bytes = 0

    def add(self, failures: Iterable[FailedRow]) -> None:
        """Keep failures as long as they fit."""
        for failure in failures:
            self._bytes += len(failure.raw or b"")
            if len(self.failures) >= MAX_FAILURES or self._bytes > MAX_FAILURE_BYTES:
                return
            self.failures.append(failure)


class _File:
    """Reads a file of a scan."""

    def __init__(
        self, stores: Stores, source: LogObject, transformer: Transformer, options: _Options
    ) -> None:
        self._stores = stores
        self._source = source
        self._name = display_path(source.place)
        self._columns_known = bool(transformer.layouts)
        self._limits = Limits(transformer.options["input"]["max_record_bytes"], options.max_expansion)
        self.stream = transformer.column_stream(options.rows, _list(options.columns))
        self._is_stopped = threading.Event()
        self.problem: str | None = None
        """The problem of the file, known after all that could be read of it."""

    def batches(self) -> Generator[ColumnBatch]:
        try:
            with closing(prefetched(self._content())) as blocks, self._stopping():
                for _, batches in transformed(
                    self.stream, blocks, columns_known=self._columns_known, flush=self.stream.flush
                ):
                    yield from batches
        except DamagedFile as error:
            self.problem = f"{self._name}: {error}"
        except (CopyError, ObjectError) as error:
            self.problem = f"{self._name}: {error}"
            yield from self.stream.flush()
        except UnreadableError as error:
            self.problem = f"{self._name} is {error.what}"
        except NoLogError as error:
            self.problem = f"{self._name} is {error.problem}"
        except UnnamedError as error:
            self.problem = f"{self._name} is {error.describe('the configuration')}"

    def failed_rows(self, failures: Iterable[Failure]) -> list[FailedRow]:
        return [
            FailedRow(failure.reason, failure.message, self._name, failure.line, failure.raw)
            for failure in failures
        ]

    def failed_file(self) -> list[FailedRow]:
        if self.problem is None:
            return []
        return [FailedRow(UNREADABLE_FILE, self.problem, self._name, None, None)]

    @contextmanager
    def _stopping(self) -> Iterator[None]:
        """Let the thread that reads ahead end when its blocks are not wanted any more, also from a pipe."""
        try:
            yield
        finally:
            self._is_stopped.set()

    def _content(self) -> Generator[bytes]:
        store = self._stores.for_place(self._source.place)
        with closing(store.read(self._source, self._is_stopped.is_set)) as blocks:
            yield from content(lambda: next(blocks, b""), self._limits)


def _parts(failures: list[FailedRow]) -> Iterator[list[FailedRow]]:
    """Split failures so that each part has at most `MAX_FAILURE_BYTES`, or one failure."""
    part: list[FailedRow] = []
    size = 0
    for failure in failures:
        size += len(failure.raw or b"")
        if part and size > MAX_FAILURE_BYTES:
            yield part
            part, size = [], len(failure.raw or b"")
        part.append(failure)
    if part:
        yield part


def _sum(counts: Counts, more: Counts) -> Counts:
    reasons = Counter(counts.by_reason) + Counter(more.by_reason)
    return Counts(
        counts.read + more.read,
        counts.ok + more.ok,
        counts.dropped + more.dropped,
        counts.failed + more.failed,
        counts.blank + more.blank,
        reasons,
        counts.shape_mismatches + more.shape_mismatches,
        counts.shape_field or more.shape_field,
    )


def _compiled(config: Transformer | Mapping[str, Any] | PathLike | None) -> Transformer:
    if isinstance(config, Transformer):
        return config
    if isinstance(config, os.PathLike) or (isinstance(config, str) and not set(config) & {"=", "\n"}):
        return Transformer.from_file(config)
    return Transformer(config or {})


def _list(columns: tuple[str, ...] | None) -> list[str] | None:
    return None if columns is None else list(columns)

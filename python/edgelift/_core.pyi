"""The compiled engine: CloudFront log lines in, JSON documents out.

The signatures are written by hand; ``make docs`` copies the docstrings from ``rust_core/edgelift-python``.
"""

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from typing import Any, Final, Literal, Self, TypeAlias, TypedDict, Unpack, final

from typing_extensions import Buffer

__all__ = [
    "CONNECTION_FIELDS",
    "FIELDS",
    "REASONS",
    "STANDARD_FIELDS",
    "Batch",
    "ColumnBatch",
    "ColumnBatches",
    "ColumnSchema",
    "ColumnStream",
    "Counts",
    "EventAnswer",
    "ExplainedColumn",
    "Failure",
    "Field",
    "LayoutColumn",
    "Report",
    "Stream",
    "TransformResult",
    "Transformer",
    "__version__",
    "count_lines",
    "describe_record",
    "file_type",
]

__version__: Final[str]

FIELDS: Final[Mapping[str, Field]]
"""All fields of real-time logs by name, in CloudFront's order; read-only.

Source of the three tables: Amazon CloudFront Developer Guide, "Use real-time access logs", "Standard logging reference"
and "Connection logs".
"""

STANDARD_FIELDS: Final[Mapping[str, Field]]
"""All fields of standard (access) logs by their names there, such as ``cs(Host)``, in AWS's order; read-only."""

CONNECTION_FIELDS: Final[Mapping[str, Field]]
"""All fields of connection logs (mutual TLS) by name, in AWS's order; read-only."""

REASONS: Final[tuple[str, ...]]
"""All codes that `RecordError.reason`, `Failure.reason` and `Counts.by_reason` can have."""

_Format: TypeAlias = Literal["ndjson", "bulk", "raw"]
_RawData: TypeAlias = Literal["source", "document"] | None

class _Output(TypedDict, total=False):
    names: Literal["cloudfront", "snake", "ecs", "otel"]
    values: Literal["typed", "text"]
    missing: Literal["omit", "null", "keep"]
    decode: bool
    raw: Sequence[str]
    columns: Sequence[str]
    timestamp: Literal["epoch_millis", "iso8601", "verbatim"]
    newline: bool

@final
class Field:
    """A field of a kind of log."""

    name: Final[str]
    """Name in this kind of log."""
    position: Final[int]
    """Position in CloudFront's order, from 1."""
    kind: Final[str]
    """Kind of value: timestamp, integer, status, decimal, boolean, address, text, keyword, list, names or headers."""
    meaning: Final[str]
    """Meaning of the value, in one line."""
    standard: Final[str | None]
    """Name of the same value in standard (access) logs, or None if they lack it."""
    keys: Final[Mapping[str, str]]
    """Key in the document for each naming profile: cloudfront, snake, ecs, otel."""
    unproven: Final[bool]
    """True if no recorded row shows a value yet; then a value that does not fit never fails the record."""

@final
class Counts:
    """Number of records per outcome: ``read == ok + dropped + failed``."""

    def __new__(
        cls,
        read: int = 0,
        ok: int = 0,
        dropped: int = 0,
        failed: int = 0,
        blank: int = 0,
        by_reason: Mapping[str, int] | None = None,
        shape_mismatches: int = 0,
        shape_field: str | None = None,
    ) -> Self: ...
    read: Final[int]
    """Records read, without blank lines."""
    ok: Final[int]
    """Records that became a document."""
    dropped: Final[int]
    """Records that were omitted by a rule."""
    failed: Final[int]
    """Records that failed."""
    blank: Final[int]
    """Blank lines, which are skipped."""
    shape_mismatches: Final[int]
    """Records that became a document although a value lacks the shape of its field."""
    shape_field: Final[str | None]
    """Field of the first such value, or None."""
    by_reason: Final[Mapping[str, int]]
    """Failed records for each reason that occurred; read-only."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Failure:
    """A line that could not be transformed."""

    def __new__(
        cls,
        line: int,
        offset: int,
        reason: str,
        field: str | None,
        column: int | None,
        message: str,
        raw: bytes,
        header: str | None = None,
        log_format: str | None = None,
        is_source: bool = True,
    ) -> Self: ...
    line: Final[int]
    """Line number in the input, from 1."""
    offset: Final[int]
    """Byte offset of the line in the input, from 0."""
    reason: Final[str]
    """Code of the reason, one of `REASONS`."""
    field: Final[str | None]
    """Real-time name of the field, or None."""
    column: Final[int | None]
    """Column number, from 1, or None."""
    message: Final[str]
    """Explanation for people."""
    raw: Final[bytes]
    """The line as it was read, without its line feed, which can be tried again.

    If the source record of an error object failed, this is the decoded record, and ``message`` begins with
    ``in rawData:``. Of a `too_large` line it is the first ``max_record_bytes`` bytes.
    """
    header: Final[str | None]
    """Header lines that name the columns of ``raw``, or None.

    It is ``#Fields:``, after ``#Version:`` in version 1. None without a header, and for a header of more than 8 kB or
    more than ``max_record_bytes``.
    """
    log_format: Final[str | None]
    """Format that ``raw`` was read in, ``realtime`` or ``standard``, if it could be either, or None.

    It is None unless ``raw`` begins with a brace and the first record of a file decides, with ``auto``.
    """
    is_source: Final[bool]
    """False if ``raw`` is from an error object whose keys do not say that it holds a source record."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class TransformResult:
    """Documents, failures and counts of many lines."""

    def __new__(cls, output: bytes, failures: tuple[Failure, ...], counts: Counts) -> Self: ...
    output: Final[bytes]
    """One line of JSON per document; with the format ``bulk`` each one after its action."""
    failures: Final[tuple[Failure, ...]]
    """The lines that failed, in order."""
    counts: Final[Counts]
    """Counts of all lines of the call, or of the stream so far."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class ExplainedColumn:
    """A column of an explained record."""

    position: Final[int]
    """Column number, from 1."""
    field: Final[str | None]
    """Real-time name of the field, or None for a column that the layout does not have."""
    raw: Final[bytes]
    """The column as it is in the record."""
    value: Final[str | None]
    """The value as JSON text, or None if the document does not have it."""
    kind: Final[str | None]
    """Kind of the field."""
    note: Final[str]
    """Note for people, such as why the value does not fit; often empty."""

@final
class LayoutColumn:
    """A column of a layout."""

    field: Final[str]
    """Real-time name of the field."""
    key: Final[str]
    """Key in the document."""
    kind: Final[str]
    """Kind of value."""
    unproven: Final[bool]
    """True if a value that does not fit never fails the record."""
    shape: Final[str | None]
    """Shape of the values, or None.

    It is method, http_version, ip_version, tls_version, scheme, edge_location, country, request_id or result_type.
    """
    decode: Final[bool]
    """True if texts are percent-decoded; False for fields in ``[output] raw`` and with ``decode = false``."""
    selected: Final[bool]
    """True if documents have the key; False for fields that ``[output] columns`` leaves out."""

@final
class Batch:
    """Response to the records of a Firehose event."""

    records: Final[list[dict[str, Any]]]
    """One dict per ``recordId``, in order: recordId, result, data, and metadata if there are partition keys."""
    reingest: Final[tuple[tuple[int, int], ...]]
    """Records that must be re-ingested: index in ``records``, index in the event.

    Their result is ``Dropped``. Empty unless the policy is ``reingest`` and the response would be too large.
    """
    bytes_left: Final[int]
    """Bytes by which the response may still grow, if each re-ingested record had failed without data."""
    report: Final[Report]
    """Counts and sizes of the records."""

@final
class ColumnBatch:
    """Rows with typed columns, for any package that reads Arrow: ``pyarrow.record_batch(batch)``."""

    failures: Final[tuple[Failure, ...]]
    """Failures of the lines since the previous batch."""
    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]: ...
    def __arrow_c_schema__(self) -> object: ...
    def with_failure_column(self) -> Self:
        """Return the rows with the column ``_failure``, which is null in all of them, and without failures."""
    def __len__(self) -> int: ...

@final
class ColumnBatches:
    """Batches of the rows in chunks, which are read as batches are asked for.

    It is an Arrow stream, too: ``polars.DataFrame(batches)``, ``pyarrow.table(batches)``.
    """

    def __iter__(self) -> Self: ...
    def __next__(self) -> ColumnBatch: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...
    counts: Final[Counts]
    """Counts of all lines that have been read."""
    detected_formats: Final[tuple[str, ...]]
    """Formats of the lines that have been read, for people, such as ``real-time rows``."""
    schema: Final[ColumnSchema]
    """Names and types of the columns of all batches."""

@final
class ColumnSchema:
    """Names and types of the columns of all batches."""

    names: Final[tuple[str, ...]]
    """Names of the columns, in order."""
    types: Final[tuple[str, ...]]
    """Types of the columns, in order.

    One is timestamp, int64, int32, float64, bool, utf8, list (of texts), pairs (a list of names with values), or
    failure.
    """
    def with_failure_column(self) -> Self:
        """Return the schema with the column ``_failure`` after the others."""
    def failure_rows(self, failures: Sequence[tuple[str, str, str, int | None, bytes | None]]) -> ColumnBatch:
        """Return a batch of failed rows: their column ``_failure`` has the values, and the others are null.

        Args:
            failures: reason, message, source, line and raw bytes of each; line and bytes may be None.
        """
    def __arrow_c_schema__(self) -> object: ...
    def export_stream(self, batches: Iterable[ColumnBatch]) -> object:
        """Export batches with this schema as the capsule of a stream, which reads them one by one.

        An exception of the iterable ends the stream; the reader raises another one with the same text.
        """

@final
class ColumnStream:
    """Transforms lines that arrive in chunks, which may be split anywhere, into batches of rows.

    Memory is bounded by a batch. One thread at a time uses a stream.
    """

    def feed(self, chunk: Buffer) -> list[ColumnBatch]:
        """Transform the lines that a chunk completes, and return the batches that they complete.

        Signal handlers run every few megabytes. If one raises, the rows of the chunk are lost, and the stream accepts no
        more chunks.

        Raises:
            EdgeliftError: another thread, or the code that a signal handler interrupted, is using the stream.
            ValueError: the stream is finished, or was interrupted in the middle of a chunk.
        """
    def begin_file(self) -> list[ColumnBatch]:
        """Transform the last line if it has no line feed, and begin the next file of an archive.

        The first record of each file decides how it is read, and a header does not apply to later files. Line numbers,
        offsets and counts go on, and a batch may have rows of several files.

        Raises:
            EdgeliftError, ValueError: as for `feed`.
        """
    def flush(self) -> list[ColumnBatch]:
        """Return the rows and failures of the complete lines so far as a batch, if there are any.

        Raises:
            EdgeliftError, ValueError: as for `feed`.
        """
    def finish(self) -> list[ColumnBatch]:
        """Transform the last line if it has no line feed, end the stream and return the last batch.

        The last batch has no rows if only failures are left.

        Raises:
            EdgeliftError, ValueError: as for `feed`.
        """
    counts: Final[Counts]
    """Counts of all lines so far, those of incomplete batches included."""
    detected_formats: Final[tuple[str, ...]]
    """Formats of the lines so far, for people, such as ``real-time rows``."""
    schema: Final[ColumnSchema]
    """Names and types of the columns of all batches."""

@final
class EventAnswer:
    """Response to the bytes of a Firehose event."""

    response: Final[bytes | None]
    """The response as JSON, or None if records must be re-ingested first."""
    report: Final[Report]
    """Counts and sizes of the records."""
    invocation_id: Final[str | None]
    """``invocationId`` of the event."""
    delivery_stream_arn: Final[str | None]
    """``deliveryStreamArn`` of the event."""

@final
class Report:
    """Counts and sizes of the records of a Firehose event."""

    counts: Final[Counts]
    """Number of records per outcome."""
    bytes_in: Final[int]
    """Bytes of the decoded records."""
    bytes_out: Final[int]
    """Bytes of the documents, before base64."""
    layouts: Final[tuple[int, ...]]
    """Number of documents per layout, in the order of the configuration; then that of JSON records, if there are any or all
    layouts are of standard logs.
    """
    first_failures: Final[Mapping[str, tuple[str, str]]]
    """``recordId`` and message of the first failed record of each reason."""
    duplicates: Final[tuple[str, ...]]
    """Each repeated ``recordId``, which the response has only once."""
    oldest: Final[int | None]
    """Oldest ``timestamp`` of the documents, in milliseconds since 1970, or None."""
    slimmed: Final[int]
    """Documents that lost their optional fields so that the response fits."""
    reingested: Final[int]
    """Records that must be re-ingested; they count as dropped."""
    def with_refused(self, count: int, /, record_id: str, message: str) -> Self:
        """Return a report in which ``count`` records to be re-ingested have failed as `too_large` instead.

        ``record_id`` and ``message`` are those of the first one.
        """

@final
class Transformer:
    """A compiled configuration: TOML text, or a mapping of the same structure.

    It is immutable, and any number of threads may share it.

    >>> Transformer.from_fields(["c-ip"]).transform(b"192.0.2.1")
    b'{"c-ip":"192.0.2.1"}'

    Raises:
        ConfigError: the configuration is invalid.
    """

    def __new__(cls, config: str | Mapping[str, Any]) -> Self: ...
    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> Self:
        """Compile a TOML file.

        Raises:
            ConfigError: the configuration is invalid.
            OSError: the file cannot be read.
        """
    @classmethod
    def from_fields(cls, names: Iterable[str] | Literal["all"], /, **output: Unpack[_Output]) -> Self:
        """Compile one layout of real-time fields; ``output`` takes the options of ``[output]``.

        Raises:
            ConfigError: a name or an option is unknown.
        """
    def transform(self, record: Buffer) -> bytes:
        """Transform one record, with or without its line end, into one JSON object.

        Raises:
            RecordError: the record cannot be transformed.
            TypeError: ``record`` is not bytes-like.
        """
    def transform_lines(
        self, data: Buffer, *, format: _Format = "ndjson", index: str | None = None, raw_data: _RawData = None
    ) -> TransformResult:
        """Transform many lines. The last line may lack its line feed.

        Lines may also be error objects of Firehose: their source records are transformed, and documents that OpenSearch
        refused are returned unchanged. ``format``, ``index`` and ``raw_data`` are those of `stream`.

        Raises:
            ConfigError, ValueError: as for `stream`.
            TypeError: ``data`` is not bytes-like.
        """
    def stream(
        self, *, format: _Format = "ndjson", index: str | None = None, raw_data: _RawData = None
    ) -> Stream:
        """Begin a stream of lines that arrive in chunks.

        Args:
            format: ``ndjson`` writes one line of JSON per document. ``bulk`` writes bodies for OpenSearch's ``_bulk``,
                with a ``create`` action before each document. ``raw`` writes the source records unchanged, to be
                re-ingested into their stream; rows that need the header of their log, and documents that OpenSearch
                refused, fail.
            index: pattern of the index name for ``bulk``, such as ``cdn-logs-{yyyy}-{MM}-{dd}``; None means
                ``[bulk] index``.
            raw_data: what ``rawData`` of error objects holds that do not say it: ``source``, a record to transform, or
                ``document``, one that is passed on; None means that the content decides.

        Raises:
            ConfigError: ``index`` is invalid, or is named by time and a layout has no time.
            ValueError: ``format`` or ``raw_data`` is unknown, or ``index`` is given with another format than ``bulk``.
        """
    def batches(
        self, chunks: Iterable[Buffer], rows: int = 8192, columns: Sequence[str] | None = None
    ) -> ColumnBatches:
        """Transform the lines in chunks of bytes, which may be split anywhere, into batches of typed columns.

        Columns have the values of the documents, and the names of the profile ``snake`` unless ``[output] names`` is
        written. A missing value is null, and a time is a timestamp, in spite of ``missing`` and ``timestamp``.

        Args:
            chunks: any iterable of bytes-like objects, such as a file that is open for reading bytes.
            rows: most rows of a batch.
            columns: names of the columns, in this order; None means all.

        Raises:
            ConfigError: a column is unknown or selected twice, or the configuration has ``values = "text"``.
            ValueError: ``rows`` is 0.
        """
    def column_stream(self, rows: int = 8192, columns: Sequence[str] | None = None) -> ColumnStream:
        """Begin a stream of lines that arrive in chunks and become batches of typed columns, as for `batches`.

        Raises:
            ConfigError, ValueError: as for `batches`.
        """
    def schema(self, columns: Sequence[str] | None = None) -> ColumnSchema:
        """Return names and types of the columns of all batches.

        Raises:
            ConfigError: as for `batches`.
        """
    def transform_records(self, records: Sequence[Any], *, ensure_ascii: bool = True) -> Batch:
        """Transform the ``records`` of a Firehose transformation event.

        The response ``{"records": …}`` has at most 6,291,456 bytes if it is serialized with the separators ", " and
        ": ", and with ``ensure_ascii``.

        Raises:
            EdgeliftError: ``records`` is not a list, a record has no string ``recordId``, or there are more records
                than fit into a response without data.
        """
    def transform_event(self, event: Buffer) -> bytes:
        """Transform the bytes of a Firehose transformation event into the bytes of its response.

        The response has at most 6,291,456 bytes. With the policy ``reingest``, records that would be re-ingested fail:
        only the handlers re-ingest.

        Raises:
            EdgeliftError: it is not a Firehose event, a record has no string ``recordId``, or there are more records
                than fit into a response without data.
            TypeError: ``event`` is not bytes-like.
        """
    def answer_event(self, event: Buffer, *, reingest: bool = True) -> EventAnswer:
        """Transform an event like `transform_event`, and report on its records.

        There is no response if records must be re-ingested; with ``reingest=False`` they fail.
        """
    def explain(self, record: Buffer) -> list[ExplainedColumn]:
        """Explain how each column of a record is read, even if the record does not fit.

        The header of a standard log may precede its row. The list is empty for JSON that cannot be read.

        Raises:
            RecordError: the record, or its header, has more than ``max_record_bytes`` (``too_large``).
            TypeError: ``record`` is not bytes-like.
        """
    layouts: Final[tuple[tuple[LayoutColumn, ...], ...]]
    """The columns of each layout, in the order of the configuration."""
    options: Final[Mapping[str, Mapping[str, Any]]]
    """All options in effect by section, such as ``options["output"]["names"]``."""

@final
class Stream:
    """Transforms lines that arrive in chunks, which may be split anywhere.

    Memory is constant, except with the format ``bulk``: it keeps a hash of each line without ``x-edge-request-id`` and
    of each finished document without an id.
    """

    def feed(self, chunk: Buffer) -> TransformResult:
        """Transform the lines that a chunk completes.

        Signal handlers run every few megabytes. If one raises, the documents of the chunk are lost, and the stream
        accepts no more chunks.

        Raises:
            EdgeliftError: another thread used the stream when this process was forked, or a signal handler feeds the
                stream that it interrupted.
            ValueError: the stream is finished, or was interrupted in the middle of a chunk.
        """
    def begin_file(self) -> TransformResult:
        """Transform the last line if it has no line feed, and begin the next file of an archive.

        The first record of each file decides how it is read, and a header does not apply to later files. Line numbers,
        offsets and counts go on.

        Raises:
            EdgeliftError, ValueError: as for `feed`.
        """
    def finish(self) -> TransformResult:
        """Transform the last line if it has no line feed, and end the stream.

        Raises:
            EdgeliftError, ValueError: as for `feed`.
        """
    def fork(self, lines: int, size: int, reuse: Stream | None = None) -> Stream | None:
        """Return a stream for a later part of the input, to be fed by another thread; None if it must wait.

        The part begins on a new line. Its results are right if `join` returns True for each part before it.

        Args:
            lines: number of the lines that are neither fed nor joined yet and come before the part.
            size: their bytes.
            reuse: a fork that is not needed any more, which becomes the new one and keeps its memory.

        Returns:
            None within a line, for the format ``bulk``, and after error objects: the lines before decide too much.
        """
    def join(self, fork: Stream) -> bool:
        """Take over the counts and the state of a fork that was fed the lines that come next in the input.

        Returns:
            False if they change how the lines after them are read: forks for later parts must not be used.
        """
    counts: Final[Counts]
    """Counts of all lines so far."""
    detected_formats: Final[tuple[str, ...]]
    """Formats of the lines so far, for people, such as ``real-time rows``."""

def count_lines(data: bytes, /) -> int:
    """Return the number of line feeds, ten times as fast as ``bytes.count``."""

def file_type(head: bytes, /) -> str | None:
    """Return what the file is that begins like this, as the words after "is"; None if it may be a log."""

def describe_record(record: bytes, /) -> str | None:
    """Return what a record is that fails as a row of a real-time log, as the words after "is"; None if that is unknown."""

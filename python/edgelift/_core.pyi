"""The compiled engine: tab-separated CloudFront lines in, JSON documents out."""

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from typing import Any, Final, Literal, Self, final

from typing_extensions import Buffer

__all__ = [
    "FIELDS",
    "REASONS",
    "STANDARD_NAMES",
    "Batch",
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
]

__version__: Final[str]

FIELDS: Final[Mapping[str, Field]]
"""Every field of the real-time log by its name, in CloudFront's order; read-only.

Source: Amazon CloudFront Developer Guide, "Use real-time access logs".
"""

STANDARD_NAMES: Final[tuple[str, ...]]
"""Every name that standard (access) logs use, as in ``cs(Host)``, in the order of their table.

Source: Amazon CloudFront Developer Guide, "Standard logging reference".
"""

REASONS: Final[tuple[str, ...]]
"""Every code that `RecordError.reason`, `Failure.reason` and `Counts.by_reason` can hold."""

@final
class Field:
    """One field of the real-time log."""

    @property
    def name(self) -> str:
        """Name in the real-time log."""
    @property
    def position(self) -> int:
        """Place in CloudFront's order, from 1."""
    @property
    def kind(self) -> str:
        """Kind of value: timestamp, integer, status, decimal, boolean, address, text, keyword, list, names or headers."""
    @property
    def meaning(self) -> str:
        """Meaning of the value, in one line."""
    @property
    def standard(self) -> str | None:
        """Name of the same value in standard (access) logs, or None if they lack it."""
    @property
    def keys(self) -> Mapping[str, str]:
        """Key in the document for each naming profile: cloudfront, snake, ecs, otel."""
    @property
    def unproven(self) -> bool:
        """True if no recorded row shows the value yet: a misfit never rejects the record."""

@final
class Counts:
    """How many records went which way: ``read == ok + dropped + failed``."""

    def __new__(
        cls,
        read: int = 0,
        ok: int = 0,
        dropped: int = 0,
        failed: int = 0,
        blank: int = 0,
        by_reason: Mapping[str, int] | None = None,
    ) -> Self: ...
    @property
    def read(self) -> int:
        """Records read; blank lines are not among them."""
    @property
    def ok(self) -> int:
        """Records that became a document."""
    @property
    def dropped(self) -> int:
        """Records left out by a rule of the configuration."""
    @property
    def failed(self) -> int:
        """Records that failed."""
    @property
    def blank(self) -> int:
        """Blank lines, which are skipped."""
    @property
    def by_reason(self) -> Mapping[str, int]:
        """Failed records for each reason that occurred; read-only."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Failure:
    """One line that could not be transformed."""

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
    ) -> Self: ...
    @property
    def line(self) -> int:
        """Line of the input, from 1."""
    @property
    def offset(self) -> int:
        """Byte of the input, from 0, at which the line begins."""
    @property
    def reason(self) -> str:
        """Code of the reason, one of `REASONS`."""
    @property
    def field(self) -> str | None:
        """Real-time name of the field in question, or None."""
    @property
    def column(self) -> int | None:
        """Its column, from 1, or None."""
    @property
    def message(self) -> str:
        """Message for people."""
    @property
    def raw(self) -> bytes:
        """The bytes to try again, without the line feed: the line as it was read.

        If an error object's source record failed it is that record, decoded; ``message`` begins with ``in rawData:``.
        Of a `too_large` line the first ``max_record_bytes`` bytes.
        """
    @property
    def header(self) -> str | None:
        """Lines of the header that names the columns, whole, to stand before ``raw``.

        ``#Fields:``, and ``#Version:`` before it in version 1. None without a header, and if the header has more than
        8 kB or more than ``max_record_bytes``.
        """
    def __eq__(self, other: object, /) -> bool: ...

@final
class TransformResult:
    """The documents, failures and counts of many lines."""

    def __new__(cls, output: bytes, failures: tuple[Failure, ...], counts: Counts) -> Self: ...
    @property
    def output(self) -> bytes:
        """The documents as JSON lines, each ended by a line feed; with the format ``bulk`` each one after its action."""
    @property
    def failures(self) -> tuple[Failure, ...]:
        """The lines that failed, in order."""
    @property
    def counts(self) -> Counts:
        """Counts of all lines so far: of the call, or of the stream up to here."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class ExplainedColumn:
    """One column of an explained record."""

    @property
    def position(self) -> int:
        """Column of the record, from 1."""
    @property
    def field(self) -> str | None:
        """Real-time name of the field, or None for a column that the layout does not have."""
    @property
    def raw(self) -> bytes:
        """The column as it stands in the record."""
    @property
    def value(self) -> str | None:
        """The value as JSON text, or None if the document does not hold it."""
    @property
    def kind(self) -> str | None:
        """Kind of the field."""
    @property
    def note(self) -> str:
        """A note for the reader: missing, why it does not fit, truncated; often empty."""

@final
class LayoutColumn:
    """One column of a resolved layout."""

    @property
    def field(self) -> str:
        """Real-time name of the field."""
    @property
    def key(self) -> str:
        """Key in the document."""
    @property
    def kind(self) -> str:
        """Kind of value."""
    @property
    def unproven(self) -> bool:
        """True if a misfit never rejects the record."""
    @property
    def shape(self) -> str | None:
        """Shape that helps to choose between layouts of equal count: method, http_version, ip_version, tls_version, scheme; or None."""

@final
class Batch:
    """The answers to the records of one Firehose event."""

    @property
    def records(self) -> list[dict[str, Any]]:
        """The answer: recordId, result and data for each recordId, in order; metadata if there are partition keys."""
    @property
    def reingest(self) -> tuple[tuple[int, int], ...]:
        """Records that have to be re-ingested: place among the answers, place in the event.

        Their answers say ``Dropped``. Only with the policy ``reingest``, and only if the response would be too large.
        """
    @property
    def bytes_left(self) -> int:
        """Bytes that the response may still grow by, if each re-ingested record had failed with no data."""
    @property
    def report(self) -> Report:
        """Counts of the records, by outcome."""

@final
class EventAnswer:
    """The answer to the bytes of one Firehose event."""

    @property
    def response(self) -> bytes | None:
        """The response as JSON, or None if records would be re-ingested: the policy is ``reingest``."""
    @property
    def report(self) -> Report:
        """Counts of the records, by outcome."""
    @property
    def invocation_id(self) -> str | None:
        """``invocationId`` of the event."""
    @property
    def delivery_stream_arn(self) -> str | None:
        """``deliveryStreamArn`` of the event."""

@final
class Report:
    """Counts and sizes of the records of one Firehose event."""

    @property
    def counts(self) -> Counts:
        """How many records went which way."""
    @property
    def bytes_in(self) -> int:
        """Bytes of the decoded records."""
    @property
    def bytes_out(self) -> int:
        """Bytes of the documents, before base64."""
    @property
    def layouts(self) -> tuple[int, ...]:
        """Number of documents that each layout made, in the order of the configuration.

        With the formats that have JSON records their number follows.
        """
    @property
    def first_failures(self) -> Mapping[str, tuple[str, str]]:
        """For each reason that occurred, recordId and message of its first record."""
    @property
    def duplicates(self) -> tuple[str, ...]:
        """Each recordId that came again and was not answered again."""
    @property
    def oldest(self) -> int | None:
        """Oldest ``timestamp`` of the documents made, in milliseconds since 1970; None if none of them has one."""
    @property
    def slimmed(self) -> int:
        """Documents that lost their optional fields so that the response fits."""
    @property
    def reingested(self) -> int:
        """Records that are to be re-ingested; they count as dropped."""
    def with_refused(self, count: int, /, record_id: str, message: str) -> Self:
        """Count as failed, for ``too_large``, so many of the records that were to be re-ingested.

        ``record_id`` and ``message`` are those of the first.
        """

@final
class Transformer:
    """A compiled configuration. Immutable; any number of threads may use one."""

    def __new__(cls, config: str | Mapping[str, Any]) -> Self:
        """Compile a configuration: TOML text, or a mapping of the same shape.

        Raises:
            ConfigError: what is wrong with it, with line and key.

        """
    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> Self:
        """Compile the TOML file at ``path``.

        Raises:
            ConfigError: what is wrong with it, with line and key.
            OSError: the file cannot be read.

        """
    @classmethod
    def from_fields(cls, names: Iterable[str] | Literal["all"], /, **output: str | bool) -> Self:
        """Compile one layout from real-time field names; ``output`` holds options of ``[output]``.

        Raises:
            ConfigError: an unknown name or option.

        """
    def transform(self, record: Buffer) -> bytes:
        """Turn one record (one line, with or without its line end) into one JSON object.

        Raises:
            RecordError: the record cannot be transformed.
            TypeError: ``record`` is not bytes-like.

        """
    def transform_lines(
        self,
        data: Buffer,
        *,
        format: Literal["ndjson", "bulk", "raw"] = "ndjson",  # noqa: A002 - the name of the option
        index: str | None = None,
    ) -> TransformResult:
        """Turn many lines into JSON lines, a bulk body or records; a last line without a line feed counts.

        Lines may be error objects of Firehose, too: their source records are transformed, documents that OpenSearch
        refused are given back as they are. ``format`` and ``index`` are those of `stream`.

        Raises:
            ConfigError: as `stream`.
            TypeError: ``data`` is not bytes-like.
            ValueError: as `stream`.

        """
    def stream(
        self,
        *,
        format: Literal["ndjson", "bulk", "raw"] = "ndjson",  # noqa: A002 - the name of the option
        index: str | None = None,
    ) -> Stream:
        """Begin a stream of lines that arrives in chunks.

        The format ``ndjson`` writes JSON lines; ``bulk`` bodies of OpenSearch's ``_bulk``, in which a line with the
        action ``create`` stands before each document. ``index`` is the pattern of the index's name, such as
        ``cdn-logs-{yyyy}-{MM}-{dd}``; None stands for ``[bulk] index``. With ``bulk`` a stream stands for one object:
        of lines without ``x-edge-request-id`` it remembers how often each one has come.

        ``raw`` writes the source records in place of their documents, to be re-ingested into the stream that they
        came from: each to the byte, with a line feed after it if it has lost its own, and none inside. What could not
        be transformed alone fails: rows that only the header of their log explains, and documents that OpenSearch
        refused.

        Raises:
            ConfigError: ``index`` is no pattern of a name, or the index is named by time and a layout has none.
            ValueError: an unknown format, or an index with another one than ``bulk``.

        """
    def transform_records(self, records: Sequence[Any], *, ensure_ascii: bool = True) -> Batch:
        """Answer the ``records`` of a Firehose transformation event.

        The response ``{"records": …}`` never has more than 6,291,456 bytes, serialized with ", " and ": " and, as
        ``ensure_ascii`` says, with what is not ASCII escaped or in UTF-8.

        Raises:
            EdgeliftError: ``records`` is not a list, a record has no string ``recordId``, or there are more records
                than a response can answer.

        """
    def transform_event(self, event: Buffer) -> bytes:
        """Turn the bytes of a Firehose transformation event into those of the response.

        The response never has more than 6,291,456 bytes. With the policy ``reingest``, records that would be
        re-ingested fail: only the handlers re-ingest.

        Raises:
            EdgeliftError: it is not a Firehose event, a record has no string ``recordId``, or there are more records
                than a response can answer.
            TypeError: ``event`` is not bytes-like.

        """
    def answer_event(self, event: Buffer, *, reingest: bool = True) -> EventAnswer:
        """Do the same, and say what became of the records.

        With ``reingest`` and the policy ``reingest`` there is no response if records would be re-ingested;
        without it they fail.

        Raises:
            EdgeliftError: as `transform_event`.
            TypeError: ``event`` is not bytes-like.

        """
    def explain(self, record: Buffer) -> list[ExplainedColumn]:
        """Say of each column of a record what becomes of it, whether the record fits or not.

        The header of a standard log may stand before its row. Of JSON that cannot be read there are no columns.

        Raises:
            RecordError: the record, or its header, has more than ``max_record_bytes`` (``too_large``).
            TypeError: ``record`` is not bytes-like.

        """
    @property
    def layouts(self) -> tuple[tuple[LayoutColumn, ...], ...]:
        """The resolved columns of each layout, in the order of the configuration."""
    @property
    def options(self) -> Mapping[str, Mapping[str, Any]]:
        """Every option as it is in force, by section: ``options["output"]["names"]``."""

@final
class Stream:
    """Lines that arrive in chunks, cut anywhere.

    Memory stays constant, but with the format ``bulk`` for the hashes of lines without ``x-edge-request-id`` and of
    finished documents without an id.
    """

    def feed(self, chunk: Buffer) -> TransformResult:
        """Transform what the chunk completes.

        Signal handlers run every few megabytes. If one raises, the documents of the chunk are lost, and the stream
        refuses more.

        Raises:
            EdgeliftError: another thread was using the stream when this process was forked, or a signal handler
                feeds the stream that it interrupted.
            ValueError: the stream is finished, or was interrupted in the middle of a chunk.

        """
    def finish(self) -> TransformResult:
        """Transform the last line, if it has no line feed.

        Raises:
            EdgeliftError: as `feed`.
            ValueError: as `feed`.

        """
    @property
    def counts(self) -> Counts:
        """Counts of all lines so far."""
    @property
    def detected_formats(self) -> tuple[str, ...]:
        """Formats detected in the lines so far, for people: ``real-time rows``, for example."""

"""Transforms the content of a file or object, once it is detected as a log."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from edgelift._core import CONNECTION_FIELDS, FIELDS, STANDARD_FIELDS, describe_record, file_type
from edgelift.inputs.damage import DamagedFile
from edgelift.inputs.errors import (
    MalformedLogError,
    NoLogError,
    PlainTextError,
    StandardRowsError,
    UnnamedError,
)
from edgelift.inputs.sniff import (
    is_header,
    is_json_array,
    is_separated_by_blanks,
    is_separated_by_commas,
    rows_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterator
    from typing import Protocol, TypeVar

    from edgelift._core import Counts, Failure, Stream

    _Result_co = TypeVar("_Result_co", covariant=True)

    class LineStream(Protocol[_Result_co]):
        """A stream of documents or columns, which returns what each chunk becomes."""

        @property
        def counts(self) -> Counts:
            """Counts of all lines so far."""

        @property
        def detected_formats(self) -> tuple[str, ...]:
            """Formats of the lines so far."""

        def feed(self, chunk: bytes, /) -> _Result_co:
            """Transform the lines that a chunk completes."""

        def begin_file(self) -> _Result_co:
            """Begin the next file of an archive."""

        def finish(self) -> _Result_co:
            """End the stream."""

    class CheckColumns(Protocol):
        """Looks at the columns of a log, of which the stream has read the first block."""

        def __call__(self, stream: LineStream[object], block: bytes, *, may_refuse: bool) -> None:
            """Look at them; raise if the log is refused."""


UNKNOWN_ROWS = "rows without a header"
"""The format that a stream detects in rows whose columns are unknown."""

BLANKS_FOR_TABS = "a log with blanks between its columns: separate them by tabs, as CloudFront does"

_COMMAS_FOR_TABS: Final = "a table with commas between its columns; a CloudFront log has tabs"

JSON_ARRAY: Final = "a JSON array: write each record on one line, for example with jq -c '.[]'"

MIN_PARALLEL_BYTES = 2 * 1024 * 1024
"""Bytes of content before threads are worth their start, which takes as long as 2 MB."""

_NAMELESS_REASONS: Final = {"bad_base64", "bad_error_object", "no_header"}
"""Reasons of failed records that may have no columns, or columns that nothing names."""

_TABLE: Final = re.compile(rb"\s*\[\[?\s*[A-Za-z_][\w.-]*\s*\]")
"""The beginning of a configuration in TOML, which may look like a JSON array."""

_SEPARATORS: Final = re.compile(rb"[ ,;|]\S")
"""A separator of words or columns in text, which a row of one column does not have."""

_DOCUMENT: Final = re.compile(rb'\{"[^"]+":(\d{13}|"\d{4}-\d\d-\d\dT[^"]+")[,}]')
"""The beginning of a document of edgelift: its timestamp."""

_IN_ERROR_OBJECT: Final = "in rawData:"
"""The beginning of the message of a source record."""


def accept_columns(stream: LineStream[object], block: bytes, *, may_refuse: bool) -> None:
    """Accept any columns."""


def transformed(  # noqa: C901, PLR0913 - one loop, which the callers configure in part
    stream: LineStream[_Result_co],
    blocks: Iterator[bytes],
    *,
    columns_known: bool,
    may_refuse: Callable[[], bool] = lambda: True,
    check_columns: CheckColumns = accept_columns,
    flush: Callable[[], _Result_co] | None = None,
    in_parts: Callable[[Iterator[bytes]], Generator[tuple[int, _Result_co]]] | None = None,
) -> Generator[tuple[int, _Result_co]]:
    """Yield what becomes of each block, with its bytes. The first lines decide whether it is a log.

    Args:
        stream: a new one.
        blocks: the content, unpacked. An empty block begins the next file of an archive.
        columns_known: whether the columns of rows are configured.
        may_refuse: whether rows of unknown columns can be refused; if not, they fail one by one.
        check_columns: looks at the columns of a log.
        flush: returns what complete lines have become and the stream has kept, as a stream of columns does.
        in_parts: transforms the rest of long content with several threads, as `Workers` do.

    Raises:
        NoLogError: it is not a log; nothing has been yielded.
        UnnamedError: nothing says what the columns are; nothing has been yielded.
        DamagedFile: as ``blocks``, when all that can be used has been yielded.

    """
    first, held, read = b"", 0, 0

    def check() -> None:
        _check_log(stream, first, columns_known=columns_known)
        if not columns_known and may_refuse():
            _check_named(stream, first)
        check_columns(stream, first, may_refuse=may_refuse())

    def is_decided() -> bool:
        return stream.counts.read > 0

    try:
        for block in blocks:
            first = first or block
            was_decided = is_decided()
            lines = _feed(stream, block)
            held += len(block)
            read += len(block)
            if not was_decided:
                check()
            if is_decided():
                yield held, lines
                held = 0
            # The failures of two blocks need not exist at once.
            del lines
            if in_parts and read >= MIN_PARALLEL_BYTES and is_decided():
                yield from in_parts(blocks)
    except DamagedFile as damage:
        # Half a line is left out: it may look like a whole one with a shorter last value.
        if not damage.unfinished:
            yield held, stream.finish()
        elif flush:
            yield held, flush()
        raise
    was_decided = is_decided()
    lines = stream.finish()
    if not was_decided:
        check()
    yield held, lines


def _feed(stream: LineStream[_Result_co], block: bytes) -> _Result_co:
    return stream.feed(block) if block else stream.begin_file()


def check_beginning(
    stream: Stream,
    blocks: Iterator[bytes],
    *,
    columns_known: bool,
    check_columns: CheckColumns = accept_columns,
) -> None:
    """Make sure that the first block of some content is the beginning of a log.

    Args:
        stream: a new one, which is not used for anything else.
        blocks: the content, unpacked; at most two blocks are read.
        columns_known: whether the columns of rows are configured.
        check_columns: looks at the columns of a log.

    Raises:
        NoLogError: it is not a log.
        UnnamedError: nothing says what the columns are.
        DamagedFile: as ``blocks``.

    """
    first = next(blocks, b"")
    stream.feed(first)
    if not next(blocks, b""):
        stream.finish()
    _check_log(stream, first, columns_known=columns_known)
    if not columns_known:
        _check_named(stream, first)
    check_columns(stream, first, may_refuse=True)


def is_unexpected_header(failure: Failure, input_format: str) -> bool:
    """Return True for the header of a standard log whose lines are read as real-time rows.

    Where standard logs are expected, a header does not fail by its columns. The source record of an error
    object says nothing about its file.

    Args:
        failure: the first one of the file.
        input_format: the format of the configuration.

    """
    is_first_line = failure.line == 1 and not failure.message.startswith(_IN_ERROR_OBJECT)
    return (
        input_format == "realtime"
        and is_first_line
        and failure.reason == "column_count"
        and is_header(failure.raw)
    )


def _check_log(stream: LineStream[object], block: bytes, *, columns_known: bool) -> None:
    """Make sure that what begins with a block, which has been fed to the stream, is a log.

    An input that holds a record is one.

    Raises:
        NoLogError: it is not a log.

    """
    counts = stream.counts
    if counts.ok:
        return
    what = "plain text" if _TABLE.match(block) else file_type(block)
    if set(counts.by_reason) <= {"no_header", "column_count"}:
        _refuse_other_separators(block)
    if is_json_array(block):
        raise MalformedLogError(JSON_ARRAY)
    if what:
        raise NoLogError(what)
    if columns_known:
        return
    # Rows of which something is known may fail for a reason; these could be anything.
    is_unknown = set(stream.detected_formats) <= {UNKNOWN_ROWS} and set(counts.by_reason) <= {
        "no_header",
        "too_large",
    }
    if is_unknown and b"\0" in block:
        raise NoLogError("binary")
    if is_unknown and counts.read and b"\t" not in block:
        first_line = _first_line(block)
        if form := describe_record(first_line):
            raise MalformedLogError(form)
        raise NoLogError("plain text") if _SEPARATORS.search(first_line) else PlainTextError


def _refuse_other_separators(block: bytes) -> None:
    if is_separated_by_blanks(block):
        raise MalformedLogError(BLANKS_FOR_TABS)
    if is_separated_by_commas(block):
        raise MalformedLogError(_COMMAS_FOR_TABS)


def _check_named(stream: LineStream[object], block: bytes) -> None:
    """Make sure that something says what the columns of rows are.

    Raises:
        UnnamedError: nothing does.

    """
    # An input with documents is a log, whatever else it holds.
    if stream.counts.ok:
        return
    reasons = stream.counts.by_reason
    named = sum(count for reason, count in reasons.items() if reason not in _NAMELESS_REASONS)
    # A few garbage lines in a log fail as rows.
    if reasons.get("no_header", 0) > named and "bad_header" not in reasons:
        if what := describe_record(_first_line(block)):
            raise StandardRowsError(what)
        raise UnnamedError(
            rows_of(block)
            if UNKNOWN_ROWS in stream.detected_formats
            else " and ".join(stream.detected_formats)
        )


def _first_line(block: bytes) -> bytes:
    return block.lstrip(b"\r\n").partition(b"\n")[0]


def is_document(failure: Failure) -> bool:
    """Return True for a failed record that looks like a document of edgelift, transformed a second time.

    It begins with a timestamp in milliseconds or as UTC text, and most of its keys are keys of a profile. The
    records that CloudFront writes have no numbers, and such text in no field. An error object may hold a
    document.
    """
    if not may_be_json(failure) or not _DOCUMENT.match(failure.raw):
        return False
    return are_mostly(profile_keys(), keys_of(failure.raw))


def may_be_json(failure: Failure) -> bool:
    """Return True if a failed record of a file may be JSON."""
    return failure.reason in {"bad_json", "bad_value"} and not failure.message.startswith(_IN_ERROR_OBJECT)


def keys_of(record: bytes) -> list[str]:
    """Return the keys of a JSON object; none of anything else."""
    import json  # 5 ms, for failures only

    try:
        value = json.loads(record)
    except (ValueError, RecursionError):
        return []
    return list(value) if isinstance(value, dict) else []


def are_mostly(known: Collection[str], keys: Collection[str]) -> bool:
    """Return True if more than half of the keys are known."""
    return sum(key in known for key in keys) * 2 > len(keys)


@cache
def profile_keys() -> frozenset[str]:
    """Return the keys of all profiles."""
    tables = FIELDS, STANDARD_FIELDS, CONNECTION_FIELDS
    return frozenset(key for table in tables for field in table.values() for key in field.keys.values())

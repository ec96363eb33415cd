"""Sends one case through all ways in, and compares what comes out."""

from __future__ import annotations

import base64
import io
import itertools
import json
import re
import warnings
from typing import TYPE_CHECKING, TypeVar

import edgelift
import edgelift.pure

from .columns import check_columns
from .documents import DisagreementError, raw_data, same, strict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .cases import Case
    from .reference import Answers, Reference

    Outcome = bytes | tuple[str, str | None, int | None, int | None, str]
    Transformer = edgelift.Transformer | edgelift.pure.Transformer

T = TypeVar("T", edgelift.Transformer, edgelift.pure.Transformer)
DIRECTIVE = re.compile(rb"#(?=[^:]{1,32}:)[ \t]*[A-Za-z-]+:")
MARK = b"\xef\xbb\xbf"
REPORTED = ("counts", "bytes_in", "bytes_out", "layouts", "first_failures", "duplicates", "oldest", "slimmed")


def check(case: Case, reference: Reference | None = None) -> int:
    """Send a case through all ways in; return the number of its records, 0 if its configuration is refused.

    Raises:
        DisagreementError: what is wrong.

    """
    try:
        core = compiled(edgelift.Transformer, case)
    except edgelift.ConfigError:
        return 0
    if reference is not None:
        reference.ask(case.config, case.lines, b"".join(case.lines))
    outcomes = [outcome(core, record) for record in case.lines]
    for document in outcomes:
        if isinstance(document, bytes):
            strict(document)
    same("the same record again", [outcome(core, record) for record in case.lines[::-1]], outcomes[::-1])
    pure = compiled(edgelift.pure.Transformer, case) if is_pure(case) else None
    if pure is not None:
        same("core and pure", outcomes, [outcome(pure, record) for record in case.lines])
    events = _check_events(core, pure, case, outcomes)
    whole = _check_lines(core, pure, case)
    _check_first_record(core, case)
    _check_files(core, case)
    _check_neighbors(core, case, whole)
    _check_bulk(core, case, whole)
    _check_raw(core, case, whole)
    check_columns(case)
    for record, result in zip(case.lines, outcomes, strict=True):
        _check_explanation(core, record, result)
    if reference is not None:
        answers = reference.answers()
        _check_reference(core, case, outcomes, whole, answers)
        _check_shapes(events, answers)
    return len(case.lines)


def compiled(kind: type[T], case: Case) -> T:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return kind(case.config)


def is_pure(case: Case) -> bool:
    """Return true if `edgelift.pure` reads the configuration, too."""
    is_auto = case.format == "auto" and bool(case.config.get("layouts"))
    has_rows_only = case.format == "realtime" or (is_auto and not case.is_decided_by_first_record)
    return has_rows_only and not _is_refused(case)


def _is_refused(case: Case) -> bool:
    return not {"firehose", "overflow"}.isdisjoint(case.config) or "decode_json" in case.config["input"]


def outcome(transformer: Transformer, record: bytes) -> Outcome:
    """Return the document of a record, or all that its error says."""
    try:
        return transformer.transform(record)
    except edgelift.RecordError as error:
        return (error.reason, error.field, error.column, error.offset, str(error))


def _check_events(
    core: edgelift.Transformer,
    pure: edgelift.pure.Transformer | None,
    case: Case,
    outcomes: Sequence[Outcome],
) -> edgelift.Counts:
    records = [
        {"recordId": f"{place}\u00e9", "data": base64.b64encode(record).decode()}
        for place, record in enumerate(case.lines)
    ]
    batch = core.transform_records(records)
    end = b"\n" if case.config["output"].get("newline") else b""
    for record, answer, result in zip(records, batch.records, outcomes, strict=True):
        expected = ("ProcessingFailed", record["data"])
        if isinstance(result, bytes):
            expected = ("Ok", base64.b64encode(result + end).decode())
        same("a record of a batch and alone", (answer["result"], answer["data"]), expected)
        same("recordId", answer["recordId"], record["recordId"])
    _check_counts(batch.report.counts)
    answered = core.answer_event(json.dumps({"records": records}).encode())
    assert answered.response is not None
    same("bytes and dicts", json.loads(answered.response), {"records": batch.records})
    for name in REPORTED:
        same(f"report.{name}", getattr(answered.report, name), getattr(batch.report, name))
    if pure is not None:
        other = pure.transform_records(records)
        same("answers of core and pure", batch.records, other.records)
        same("counts of core and pure", batch.report.counts, other.report.counts)
    return batch.report.counts


def _check_counts(counts: edgelift.Counts) -> None:
    same("in = ok + dropped + failed", counts.read, counts.ok + counts.dropped + counts.failed)
    same("failed = the sum of reasons", counts.failed, sum(counts.by_reason.values()))


def _check_lines(
    core: edgelift.Transformer, pure: edgelift.pure.Transformer | None, case: Case
) -> edgelift.TransformResult:
    text = b"".join(case.lines)
    whole = core.transform_lines(text)
    _check_counts(whole.counts)
    refused = list(raw_data(text))
    for document in whole.output.split(b"\n")[:-1]:
        # A document in an error object comes back as it is, and may have been written by anybody.
        if b"esIndexName" not in text and not any(document in data for data in refused):
            strict(document)
    same("documents and ok", whole.output.count(b"\n"), whole.counts.ok)
    same("failures and failed", len(whole.failures), whole.counts.failed)
    same("chunks and one text", streamed(core.stream(), text, case.sizes), whole)
    if pure is not None and b"{" not in text:
        other = pure.transform_lines(text)
        # Only the engine reads rows without line feeds between them.
        if not any(failure.reason == "column_count" for failure in other.failures):
            same("lines of core and pure", whole, other)
    return whole


def _check_first_record(core: edgelift.Transformer, case: Case) -> None:
    """Compare a file whose first record says that it has real-time rows only."""
    if not case.is_decided_by_first_record or _is_refused(case):
        return
    text, stream = b"".join(case.lines), core.stream()
    whole = streamed(stream, text, case.sizes)
    if stream.detected_formats != ("real-time rows",) or b"rawData" in text:
        return
    other = compiled(edgelift.pure.Transformer, case).transform_lines(text)
    if {"column_count", "bad_json", "bad_header", "too_large"}.isdisjoint(other.counts.by_reason):
        same("rows of core and pure", whole, other)


def _check_files(core: edgelift.Transformer, case: Case) -> None:
    """Read two files in one stream, and each alone."""
    files = [b"".join(case.lines[::2]), b"".join(case.lines[1::2])]
    stream = core.stream()
    parts = [stream.feed(files[0]), stream.begin_file(), stream.feed(files[1]), stream.finish()]
    alone = [core.transform_lines(file) for file in files]
    same("files", b"".join(part.output for part in parts), b"".join(file.output for file in alone))
    same("failures of files", _failures(parts), _failures(alone))
    _check_counts(stream.counts)
    same("read in files", stream.counts.read, sum(file.counts.read for file in alone))


def _failures(results: Iterable[edgelift.TransformResult]) -> list[tuple[object, ...]]:
    """Return the failures without their lines and offsets."""
    return [
        (failure.reason, failure.message, failure.raw, failure.header, failure.log_format)
        for result in results
        for failure in result.failures
    ]


def streamed(stream: edgelift.Stream, text: bytes, sizes: Iterable[int]) -> edgelift.TransformResult:
    """Feed a stream with chunks of these sizes, which come again and again."""
    parts, start = [], 0
    for size in itertools.cycle(sizes):
        if start >= len(text):
            break
        parts.append(stream.feed(text[start : start + size]))
        start += size
    parts.append(stream.finish())
    same("counts of a stream", stream.counts, parts[-1].counts)
    failures = tuple(failure for part in parts for failure in part.failures)
    return edgelift.TransformResult(b"".join(part.output for part in parts), failures, stream.counts)


def _check_neighbors(core: edgelift.Transformer, case: Case, whole: edgelift.TransformResult) -> None:
    """Transform each line alone, after the lines of headers that come before it."""
    if case.is_decided_by_first_record:
        return
    output, failures = b"", []
    for number, (head, line) in enumerate(_lines_after_headers(case), 1):
        if line.startswith(MARK):
            # At the beginning of a text it is not part of the line.
            return
        alone = core.transform_lines(head + line)
        output += alone.output
        lines = head.count(b"\n")
        failures += [
            (number, failure.reason, failure.message, failure.raw, failure.header)
            for failure in alone.failures
            if failure.line > lines
        ]
    same("lines alone and together", output, whole.output)
    together = [
        (failure.line, failure.reason, failure.message, failure.raw, failure.header)
        for failure in whole.failures
    ]
    same("failures of lines alone and together", failures, together)


def _lines_after_headers(case: Case) -> Iterator[tuple[bytes, bytes]]:
    """Yield each line of the text, and the lines of headers before it."""
    head = b""
    for line in io.BytesIO(b"".join(case.lines)).readlines():
        yield head, line
        if case.format != "realtime" and DIRECTIVE.match(line):
            head += line


def _check_bulk(core: edgelift.Transformer, case: Case, whole: edgelift.TransformResult) -> None:
    text = b"".join(case.lines)
    try:
        bulk = core.transform_lines(text, format="bulk")
    except edgelift.ConfigError:
        return
    same("bulk in chunks and at once", streamed(core.stream(format="bulk"), text, case.sizes), bulk)
    _check_counts(bulk.counts)
    lines = bulk.output.split(b"\n")[:-1]
    indices = [strict(line)["create"]["_index"] for line in lines[::2]]
    if (
        len(set(indices)) > 1
        and not case.is_decided_by_first_record
        and not any(line.startswith(MARK) for _, line in _lines_after_headers(case))
    ):
        alone = (
            core.transform_lines(head + line, format="bulk") for head, line in _lines_after_headers(case)
        )
        actions = (line for body in alone for line in body.output.split(b"\n")[:-1:2])
        same(
            "indices of lines alone and together",
            [strict(line)["create"]["_index"] for line in actions],
            indices,
        )
    same("read as bulk", bulk.counts.read, whole.counts.read)
    documents = whole.output.split(b"\n")[:-1]
    if not is_part(lines[1::2], documents):
        raise DisagreementError(f"documents of a body are not those of JSON lines: {lines}, {documents}")
    others = tuple(failure for failure in bulk.failures if not _is_of_bulk(failure))
    same("documents of a body", len(lines) // 2 + len(bulk.failures) - len(others), len(documents))
    same("failures of a body", others, whole.failures)


def _is_of_bulk(failure: edgelift.Failure) -> bool:
    """Return true if only a body for OpenSearch cannot have the document, which then has no index."""
    return failure.reason == "missing_timestamp" or "cannot go into the index" in failure.message


def _check_raw(core: edgelift.Transformer, case: Case, whole: edgelift.TransformResult) -> None:
    text = b"".join(case.lines)
    raw = core.transform_lines(text, format="raw")
    same("records in chunks and at once", streamed(core.stream(format="raw"), text, case.sizes), raw)
    _check_counts(raw.counts)
    same("read as records", raw.counts.read, whole.counts.read)
    same("records and ok", raw.output.count(b"\n"), raw.counts.ok)
    limit = core.options["input"]["max_record_bytes"]
    records = [record + b"\n" for record in raw.output.split(b"\n")[:-1]]
    # A record that lost its line feed gets one: then it may be too long, or end with what is a line end now.
    if any(len(record) > limit for record in records) or (text.endswith(b"\r") or b"rawData" in text):
        return
    documents = [core.transform(record) + b"\n" for record in records]
    if raw.counts.ok == whole.counts.ok:
        same("documents of records", b"".join(documents), whole.output)


def is_part(some: Sequence[bytes], of: Iterable[bytes]) -> bool:
    """Return true if all of some are among the others, in the same order."""
    rest = iter(of)
    return all(one in rest for one in some)


def _check_explanation(core: edgelift.Transformer, record: bytes, result: Outcome) -> None:
    try:
        columns = core.explain(record)
    except edgelift.RecordError as error:
        if isinstance(result, bytes):
            raise DisagreementError(f"{result!r} cannot be explained: {error}") from error
        return
    if not isinstance(result, bytes):
        return
    document = strict(result)
    fields = [column.field for column in columns]
    layout = next((some for some in core.layouts if [column.field for column in some] == fields), None)
    # JSON has keys of standard logs, and blanks may precede it.
    if layout is None or record.lstrip().startswith((b"{", b"#")):
        return
    for column, explained in zip(layout, columns, strict=True):
        # Several columns may be one timestamp.
        is_time = column.kind in ("timestamp", "date", "time", "milliseconds")
        if explained.value is not None and not is_time:
            same(f"{column.key} explained", json.loads(explained.value), document.get(column.key))
    is_truncated = any("truncated: " in column.note for column in columns)
    keys = {"cs-headers-truncated", "cs_headers_truncated", "aws.cloudfront.headers_truncated"}
    is_flagged = not keys.isdisjoint(key for key, value in document.items() if value is True)
    if is_truncated != is_flagged and not keys & {column.key for column in layout}:
        raise DisagreementError(f"{result!r} is explained as {columns}")


def _check_reference(
    core: edgelift.Transformer,
    case: Case,
    outcomes: Sequence[Outcome],
    whole: edgelift.TransformResult,
    answers: Answers,
) -> None:
    for result, slow in zip(outcomes, answers.records, strict=True):
        if isinstance(result, bytes):
            same("engine and reference", result, slow)
            continue
        reason, _, column, offset, _ = result
        # Where JSON ends to be JSON the reference does not say.
        words = f"{reason} {column or ''} {0 if reason == 'bad_json' else offset or 0}"
        same("engine and reference", words, slow)
    if case.format == "realtime":
        # The reference reads lines of standard logs only.
        return
    documents = [result for result in answers.lines if isinstance(result, bytes)]
    reasons = [result for result in answers.lines if isinstance(result, str)]
    ours = whole.output.split(b"\n")[:-1], [failure.reason for failure in whole.failures]
    lines = io.BytesIO(b"".join(case.lines)).readlines()
    if ours != (documents, reasons) and all(
        _is_simple(core, b"".join(lines[:place]), line) for place, line in enumerate(lines)
    ):
        same("lines of engine and reference", ours, (documents, reasons))


def _check_shapes(counts: edgelift.Counts, answers: Answers) -> None:
    fields = [field for field in answers.shape_fields if field is not None]
    same("shape mismatches of engine and reference", counts.shape_mismatches, len(fields))
    same("their first field", counts.shape_field, next(iter(fields), None))


def _is_simple(core: edgelift.Transformer, head: bytes, line: bytes) -> bool:
    """Return false for what the reference cannot read: a mark, objects of Firehose, several rows in one."""
    before, after = (core.transform_lines(text).counts for text in (head, head + line))
    is_object = b"rawData" in line or "bad_error_object" in after.by_reason
    return not (is_object or line.startswith(MARK)) and after.read - before.read <= 1

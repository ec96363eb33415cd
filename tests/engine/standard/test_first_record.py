"""With layouts of real-time fields, the first record of a file decides whether it is a standard log."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

import edgelift

if TYPE_CHECKING:
    from collections.abc import Iterable

LAYOUT = [{"fields": ["timestamp", "c-ip", "sc-status"]}]
AUTO = edgelift.Transformer({"layouts": LAYOUT})
ROW = b"1700000000.123\t192.0.2.1\t200\n"
ROW_DOCUMENT = {"timestamp": 1700000000123, "c-ip": "192.0.2.1", "sc-status": 200}
VERSION = b"#Version: 1.0\n"
HEADER = b"#Fields: asn c-ip\n"
STANDARD_ROW = b"7\t::1\n"
STANDARD_DOCUMENT = {"asn": 7, "c-ip": "::1"}
JSON = b'{"asn":"7"}\n'
JSON_DOCUMENT = {"asn": 7}
BLANK = b"\n\r\n"
MARK = b"\xef\xbb\xbf"
ERROR_OBJECT = (
    json.dumps(
        {"attemptsMade": 4, "rawData": base64.b64encode(ROW).decode(), "lambdaArn": "arn", "errorCode": "x"}
    ).encode()
    + b"\n"
)
SEVERAL = (
    json.dumps(
        {
            "attemptsMade": 4,
            "rawData": base64.b64encode(ROW + ROW).decode(),
            "lambdaArn": "",
            "errorCode": "x",
        }
    ).encode()
    + b"\n"
)
HEADER_AFTER_ROWS = (
    "the record is a line of a standard log's header, which counts only at the beginning of a file, "
    "not among real-time rows"
)
BRACE_IN_STREAM = (
    "the row begins with a brace, and a stream would read it as JSON; "
    "transform the log, and send the documents"
)
JSON_AFTER_ROWS = (
    "the record is a JSON object in a file of real-time rows; a file is read by its first record, so split it"
)
ROWS = ("real-time rows",)


def read(text: bytes, transformer: edgelift.Transformer = AUTO) -> tuple[list[Any], list[tuple[int, str]]]:
    """Return the documents, and line and reason of each failure; the same whatever the chunks are."""
    lines = transformer.transform_lines(text)
    for size in (1, 7, 64):
        assert streamed(transformer, (text[at : at + size] for at in range(0, len(text), size))) == (
            lines.output,
            lines.failures,
        )
    documents = [json.loads(line) for line in lines.output.splitlines()]
    return documents, [(failure.line, failure.reason) for failure in lines.failures]


def streamed(transformer: edgelift.Transformer, chunks: Iterable[bytes]) -> tuple[bytes, tuple[Any, ...]]:
    stream = transformer.stream()
    results = [*map(stream.feed, chunks), stream.finish()]
    return (
        b"".join(result.output for result in results),
        tuple(failure for result in results for failure in result.failures),
    )


def event(records: list[bytes]) -> list[dict[str, str]]:
    return [
        {"recordId": str(number), "data": base64.b64encode(record).decode()}
        for number, record in enumerate(records)
    ]


def detected(text: bytes) -> tuple[str, ...]:
    stream = AUTO.stream()
    stream.feed(text)
    stream.finish()
    return stream.detected_formats


@pytest.mark.parametrize(
    "before", [b"", BLANK, b"# a comment\n", b"#Date: 2024-11-15\n", ERROR_OBJECT, MARK], ids=ascii
)
@pytest.mark.parametrize(
    "header", [HEADER, VERSION + HEADER, b"# Fields: asn c-ip\n", b"#fields:\tasn\tc-ip\n"]
)
def test_a_file_that_begins_with_a_header_is_a_standard_log(before: bytes, header: bytes) -> None:
    documents, failures = read(before + header + STANDARD_ROW + JSON + HEADER + STANDARD_ROW)
    assert [document for document in documents if document != ROW_DOCUMENT] == [
        STANDARD_DOCUMENT,
        JSON_DOCUMENT,
        STANDARD_DOCUMENT,
    ]
    assert failures == ([(1, "column_count")] if before.startswith(b"# ") else [])


@pytest.mark.parametrize("begin", [JSON, b"  " + JSON, MARK + JSON, JSON.strip() + JSON])
def test_a_file_that_begins_with_json_is_a_standard_log(begin: bytes) -> None:
    documents, failures = read(begin + HEADER + STANDARD_ROW + JSON)
    assert documents[-3:] == [JSON_DOCUMENT, STANDARD_DOCUMENT, JSON_DOCUMENT]
    assert failures == []


@pytest.mark.parametrize("begin", [ROW, b"not a row\n", BLANK + ROW, ERROR_OBJECT + ROW])
@pytest.mark.parametrize("later", [VERSION, HEADER, b"# fields: asn c-ip\n", JSON, b" " + JSON], ids=ascii)
def test_in_a_file_that_begins_with_a_row_all_lines_are_rows(begin: bytes, later: bytes) -> None:
    text = begin + later + ROW + later + ROW
    documents, failures = read(text)
    assert documents == [ROW_DOCUMENT] * text.count(ROW) + [ROW_DOCUMENT] * begin.count(ERROR_OBJECT)
    number = begin.count(b"\n") + 1
    assert failures[-2:] == [(number, "column_count"), (number + 2, "column_count")]
    message = AUTO.transform_lines(text).failures[-1].message
    assert message == (JSON_AFTER_ROWS if b"{" in later else HEADER_AFTER_ROWS)
    assert ROWS[0] in detected(text)
    assert not any("standard" in kind or "JSON" in kind for kind in detected(text))


def test_a_row_after_the_header_of_a_viewer_keeps_its_columns() -> None:
    transformer = edgelift.Transformer.from_fields(["cs-method", "cs-uri-stem"])
    text = b"GET\t/a\n#Fields:\tasn\n#Fields:\tc-ip asn\nPUT\t/b\n"
    assert read(text, transformer) == (
        [
            {"cs-method": "GET", "cs-uri-stem": "/a"},
            {"cs-method": "#Fields:", "cs-uri-stem": "asn"},
            {"cs-method": "#Fields:", "cs-uri-stem": "c-ip asn"},
            {"cs-method": "PUT", "cs-uri-stem": "/b"},
        ],
        [],
    )


@pytest.mark.parametrize("first", [b"#Fields:\tasn\n", b"#Version:\t/\n", b"#a\tb\n"])
def test_a_first_row_that_looks_like_a_directive_is_a_row_if_it_fits(first: bytes) -> None:
    transformer = edgelift.Transformer.from_fields(["cs-method", "cs-uri-stem"])
    documents, failures = read(first + b"PUT\t/b\n#Fields: asn\n", transformer)
    assert [document["cs-method"] for document in documents] == [first.split(b"\t")[0].decode(), "PUT"]
    assert failures == [(3, "column_count")]


TEXTS = {
    "input": {"order": "as_written"},
    "custom_fields": [{"name": "x-a", "kind": "text", "after": "asn"}],
    "layouts": [{"fields": ["x-a", "c-ip", "sc-status"]}],
}
OF_VIEWER = [
    b"#Fields:/a",
    b"#Fields:asn",
    b"#Fields:",
    b"#fields:x",
    b"#Version:/a",
    b"#Version:",
    b"#note:x",
    b"{x",
    b"{",
    b"{}",
    b'{"asn":"7"}',
]


@pytest.mark.parametrize("value", OF_VIEWER)
@pytest.mark.parametrize("others", [b"192.0.2.1\t200", b"192.0.2.1\t2x0"])
def test_a_first_row_is_one_whatever_a_viewer_writes_into_it(value: bytes, others: bytes) -> None:
    text = value + b"\t" + others + b"\nb\t192.0.2.2\t200\n" + JSON + HEADER + b"c\t192.0.2.3\t200\n"
    documents, failures = read(text, edgelift.Transformer(TEXTS))
    fits = b"x" not in others
    first = [] if b"x" in others else [value.decode()]
    assert [document["x-a"] for document in documents] == [*first, "b", "c"]
    assert failures == [
        *([] if fits else [(1, "bad_value")]),
        (3, "column_count"),
        (4, "column_count"),
    ]
    assert edgelift.Transformer(TEXTS).transform_lines(text).counts.read == 5


@pytest.mark.parametrize("value", OF_VIEWER)
def test_a_first_row_of_another_layout_fails_as_one(value: bytes) -> None:
    others = b"\t192.0.2.1\t200\tHit\n"
    text = value + others + b"b\t192.0.2.2\t200\n"
    documents, failures = read(text, edgelift.Transformer(TEXTS))
    assert [document["x-a"] for document in documents] == ["b"]
    assert failures == [(1, "column_count")]


@pytest.mark.parametrize(
    "first", [b"{\n", b'{"asn":"7"\n', b'{"asn":"7"} x\n', b'{"asn"}{"asn"\n', b" {x\n", MARK + b"{x\n"]
)
def test_a_first_line_of_invalid_json_decides_nothing(first: bytes) -> None:
    reasons = [(1, "bad_json")] * (1 + first.count(b"}{"))
    assert read(first + ROW + JSON) == ([ROW_DOCUMENT], [*reasons, (3, "column_count")])
    assert read(first + JSON + ROW) == ([JSON_DOCUMENT, ROW_DOCUMENT], reasons)
    assert not detected(first)


def test_blanks_of_json_that_are_tabs_are_not_those_of_a_row() -> None:
    pair = edgelift.Transformer.from_fields(["cs-cookie", "cs-uri-query"])
    for row in (b"{}\t{}\n", b"{\t}\n"):
        assert read(row + JSON, pair)[1] == [(2, "column_count")]
    assert read(b'{\t"asn" :\t"7"\t}\n' + JSON) == ([JSON_DOCUMENT] * 2, [])


@pytest.mark.parametrize(
    "header",
    [
        b"#Fields:asn c-ip\n",
        b"#Fields:asn\tc_ip\n",
        b"#Fields: asn x-custom\n",
        b"#Fields:\tasn\tx-custom\n",
        b"#Fields:\tasn\tc-ip\tx-other\tx-last\n",
    ],
)
def test_a_header_that_no_row_can_be_counts(header: bytes) -> None:
    columns = len(header.replace(b":", b" ").split()) - 1
    row = b"7\t" + b"\t".join([b"::1"] * (columns - 1)) + b"\n"
    transformer = edgelift.Transformer({"layouts": [{"fields": ["c-ip", "sc-status"]}]})
    documents, failures = read(header + row, transformer)
    assert [document["asn"] for document in documents] == [7]
    assert failures == []


def test_only_a_version_as_cloudfront_writes_it_decides() -> None:
    assert read(b"#Version:1.0\n" + ROW + JSON) == ([ROW_DOCUMENT], [(3, "column_count")])
    assert read(b"#version: 1.0 \r\n" + ROW + JSON) == ([ROW_DOCUMENT, JSON_DOCUMENT], [])


def test_a_first_line_that_is_too_large_to_be_known_is_a_row() -> None:
    config = {"input": {"max_record_bytes": 40}, "layouts": LAYOUT}
    transformer = edgelift.Transformer(config)
    for begin, is_row in ((b"#Fields:asn", True), (b"#note:", True), (b"#Fields: asn", False), (b"{", True)):
        line = begin + b"\tx" * 40 + b"\n"
        failures = read(line + ROW, transformer)[1]
        assert failures == [(1, "too_large"), *([] if is_row else [(2, "no_header")])]
    assert read(b"#note: " + b"x" * 80 + b"\n" + ROW, transformer) == ([ROW_DOCUMENT], [])


def test_rows_before_any_header_are_those_of_the_layouts() -> None:
    assert read(VERSION + ROW + HEADER + STANDARD_ROW) == ([ROW_DOCUMENT, STANDARD_DOCUMENT], [])


def test_error_objects_are_read_anywhere_and_decide_nothing() -> None:
    documents, failures = read(ERROR_OBJECT + ROW + ERROR_OBJECT + JSON + ERROR_OBJECT)
    assert (documents, failures) == ([ROW_DOCUMENT] * 4, [(4, "column_count")])
    documents, failures = read(ERROR_OBJECT + JSON + ERROR_OBJECT + HEADER + STANDARD_ROW)
    assert documents == [ROW_DOCUMENT, JSON_DOCUMENT, ROW_DOCUMENT, STANDARD_DOCUMENT]
    assert failures == []


def test_several_records_of_an_error_object_decide_nothing() -> None:
    documents, failures = read(SEVERAL + HEADER + STANDARD_ROW)
    assert (documents, failures) == ([ROW_DOCUMENT, ROW_DOCUMENT, STANDARD_DOCUMENT], [])
    assert not set(ROWS) & set(detected(SEVERAL))


def test_a_long_line_of_objects_among_rows_is_one_row() -> None:
    config = {"input": {"max_record_bytes": 100}, "layouts": LAYOUT}
    transformer = edgelift.Transformer(config)
    line = JSON.strip() * 50 + b"\n"
    assert read(ROW + line + ROW, transformer) == ([ROW_DOCUMENT] * 2, [(2, "too_large")])
    assert read(line, transformer) == ([JSON_DOCUMENT] * 50, [])


def test_an_explicit_format_is_not_changed() -> None:
    text = HEADER + STANDARD_ROW + JSON
    realtime = edgelift.Transformer({"input": {"format": "realtime"}, "layouts": LAYOUT})
    documents, failures = read(text, realtime)
    assert (documents, [line for line, _ in failures]) == ([], [1, 2, 3])
    standard = edgelift.Transformer(
        {"input": {"format": "standard"}, "layouts": [{"fields": ["asn", "c-ip"]}]}
    )
    assert read(STANDARD_ROW + text, standard) == (
        [STANDARD_DOCUMENT, STANDARD_DOCUMENT, JSON_DOCUMENT],
        [],
    )


def test_without_layouts_a_header_counts_anywhere() -> None:
    transformer = edgelift.Transformer({})
    assert read(STANDARD_ROW + HEADER + STANDARD_ROW, transformer) == (
        [STANDARD_DOCUMENT],
        [(1, "no_header")],
    )


def test_names_of_standard_logs_do_not_change_an_explicit_format() -> None:
    with pytest.raises(edgelift.ConfigError) as caught:
        edgelift.Transformer({"input": {"format": "realtime"}, "layouts": [{"fields": ["date", "time"]}]})
    assert '"date" is a field of standard logs' in str(caught.value)


def test_records_of_an_event_are_read_each_by_itself() -> None:
    records = [ROW, JSON, ROW, HEADER, VERSION, b" " + JSON]
    batch = AUTO.transform_records(event(records))
    assert [record["result"] for record in batch.records] == [
        *("Ok", "Ok", "Ok", "ProcessingFailed", "ProcessingFailed", "Ok")
    ]
    assert batch.report.layouts == (2, 2)
    assert batch.report.first_failures == {"column_count": ("3", HEADER_AFTER_ROWS)}
    assert AUTO.transform_records(event([ROW])).report.layouts == (1,)


def test_a_row_that_begins_with_a_brace_is_not_put_back() -> None:
    # Alone in a record, it would be read as JSON.
    layouts = [{"fields": ["cs-uri-query", "c-ip"]}]
    text = b"a\t::1\n{}\t::1\n"
    transformer = edgelift.Transformer({"input": {"order": "as_written"}, "layouts": layouts})
    assert transformer.transform_lines(text).counts.ok == 2
    lines = transformer.transform_lines(text, format="raw")
    assert lines.output == b"a\t::1\n"
    (failure,) = lines.failures
    assert (failure.line, failure.reason, failure.message) == (2, "bad_json", BRACE_IN_STREAM)
    realtime = {"input": {"format": "realtime", "order": "as_written"}, "layouts": layouts}
    assert edgelift.Transformer(realtime).transform_lines(text, format="raw").output == text


def test_a_first_row_that_only_the_index_has_no_time_for_decides() -> None:
    config = {"input": {"bad_value": "keep"}, "layouts": [{"fields": ["timestamp", "cs-cookie"]}]}
    transformer = edgelift.Transformer(config)
    text = b"#\t\n#s:\n"
    assert transformer.transform_lines(text).counts.read == 2
    bulk = transformer.transform_lines(text, format="bulk")
    assert [failure.reason for failure in bulk.failures] == ["missing_timestamp", "column_count"]


def test_a_row_that_only_a_stream_refuses_is_a_row_if_it_has_raw_data_too() -> None:
    text = b'a\n{"b":5,"rawData":"YwpkCg=="}\n'
    transformer = edgelift.Transformer({"layouts": [{"fields": ["cs-uri-query"]}]})
    assert transformer.transform_lines(text).counts.ok == 2
    raw = transformer.transform_lines(text, format="raw")
    assert raw.output == b"a\n"
    assert [(failure.line, failure.message) for failure in raw.failures] == [(2, BRACE_IN_STREAM)]

"""Error objects of every destination of Firehose: what ``rawData`` holds, and records within it."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

import edgelift
from tests.engine.replay.objects import FIXTURES, envelope, error_object, processing_failed, refused

if TYPE_CHECKING:
    from collections.abc import Mapping
FIELDS = ["timestamp", "c-ip", "sc-status"]
REALTIME = {"input": {"format": "realtime"}, "layouts": [{"fields": FIELDS}]}
AUTO = {"input": {"format": "auto"}, "layouts": [{"fields": FIELDS}]}
TEXT = {"input": {"format": "auto"}, "layouts": [{"fields": FIELDS}], "output": {"values": "text"}}
VERBATIM = {"input": {"format": "auto"}, "layouts": [{"fields": FIELDS}], "output": {"timestamp": "verbatim"}}
ECS = {"input": {"format": "auto"}, "layouts": [{"fields": FIELDS}], "output": {"names": "ecs"}}
ROW = b"1700000000.123\t192.0.2.1\t200"
DOCUMENT = b'{"timestamp":1700000000123,"c-ip":"192.0.2.1","sc-status":200}'
V2 = b'{"date":"2023-11-14","time":"22:13:20","c-ip":"192.0.2.1","sc-status":"200"}'
V2_DOCUMENT = b'{"timestamp":1700000000000,"c-ip":"192.0.2.1","sc-status":200}'
CONNECTION = b'{"eventTimestamp":"1700000000123","clientIp":"192.0.2.1","clientPort":"443"}'
CONNECTION_DOCUMENT = b'{"eventTimestamp":1700000000123,"clientIp":"192.0.2.1","clientPort":443}'
ISO8601 = {"input": {"format": "auto"}, "output": {"timestamp": "iso8601"}}


def of_destination(data: bytes, **members: Any) -> bytes:  # noqa: ANN401 - whatever is in JSON
    return error_object(data, **({"errorCode": "HttpEndpoint.DestinationException"} | members))


def outcome(config: Mapping[str, Any], data: bytes, **options: Any) -> str:  # noqa: ANN401 - options of a stream
    lines = edgelift.Transformer(config).transform_lines(of_destination(data), **options)
    return lines.failures[0].reason if lines.failures else lines.output.decode()


@pytest.mark.parametrize("config", [REALTIME, AUTO], ids=["realtime", "auto"])
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("dynamic-partitioning", "error objects of dynamic partitioning"),
        ("format-conversion", "error objects of a format conversion"),
        ("format-conversion-row", "error objects of a format conversion"),
        ("http-endpoint", "error objects of an HTTP endpoint"),
        ("iceberg", "error objects of Iceberg tables"),
        ("splunk", "error objects of Splunk"),
    ],
)
def test_published_cases_are_recognized_as_their_kind(
    name: str, kind: str, config: Mapping[str, Any]
) -> None:
    stream = edgelift.Transformer(config).stream()
    lines = stream.feed((FIXTURES / "cases" / f"error-{name}.json").read_bytes())
    assert (lines.output, stream.detected_formats) == (DOCUMENT + b"\n", (kind,))


def test_empty_data_is_an_empty_record() -> None:
    text = (FIXTURES / "cases" / "error-format-conversion-empty.json").read_bytes()
    (failure,) = edgelift.Transformer(AUTO).transform_lines(text).failures
    assert (failure.reason, failure.raw) == ("empty_record", b"")
    assert failure.message == "in rawData: the record is empty"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("Redshift.CopyFailed", "error objects of Redshift"),
        ("snowflake.x", "error objects of Snowflake"),
        ("OS.BulkError", "error objects of OpenSearch"),
        ("Lambda.FunctionTimedOut", "Firehose processing-failed records"),
        ("S3.AccessDenied", "error objects of Firehose"),
        (404, "error objects of Firehose"),
    ],
)
def test_codes_name_the_step(code: object, kind: str) -> None:
    stream = edgelift.Transformer(AUTO).stream()
    stream.feed(of_destination(ROW, errorCode=code) + b"\n")
    assert stream.detected_formats == (kind,)


@pytest.mark.parametrize(
    ("config", "data", "expected"),
    [
        (REALTIME, V2, "document"),
        (REALTIME, b'{"a":', "column_count"),
        (AUTO, ROW + b"\n", "row"),
        (AUTO, V2, "source"),
        (AUTO, b" " + V2, "source"),
        (AUTO, V2.replace(b'"200"', b"200"), "source"),
        (AUTO, b'{"cs(Host)":"a"}', '{"x-host-header":"a"}\n'),
        (AUTO, b'{"cs(host)":"a","sc-status":200}', '{"x-host-header":"a","sc-status":200}\n'),
        (AUTO, b'{"timestamp_ms_":1700000000000,"c_ip":"192.0.2.1","sc_status":200}', "source"),
        (AUTO, b'{"timestamp":"1700000000","c-ip":"192.0.2.1","sc-status":"200"}', "source"),
        (AUTO, b'{"timestamp":1700000000,"c-ip":"192.0.2.1","sc-status":200}', "source"),
        (AUTO, b'{"timestamp":"2023-11-14T22:13:20Z","c-ip":"192.0.2.1"}', "document"),
        (AUTO, b'{"c-ip":"192.0.2.1","sc-status":200}', "document"),
        (AUTO, b'{"c-ip":"192.0.2.1","sc-status":"200"}', "bad_error_object"),
        (AUTO, b"{}", "bad_error_object"),
        (AUTO, b'{"sc-status":"200"', "bad_json"),
        (AUTO, DOCUMENT + b"\n" + DOCUMENT, "document"),
        (AUTO, CONNECTION, "connection"),
        (AUTO, CONNECTION_DOCUMENT, "document"),
        (AUTO, b'{"clientIp":"192.0.2.1"}', "bad_error_object"),
        (ISO8601, CONNECTION, "bad_error_object"),
        (TEXT, b'{"timestamp":"1700000000.123","c-ip":"192.0.2.1"}', "document"),
        (TEXT, V2, "bad_error_object"),
        (VERBATIM, V2, "bad_error_object"),
        (ECS, b'{"@timestamp":1700000000123,"source.ip":"192.0.2.1"}', "document"),
    ],
)
def test_content_decides_where_it_is_unambiguous(
    config: Mapping[str, Any], data: bytes, expected: str
) -> None:
    results = {
        "row": DOCUMENT.decode() + "\n",
        "source": V2_DOCUMENT.decode() + "\n",
        "connection": CONNECTION_DOCUMENT.decode() + "\n",
        "document": data.decode() + "\n",
    }
    assert outcome(config, data) == results.get(expected, expected)


SNAKE = {**AUTO, "output": {"names": "snake"}}
SNAKE_VERBATIM = {**AUTO, "output": {"names": "snake", "timestamp": "verbatim"}}
SNAKE_KEYS = (
    b'"c_ip":"192.0.2.1","cs_host":"a.example","x_host_header":"d1.cloudfront.net","cs_user_agent":"q%3A%20x"'
)


@pytest.mark.parametrize(
    ("config", "data"),
    [
        (SNAKE, b'{"timestamp":1700000000123,' + SNAKE_KEYS + b"}"),
        (SNAKE, b'{"timestamp":"2023-11-14T22:13:20.123Z",' + SNAKE_KEYS + b"}"),
        (SNAKE, b'{"sc_status":200,' + SNAKE_KEYS + b"}"),
        (SNAKE, b'{"headers":["host"],' + SNAKE_KEYS + b"}"),
        (SNAKE_VERBATIM, b'{"timestamp":"1700000000.123",' + SNAKE_KEYS + b"}"),
        (AUTO, b'{"sc_status":200,' + SNAKE_KEYS + b"}"),
    ],
)
def test_documents_with_underscores_are_passed_on_unchanged(config: Mapping[str, Any], data: bytes) -> None:
    assert outcome(config, data) == data.decode() + "\n"


@pytest.mark.parametrize("config", [SNAKE, SNAKE_VERBATIM, AUTO])
@pytest.mark.parametrize("data", [b"{" + SNAKE_KEYS + b"}", b'{"cs_user_agent_":"x"}'])
def test_texts_under_keys_with_underscores_could_be_both(config: Mapping[str, Any], data: bytes) -> None:
    text = of_destination(data)
    (failure,) = edgelift.Transformer(config).transform_lines(text).failures
    assert (failure.reason, failure.raw) == ("bad_error_object", text)
    assert outcome(config, data, raw_data="document") == data.decode() + "\n"


def test_option_says_what_ambiguous_data_hold() -> None:
    data = b'{"c-ip":"192.0.2.1","sc-status":"200"}'
    assert outcome(AUTO, data, raw_data="source") == '{"c-ip":"192.0.2.1","sc-status":200}\n'
    assert outcome(AUTO, data, raw_data="document") == data.decode() + "\n"
    assert outcome(AUTO, ROW, raw_data="document") == "bad_json"
    assert outcome(AUTO, DOCUMENT, raw_data="source") == "bad_value"
    with pytest.raises(ValueError, match='raw_data is "source" or "document", not "row"'):
        outcome(AUTO, data, raw_data="row")


def test_option_leaves_processing_failed_records_alone() -> None:
    transformer = edgelift.Transformer(AUTO)
    lines = transformer.transform_lines(processing_failed(V2), raw_data="document")
    assert lines.output == V2_DOCUMENT + b"\n"
    # A stream without a function sends OpenSearch the records themselves.
    assert transformer.transform_lines(refused(V2), raw_data="source").output == V2_DOCUMENT + b"\n"
    assert transformer.transform_lines(refused(V2)).output == V2 + b"\n"


@pytest.mark.parametrize("key", ["lambdaArn", "other"])
def test_truncated_records_stay_out(key: str) -> None:
    text = of_destination(ROW, **{"errorCode": "edgelift.too_large", key: None})
    for raw_data in (None, "source", "document"):
        (failure,) = edgelift.Transformer(AUTO).transform_lines(text, raw_data=raw_data).failures
        assert (failure.reason, failure.raw) == ("bad_error_object", text)
        assert failure.message == "the error object holds only the beginning of a record that was too large"


@pytest.mark.parametrize("wrap", [of_destination, processing_failed])
@pytest.mark.parametrize(
    ("data", "count", "dropped"),
    [
        (V2 + b"\n" + V2 + b"\r\n\n" + V2, 3, 0),
        (V2 + V2, 2, 0),
        (gzip.compress(V2), 1, 0),
        (gzip.compress(V2 + b"\n") + gzip.compress(V2), 2, 0),
        (envelope(V2, V2 + b"\n" + V2), 3, 0),
        (gzip.compress(envelope(V2) + envelope(kind="CONTROL") + envelope(V2)), 2, 1),
        (envelope(b"CWL CONTROL MESSAGE", kind="CONTROL"), 0, 1),
    ],
)
def test_records_within_data_are_taken_apart(wrap: Any, data: bytes, count: int, dropped: int) -> None:  # noqa: ANN401
    lines = edgelift.Transformer(AUTO).transform_lines(wrap(data))
    assert (lines.output, lines.failures) == ((V2_DOCUMENT + b"\n") * count, ())
    assert (lines.counts.read, lines.counts.ok, lines.counts.dropped) == (count + dropped, count, dropped)
    records = edgelift.Transformer(AUTO).transform_lines(wrap(data), format="raw").output
    assert edgelift.Transformer(AUTO).transform_lines(records).output == lines.output


def test_failures_within_data_have_their_own_bytes() -> None:
    bad = V2.replace(b"200", b"2x0")
    text = V2 + b"\n" + processing_failed(gzip.compress(V2 + b"\n" + bad + b"\n" + V2))
    lines = edgelift.Transformer(AUTO).transform_lines(text)
    assert lines.counts == edgelift.Counts(read=4, ok=3, failed=1, by_reason={"bad_value": 1})
    (failure,) = lines.failures
    assert (failure.line, failure.offset, failure.raw) == (2, len(V2) + 1, bad)
    assert failure.message.startswith("in rawData: column 4 (sc-status): ")


@pytest.mark.parametrize(
    "data",
    [gzip.compress(V2)[:-9], b"\x1f\x8b", gzip.compress(b"0" * (33 << 20)), b"\xf3\x89\x9a\xc2\n\x02pk"],
    ids=["truncated", "two bytes", "too long", "aggregated"],
)
def test_data_that_cannot_be_unpacked_fail_whole(data: bytes) -> None:
    (failure,) = edgelift.Transformer(AUTO).transform_lines(processing_failed(data)).failures
    assert failure.raw == data


def test_documents_in_bulk_have_the_index_and_id_of_their_records() -> None:
    fields = ["timestamp", "sc-status", "x-edge-request-id"]
    row = b"1700000000.123\t200\tAbc-_1=="
    for output in (
        {},
        {"names": "ecs"},
        {"timestamp": "iso8601"},
        {"timestamp": "verbatim"},
        {"values": "text"},
    ):
        transformer = edgelift.Transformer({"layouts": [{"fields": fields}], "output": output})
        document = transformer.transform(row)
        options: Any = {"format": "bulk", "index": "x-{yyyy}"}
        own = transformer.transform_lines(row, **options).output
        again = transformer.transform_lines(of_destination(document), raw_data="document", **options)
        assert again.output == own


@pytest.mark.parametrize("output", [{}, {"names": "ecs"}, {"timestamp": "iso8601"}, {"values": "text"}])
def test_documents_of_connections_have_the_index_of_their_records(output: Mapping[str, str]) -> None:
    transformer = edgelift.Transformer({"input": {"format": "auto"}, "output": output})
    options: Any = {"format": "bulk", "index": "x-{yyyy}"}
    own = transformer.transform_lines(CONNECTION, **options).output.splitlines()
    text = of_destination(own[1])
    again = transformer.transform_lines(text, raw_data="document", **options).output.splitlines()
    assert again[1] == own[1]
    assert json.loads(again[0])["create"]["_index"] == json.loads(own[0])["create"]["_index"] == "x-2023"


def test_document_without_a_time_needs_an_index_without_one() -> None:
    transformer, text = edgelift.Transformer(AUTO), of_destination(b'{"sc-status":200}')
    (failure,) = transformer.transform_lines(text, format="bulk", index="x-{yyyy}").failures
    assert failure.reason == "missing_timestamp"
    assert failure.message == (
        "the index is named by the time of the record, but the document in rawData has none; "
        "an index without a time in its name accepts it"
    )
    action, document = transformer.transform_lines(text, format="bulk", index="x").output.splitlines()
    assert (json.loads(action)["create"]["_index"], document) == ("x", b'{"sc-status":200}')


def test_documents_do_not_go_into_a_stream() -> None:
    (failure,) = edgelift.Transformer(AUTO).transform_lines(of_destination(DOCUMENT), format="raw").failures
    assert failure.reason == "already_transformed"
    assert failure.message == (
        "the error object holds a document, not a source record, which a stream needs; "
        "write it to files or OpenSearch"
    )


def test_gzip_with_as_many_tabs_as_a_row_is_unpacked() -> None:
    config = {"input": {"bad_value": "keep"}, "layouts": [{"fields": ["c-ip", "sc-status"]}]}
    packed = (gzip.compress(b"192.0.2.1\t%d\n" % status, mtime=0) for status in range(100, 1000))
    with_tab = [data for data in packed if data.count(b"\t") == 1]
    assert with_tab
    for data in with_tab:
        result = edgelift.Transformer(config).transform_lines(processing_failed(data))
        assert (result.counts.ok, b"_unparsed" in result.output) == (1, False)
        assert result.output.startswith(b'{"c-ip":"192.0.2.1","sc-status":')

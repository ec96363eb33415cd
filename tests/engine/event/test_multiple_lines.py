"""Records of several lines or JSON objects: they fail, or become one document per line."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

import edgelift
from edgelift import firehose, pure, runtime

from .invariants import LIMIT, encoded

ROW = b"1700000000.123\t192.0.2.1\t200"
OTHER = b"1700000000.456\t192.0.2.2\t304"
JSON = b'{"date":"2024-11-15","time":"19:45:51","c-ip":"192.0.2.7","cs(Cookie)":"}{"}'
FIELDS = ["timestamp", "c-ip", "sc-status"]
FAIL: dict[str, Any] = {"input": {"format": "auto"}, "layouts": [{"fields": FIELDS}]}
NDJSON = FAIL | {"firehose": {"multiple_lines": "ndjson"}}
HINT = '; [firehose] multiple_lines = "ndjson" writes a document for each line, for destinations in S3'


def answered(config: dict[str, Any], *records: bytes) -> tuple[list[dict[str, Any]], Any]:
    """Answer records in all ways, which must agree; return the answers and the report."""
    event = {
        "records": [{"recordId": str(number), "data": encoded(raw)} for number, raw in enumerate(records)]
    }
    raw = json.dumps(event).encode()
    transformer = edgelift.Transformer(config)
    batch = transformer.transform_records(event["records"])
    response = {"records": batch.records}
    answer = transformer.answer_event(raw)
    assert answer.response is not None
    assert json.loads(answer.response) == response
    assert firehose.make_handler(config)(event, None) == response
    assert runtime.make_handler(config)(raw, None) == answer.response
    for name in "counts", "bytes_in", "bytes_out", "layouts", "first_failures", "oldest":
        assert getattr(answer.report, name) == getattr(batch.report, name), name
    counts = batch.report.counts
    assert counts.read == len(records) == counts.ok + counts.dropped + counts.failed
    assert batch.report.bytes_in == sum(map(len, records))
    return batch.records, batch.report


def documents(*records: bytes) -> str:
    """Return the documents of records as the data of an answer: one per line."""
    transformer = edgelift.Transformer(FAIL)
    return encoded(b"".join(transformer.transform(record) + b"\n" for record in records))


@pytest.mark.parametrize(
    ("record", "parts"),
    [
        (ROW + b"\n" + OTHER + b"\n", [ROW, OTHER]),
        (ROW + b"\r\n\r\n\n" + OTHER, [ROW, OTHER]),
        (b"\n" + ROW + b"\n\n", [ROW]),
        (JSON * 3, [JSON] * 3),
        (JSON + b" " + JSON + b"\n" + ROW + b"\n" + JSON, [JSON, JSON, ROW, JSON]),
        (ROW, [ROW]),
        (JSON + b"\n", [JSON]),
    ],
)
def test_each_line_becomes_a_document_on_a_line(record: bytes, parts: list[bytes]) -> None:
    (answer,), report = answered(NDJSON, record)
    assert answer == {"recordId": "0", "result": "Ok", "data": documents(*parts)}
    # An answer is for a record, and so are the counts.
    assert (report.counts.ok, sum(report.layouts)) == (1, 1)
    assert report.bytes_out == len(base64.b64decode(answer["data"]))


def test_oldest_line_counts_as_the_time_of_its_record() -> None:
    _, report = answered(NDJSON, OTHER + b"\n" + ROW + b"\n" + OTHER)
    assert report.oldest == 1_700_000_000_123


@pytest.mark.parametrize(
    ("record", "reason", "message"),
    [
        (
            ROW + b"\n\n1700000000\t192.0.2.1\t2x0\n" + ROW,
            "bad_value",
            'line 3: column 3 (sc-status): "2x0" is not a status of three digits',
        ),
        (ROW + b"\na\tb", "column_count", "line 2: the record has 2 columns, but the layout has 3"),
        (
            JSON + b'\n{"asn":"1"}{"asn":[]}',
            "bad_json",
            'line 2: the value of "asn" is an array: a record of a standard log is flat',
        ),
        (
            ROW + b"\n#Fields: asn\n",
            "column_count",
            "line 2: the record is a line of a standard log's header",
        ),
        (b"\n\r\n\n", "empty_record", "the record is empty"),
        (JSON + b"x", "bad_json", "the record is not a JSON object: expected the end at byte"),
    ],
)
def test_bad_line_fails_the_record_and_is_named(record: bytes, reason: str, message: str) -> None:
    answers, report = answered(NDJSON, ROW, record, OTHER)
    assert [answer["result"] for answer in answers] == ["Ok", "ProcessingFailed", "Ok"]
    assert answers[1] == {"recordId": "1", "result": "ProcessingFailed", "data": encoded(record)}
    assert answers[2]["data"] == documents(OTHER)
    assert list(report.first_failures) == [reason]
    assert report.first_failures[reason][1].startswith(message)


def test_records_that_are_not_rows_are_named_whole() -> None:
    envelope = b'{"messageType":"DATA_MESSAGE","logEvents":[]}\n'
    control = envelope.replace(b"DATA", b"CONTROL")
    answers, report = answered(NDJSON, b"\x1f\x8b\n\n", envelope, control)
    assert [answer["result"] for answer in answers] == ["ProcessingFailed", "ProcessingFailed", "Dropped"]
    assert all("CloudWatch Logs" in message for _, message in report.first_failures.values())


def test_partition_keys_have_to_agree() -> None:
    keys = {"day": "timestamp:%Y-%m-%d", "status": "sc-status"}
    config = NDJSON | {"firehose": {"multiple_lines": "ndjson", "partition_keys": keys}}
    same = ROW + b"\n" + OTHER.replace(b"304", b"200")
    answers, report = answered(config, same, ROW + b"\n" + ROW + b"\n" + OTHER + b"\n", ROW)
    day = {"partitionKeys": {"day": "2023-11-14", "status": "200"}}
    assert [answer.get("metadata") for answer in answers] == [day, None, day]
    assert answers[1]["result"] == "ProcessingFailed"
    message = (
        "line 3 has other partition keys than the lines before it; Firehose writes a record under one prefix"
    )
    assert report.first_failures == {"multiple_lines": ("1", message)}


def test_response_stays_within_its_limit() -> None:
    record = b"\n".join([ROW] * 4_000)
    answers, report = answered(NDJSON, *[record] * 40)
    assert len(json.dumps({"records": answers})) < LIMIT
    assert report.counts.ok < 40
    assert set(report.first_failures) == {"too_large"}
    results = [answer["result"] for answer in answers]
    assert results == ["Ok"] * report.counts.ok + ["ProcessingFailed"] * report.counts.failed


def test_a_record_is_limited_as_a_whole() -> None:
    config = NDJSON | {"input": {"format": "auto", "max_record_bytes": 2 * len(ROW)}}
    _, report = answered(config, ROW + b"\n" + ROW)
    assert set(report.first_failures) == {"too_large"}


def test_failing_names_the_option() -> None:
    answers, report = answered(FAIL, ROW + b"\n" + OTHER, JSON + JSON, JSON + b"x")
    assert {answer["result"] for answer in answers} == {"ProcessingFailed"}
    assert report.first_failures == {
        "multiple_lines": ("0", f"the record holds more than one line: line feed at byte {len(ROW)}{HINT}"),
        "bad_json": (
            "1",
            f"the record is not a JSON object: expected the end at byte {len(JSON)}{HINT}",
        ),
    }
    realtime = {"layouts": [{"fields": FIELDS}]}
    event = [{"recordId": "0", "data": encoded(ROW + b"\n" + OTHER)}]
    found = pure.Transformer(realtime).transform_records(event).report.first_failures
    assert found == edgelift.Transformer(realtime).transform_records(event).report.first_failures


def test_json_lines_end_with_line_feeds_whatever_the_output_says() -> None:
    config = NDJSON | {"output": {"newline": False}}
    assert edgelift.Transformer(config).options["output"]["newline"] is True
    (answer,), _ = answered(config, ROW)
    assert answer["data"] == documents(ROW)


def test_slim_documents_are_refused() -> None:
    config = NDJSON | {"overflow": {"policy": "slim", "optional": ["c-ip"]}}
    with pytest.raises(edgelift.ConfigError) as caught:
        edgelift.Transformer(config)
    assert caught.value.key == "firehose.multiple_lines"
    assert str(caught.value) == (
        'firehose.multiple_lines: "ndjson" cannot be combined with [overflow] policy = "slim", which '
        'shortens answers of one document; use policy = "fail" or "reingest"'
    )


def test_plain_python_refuses_the_option() -> None:
    with pytest.raises(edgelift.ConfigError) as caught:
        pure.Transformer({"layouts": [{"fields": FIELDS}], "firehose": {"multiple_lines": "ndjson"}})
    assert str(caught.value) == "firehose.multiple_lines: edgelift.pure does not do that, edgelift does"


def test_one_record_of_several_lines_is_not_a_record_to_transform() -> None:
    with pytest.raises(edgelift.RecordError, match=r"more than one line: line feed at byte \d+$"):
        edgelift.Transformer(NDJSON).transform(ROW + b"\n" + OTHER)

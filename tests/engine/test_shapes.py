"""Rows whose values do not have the shape of their fields, through every way into the engine."""

import base64
import json
import random

import pytest

import edgelift
import edgelift.pure
from benchmarks.corpus import LAYOUTS, block

FIELDS = ["timestamp", "c-ip", "cs-uri-query", "ssl-protocol"]
# The configuration was changed: cs-uri-query dropped, ssl-cipher added.
CHANGED = b"1700000000.123\t192.0.2.1\tTLSv1.3\tTLS_AES_128_GCM_SHA256\n"
USUAL = b"1700000000.123\t192.0.2.1\ta=b\tTLSv1.3\n"
ROWS = USUAL + CHANGED * 3

both = pytest.mark.parametrize(
    "kind", [edgelift.Transformer, edgelift.pure.Transformer], ids=["engine", "pure"]
)


def config(shapes: str = "warn", **sections: object) -> dict[str, object]:
    return {"input": {"shapes": shapes}, "layouts": [{"fields": FIELDS}], **sections}


def event(rows: bytes) -> list[dict[str, str]]:
    lines = rows.splitlines(keepends=True)
    return [
        {"recordId": str(number), "data": base64.b64encode(line).decode()}
        for number, line in enumerate(lines)
    ]


@both
def test_rows_of_a_changed_configuration_are_counted(kind: type[edgelift.Transformer]) -> None:
    counts = kind(config()).transform_lines(ROWS).counts
    assert (counts.ok, counts.shape_mismatches, counts.shape_field) == (4, 3, "ssl-protocol")


@both
def test_rows_fail_or_are_ignored_as_configured(kind: type[edgelift.Transformer]) -> None:
    failed = kind(config("fail")).transform_lines(ROWS)
    assert (failed.counts.ok, dict(failed.counts.by_reason)) == (1, {"shape_mismatch": 3})
    assert failed.failures[0].field == "ssl-protocol"
    assert '"TLS_AES_128_GCM_SHA256" is not a TLS version' in failed.failures[0].message
    ignored = kind(config("ignore")).transform_lines(ROWS).counts
    assert (ignored.ok, ignored.shape_mismatches, ignored.shape_field) == (4, 0, None)


@pytest.mark.parametrize("format_", ["ndjson", "raw", "bulk"])
@pytest.mark.parametrize("step", [1, 7, 1000])
def test_streams_count_however_the_input_is_split(format_: str, step: int) -> None:
    stream = edgelift.Transformer(config()).stream(format=format_)  # type: ignore[arg-type]
    for start in range(0, len(ROWS), step):
        stream.feed(ROWS[start : start + step])
    stream.finish()
    assert (stream.counts.ok, stream.counts.shape_mismatches) == (4, 3)


@both
def test_events_of_dicts_are_counted(kind: type[edgelift.Transformer]) -> None:
    counts = kind(config()).transform_records(event(ROWS)).report.counts
    assert (counts.ok, counts.shape_mismatches, counts.shape_field) == (4, 3, "ssl-protocol")


def test_raw_events_are_counted() -> None:
    body = json.dumps({"records": event(ROWS)}).encode()
    report = edgelift.Transformer(config()).answer_event(body).report
    assert (report.counts.ok, report.counts.shape_mismatches) == (4, 3)


def test_source_records_of_error_objects_are_counted() -> None:
    objects = b"".join(
        json.dumps({"rawData": record["data"], "lambdaArn": "arn"}).encode() + b"\n" for record in event(ROWS)
    )
    counts = edgelift.Transformer(config()).transform_lines(objects).counts
    assert (counts.ok, counts.shape_mismatches) == (4, 3)


def test_a_record_of_several_lines_is_counted_once() -> None:
    transformer = edgelift.Transformer(config(firehose={"multiple_lines": "ndjson"}))
    record = {"recordId": "1", "data": base64.b64encode(ROWS).decode()}
    counts = transformer.transform_records([record]).report.counts
    assert (counts.ok, counts.shape_mismatches, counts.shape_field) == (1, 1, "ssl-protocol")


def test_concatenated_rows_are_counted_once_each() -> None:
    counts = edgelift.Transformer(config()).transform_lines(ROWS.replace(b"\n", b"")).counts
    assert (counts.ok, counts.shape_mismatches) == (4, 3)


def test_rows_with_a_header_are_not_checked() -> None:
    log = b"#Fields: date ssl-protocol c-country\n2024-01-01\tx\tx\n"
    counts = edgelift.Transformer({"input": {"format": "standard"}}).transform_lines(log).counts
    assert (counts.ok, counts.shape_mismatches) == (1, 0)


def test_explain_marks_the_column() -> None:
    columns = edgelift.Transformer(config()).explain(CHANGED)
    notes = [column.note for column in columns]
    assert notes == ["", "", "", "not a TLS version such as TLSv1.3: the record may have another layout"]
    assert "the record fails" in edgelift.Transformer(config("fail")).explain(CHANGED)[3].note


def test_legitimate_rows_with_unusual_values_have_no_mismatch() -> None:
    dice = random.Random(15)  # noqa: S311 - any values will do
    unusual = {
        "cs-method": ["PROPFIND", "QUERY", "get", "M-SEARCH", "X", "a!b", "VERSION-CONTROL", "purge"],
        "sc-content-type": ["-", "x", "application/vnd.a+json;%20v=%221%22", "TLSv1.3", "*/*"],
        "cs-host": ["-", "a", "192.0.2.1:8080", "[2001:db8::1]", "xn--bcher-kva.example", "HTTP", "US"],
        "x-host-header": ["d111.cloudfront.net", "EXAMPLE.ORG.", "x"],
        "cs-user-agent": ["-", "x", "IPv4", "%25", "curl/8", "a%20(b;%20c)" * 30, "%5C%22"],
        "cs-protocol": ["http", "https", "ws", "wss", "grpcs", "-"],
        "cs-protocol-version": ["HTTP/0.9", "HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "HTTP/3.0", "-"],
        "c-ip-version": ["IPv4", "IPv6"],
        "ssl-protocol": ["-", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"],
        "c-country": ["US", "A1", "T1", "-", "XX"],
    }
    fields = LAYOUTS["c45"]
    rows = []
    for line in block("c45", with_bad=False).lines * 10:
        columns = line.decode().rstrip("\n").split("\t")
        for place, field in enumerate(fields):
            if field in unusual:
                columns[place] = dice.choice(unusual[field])
        rows.append("\t".join(columns))
    text = "\n".join(rows).encode()
    counts = edgelift.Transformer.from_fields(fields).transform_lines(text).counts
    assert (counts.ok, counts.shape_mismatches, counts.shape_field) == (100_000, 0, None)

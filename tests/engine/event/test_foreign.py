"""Records that are not rows: subscriptions of CloudWatch Logs, aggregates of the Kinesis Producer Library."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any, NoReturn

import botocore.session
import pytest

import edgelift
from edgelift import pure

from .invariants import encoded

ROW = b"1700000000.123\t192.0.2.1\t200\n"
FIELDS = ["timestamp", "c-ip", "sc-status"]
CONFIGS: list[dict[str, Any]] = [
    {"input": {"format": "realtime"}, "layouts": [{"fields": FIELDS}]},
    {"input": {"format": "realtime"}, "layouts": [{"fields": FIELDS}, {"fields": ["asn"]}]},
    {"input": {"format": "standard"}},
    {"layouts": [{"fields": FIELDS}]},
]
MESSAGE = '{"date": "2024-11-15", "time": "19:45:51", "c-ip": "192.0.2.7", "sc-status": "200"}'
AGGREGATED = b"\xf3\x89\x9a\xc2\n\x02pk\x1a\x21\x08\x00\x1a\x1d" + ROW + bytes(16)


def envelope(kind: str, *messages: str) -> bytes:
    """Return an envelope. Source: CloudWatch Logs User Guide, "Log group-level subscription filters"."""
    events = [{"id": "1", "timestamp": 1731699951000, "message": message} for message in messages]
    fields = {
        "messageType": kind,
        "owner": "123456789012",
        "logGroup": "/aws/cloudfront/x",
        "logStream": "us-east-1_CloudFront_E1",
        "subscriptionFilters": ["f"],
        "logEvents": events,
    }
    return json.dumps(fields).encode()


DATA = envelope("DATA_MESSAGE", MESSAGE)
CONTROL = envelope("CONTROL_MESSAGE", "CWL CONTROL MESSAGE: Checking health of destination Firehose.")
REFUSED = [
    DATA,
    b" \n" + DATA + b"\r\n",
    envelope("DATA_MESSAGE"),
    envelope("DATA_MESSAGE", *[MESSAGE] * 100),
    gzip.compress(DATA),
    gzip.compress(DATA * 3),
    gzip.compress(envelope("DATA_MESSAGE", *map(str, range(10_000)))),
    gzip.compress(CONTROL) + gzip.compress(DATA),
    gzip.compress(CONTROL)[:-9],
    gzip.compress(ROW),
    b"\x1f\x8b",
]
DROPPED = [CONTROL, b"\n" + CONTROL + b"\n", gzip.compress(CONTROL), gzip.compress(CONTROL, 0)]
OTHER = [b"{}", b'{"messageType":"DATA_MESSAGE"}', b'{"logEvents":[]}', CONTROL[:-1], CONTROL * 2, b"\x1f"]
OTHER += [b'{"messageType":["DATA_MESSAGE"],"logEvents":[]}', b'{"messageType":{},"logEvents":[]}']
OTHER += [b'{"messageType":"CONTROL_MESSAGE","logEvents":[%b]}' % name for name in (b"NaN", b"-Infinity")]


def refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and infinities, which JSON does not have."""
    raise ValueError(name)


def reference(raw: bytes) -> str | None:
    """Return what a record is, with the parsers of Python."""
    if raw.startswith(b"\x1f\x8b"):
        try:
            inner = reference(gzip.decompress(raw))
        except (EOFError, ValueError, OSError):
            inner = None
        return "control" if inner == "control" else "envelope"
    try:
        fields = json.loads(raw, parse_constant=refuse_constant)
    except ValueError:
        return None
    if not isinstance(fields, dict) or "logEvents" not in fields:
        return None
    return {"DATA_MESSAGE": "envelope", "CONTROL_MESSAGE": "control"}.get(str(fields.get("messageType")))


def test_cases_are_what_the_reference_says() -> None:
    assert {reference(raw) for raw in REFUSED} == {"envelope"}
    assert {reference(raw) for raw in DROPPED} == {"control"}
    assert {reference(raw) for raw in OTHER} == {None}


def both_ways(config: dict[str, Any], *records: bytes) -> tuple[list[dict[str, Any]], Any]:
    """Answer records as dicts and as bytes, which must agree; return the answers and the report."""
    transformer = edgelift.Transformer(config)
    event = [{"recordId": str(number), "data": encoded(raw)} for number, raw in enumerate(records)]
    batch = transformer.transform_records(event)
    answer = transformer.answer_event(json.dumps({"records": event}).encode())
    assert answer.response is not None
    assert json.loads(answer.response) == {"records": batch.records}
    for name in "counts", "bytes_in", "bytes_out", "layouts", "first_failures", "reingested":
        assert getattr(answer.report, name) == getattr(batch.report, name), name
    counts = batch.report.counts
    assert counts.read == len(records) == counts.ok + counts.dropped + counts.failed
    assert batch.report.bytes_in == sum(map(len, records))
    return batch.records, batch.report


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("raw", REFUSED)
def test_envelope_fails_with_a_message_that_names_the_processors(config: dict[str, Any], raw: bytes) -> None:
    (answer,), report = both_ways(config, raw)
    assert answer == {"recordId": "0", "result": "ProcessingFailed", "data": base64.b64encode(raw).decode()}
    ((_, message),) = report.first_failures.values()
    assert "CloudWatch Logs" in message
    assert "decompression" in message
    assert "message extraction" in message
    with pytest.raises(edgelift.RecordError) as caught:
        edgelift.Transformer(config).transform(raw)
    assert str(caught.value) == message


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("raw", DROPPED)
def test_control_message_is_dropped(config: dict[str, Any], raw: bytes) -> None:
    answers, report = both_ways(config, raw, raw)
    assert answers == [{"recordId": str(number), "result": "Dropped", "data": ""} for number in range(2)]
    assert (report.counts.dropped, report.reingested, report.first_failures) == (2, 0, {})


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("raw", OTHER)
def test_other_records_fail_as_before(config: dict[str, Any], raw: bytes) -> None:
    (answer,), report = both_ways(config, raw)
    assert answer["result"] == "ProcessingFailed"
    ((_, message),) = report.first_failures.values()
    assert "CloudWatch" not in message


@pytest.mark.parametrize("config", CONFIGS[:2])
@pytest.mark.parametrize("raw", [*REFUSED, *DROPPED, *OTHER, AGGREGATED])
def test_plain_python_answers_the_same(config: dict[str, Any], raw: bytes) -> None:
    answers, report = both_ways(config, raw)
    other = pure.Transformer(config).transform_records([{"recordId": "0", "data": encoded(raw)}])
    assert other.records == answers
    assert other.report.counts == report.counts
    assert other.report.first_failures == report.first_failures


def test_records_of_an_event_are_answered_by_themselves() -> None:
    answers, report = both_ways(CONFIGS[0], ROW, CONTROL, DATA, ROW, gzip.compress(CONTROL), AGGREGATED)
    results = [answer["result"] for answer in answers]
    assert results == ["Ok", "Dropped", "ProcessingFailed", "Ok", "Dropped", "ProcessingFailed"]
    assert (report.counts.ok, report.counts.dropped, report.counts.failed) == (2, 2, 2)


def test_aggregated_record_fails_with_a_message_that_says_so() -> None:
    for config in CONFIGS:
        _, report = both_ways(config, AGGREGATED)
        ((_, message),) = report.first_failures.values()
        assert "aggregated by the Kinesis Producer Library" in message


def test_control_message_leaves_no_metadata_of_the_record_before_it() -> None:
    config = CONFIGS[0] | {"firehose": {"partition_keys": {"key": "c-ip"}}}
    answers, _ = both_ways(config, ROW, CONTROL)
    assert answers[0]["metadata"] == {"partitionKeys": {"key": "192.0.2.1"}}
    assert "metadata" not in answers[1]


def test_large_record_fails_as_too_large() -> None:
    config = {**CONFIGS[0], "input": {"max_record_bytes": 20}}
    _, report = both_ways(config, CONTROL)
    assert set(report.first_failures) == {"too_large"}


def test_messages_name_processors_that_firehose_has() -> None:
    model = botocore.session.get_session().get_service_model("firehose")
    _, report = both_ways(CONFIGS[0], gzip.compress(DATA))
    ((_, message),) = report.first_failures.values()
    named = {"Decompression", "CloudWatchLogProcessing"}
    assert all(name in message for name in named)
    assert named <= set(model.shape_for("ProcessorType").enum)

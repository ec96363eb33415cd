"""Invariants of every response: each record is answered once, in order, and none is lost."""

import base64
import json
from typing import Any

import edgelift

LIMIT = 6_291_456
"""AWS Lambda Developer Guide, "Lambda quotas": bytes of a response."""


def encoded(record: bytes) -> str:
    return base64.b64encode(record).decode("ascii")


def event_of(rows: list[bytes], *, source: str = "direct") -> dict[str, Any]:
    """Make an event as Firehose sends it, with a Kinesis source or without."""
    records: list[dict[str, Any]] = []
    for place, row in enumerate(rows):
        record: dict[str, Any] = {
            "recordId": f"4957{place:052d}",
            "approximateArrivalTimestamp": 1_700_000_000_000,
            "data": encoded(row),
        }
        if source == "kinesis":
            record["kinesisRecordMetadata"] = {
                "sequenceNumber": f"{place:056d}",
                "subsequenceNumber": 0,
                "partitionKey": f"key-{place % 7}",
                "shardId": "shardId-000000000000",
                "approximateArrivalTimestamp": 1_700_000_000_000,
            }
        records.append(record)
    event: dict[str, Any] = {
        "invocationId": "invocation",
        "deliveryStreamArn": "arn:aws:firehose:us-east-1:123456789012:deliverystream/logs",
        "region": "us-east-1",
    }
    if source == "kinesis":
        event["sourceKinesisStreamArn"] = "arn:aws:kinesis:us-east-1:123456789012:stream/rows"
    return event | {"records": records}


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def fates(
    transformer: edgelift.Transformer, event: dict[str, Any], response: dict[str, Any]
) -> dict[str, list[int]]:
    """Check that each record is answered once, rightly and in order; the places of each kind of answer."""
    records, answers = event["records"], response["records"]
    assert [answer["recordId"] for answer in answers] == [record["recordId"] for record in records]
    found: dict[str, list[int]] = {"Ok": [], "Dropped": [], "ProcessingFailed": [], "emptied": []}
    for place, (record, answer) in enumerate(zip(records, answers, strict=True)):
        result, data = answer["result"], answer["data"]
        if result == "Ok":
            assert base64.b64decode(data) == transformer.transform(base64.b64decode(record["data"]))
        elif result == "ProcessingFailed" and data == "":
            result = "emptied"
        elif result == "ProcessingFailed":
            assert data == record["data"]
        else:
            assert (result, data) == ("Dropped", "")
        found[result].append(place)
    return found

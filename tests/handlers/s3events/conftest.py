"""Events as S3, SQS, SNS and EventBridge send them; the servers are those of the s3batch tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import pytest

from edgelift.s3events import Handler
from tests.handlers.s3batch.conftest import Context
from tests.reprocess.conftest import TRANSFORMER, aws, opensearch, s3, s3_url, server

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Context", "aws", "opensearch", "s3", "s3_url", "server"]

MISSING = "cannot be read: there is no such object"


def notification(*keys: str, name: str = "ObjectCreated:Put", **changed: object) -> dict[str, Any]:
    """Return an event that S3 sends when objects of these keys are created.

    Source: Amazon S3 User Guide, "Event message structure".
    """
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": "us-east-1",
                "eventTime": "2024-11-15T20:00:00.000Z",
                "eventName": name,
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "configurationId": "logs",
                    "bucket": {"name": "logs", "arn": "arn:aws:s3:::logs"},
                    "object": {"key": quote_plus(key, safe="/"), "size": 3, "eTag": "e", "sequencer": "0"}
                    | changed,
                },
            }
            for key in keys
        ]
    }


def bridged(key: str, /, kind: str = "Object Created", **changed: object) -> dict[str, Any]:
    """Return an event of EventBridge for an object.

    Source: Amazon S3 User Guide, "EventBridge event message structure".
    """
    entry = {"key": key, "size": 3, "etag": "e", "sequencer": "0"} | changed
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": kind,
        "source": "aws.s3",
        "account": "123456789012",
        "time": "2024-11-15T20:00:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:s3:::logs"],
        "detail": {"version": "0", "bucket": {"name": "logs"}, "object": entry, "reason": "PutObject"},
    }


def wrapped(message: Any) -> dict[str, Any]:  # noqa: ANN401 -- of JSON
    """Return a message as SNS sends it to a queue."""
    topic = "arn:aws:sns:us-east-1:123456789012:logs"
    return {"Type": "Notification", "MessageId": "m", "TopicArn": topic, "Message": json.dumps(message)}


def published(message: Any) -> dict[str, Any]:  # noqa: ANN401 -- of JSON
    """Return an event as SNS sends it to a function."""
    return {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": wrapped(message)}]}


def queued(*bodies: Any, **changed: object) -> dict[str, Any]:  # noqa: ANN401 -- of JSON
    """Return an event of SQS with messages ``m0``, ``m1``…, whose bodies are JSON unless they are text."""
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": "h",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:logs",
                "awsRegion": "us-east-1",
            }
            | changed
            for number, body in enumerate(bodies)
        ]
    }


# Source: Amazon S3 User Guide, "Event message structure".
TEST_EVENT = {
    "Service": "Amazon S3",
    "Event": "s3:TestEvent",
    "Time": "2014-10-13T15:57:02.089Z",
    "Bucket": "logs",
    "RequestId": "5582815E1AEA5ADF",
    "HostId": "8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE",
}


def returned(answer: dict[str, Any]) -> list[str]:
    """Return the ids of the messages that go back to the queue."""
    assert set(answer) == {"batchItemFailures"}
    assert all(set(failure) == {"itemIdentifier"} for failure in answer["batchItemFailures"])
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


@pytest.fixture
def make(aws: dict[str, str], s3_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Handler]:
    """Return what makes a handler from variables of the environment, which reaches the tests' own S3 only."""
    for name, value in {**aws, "AWS_ENDPOINT_URL_S3": s3_url, "AWS_MAX_ATTEMPTS": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("edgelift.reprocess.aws.ATTEMPTS", 1)

    def made(destination: str | None = "s3://documents/new", **environment: str) -> Handler:
        where = {} if destination is None else {"EDGELIFT_DESTINATION": destination}
        return Handler(TRANSFORMER, where | {f"EDGELIFT_{name}": text for name, text in environment.items()})

    return made

"""Events as S3 Batch Operations and Step Functions send them, and servers on loopback to answer them with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from edgelift.s3batch import Handler
from tests.reprocess.conftest import TRANSFORMER, aws, opensearch, s3, s3_url, server

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["aws", "opensearch", "s3", "s3_url", "server"]

ROWS = b"1700000000.000\t10.0.0.1\t200\tGET\t/a\n\n1700000001.000\t10.0.0.2\t404\tGET\t/b\n"
DOCUMENTS = TRANSFORMER.transform_lines(ROWS).output
BAD = b"1700000002.000\tno-address\t2x0\tGET\t/c\n"
COUNTS = {"read": 2, "written": 2, "already_there": 0, "dropped": 0, "failed": 0, "blank": 1}


class Context:
    """The part of Lambda's context that the handler uses; each call may report less time."""

    def __init__(self, *seconds: float) -> None:
        self._seconds = list(seconds)

    def get_remaining_time_in_millis(self) -> int:
        seconds = self._seconds.pop(0) if len(self._seconds) > 1 else self._seconds[0]
        return int(seconds * 1000)


def task(key: str, **changed: object) -> dict[str, Any]:
    """Make a task as schema 1.0 has them."""
    usual = {"taskId": "dGFzaw==", "s3Key": key, "s3VersionId": None, "s3BucketArn": "arn:aws:s3:::logs"}
    return usual | changed


def event(*tasks: dict[str, Any], version: str = "1.0", **job: object) -> dict[str, Any]:
    return {
        "invocationSchemaVersion": version,
        "invocationId": "YXNkZg",
        "job": {"id": "f3cc4f60-61f6-4a2b-8a21-d07600c373ce", **job},
        "tasks": list(tasks),
    }


def result(
    handler: Handler, key: str, context: object = None, **changed: object
) -> tuple[str, dict[str, Any]]:
    """Give what the handler answers to one task: code and account."""
    answer = handler(event(task(key, **changed)), context)
    (only,) = answer["results"]
    assert only["taskId"] == "dGFzaw=="
    assert len(only["resultString"]) <= 1024
    return only["resultCode"], json.loads(only["resultString"])


@pytest.fixture
def make(aws: dict[str, str], s3_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Handler]:
    """Give what makes a handler from variables of the environment, which reaches the tests' own S3 only."""
    for name, value in {**aws, "AWS_ENDPOINT_URL_S3": s3_url, "AWS_MAX_ATTEMPTS": "1"}.items():
        monkeypatch.setenv(name, value)

    def made(destination: str | None = "s3://documents/new", **environment: str) -> Handler:
        where = {} if destination is None else {"EDGELIFT_DESTINATION": destination}
        return Handler(TRANSFORMER, where | {f"EDGELIFT_{name}": text for name, text in environment.items()})

    return made

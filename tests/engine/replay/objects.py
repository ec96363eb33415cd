"""Objects as Firehose writes them to S3 when it could not deliver records."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgelift import firehose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FIXTURES = Path(__file__).parents[2] / "fixtures"
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:edgelift:$LATEST"


def error_object(data: bytes, **members: Any) -> bytes:  # noqa: ANN401 - whatever is in JSON
    """Write what Firehose writes of a record, without the members that say which kind of failure it was."""
    return json.dumps(
        {
            "attemptsMade": 4,
            "arrivalTimestamp": 1741088912364,
            "errorCode": "Lambda.FunctionError",
            "errorMessage": "The Lambda function was successfully invoked but it returned an error result.",
            "attemptEndingTimestamp": 1741089007666,
            "rawData": base64.b64encode(data).decode(),
            **members,
        }
    ).encode()


def processing_failed(data: bytes) -> bytes:
    """Write a source record that a function could not transform."""
    return error_object(data, lambdaARN=ARN)


def refused(document: bytes, index: str = "cdn-logs-2024-11-15", **members: str) -> bytes:
    """Write a document that OpenSearch refused."""
    return error_object(document, esDocumentId="49.0", esIndexName=index, esTypeName="", **members)


def failed_of(config: Mapping[str, Any], records: Sequence[bytes]) -> bytes:
    """Write the object of a batch: the records that the Lambda handler answers with ProcessingFailed."""
    event = {
        "invocationId": "i",
        "deliveryStreamArn": "arn:aws:firehose:eu-west-1:123456789012:deliverystream/logs",
        "region": "eu-west-1",
        "records": [
            {"recordId": str(number), "data": base64.b64encode(record).decode()}
            for number, record in enumerate(records)
        ],
    }
    answers = firehose.make_handler(config)(event, None)["records"]
    failed = {answer["recordId"] for answer in answers if answer["result"] == "ProcessingFailed"}
    lines = [processing_failed(record) for number, record in enumerate(records) if str(number) in failed]
    return b"".join(line + b"\n" for line in lines)


def envelope(*messages: bytes, kind: str = "DATA") -> bytes:
    """Write an envelope of CloudWatch Logs with these messages."""
    events = [{"id": "1", "timestamp": 1, "message": message.decode()} for message in messages]
    return json.dumps({"messageType": f"{kind}_MESSAGE", "owner": "1", "logEvents": events}).encode()

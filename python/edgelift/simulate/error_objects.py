"""The error objects that Firehose writes, one JSON line per record, and the names of its objects in S3."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson

from edgelift.simulate.base64_codec import encode

if TYPE_CHECKING:
    from edgelift.simulate.invocation import Failure
    from edgelift.simulate.ports import SourceRecord

PROCESSING_FAILED_PREFIX: Final = "processing-failed/"
"""Source: Firehose Developer Guide, "Handle failure in data transformation"."""

INDEX_FAILED_PREFIX: Final = "AmazonOpenSearchService_failed/"
"""Source: Firehose Developer Guide, "Handle data delivery failures". Older streams write other names."""

SOURCE_PREFIX: Final = ""


class Attempts(NamedTuple):
    """The attempts of Firehose before it gave a record up.

    Attributes:
        made: their number.
        ended: milliseconds since 1970 at which the last one ended.

    """

    made: int
    ended: int


def processing_failed(record: SourceRecord, failure: Failure, attempts: Attempts, function_arn: str) -> bytes:
    """Return the error object of a record that was not transformed, with its line feed.

    Source: an object recorded on AWS (floci PR 3393), of which this is the order and the spelling of the
    keys; the Developer Guide has another order, ``lambdaArn``, and strings for the numbers.

    Args:
        record: the source record, which it carries untransformed.
        failure: the reason.
        attempts: invocations.
        function_arn: the ARN of the function.

    """
    return orjson.dumps(
        {
            "rawData": encode(record.data),
            "errorCode": failure.code,
            "errorMessage": failure.message,
            "attemptsMade": attempts.made,
            "arrivalTimestamp": record.arrival,
            "attemptEndingTimestamp": attempts.ended,
            "lambdaARN": function_arn,
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )


class Target(NamedTuple):
    """The place of a document.

    Attributes:
        index_name: name of the index.
        document_id: the id, or None if OpenSearch makes it.

    """

    index_name: str
    document_id: str | None


def index_failed(
    record: SourceRecord, document: bytes, failure: Failure, attempts: Attempts, target: Target
) -> bytes:
    """Return the error object of a document that was not indexed, with its line feed.

    Source: Firehose Developer Guide, "Handle data delivery failures", whose order of the keys this is; in
    recorded objects numbers are numbers. The value of ``esDocumentId`` where OpenSearch makes the ids is not
    documented: null here.

    Args:
        record: the source record.
        document: the document, which it carries as the function returned it.
        failure: the reason of the last attempt.
        attempts: index requests.
        target: the place that was intended.

    """
    return orjson.dumps(
        {
            "attemptsMade": attempts.made,
            "arrivalTimestamp": record.arrival,
            "errorCode": failure.code,
            "errorMessage": failure.message,
            "attemptEndingTimestamp": attempts.ended,
            "esDocumentId": target.document_id,
            "esIndexName": target.index_name,
            "esTypeName": "",
            "rawData": encode(document),
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )


def object_name(prefix: str, stream: str, *, oldest: int, written: float, unique: str) -> str:
    """Return the key of an object.

    Source: Firehose Developer Guide, "Configure Amazon S3 object name format" and "Understand custom
    prefixes": ``YYYY/MM/DD/HH/`` in UTC after the prefix, from the arrival of the oldest record in the
    object; then ``stream-version-YYYY-MM-DD-HH-MM-SS-unique``. The version is 1: a simulated stream is not
    updated. Which time the second part has is not documented: here that of the writing.

    Args:
        prefix: the folder of its kind.
        stream: name of the delivery stream.
        oldest: milliseconds since 1970 at which the oldest record arrived.
        written: seconds since 1970 at which the object is written.
        unique: a random string.

    """
    arrived = datetime.fromtimestamp(oldest // 1000, UTC)
    now = datetime.fromtimestamp(int(written), UTC)
    return f"{prefix}{arrived:%Y/%m/%d/%H/}{stream}-1-{now:%Y-%m-%d-%H-%M-%S}-{unique}"

"""A transformation event as Firehose sends it, and what Firehose does with the answer."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from edgelift.simulate.base64_codec import decode, encode
from edgelift.simulate.ports import FunctionRaised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgelift.simulate.ports import Function, SourceRecord

PAYLOAD_LIMIT: Final = 6_291_456
"""Bytes of a request and of a response: AWS Lambda Developer Guide, "Lambda quotas"."""

LONGEST_INVOCATION: Final = 300.0
"""Seconds: Firehose Developer Guide, "Transform source data": an invocation time of up to 5 minutes."""


class Failure(NamedTuple):
    """Why records are not delivered: the code and message of their error objects."""

    code: str
    message: str


FUNCTION_ERROR: Final = Failure(
    "Lambda.FunctionError", "The Lambda function was successfully invoked but it returned an error result."
)
MISSING_RECORD_ID: Final = Failure(
    "Lambda.MissingRecordId",
    "One or more record Ids were not returned. Ensure that the Lambda function returns all received record "
    "Ids.",
)
DUPLICATED_RECORD_ID: Final = Failure(
    "Lambda.DuplicatedRecordId",
    "Multiple records were returned with the same record Id. Ensure that the Lambda function returns a "
    "unique record Id for each record.",
)
PROCESSING_FAILED: Final = Failure("Lambda.ProcessingFailedStatus", "ProcessingFailed status set for record")
NO_DATA: Final = Failure(
    "Lambda.InvalidReturnFormat",
    "The data field cannot be null when the SourceType is DirectPut or KinesisStreamAsSource and processing "
    "result is Ok. The value field cannot be null when the SourceType is MSKAsSource and processing result "
    "is Ok.",
)
NO_RESULT: Final = Failure(
    "Lambda.InvalidReturnFormat", "The result field is not one of Ok, Dropped and ProcessingFailed."
)
NOT_BASE64: Final = Failure("Lambda.InvalidReturnFormat", "The data field is not encoded in base64.")
NOT_JSON: Final = Failure(
    "Lambda.JsonProcessingException",
    "There was an error parsing returned records from the Lambda function. Ensure that the returned records "
    "follow the status model required by Amazon Data Firehose.",
)


class Checked(NamedTuple):
    """The outcome of the records of one event.

    Attributes:
        documents: the records that were transformed, with their data.
        dropped: the records that the function dropped on purpose.
        failed: the other records, with the reasons.

    """

    documents: list[tuple[SourceRecord, bytes]]
    dropped: list[SourceRecord]
    failed: list[tuple[SourceRecord, Failure]]


def all_failed(records: Sequence[SourceRecord], failure: Failure) -> Checked:
    """Return that all records of an event failed for the same reason."""
    return Checked([], [], [(record, failure) for record in records])


class Event(NamedTuple):
    """An event, and what identifies its records.

    Attributes:
        body: its JSON.
        record_ids: the id of each record, in their order.

    """

    body: bytes
    record_ids: list[str]


def record_ids(records: Sequence[SourceRecord]) -> list[str]:
    """Return the ``recordId`` of each record, as long as those of a Kinesis source. AWS documents no form."""
    return [
        f"{record.shard_id}{record.sequence_number:0>140}{record.subsequence_number:012}"
        for record in records
    ]


def build_event(
    records: Sequence[SourceRecord], *, invocation_id: str, stream_arn: str, source_arn: str, region: str
) -> Event:
    """Return the event for records of a Kinesis source.

    Source: Lambda's event of a Firehose stream with a Kinesis source, as recorded by the event libraries of
    Powertools, Go and Rust. The order of its keys is not documented.
    """
    ids = record_ids(records)
    body = orjson.dumps(
        {
            "invocationId": invocation_id,
            "sourceKinesisStreamArn": source_arn,
            "deliveryStreamArn": stream_arn,
            "region": region,
            "records": [
                {
                    "recordId": each,
                    "approximateArrivalTimestamp": arrival,
                    "data": encode(data),
                    "kinesisRecordMetadata": {
                        "sequenceNumber": number,
                        "subsequenceNumber": subsequence_number,
                        "partitionKey": key,
                        "shardId": shard,
                        "approximateArrivalTimestamp": arrival,
                    },
                }
                for each, (data, number, key, shard, arrival, subsequence_number, _) in zip(
                    ids, records, strict=True
                )
            ],
        }
    )
    return Event(body, ids)


def invoke(function: Function, event: bytes, *, timeout: float) -> bytes:
    """Invoke a function with the limits of Lambda for a payload.

    Source: AWS Lambda Developer Guide, "Lambda quotas": 6 MB for a synchronous request and its response each.
    What Firehose does with a request that is too large is not measured: here Lambda refuses it, as it
    documents for ``Invoke`` (``RequestTooLargeException``), and the invocation fails.

    Raises:
        FunctionFailed: there is no answer.

    """
    if len(event) > PAYLOAD_LIMIT:
        raise FunctionRaised(f"the request has {len(event)} bytes, and Lambda takes {PAYLOAD_LIMIT}")
    answer = function.invoke(event, timeout=min(timeout, LONGEST_INVOCATION))
    if len(answer) > PAYLOAD_LIMIT:
        raise FunctionRaised(f"the response has {len(answer)} bytes, and Lambda takes {PAYLOAD_LIMIT}")
    return answer


def check_answer(records: Sequence[SourceRecord], ids: list[str], answer: bytes) -> Checked:
    """Return what becomes of each record of an event by the answer of the function.

    Source: measured on AWS by others (us-west-2, 2026-09-10, DirectPut; floci PR 3393), codes and messages
    included. An answer without records, or without one of them, gives ``Lambda.MissingRecordId``; an id that
    is there twice ``Lambda.DuplicatedRecordId``, and neither of its results counts; ids that were not sent
    are ignored; ``Ok`` without data gives ``Lambda.InvalidReturnFormat``. All of these are final after one
    attempt.

    Not measured: an answer that is not JSON (here ``Lambda.JsonProcessingException``, which the Developer
    Guide lists for it), another ``result``, and data that is not base64 (both ``Lambda.InvalidReturnFormat``
    here).
    """
    try:
        response: Any = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return all_failed(records, NOT_JSON)
    results = response.get("records") if isinstance(response, dict) else None
    if not isinstance(results, list):
        results = []
    return _check_in_order(records, ids, results) or check_by_id(records, ids, results)


def _check_in_order(records: Sequence[SourceRecord], ids: list[str], results: list[Any]) -> Checked | None:
    """Check an answer with one result for each id, in their order; return None for any other one.

    Almost all answers are so, and `check_by_id` takes twice as long.
    """
    try:
        if [result["recordId"] for result in results] != ids:
            return None
        is_ok = [result["result"] == "Ok" for result in results]
        documents = list(map(decode, [result["data"] for result in compress(results, is_ok)]))
    except (KeyError, TypeError, ValueError):
        return None
    checked = Checked(list(zip(compress(records, is_ok), documents, strict=True)), [], [])
    is_other = [not each for each in is_ok]
    for record, result in zip(compress(records, is_other), compress(results, is_other), strict=True):
        _add(checked, record, _outcome(result))
    return checked


def check_by_id(records: Sequence[SourceRecord], ids: Sequence[str], results: list[Any]) -> Checked:
    """Check any answer, record by record."""
    by_id, repeated = _results_by_id(results)
    checked = Checked([], [], [])
    for record, sent in zip(records, ids, strict=True):
        result = by_id.get(sent)
        outcome: bytes | Failure | None
        if result is None:
            outcome = MISSING_RECORD_ID
        elif sent in repeated:
            outcome = DUPLICATED_RECORD_ID
        else:
            outcome = _outcome(result)
        _add(checked, record, outcome)
    return checked


def _add(checked: Checked, record: SourceRecord, outcome: bytes | Failure | None) -> None:
    if isinstance(outcome, bytes):
        checked.documents.append((record, outcome))
    elif isinstance(outcome, Failure):
        checked.failed.append((record, outcome))
    else:
        checked.dropped.append(record)


def _results_by_id(results: list[Any]) -> tuple[dict[str, dict[str, Any]], set[str]]:
    """Return the result for each id, and the ids that are there more than once."""
    by_id: dict[str, dict[str, Any]] = {}
    repeated: set[str] = set()
    for result in results:
        returned = result.get("recordId") if isinstance(result, dict) else None
        if isinstance(returned, str):
            if returned in by_id:
                repeated.add(returned)
            by_id[returned] = result
    return by_id, repeated


def _outcome(result: dict[str, Any]) -> bytes | Failure | None:
    """Return the data of a transformed record, why it failed, or None if it was dropped."""
    status = result.get("result")
    if status == "Ok":
        data = result.get("data")
        if data is None:
            return NO_DATA
        try:
            return decode(data)
        except (TypeError, ValueError):
            return NOT_BASE64
    if status == "Dropped":
        return None
    return PROCESSING_FAILED if status == "ProcessingFailed" else NO_RESULT

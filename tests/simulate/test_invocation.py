"""The event, and what becomes of records by the answer: codes and messages as measured on AWS."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from edgelift.simulate.invocation import (
    Event,
    build_event,
    check_answer,
    check_by_id,
    invoke,
    record_ids,
)
from edgelift.simulate.ports import FunctionRaised, SourceRecord

if TYPE_CHECKING:
    from collections.abc import Callable

FIXTURES = Path(__file__).parents[1] / "fixtures"
RECORDS = [
    SourceRecord(
        data=f"record {number}\n".encode(),
        sequence_number=f"4957873408644225903749749298062023384017339048211251{number:04}",
        partition_key=f'key "{number}" ü',
        shard_id=f"shardId-{number:012}",
        arrival=1_664_028_820_148 + number,
    )
    for number in range(3)
]
IDS = record_ids(RECORDS)
SUCCESS = [
    {"recordId": each, "result": "Ok", "data": base64.b64encode(b'{"n":%d}' % number).decode()}
    for number, each in enumerate(IDS)
]
MISSING_MESSAGE = (
    "One or more record Ids were not returned. "
    "Ensure that the Lambda function returns all received record Ids."
)
DUPLICATED_MESSAGE = (
    "Multiple records were returned with the same record Id. "
    "Ensure that the Lambda function returns a unique record Id for each record."
)
MISSING = ("Lambda.MissingRecordId", MISSING_MESSAGE)
DUPLICATED = ("Lambda.DuplicatedRecordId", DUPLICATED_MESSAGE)


def built() -> Event:
    return build_event(
        RECORDS,
        invocation_id="2b4d1ad9-2f48-44bd-a088-767c317e994a",
        stream_arn="arn:aws:firehose:us-east-1:123456789012:deliverystream/logs",
        source_arn="arn:aws:kinesis:us-east-1:123456789012:stream/logs",
        region="us-east-1",
    )


def outcomes(answer: bytes) -> list[Any]:
    """Return what became of each record, in their order."""
    checked = check_answer(RECORDS, IDS, answer)
    by_record: dict[SourceRecord, Any] = dict(checked.documents)
    by_record |= dict.fromkeys(checked.dropped, "dropped")
    by_record |= dict(checked.failed)
    assert len(checked.documents) + len(checked.dropped) + len(checked.failed) == len(RECORDS)
    return [by_record[record] for record in RECORDS]


def changed(change: Callable[[list[Any]], Any]) -> bytes:
    """Return the right answer with a change."""
    records = [dict(result) for result in SUCCESS]
    return json.dumps({"records": change(records)}).encode()


def with_first(**members: Any) -> bytes:  # noqa: ANN401 - of JSON
    return changed(lambda records: [records[0] | members, *records[1:]])


DOCUMENTS = [b'{"n":0}', b'{"n":1}', b'{"n":2}']


def keys_of(value: Any) -> Any:  # noqa: ANN401 - of JSON
    """Return the types of a value, with those of all members."""
    if isinstance(value, dict):
        return {key: keys_of(member) for key, member in value.items()}
    return [keys_of(value[0])] if isinstance(value, list) else type(value)


def test_the_event_has_the_members_of_a_recorded_one_and_their_types() -> None:
    recorded = json.loads((FIXTURES / "firehose" / "event-kinesis-source.json").read_bytes())
    assert keys_of(json.loads(built().body)) == keys_of(recorded)


def test_the_event_has_the_records_in_base64_with_their_metadata() -> None:
    event = json.loads(built().body)
    assert [base64.b64decode(record["data"]) for record in event["records"]] == [
        record.data for record in RECORDS
    ]
    assert event["records"][1]["approximateArrivalTimestamp"] == 1_664_028_820_149
    assert event["records"][1]["kinesisRecordMetadata"] == {
        "sequenceNumber": RECORDS[1].sequence_number,
        "subsequenceNumber": 0,
        "partitionKey": 'key "1" ü',
        "shardId": "shardId-000000000001",
        "approximateArrivalTimestamp": 1_664_028_820_149,
    }


def test_record_ids_are_unique_and_as_long_as_those_of_a_kinesis_source() -> None:
    assert {len(each) for each in IDS} == {172}
    aggregated = [RECORDS[0]._replace(subsequence_number=number) for number in range(3)]
    assert len(set(record_ids([*RECORDS, *aggregated]))) == 5


def test_ok_gives_the_data_and_dropped_nothing() -> None:
    assert outcomes(changed(list)) == DOCUMENTS
    assert outcomes(with_first(result="Dropped", data=None)) == ["dropped", *DOCUMENTS[1:]]


def test_results_may_come_in_any_order() -> None:
    assert outcomes(changed(lambda records: records[::-1])) == DOCUMENTS


@pytest.mark.parametrize("first", ["Ok", "Dropped", "ProcessingFailed", "ok", None])
@pytest.mark.parametrize("data", ["YQ==", "YQ", None])
def test_answers_in_the_order_of_the_records_are_checked_as_others_are(
    first: str | None, data: str | None
) -> None:
    answer = with_first(result=first, data=data)
    by_id = check_by_id(RECORDS, IDS, json.loads(answer)["records"])
    assert check_answer(RECORDS, IDS, answer) == by_id
    assert len(by_id.documents) == 2 + (first == "Ok" and data == "YQ==")


def test_processing_failed_fails_the_record() -> None:
    expected = ("Lambda.ProcessingFailedStatus", "ProcessingFailed status set for record")
    assert outcomes(with_first(result="ProcessingFailed")) == [expected, *DOCUMENTS[1:]]


def test_a_missing_id_fails_that_record_alone() -> None:
    assert outcomes(changed(lambda records: records[1:])) == [MISSING, *DOCUMENTS[1:]]


def test_a_duplicated_id_fails_that_record_alone() -> None:
    assert outcomes(changed(lambda records: [*records, records[0]])) == [DUPLICATED, *DOCUMENTS[1:]]
    twice = [
        {"recordId": IDS[0], "result": "Dropped"},
        {"recordId": IDS[0], "result": "ProcessingFailed"},
    ]
    assert outcomes(changed(lambda records: twice + records[1:])) == [DUPLICATED, *DOCUMENTS[1:]]


def test_an_unknown_id_is_ignored() -> None:
    assert outcomes(changed(lambda records: [{"recordId": "x", "result": "Ok"}, *records])) == DOCUMENTS
    # The record with the id that was not returned is missing, of course.
    assert outcomes(with_first(recordId="x")) == [MISSING, *DOCUMENTS[1:]]


@pytest.mark.parametrize(
    "answer",
    [
        *(b"{}", b"null", b"[]", b'"records"', b'{"records":null}', b'{"records":{}}', b'{"records":[]}'),
        b'{"records":[null,1,"x",[],{},{"recordId":1},{"recordId":[]}]}',
    ],
)
def test_an_answer_without_records_misses_every_id(answer: bytes) -> None:
    assert outcomes(answer) == [MISSING] * 3


@pytest.mark.parametrize("answer", [b"", b"not JSON", b'{"records":[', b"\xff", b"[" * 100_000])
def test_an_answer_that_is_not_json_fails_every_record(answer: bytes) -> None:
    assert {code for code, _ in outcomes(answer)} == {"Lambda.JsonProcessingException"}


def test_ok_without_data_is_an_invalid_format() -> None:
    for answer in (
        with_first(data=None),
        changed(lambda records: [{"recordId": IDS[0], "result": "Ok"}, *records[1:]]),
    ):
        (code, message), *others = outcomes(answer)
        assert code == "Lambda.InvalidReturnFormat"
        assert message.startswith(
            "The data field cannot be null when the SourceType is DirectPut or KinesisStream"
        )
        assert others == DOCUMENTS[1:]


@pytest.mark.parametrize("data", ["not base64 %%%", "YQ", "YQ==YQ==", "ü", "Y\nQ==", 1, [], {}])
def test_data_that_is_not_base64_is_an_invalid_format(data: Any) -> None:  # noqa: ANN401 - of JSON
    (code, _), *others = outcomes(with_first(data=data))
    assert code == "Lambda.InvalidReturnFormat"
    assert others == DOCUMENTS[1:]


@pytest.mark.parametrize("result", ["ok", "OK", "", None, 1, []])
def test_another_result_is_an_invalid_format(result: Any) -> None:  # noqa: ANN401 - of JSON
    (code, _), *others = outcomes(with_first(result=result))
    assert code == "Lambda.InvalidReturnFormat"
    assert others == DOCUMENTS[1:]


class Answering:
    """A function with one answer."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.timeouts: list[float] = []

    def invoke(self, event: bytes, *, timeout: float) -> bytes:
        del event
        self.timeouts.append(timeout)
        return self.answer


def test_payloads_have_six_mebibytes_at_most() -> None:
    limit = 6 * 1024 * 1024
    function = Answering(b"x" * limit)
    assert len(invoke(function, b"x" * limit, timeout=1)) == limit
    with pytest.raises(FunctionRaised, match="the request has 6291457 bytes"):
        invoke(function, b"x" * (limit + 1), timeout=1)
    assert len(function.timeouts) == 1  # Lambda did not start it
    with pytest.raises(FunctionRaised, match="the response has 6291457 bytes"):
        invoke(Answering(b"x" * (limit + 1)), b"", timeout=1)


def test_firehose_waits_for_five_minutes_at_most() -> None:
    function = Answering(b"")
    for timeout in (60, 300, 900):
        invoke(function, b"", timeout=timeout)
    assert function.timeouts == [60, 300, 300]

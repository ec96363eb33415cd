"""Bulk requests, their retries, and the documents that the index does not take."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from edgelift.simulate import DeliveryStream, MemoryBackup
from edgelift.simulate.delivery import are_single_objects, is_single_object
from edgelift.simulate.ports import BulkAnswer, IndexUnreachable
from tests.simulate.scripted import ScriptedFunction, ScriptedIndex

SERVER_BUSY = BulkAnswer(429, error='{"error":"rejected"}')
REJECTED = {
    "status": 400,
    "error": {"type": "mapper_parsing_exception", "reason": "failed to parse ü", "caused_by": {"type": "x"}},
}


def stream_of(
    index: ScriptedIndex,
    *records: bytes,
    function: ScriptedFunction | None = None,
    **settings: Any,  # noqa: ANN401
) -> DeliveryStream:
    stream = DeliveryStream(function=function or ScriptedFunction(), index=index, **settings)
    index.clock = stream.clock
    stream.put(records)
    return stream


def error_objects(stream: DeliveryStream) -> list[dict[str, Any]]:
    assert isinstance(stream.backup, MemoryBackup)
    return stream.backup.error_objects()


def test_a_bulk_request_names_index_and_id_of_each_document() -> None:
    index = ScriptedIndex()
    stream_of(index, b"a\n", b"b\n", index_name="logs", rotation="OneHour").run()
    ((first, a, second, b),) = index.bodies
    assert [a, b] == [{"line": "a"}, {"line": "b"}]
    assert [first["index"]["_index"], second["index"]["_index"]] == ["logs-2024-01-01-00"] * 2
    assert first["index"]["_id"].endswith("0000.0")
    assert first["index"]["_id"] != second["index"]["_id"]


def test_opensearch_makes_the_ids_if_asked_to() -> None:
    index = ScriptedIndex()
    stream_of(index, b"a\n", document_ids="NO_DOCUMENT_ID").run()
    assert index.bodies[0][0] == {"index": {"_index": "cdn-logs-2024-01-01"}}


def test_the_time_of_arrival_names_the_index_and_not_that_of_delivery() -> None:
    index = ScriptedIndex()
    stream = stream_of(index, rotation="OneHour", rate=1)
    stream.wait(3595)
    stream.put([b"%d\n" % number for number in range(10)])
    account = stream.run()
    assert {name: len(documents) for name, documents in index.indices.items()} == {
        "cdn-logs-2024-01-01-00": 5,
        "cdn-logs-2024-01-01-01": 5,
    }
    assert account.bulk_requests == 1


def test_documents_are_buffered_by_size_and_time() -> None:
    index = ScriptedIndex()
    function = ScriptedFunction(document=lambda data: b'{"a":"%s"}' % (b"x" * 600_000 + data.strip()))
    stream_of(index, b"1\n", b"2\n", b"3\n", function=function, index_interval=900).run()
    assert [len(body) // 2 for body in index.bodies] == [1, 1, 1]
    assert index.times[2] - index.times[1] == 900


@pytest.mark.parametrize("failure", [SERVER_BUSY, IndexUnreachable("connection refused")])
def test_a_failed_request_is_sent_again(failure: BulkAnswer | IndexUnreachable) -> None:
    index = ScriptedIndex(failure, failure)
    account = stream_of(index, b"a\n", b"b\n").run()
    assert (account.indexed, account.bulk_requests, account.failed_bulk_requests) == (2, 3, 2)
    assert index.bodies == [index.bodies[0]] * 3
    assert [time - index.times[0] for time in index.times] == pytest.approx([0, 2, 6])


def test_only_rejected_documents_are_sent_again() -> None:
    index = ScriptedIndex({1: {"status": 429, "error": {"type": "busy"}}})
    account = stream_of(index, b"a\n", b"b\n", b"c\n").run()
    assert account.indexed == len(index) == 3
    assert index.bodies[1] == index.bodies[0][2:4]


def test_documents_that_stay_rejected_go_to_the_backup_after_the_retry_duration() -> None:
    index = ScriptedIndex(*[{0: REJECTED}] * 100)
    stream = stream_of(index, b"a\n", b"b\n", retry_seconds=300)
    account = stream.run()
    assert (account.indexed, account.failed) == (1, {"400": 1})
    assert index.times[-1] - index.times[0] <= 300
    (failed,) = error_objects(stream)
    assert list(failed) == [
        "attemptsMade",
        "arrivalTimestamp",
        "errorCode",
        "errorMessage",
        "attemptEndingTimestamp",
        "esDocumentId",
        "esIndexName",
        "esTypeName",
        "rawData",
    ]
    assert failed["attemptsMade"] == account.bulk_requests == len(index.bodies)
    assert failed["arrivalTimestamp"] == 1_704_067_200_000
    assert failed["attemptEndingTimestamp"] == round(index.times[-1] * 1000)
    assert json.loads(failed["errorMessage"]) == REJECTED["error"]
    assert failed["esDocumentId"] == index.bodies[0][0]["index"]["_id"]
    assert failed["esIndexName"] == "cdn-logs-2024-01-01"
    assert base64.b64decode(failed["rawData"]) == b'{"line": "a"}'


@pytest.mark.parametrize(("seconds", "requests"), [(0, 1), (1.9, 1), (2, 2), (6, 3), (7200, 12)])
def test_the_retry_duration_includes_the_first_attempt(seconds: float, requests: int) -> None:
    index = ScriptedIndex(*[SERVER_BUSY] * 100)
    stream = stream_of(index, b"a\n", retry_seconds=seconds)
    assert stream.run().failed == {"429": 1}
    assert len(index.bodies) == requests
    assert error_objects(stream)[0]["errorMessage"] == '{"error":"rejected"}'


def test_an_index_that_is_down_for_a_minute_loses_nothing() -> None:
    down: list[Any] = [IndexUnreachable("connection refused")] * 5
    account = stream_of(ScriptedIndex(*down), *[b"%d\n" % number for number in range(100)]).run()
    assert account.indexed == 100


def test_an_answer_with_a_wrong_number_of_items_is_not_relied_upon() -> None:
    index = ScriptedIndex(BulkAnswer(200, [{"status": 201}]))
    account = stream_of(index, b"a\n", b"b\n").run()
    assert (account.indexed, account.failed_bulk_requests) == (2, 1)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b'{"a":1}\n',
        b'{"a":1}\n{"a":2}',
        b"[1]",
        b"1",
        b"null",
        b"not JSON",
        b'{"a":1}{"a":2}',
        b'{"a":1},{"a":2}',
        b'{"a":NaN}',
        b'{"a":"\xff"}',
        b'{"a":1',
    ],
)
def test_what_is_not_a_single_object_in_one_line_is_malformed(document: bytes) -> None:
    index = ScriptedIndex()
    function = ScriptedFunction(document=lambda data: document if data == b"bad\n" else b'{"good":1}')
    stream = stream_of(index, b"good\n", b"bad\n", b"good\n", function=function)
    account = stream.run()
    assert is_single_object(document) is are_single_objects([b"{}", document]) is False
    assert (account.indexed, account.failed) == (2, {"OS.MalformedData": 1})
    (failed,) = error_objects(stream)
    assert failed["errorMessage"].startswith("One or more records are malformed.")
    assert failed["attemptsMade"] == 1
    assert base64.b64decode(failed["rawData"]) == document


@pytest.mark.parametrize(
    "document", [b"{}", b' {"a": {"b": [1, null]}} ', b'{"a":"\\n"}', '{"ä":1}'.encode()]
)
def test_single_objects_are_documents(document: bytes) -> None:
    assert is_single_object(document)
    assert are_single_objects([b"{}", document])


def test_a_lost_answer_repeats_documents_without_ids_of_firehose_only() -> None:
    for ids, documents in (("NO_DOCUMENT_ID", 6), ("FIREHOSE_DEFAULT", 3)):
        index = ScriptedIndex("lost answer")
        account = stream_of(index, b"a\n", b"b\n", b"c\n", document_ids=ids).run()
        assert account.is_balanced
        assert (account.indexed, account.repeated) == (3, documents - 3)
        assert len(index) == account.documents == documents


def test_documents_of_an_earlier_run_that_are_replaced_are_counted() -> None:
    index = ScriptedIndex()
    assert stream_of(index, b"a\n", b"b\n").run().replaced == 0
    account = stream_of(index, b"c\n", seed=0).run()
    assert (account.indexed, account.replaced, len(index)) == (1, 1, 2)
    assert "1 in the place of documents that had the same ids" in str(account)
    # Another seed makes other ids.
    account = stream_of(index, b"d\n", b"e\n", seed=1).run()
    assert (account.indexed, account.replaced, len(index)) == (2, 0, 4)


def test_documents_of_a_lost_answer_replace_nothing() -> None:
    account = stream_of(ScriptedIndex("lost answer"), b"a\n").run()
    assert (account.indexed, account.replaced) == (1, 0)


def test_documents_of_lost_answers_that_go_to_the_backup_are_known() -> None:
    for ids, documents in (("NO_DOCUMENT_ID", 6), ("FIREHOSE_DEFAULT", 3)):
        index = ScriptedIndex("lost answer", "lost answer", *[SERVER_BUSY] * 100)
        account = stream_of(index, b"a\n", b"b\n", b"c\n", document_ids=ids).run()
        assert account.is_balanced
        assert (account.indexed, account.in_backup, account.unconfirmed) == (0, 3, 3)
        assert account.repeated == documents - 3
        assert len(index) == account.documents == documents

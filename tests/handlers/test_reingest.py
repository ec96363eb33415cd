"""The policy reingest: what does not fit is re-ingested, what cannot be fails, and nothing is lost."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

import edgelift
from edgelift import firehose, reingest, runtime
from tests.engine.event.invariants import LIMIT, compact, event_of, fates
from tests.engine.event.test_budget import serialised

from .services import FIREHOSE, KINESIS, Services, services

FIELDS = ["timestamp", "c-ip", "cs-uri-stem", "cs-cookie"]
CONFIG = {"layouts": [{"fields": FIELDS}], "overflow": {"policy": "reingest"}}
TEXT = f"[[layouts]]\nfields = {json.dumps(FIELDS)}\n[overflow]\npolicy = 'reingest'\n"
TRANSFORMER = edgelift.Transformer(CONFIG)
ROWS = [b"1700000000\t192.0.2.1\t/%d\t%s\n" % (number, b'"' * 500) for number in range(5_000)]
SOURCES = pytest.mark.parametrize("source", ["kinesis", "direct"])
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_EC2_METADATA_DISABLED": "true",
}
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _no_client_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    reingest._client.cache_clear()  # noqa: SLF001 (a test's endpoint is gone after it)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    with services() as here:
        monkeypatch.setenv("AWS_ENDPOINT_URL", here.url)
        yield here


class Context:
    """Of Lambda's context what is looked at: the time that is left."""

    def __init__(self, *milliseconds: int) -> None:
        self._left = list(milliseconds)

    def get_remaining_time_in_millis(self) -> int:
        return self._left.pop(0) if len(self._left) > 1 else self._left[0]


def answered(event: dict[str, Any], context: object = None) -> dict[str, list[int]]:
    """Answer an event; check that all are answered, and that the response fits."""
    response = firehose.make_handler(CONFIG)(event, context)
    assert len(serialised(response)) <= LIMIT
    return fates(TRANSFORMER, event, response)


def logged(captured: Captured) -> dict[str, Any]:
    entry = json.loads(captured.readouterr().out)
    assert isinstance(entry, dict)
    assert entry["RecordsIn"] == entry["Ok"] + entry["Dropped"] + entry["Failed"]
    return entry


@SOURCES
def test_the_last_records_are_reingested(source: str, aws: Services, capsys: Captured) -> None:
    event = event_of(ROWS, source=source)
    found = answered(event)
    kept = len(found["Ok"])
    assert (found["Ok"], found["Dropped"]) == (list(range(kept)), list(range(kept, len(ROWS))))
    assert 1_000 < len(found["Dropped"]) < 3_000
    keys = [f"key-{place % 7}" if source == "kinesis" else None for place in found["Dropped"]]
    assert aws.taken == [(ROWS[place], key) for place, key in zip(found["Dropped"], keys, strict=True)]
    target, name = (KINESIS, {"StreamARN": event.get("sourceKinesisStreamArn")})
    if source == "direct":
        target, name = FIREHOSE, {"DeliveryStreamName": "logs"}
    assert aws.calls == [(target, name)] * -(-len(aws.taken) // 500)
    entry = logged(capsys)
    assert (entry["Ok"], entry["Dropped"], entry["reingested"], entry["Failed"]) == (
        kept,
        len(ROWS) - kept,
        len(ROWS) - kept,
        0,
    )


def test_calls_keep_to_the_limits_of_the_service(aws: Services) -> None:
    # A control character takes six bytes in a document, so most of these are re-ingested: more than 4 MiB.
    rows = [b"1700000000\t-\t/%d\t%s\n" % (number, b"\x01" * 300_000) for number in range(20)]
    for calls, source in enumerate(("kinesis", "direct"), 1):
        found = answered(event_of(rows, source=source))
        assert found == {"Ok": [0, 1], "Dropped": [*range(2, 20)], "ProcessingFailed": [], "emptied": []}
        assert len(aws.calls) == 2 * calls
    assert [data for data, _ in aws.taken] == rows[2:] * 2


@SOURCES
def test_only_refused_records_of_a_call_are_put_again(source: str, aws: Services) -> None:
    # Of ten rows one is refused once, another one twice.
    refusals = dict.fromkeys(ROWS[::10], 1) | dict.fromkeys(ROWS[5::10], 2)
    aws.refuses = lambda data, time: "ThrottlingException" if time <= refusals.get(data, 0) else None
    event = event_of(ROWS, source=source)
    found = answered(event)
    assert found["ProcessingFailed"] == found["emptied"] == []
    assert Counter(data for data, _ in aws.taken) == Counter(ROWS[place] for place in found["Dropped"])
    assert set(aws.seen.values()) == {1, 2, 3}


@SOURCES
def test_records_refused_after_all_retries_fail(source: str, aws: Services, capsys: Captured) -> None:
    refused = {ROWS[-1], ROWS[-2], ROWS[-700]}
    aws.refuses = lambda data, _time: "InternalFailure" if data in refused else None
    event = event_of(ROWS, source=source)
    began = time.monotonic()
    found = answered(event)
    assert time.monotonic() - began >= sum(reingest.PAUSES)
    last = len(ROWS) - 1
    # Their own data come back as far as there is room, which the first of them has had.
    assert sorted(found["ProcessingFailed"] + found["emptied"]) == [last - 699, last - 1, last]
    assert {data for data, _ in aws.taken} == {ROWS[place] for place in found["Dropped"]}
    assert {aws.seen[data] for data in refused} == {1 + len(reingest.PAUSES)}
    entry = logged(capsys)
    assert (entry["Failed_too_large"], entry["reingested"]) == (3, len(found["Dropped"]))
    assert entry["first_failures"]["too_large"] == {
        "recordId": event["records"][last - 699]["recordId"],
        "message": (
            "the document does not fit into the response and could not be re-ingested: "
            "InternalFailure: slow down"
        ),
    }


FAILURES = {
    "access": (400, "AccessDeniedException"),
    "stream": (400, "ResourceNotFoundException"),
    "service": (500, "InternalFailure"),
}


@SOURCES
@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
def test_failed_calls_fail_their_records(
    source: str, failure: tuple[int, str], aws: Services, capsys: Captured
) -> None:
    aws.failure = status, code = failure
    found = answered(event_of(ROWS, source=source))
    assert (found["Dropped"], aws.taken) == ([], [])
    assert len(found["Ok"]) + len(found["ProcessingFailed"]) + len(found["emptied"]) == len(ROWS)
    reported = logged(capsys)["first_failures"]["too_large"]["message"]
    assert f": An error occurred ({code}) when calling the Put" in reported
    # Each call by itself; boto3 tries a service that failed again, and nothing else.
    assert len(aws.calls) == 3 * (reingest.TRIES if status == 500 else 1)


@SOURCES
def test_records_put_before_a_failed_call_are_dropped(source: str, aws: Services) -> None:
    # Of each call some records are refused at first, and when they come again the service is out of order.
    refused = set(ROWS[::10])

    def refuses(data: bytes, time: int) -> str | None:
        if time == 1 and data in refused:
            return "ThrottlingException"
        return None

    aws.refuses = refuses
    aws.breaks = lambda records: all(data in refused for data in records)
    event = event_of(ROWS, source=source)
    found = answered(event)
    assert [data for data, _ in aws.taken] == [ROWS[place] for place in found["Dropped"]]
    failed = found["ProcessingFailed"] + found["emptied"]
    assert {ROWS[place] for place in failed} <= refused
    assert len(failed) > 10


def test_a_service_that_does_not_answer_is_left_in_time(aws: Services, capsys: Captured) -> None:
    aws.hangs = True
    began = time.monotonic()
    deadline = began + reingest.TIME_KEPT / 1000 + 1

    class UntilDeadline:
        def get_remaining_time_in_millis(self) -> float:
            return (deadline - time.monotonic()) * 1000

    found = answered(event_of(ROWS, source="kinesis"), UntilDeadline())
    assert time.monotonic() < deadline
    assert found["Dropped"] == []
    assert "ReadTimeoutError" in logged(capsys)["first_failures"]["too_large"]["message"]


KEYS: dict[str, tuple[object, str | None]] = {
    "beyond ASCII": ("\u00e9" * 256, None),
    "empty": ("", "the record's partitionKey has 0 characters, not 1 to 256"),
    "too long": ("k" * 257, "the record's partitionKey has 257 characters, not 1 to 256"),
    "half a surrogate pair": ("\ud800", "the record's partitionKey is not Unicode"),
    "a number": (7, "the record has no kinesisRecordMetadata.partitionKey"),
}


@pytest.mark.parametrize(("key", "why"), KEYS.values(), ids=KEYS.keys())
def test_record_with_an_unusual_partition_key_does_not_affect_the_others(
    key: object, why: str | None, aws: Services, capsys: Captured
) -> None:
    event = event_of(ROWS, source="kinesis")
    event["records"][-2]["kinesisRecordMetadata"]["partitionKey"] = key
    raw: Any = runtime.make_handler(CONFIG)(compact(event), None)
    found = fates(TRANSFORMER, event, json.loads(raw))
    message = logged(capsys)["first_failures"].get("too_large", {}).get("message")
    if why is None:
        assert message is None
        assert (ROWS[-2], key) in aws.taken
        return
    assert message == f"the document does not fit into the response and could not be re-ingested: {why}"
    assert found["ProcessingFailed"] + found["emptied"] == [len(ROWS) - 2]
    assert [data for data, _ in aws.taken] == [ROWS[place] for place in found["Dropped"]]


def test_an_answer_for_fewer_records_fails_those_of_its_call(aws: Services, capsys: Captured) -> None:
    aws.forgets = 1
    found = answered(event_of(ROWS, source="kinesis"))
    assert found["Dropped"] == []
    message = logged(capsys)["first_failures"]["too_large"]["message"]
    assert message.endswith("the service answered for 499 of 500 records")


def test_failed_records_keep_their_data_as_far_as_it_fits(aws: Services) -> None:
    aws.failure = (400, "AccessDeniedException")
    # Without the last of the large documents that go there is room for the data of a few small records.
    large = b"1700000000\t192.0.2.1\t/\t" + b'"' * 10_000
    event = event_of([large] * 300 + ROWS[:500], source="kinesis")
    response = firehose.make_handler(CONFIG)(event, None)
    found = fates(TRANSFORMER, event, response)
    assert len(found["ProcessingFailed"]) > 5
    assert found["emptied"]
    room = LIMIT - len(serialised(response))
    assert 0 <= room < min(len(event["records"][place]["data"]) for place in found["emptied"])


def test_failure_message_is_that_of_the_service(aws: Services, capsys: Captured) -> None:
    aws.failure = (400, "AccessDeniedException")
    config = CONFIG | {"input": {"max_record_bytes": 6_000_000}}
    rows = [b"1700000000\t-\t/\t" + b'"' * 3_000_000, *ROWS[:3_000]]
    firehose.make_handler(config)(event_of(rows, source="kinesis"), None)
    message = logged(capsys)["first_failures"]["too_large"]["message"]
    assert "AccessDeniedException" in message


ODD_EVENTS = {
    "nested": b'{"x":' + b"[" * 10_000 + b"]" * 10_000 + b",",
    "a number of 5,000 digits": b'{"x":' + b"1" * 5_000 + b",",
    "half a surrogate pair": b'{"x":"\\ud800",',
}


@pytest.mark.parametrize(("name", "beginning"), ODD_EVENTS.items(), ids=ODD_EVENTS.keys())
def test_events_that_python_cannot_parse_are_answered(name: str, beginning: bytes, aws: Services) -> None:
    event = event_of(ROWS, source="kinesis")
    event["records"][-1]["recordId"] = "\ud800"
    raw: Any = runtime.make_handler(CONFIG)(beginning + compact(event)[1:], None)
    assert len(raw) <= LIMIT
    found = fates(TRANSFORMER, event, json.loads(raw))
    # Python reads no such depth: then nothing can be re-ingested.
    assert bool(aws.taken) == bool(found["Dropped"]) == (name != "nested")
    assert [data for data, _ in aws.taken] == [ROWS[place] for place in found["Dropped"]]


def test_without_time_nothing_is_put(aws: Services, capsys: Captured) -> None:
    found = answered(event_of(ROWS, source="kinesis"), Context(reingest.TIME_KEPT - 1))
    assert (found["Dropped"], aws.calls) == ([], [])
    assert logged(capsys)["first_failures"]["too_large"]["message"].endswith("there was no time left")


def test_without_time_nothing_is_put_from_raw_events(aws: Services) -> None:
    event = event_of(ROWS, source="kinesis")
    raw: Any = runtime.make_handler(CONFIG)(compact(event), Context(reingest.TIME_KEPT - 1))
    assert fates(TRANSFORMER, event, json.loads(raw))["Dropped"] == []
    assert aws.calls == []


def test_records_without_time_left_fail(aws: Services) -> None:
    found = answered(event_of(ROWS, source="kinesis"), Context(60_000, 9_000))
    assert len(found["Dropped"]) == len(aws.taken) == 500
    assert len(aws.calls) == 1


def test_unreachable_service_fails_the_records(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    with services() as gone:
        monkeypatch.setenv("AWS_ENDPOINT_URL", gone.url)
    found = answered(event_of(ROWS, source="kinesis"))
    assert found["Dropped"] == []
    reported = logged(capsys)["first_failures"]["too_large"]["message"]
    assert "could not be re-ingested: EndpointConnectionError: Could not connect" in reported


def test_records_that_cannot_be_reingested_fail(aws: Services, capsys: Captured) -> None:
    event = event_of(ROWS, source="kinesis")
    for record in event["records"][-10:]:
        del record["kinesisRecordMetadata"]
    found = answered(event)
    assert sorted(found["ProcessingFailed"] + found["emptied"]) == list(range(len(ROWS) - 10, len(ROWS)))
    assert len(aws.taken) == len(found["Dropped"])
    reported = logged(capsys)["first_failures"]["too_large"]["message"]
    assert reported.endswith("the record has no kinesisRecordMetadata.partitionKey")
    event = event_of(ROWS)
    del event["deliveryStreamArn"]
    assert answered(event)["Dropped"] == []
    reported = logged(capsys)["first_failures"]["too_large"]["message"]
    assert reported.endswith("the event has neither sourceKinesisStreamArn nor deliveryStreamArn")


def test_documents_that_fit_no_response_are_not_reingested(aws: Services) -> None:
    config = CONFIG | {"input": {"max_record_bytes": 6_000_000}}
    transformer = edgelift.Transformer(config)
    rows = [ROWS[0], b"1700000000\t-\t/\t" + b'"' * 3_000_000, ROWS[1]]
    event = event_of(rows, source="kinesis")
    response = firehose.make_handler(config)(event, None)
    assert fates(transformer, event, response) == {
        "Ok": [0, 2],
        "Dropped": [],
        "ProcessingFailed": [1],
        "emptied": [],
    }
    assert aws.calls == []


def test_raw_events_are_reingested_like_dicts(aws: Services, capsys: Captured) -> None:
    event = event_of(ROWS, source="kinesis")
    handler = runtime.make_handler(CONFIG)
    raw: Any = handler(compact(event), None)
    assert len(raw) <= LIMIT
    assert json.loads(raw) == firehose.make_handler(CONFIG)(event, None)
    assert len(aws.taken) == 2 * len(fates(TRANSFORMER, event, json.loads(raw))["Dropped"])
    assert [json.loads(line)["path"] for line in capsys.readouterr().out.splitlines()] == ["raw", "dict"]
    # Where nothing is re-ingested, the bytes take the fast path.
    assert handler(compact(event_of(ROWS[:10])), None) is not None
    assert logged(capsys)["path"] == "raw"


@pytest.mark.parametrize("path", ["dict", "raw"])
def test_one_record_that_fits_no_response_by_a_byte_fails_and_is_not_reingested(
    path: str, aws: Services
) -> None:
    event = event_of([b"1700000000\t-\t/\t" + b"\x01" * 780_000])
    record = event["records"][0]

    def response() -> tuple[Any, int]:
        if path == "dict":
            response = firehose.make_handler(CONFIG)(event, None)
            return response, len(serialised(response))
        raw: Any = runtime.make_handler(CONFIG)(compact(event), None)
        return json.loads(raw), len(raw)

    _, size = response()
    record["recordId"] += "x" * (LIMIT - size)
    assert response()[1] == LIMIT
    assert fates(TRANSFORMER, event, response()[0])["Ok"] == [0]
    # Re-ingested, it would come again and again: the next response has no more room for it. The bytes around
    # the records count, too.
    for _ in range(len('{"records": []}') + 2):
        record["recordId"] += "x"
        assert fates(TRANSFORMER, event, response()[0])["ProcessingFailed"] == [0]
    assert aws.calls == []


def test_transform_event_puts_nothing_back(aws: Services) -> None:
    event = event_of(ROWS, source="kinesis")
    found = fates(TRANSFORMER, event, json.loads(TRANSFORMER.transform_event(compact(event))))
    assert (found["Dropped"], aws.calls) == ([], [])
    assert len(found["ProcessingFailed"]) > 0


def test_rows_reingested_are_transformed_until_none_is_left(aws: Services) -> None:
    rows, answered_rows = ROWS, 0
    for _ in range(10):
        found = answered(event_of(rows, source="kinesis"))
        assert found["ProcessingFailed"] == found["emptied"] == []
        answered_rows += len(found["Ok"])
        rows = [data for data, _ in aws.taken]
        aws.taken.clear()
        if not rows:
            break
    assert (rows, answered_rows) == ([], len(ROWS))

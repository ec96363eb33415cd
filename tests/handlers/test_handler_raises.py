"""Events that are not transformation events make the Lambda handler raise."""

import json

import pytest

import edgelift
from edgelift import firehose, runtime

SMALL = {"layouts": [{"fields": ["timestamp"]}]}
GOOD = "MTcwMDAwMDAwMA=="  # 1700000000

Captured = pytest.CaptureFixture[str]

EXPECTED_EVENT = 'expected a Firehose transformation event, a dict with a list "records", but '
NO_EVENTS: dict[str, tuple[object, str]] = {
    "a list": ([], EXPECTED_EVENT + "the event is a list"),
    "nothing": (None, EXPECTED_EVENT + "the event is a NoneType"),
    "bytes": (b"{}", EXPECTED_EVENT + "the event is a bytes"),
    "an empty dict": ({}, EXPECTED_EVENT + 'the event has no "records"'),
    "a Kinesis event": ({"Records": []}, EXPECTED_EVENT + 'the event has no "records"'),
    "null records": ({"records": None}, EXPECTED_EVENT + 'its "records" is a NoneType'),
    "a dict of records": ({"records": {}}, EXPECTED_EVENT + 'its "records" is a dict'),
    "a tuple of records": ({"records": ()}, EXPECTED_EVENT + 'its "records" is a tuple'),
}
NO_RECORDS = {
    "no id": {"data": ""},
    "a number as id": {"recordId": 7, "data": ""},
    "null as id": {"recordId": None, "data": ""},
    "a string": "record",
    "null": None,
    "a list": ["recordId"],
}


@pytest.mark.parametrize(("event", "message"), NO_EVENTS.values(), ids=NO_EVENTS.keys())
def test_invalid_events_raise(event: object, message: str, capsys: Captured) -> None:
    with pytest.raises(edgelift.EdgeliftError) as caught:
        firehose.make_handler(SMALL)(event, None)
    assert type(caught.value) is edgelift.EdgeliftError
    assert str(caught.value) == message
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            "aws:kinesis",
            "an event of a Kinesis trigger: make the stream the source of a Firehose delivery stream",
        ),
        ("aws:s3", "an event of S3, for the handler edgelift.s3events.handler"),
        ("aws:sqs", "an event of SQS: the handler edgelift.s3events.handler takes"),
        ("aws:sns", "an event of SNS: the handler edgelift.s3events.handler takes"),
        ("aws:dynamodb", "an event of DynamoDB, which has no handler"),
    ],
)
def test_an_event_of_another_service_is_named_with_its_set_up(source: str, words: str) -> None:
    event = {"Records": [{"eventSource": source}]}
    for handler, given in (
        (firehose.make_handler(SMALL), event),
        (runtime.make_handler(SMALL), event),
        (runtime.make_handler(SMALL), json.dumps(event).encode()),
    ):
        with pytest.raises(edgelift.EdgeliftError) as caught:
            handler(given, None)
        assert str(caught.value).startswith(f'{EXPECTED_EVENT}the event has no "records"; it is {words}')


@pytest.mark.parametrize(
    "records",
    ["x", [], [None], [{}], [{"eventSource": ["aws:s3"]}], [{"eventSource": "aws:other"}]],
)
def test_an_event_that_does_not_say_its_service_gets_no_advice(records: object) -> None:
    event = {"Records": records}
    for given in (event, json.dumps(event).encode()):
        with pytest.raises(edgelift.EdgeliftError) as caught:
            runtime.make_handler(SMALL)(given, None)
        assert str(caught.value) == f'{EXPECTED_EVENT}the event has no "records"'


@pytest.mark.parametrize("record", NO_RECORDS.values(), ids=NO_RECORDS.keys())
def test_a_record_without_an_id_raises(record: object) -> None:
    event: dict[str, list[object]] = {"records": [{"recordId": "id0", "data": GOOD}]}
    event["records"].append(record)
    with pytest.raises(edgelift.EdgeliftError) as caught:
        firehose.make_handler(SMALL)(event, None)
    assert type(caught.value) is edgelift.EdgeliftError
    assert str(caught.value) == (
        'records[1] is not a Firehose record: expected an object with a string "recordId"'
    )


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"Records": [{"EventSource": "aws:sns"}]}, "an event of SNS: the handler edgelift.s3events.handler"),
        ({"detail-type": "Object Created", "source": "aws.s3"}, "an event of EventBridge: the handler"),
        ({"awslogs": {"data": ""}}, "an event of CloudWatch Logs: make a Firehose delivery stream"),
        ({"tasks": []}, "an event of S3 Batch Operations, for the handler edgelift.s3batch.handler"),
        ({"eventSource": "aws:kafka", "records": None}, 'its "records" is a NoneType'),
        ({"eventSource": "aws:kafka", "Records": []}, "an event of Kafka, which has no handler"),
        ({"Records": [None]}, 'has no "records"'),
    ],
)
def test_events_of_other_shapes_are_named(event: object, words: str) -> None:
    with pytest.raises(edgelift.EdgeliftError) as caught:
        firehose.make_handler(SMALL)(event, None)
    assert words in str(caught.value)

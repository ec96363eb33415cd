"""The handlers of whole objects name an event of another service and its handler, without its content."""

from __future__ import annotations

from typing import Any

import pytest

from edgelift import EdgeliftError, Transformer, s3batch, s3events

CONTENT = "c2VjcmV0"
KINESIS = {"Records": [{"kinesis": {"data": CONTENT}, "eventSource": "aws:kinesis", "eventID": CONTENT}]}
FIREHOSE = {
    "invocationId": CONTENT,
    "deliveryStreamArn": CONTENT,
    "records": [{"recordId": CONTENT, "data": CONTENT}],
}
S3 = {"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": CONTENT}}}]}
SQS = {"Records": [{"eventSource": "aws:sqs", "body": CONTENT, "messageId": CONTENT}]}
SNS = {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": CONTENT}}]}
KINESIS_WORDS = (
    'the event has the key "Records", its first record the keys "kinesis", "eventSource", "eventID"; it is '
    "an event of a Kinesis trigger: make the stream the source of a Firehose delivery stream, and a function "
    "with the handler edgelift.runtime.handler its processor"
)
FIREHOSE_WORDS = (
    'the event has the keys "invocationId", "deliveryStreamArn", "records"; it is an event of a Firehose '
    "transformation, for the handler edgelift.runtime.handler"
)
S3_EVENTS_TAKES = "the handler edgelift.s3events.handler takes what S3 sends to it"


def message(module: Any, event: object) -> str:  # noqa: ANN401 (a module of handlers)
    environment = {"EDGELIFT_DESTINATION": "s3://new"}
    handler = module.Handler(Transformer({}), environment)
    with pytest.raises(EdgeliftError) as caught:
        handler(event, None)
    assert type(caught.value) is EdgeliftError
    text = str(caught.value)
    assert CONTENT not in text
    return text


@pytest.mark.parametrize("module", [s3batch, s3events])
@pytest.mark.parametrize(("event", "words"), [(KINESIS, KINESIS_WORDS), (FIREHOSE, FIREHOSE_WORDS)])
def test_an_event_of_a_stream_is_named_with_its_handler(module: Any, event: object, words: str) -> None:  # noqa: ANN401
    assert f", but {words}" in message(module, event)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (S3, "; it is an event of S3, for the handler edgelift.s3events.handler"),
        (SQS, f"; it is an event of SQS: {S3_EVENTS_TAKES}"),
        (SNS, f"; it is an event of SNS: {S3_EVENTS_TAKES}"),
        ({"source": CONTENT, "detail-type": CONTENT}, "edgelift.s3events.handler takes those of S3"),
    ],
)
def test_an_event_of_s3_for_s3batch_is_named_with_its_handler(event: object, words: str) -> None:
    assert message(s3batch, event).endswith(words)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"tasks": [CONTENT]}, "an event of S3 Batch Operations, for the handler edgelift.s3batch.handler"),
        (
            {"Items": [CONTENT]},
            "a Distributed Map of Step Functions, for the handler edgelift.s3batch.handler",
        ),
        (SNS, "expected a message with JSON from S3, but its text of 8 characters is not JSON"),
    ],
)
def test_an_event_for_s3events_is_named_with_its_handler(event: object, words: str) -> None:
    assert message(s3events, event).endswith(words)


@pytest.mark.parametrize(
    ("module", "event", "words"),
    [
        (
            s3events,
            {"Records": [{"eventSource": "aws:s3"}]},
            '"Records", its first record the key "eventSource"',
        ),
        (s3batch, {"tasks": CONTENT}, 'the event has the key "tasks"'),
        (s3batch, {}, "the event has no keys"),
        (s3events, {"a" * 41: CONTENT}, f'the key "{"a" * 40}"…'),
        (s3events, {"\u202e\x1b": CONTENT}, r'the key "\u202e\u001b"'),
        (s3events, dict.fromkeys("abcdefg", CONTENT), '"a", "b", "c", "d", "e" and 2 more'),
        (s3batch, [CONTENT], "the event is a list"),
    ],
)
def test_other_events_are_described_by_their_first_keys(module: Any, event: object, words: str) -> None:  # noqa: ANN401
    assert message(module, event).endswith(words)


def test_a_message_of_a_queue_is_described_without_its_content(capsys: pytest.CaptureFixture[str]) -> None:
    handler = s3events.Handler(Transformer({}), {"EDGELIFT_DESTINATION": "s3://new"})
    handler(SQS | {"Records": [SQS["Records"][0] | {"messageId": "1"}]}, None)
    out = capsys.readouterr().out
    assert "its text of 8 characters is not JSON" in out
    assert CONTENT not in out

"""Which objects an event reports, by whatever way it comes, and the shape of the answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from edgelift import ConfigError, EdgeliftError, Transformer
from edgelift.s3events import Handler
from tests.handlers.s3batch.conftest import COUNTS, DOCUMENTS, ROWS
from tests.handlers.s3events.conftest import (
    TEST_EVENT,
    bridged,
    notification,
    published,
    queued,
    returned,
    wrapped,
)
from tests.reprocess.conftest import uploaded

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.reprocess.conftest import Client

    Make = Callable[..., Handler]

KEYS = ["a b/c+d.gz", "ä/日本.gz", "100%/%2B", "a&b=c/'\"<>|", "/a//b"]
DIRECT: dict[str, Callable[[str], dict[str, Any]]] = {
    "S3": notification,
    "EventBridge": bridged,
    "SNS": lambda key: published(notification(key)),
    "SNS with EventBridge": lambda key: published(bridged(key)),
}
BODIES: dict[str, Callable[[str], dict[str, Any]]] = {
    "S3": notification,
    "EventBridge": bridged,
    "SNS": lambda key: wrapped(notification(key)),
    "SNS with EventBridge": lambda key: wrapped(bridged(key)),
}


@pytest.mark.parametrize("way", DIRECT)
@pytest.mark.parametrize("key", KEYS)
def test_event_is_answered_with_the_accounts_of_its_objects(
    make: Make, s3: Client, way: str, key: str
) -> None:
    s3.put_object(Bucket="logs", Key=key, Body=ROWS)
    (answer,) = make()(DIRECT[way](key), None)["Items"]
    assert {"Bucket": "logs", "result": "Succeeded", **COUNTS}.items() <= answer.items()
    assert uploaded(s3) == {f"new/logs/{key}.ndjson": DOCUMENTS}


@pytest.mark.parametrize("way", BODIES)
@pytest.mark.parametrize("key", KEYS)
def test_message_of_a_queue_is_processed(make: Make, s3: Client, way: str, key: str) -> None:
    s3.put_object(Bucket="logs", Key=key, Body=ROWS)
    assert returned(make()(queued(BODIES[way](key)), None)) == []
    assert uploaded(s3) == {f"new/logs/{key}.ndjson": DOCUMENTS}


def test_plus_is_a_blank_for_s3_and_a_plus_for_eventbridge(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a+b", Body=ROWS)
    event = notification("a")
    event["Records"][0]["s3"]["object"]["key"] = "a+b"
    (answer,) = make()(event, None)["Items"]
    assert answer["result"] == "PermanentFailure"
    (answer,) = make()(bridged("a+b"), None)["Items"]
    assert answer["result"] == "Succeeded"
    s3.put_object(Bucket="logs", Key="a b", Body=b"")
    (answer,) = make()(event, None)["Items"]
    assert (answer["result"], answer["read"]) == ("Succeeded", 0)


@pytest.mark.parametrize("body", [TEST_EVENT, wrapped(TEST_EVENT)])
def test_test_event_of_s3_is_ignored(make: Make, s3: Client, body: dict[str, Any]) -> None:
    assert make()(body, None) == {"Items": []}
    assert returned(make()(queued(body), None)) == []
    assert uploaded(s3) == {}


@pytest.mark.parametrize(
    "event",
    [
        notification("a", name="ObjectRemoved:Delete"),
        notification("a", name="ObjectTagging:Put"),
        notification("a", name="LifecycleExpiration:Delete"),
        bridged("a", "Object Deleted"),
        bridged("a", "Object Tags Added"),
        {"Records": []},
    ],
)
def test_other_events_of_s3_are_ignored(make: Make, s3: Client, event: dict[str, Any]) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    assert make()(event, None) == {"Items": []}
    assert returned(make()(queued(event), None)) == []
    assert uploaded(s3) == {}


@pytest.mark.parametrize("name", ["ObjectCreated:Put", "ObjectCreated:Copy", "s3:ObjectCreated:Post"])
def test_all_creations_are_processed(make: Make, s3: Client, name: str) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    assert len(make()(notification("a", name=name), None)["Items"]) == 1
    assert set(uploaded(s3)) == {"new/logs/a.ndjson"}


@pytest.mark.parametrize("way", ["versionId", "version-id"])
def test_version_of_the_event_is_read(make: Make, s3: Client, way: str) -> None:
    s3.put_bucket_versioning(Bucket="logs", VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket="logs", Key="a", Body=ROWS)["VersionId"]
    s3.put_object(Bucket="logs", Key="a", Body=b"\n")
    build = notification if way == "versionId" else bridged
    (answer,) = make()(build("a", **{way: old}), None)["Items"]
    assert answer == {"Bucket": "logs", "Key": "a", "VersionId": old, "result": "Succeeded", **COUNTS}
    assert uploaded(s3) == {f"new/logs/a.{old}.ndjson": DOCUMENTS}
    for version in s3.list_object_versions(Bucket="logs")["Versions"]:
        s3.delete_object(Bucket="logs", Key="a", VersionId=version["VersionId"])


def test_repeated_events_write_documents_once(make: Make, s3: Client, opensearch: str) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    handler = make(opensearch)
    first = handler(notification("a", "a"), None)["Items"]
    again = handler(bridged("a"), None)["Items"]
    assert first == [{"Bucket": "logs", "Key": "a", "result": "Succeeded", **COUNTS}] * 2
    assert again[0] == first[0] | {"written": 0, "already_there": 2}


def test_one_message_may_report_several_objects(make: Make, s3: Client) -> None:
    for key in "a", "b":
        s3.put_object(Bucket="logs", Key=key, Body=ROWS)
    assert returned(make()(queued(notification("a", "b")), None)) == []
    assert set(uploaded(s3)) == {"new/logs/a.ndjson", "new/logs/b.ndjson"}


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {},
        7,
        "text",
        {"tasks": []},
        {"Records": 1},
        {"Records": [{}]},
        {"Records": [{"kinesis": {}}]},
    ],
)
def test_other_events_raise(make: Make, wrong: object) -> None:
    with pytest.raises(
        EdgeliftError, match=r"^expected an event of S3, directly or through SQS, SNS or Event"
    ):
        make()(wrong, None)


def test_events_select_no_destination(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    event = notification("a") | {"destination": "s3://logs", "Destination": "s3://logs"}
    event["Records"][0]["Destination"] = "s3://logs"
    make(ALLOWED_DESTINATIONS="s3://logs")(event, None)
    assert set(uploaded(s3)) == {"new/logs/a.ndjson"}


def test_handler_without_a_destination_raises(make: Make) -> None:
    with pytest.raises(ConfigError, match=r"^EDGELIFT_DESTINATION is not set"):
        make(None)(notification("a"), None)


def test_shape_mismatches_are_counted(make: Make, s3: Client, capsys: pytest.CaptureFixture[str]) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=b"x\nhttps\n")
    destination = make().destination
    transformer = Transformer.from_fields(["cs-protocol"])
    Handler(transformer, {"EDGELIFT_DESTINATION": str(destination)})(notification("a"), None)
    *_, line = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line["Ok"], line["ShapeMismatch"]) == (2, 1)


def test_invocation_writes_a_log_line_with_metrics(
    make: Make, s3: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    make()(queued(notification("a"), "no JSON", notification("gone")), None)
    *_, line = map(json.loads, capsys.readouterr().out.splitlines())
    expected = {
        "event": "edgelift.s3events",
        "Messages": 3,
        "FailedMessages": 1,
        "Objects": 2,
        "FailedObjects": 1,
        "RecordsIn": 2,
        "Ok": 2,
        "AlreadyThere": 0,
        "Dropped": 0,
        "Failed": 0,
        "BytesIn": len(ROWS),
        "BytesOut": len(DOCUMENTS),
    }
    assert expected.items() <= line.items()
    assert line.keys() - expected.keys() == {"Duration", "_aws"}
    (metrics,) = line["_aws"]["CloudWatchMetrics"]
    assert {each["Name"] for each in metrics["Metrics"]} == line.keys() - {"event", "_aws"}

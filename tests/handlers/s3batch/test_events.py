"""Which object an event means, where its documents go, and the shape of the answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

import pytest

import edgelift
from edgelift.s3batch import PermanentFailure, TemporaryFailure
from tests.handlers.s3batch.conftest import BAD, COUNTS, DOCUMENTS, ROWS, event, result, task
from tests.reprocess.conftest import uploaded

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgelift.s3batch import Handler
    from tests.reprocess.conftest import Client

    Make = Callable[..., Handler]


def test_task_of_schema_1_is_answered(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="cdn/a.gz", Body=ROWS)
    assert make()(event(task("cdn/a.gz")), None) == {
        "invocationSchemaVersion": "1.0",
        "treatMissingKeysAs": "PermanentFailure",
        "invocationId": "YXNkZg",
        "results": [
            {
                "taskId": "dGFzaw==",
                "resultCode": "Succeeded",
                "resultString": json.dumps(COUNTS, separators=(",", ":")),
            }
        ],
    }
    assert uploaded(s3) == {"new/logs/cdn/a.gz.ndjson": DOCUMENTS}


def test_schema_2_job_may_name_an_allowed_destination(make: Make, s3: Client, opensearch: str) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    handler = make(None, ALLOWED_DESTINATIONS=f"s3://documents, {opensearch}")
    reported = {"taskId": "1", "s3Key": "a", "s3VersionId": None, "s3Bucket": "logs"}
    to_s3 = event(reported, version="2.0", userArguments={"destination": "s3://documents"})
    answer = handler(to_s3, None)
    assert (answer["invocationSchemaVersion"], answer["results"][0]["resultCode"]) == ("2.0", "Succeeded")
    assert uploaded(s3) == {"logs/a.ndjson": DOCUMENTS}
    to_opensearch = event(reported, version="2.0", userArguments={"destination": opensearch})
    first, again = (json.loads(handler(to_opensearch, None)["results"][0]["resultString"]) for _ in range(2))
    assert first == COUNTS
    assert again == COUNTS | {"written": 0, "already_there": 2}


def test_destination_of_the_job_overrides_the_environment(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    where = {"destination": "s3://documents/job"}
    make("s3://documents")(event(task("a"), version="2.0", userArguments=where), None)
    assert set(uploaded(s3)) == {"job/logs/a.ndjson"}


@pytest.mark.parametrize("encode", [quote, quote_plus])
@pytest.mark.parametrize("key", ["a b/c+d.gz", "ä/日本.gz", "100%/%2B", "a&b=c/'\"<>|", "/a//b"])
def test_url_encoded_keys_are_decoded(make: Make, s3: Client, key: str, encode: Callable[[str], str]) -> None:
    s3.put_object(Bucket="logs", Key=key, Body=ROWS)
    assert result(make(), encode(key)) == ("Succeeded", COUNTS)
    assert uploaded(s3) == {f"new/logs/{key}.ndjson": DOCUMENTS}


def test_plus_in_a_key_is_a_plus_if_no_key_with_a_blank_exists(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a+b", Body=ROWS)
    assert result(make(), "a+b") == ("Succeeded", COUNTS)
    s3.put_object(Bucket="logs", Key="a b", Body=b"")
    code, account = result(make(), "a+b")
    assert (code, account["read"]) == ("Succeeded", 0)


def test_objects_of_like_names_do_not_overwrite_each_other(make: Make, s3: Client) -> None:
    handler, names = make(), ("a", "a.gz", "a.ndjson", "a.gz.gz")
    for name in names:
        s3.put_object(Bucket="logs", Key=name, Body=ROWS)
        assert result(handler, name)[0] == "Succeeded"
    assert len(uploaded(s3)) == len(names)


def test_named_version_of_an_object_is_read(make: Make, s3: Client) -> None:
    s3.put_bucket_versioning(Bucket="logs", VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket="logs", Key="a", Body=ROWS)["VersionId"]
    new = s3.put_object(Bucket="logs", Key="a", Body=b"\n")["VersionId"]
    handler = make()
    assert result(handler, "a", s3VersionId=old) == ("Succeeded", COUNTS)
    assert result(handler, "a", s3VersionId=new)[1]["blank"] == 1
    assert result(handler, "a")[1]["blank"] == 1
    found = uploaded(s3, "new/logs/")
    assert found == {f"a.{old}.ndjson": DOCUMENTS, f"a.{new}.ndjson": b"", "a.ndjson": b""}
    s3.delete_object(Bucket="logs", Key="a")
    assert result(handler, "a", s3VersionId=old) == ("Succeeded", COUNTS)
    assert result(handler, "a")[0] == "PermanentFailure"
    for version in s3.list_object_versions(Bucket="logs")["Versions"]:
        s3.delete_object(Bucket="logs", Key="a", VersionId=version["VersionId"])
    for marker in s3.list_object_versions(Bucket="logs")["DeleteMarkers"]:
        s3.delete_object(Bucket="logs", Key="a", VersionId=marker["VersionId"])


def test_map_item_is_answered_with_its_result(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a b+c.gz", Body=ROWS)
    item = {"Bucket": "logs", "Key": "a b+c.gz", "Etag": '"x"', "LastModified": 1, "Size": 3}
    expected = {"Bucket": "logs", "Key": "a b+c.gz", "result": "Succeeded", **COUNTS}
    assert make()(item, None) == expected
    handler = make(None, ALLOWED_DESTINATIONS="s3://documents/map")
    assert handler(item | {"Destination": "s3://documents/map"}, None) == expected
    assert set(uploaded(s3)) == {"new/logs/a b+c.gz.ndjson", "map/logs/a b+c.gz.ndjson"}


def batch(*keys: str, **common: str) -> dict[str, Any]:
    items = [
        {"Key": key, "Etag": '"x"', "LastModified": 1, "Size": 3, "StorageClass": "STANDARD"} for key in keys
    ]
    return {"BatchInput": {"Bucket": "logs", **common}, "Items": items}


def test_map_batch_is_answered_with_all_results(make: Make, s3: Client, opensearch: str) -> None:
    for key in "a", "b":
        s3.put_object(Bucket="logs", Key=key, Body=ROWS.replace(b"/", key.encode()))
    s3.put_object(Bucket="logs", Key="folder/", Body=b"")
    handler = make(None, ALLOWED_DESTINATIONS=opensearch)
    answer = handler(batch("a", "b", "folder/", Destination=opensearch), None)
    nothing = dict.fromkeys(COUNTS, 0)
    assert answer == {
        "Items": [
            {"Bucket": "logs", "Key": key, "result": "Succeeded", **counts}
            for key, counts in [("a", COUNTS), ("b", COUNTS), ("folder/", nothing)]
        ]
    }


def test_failed_items_are_in_the_error_and_the_others_are_completed(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    s3.put_object(Bucket="logs", Key="bad", Body=ROWS + BAD)
    with pytest.raises(PermanentFailure) as caught:
        make()(batch("missing", "a", "bad"), None)
    missing = "cannot be read: there is no such object"
    bad = "1 of 3 records failed, and nothing keeps them: set EDGELIFT_FAILED"
    assert json.loads(str(caught.value)) == {
        "tried": 3,
        "failed": 2,
        "Items": [
            {"Bucket": "logs", "Key": "missing", "result": "PermanentFailure", "problem": missing},
            {
                "Bucket": "logs",
                "Key": "bad",
                "result": "PermanentFailure",
                **COUNTS,
                "read": 3,
                "failed": 1,
                "problem": bad,
            },
        ],
    }
    assert set(uploaded(s3)) == {"new/logs/a.ndjson", "new/logs/bad.ndjson"}


def test_errors_fit_the_limit_of_step_functions(make: Make, s3: Client) -> None:
    del s3
    with pytest.raises(PermanentFailure) as caught:
        make()(batch(*(f"{number:04}{'k' * 900}" for number in range(50))), None)
    reported = json.loads(str(caught.value))
    assert (reported["tried"], reported["failed"]) == (50, 50)
    assert 20 < len(reported["Items"]) < 50
    assert len(json.dumps(str(caught.value))) < 32_768


@pytest.mark.parametrize(
    "wrong",
    [
        {"s3Key": None},
        {"s3Key": ""},
        {"s3BucketArn": None},
        {"s3BucketArn": 7, "s3Key": 5},
        {"s3VersionId": 1},
    ],
)
def test_task_without_an_object_fails_permanently(make: Make, wrong: dict[str, Any]) -> None:
    code, account = result(make(), "a", **wrong)
    assert code == "PermanentFailure"
    assert account["problem"].startswith("no object is named: bucket ")


def test_task_next_to_one_without_an_object_is_completed(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    results = make()(event({"taskId": "1"}, task("a")), None)["results"]
    assert [reported["resultCode"] for reported in results] == ["PermanentFailure", "Succeeded"]


@pytest.mark.parametrize("wrong", [None, [], {}, {"tasks": 1}, {"Records": []}, {"Items": 1, "Key": "a"}])
def test_events_of_another_kind_raise(make: Make, wrong: object) -> None:
    with pytest.raises(
        edgelift.EdgeliftError, match='expected an event of S3 Batch Operations, with a list "tasks"'
    ):
        make(None)(wrong, None)


def test_failure_classes_have_the_names_that_state_machines_match() -> None:
    # Lambda gives the names of the classes as the error's.
    assert {TemporaryFailure.__name__, PermanentFailure.__name__} == {"TemporaryFailure", "PermanentFailure"}

"""Problems of an object, and whether it is to be retried."""

from __future__ import annotations

import gzip
import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from edgelift import ConfigError
from edgelift.s3batch import TemporaryFailure
from tests.handlers.s3batch.conftest import BAD, COUNTS, DOCUMENTS, ROWS, Context, event, result, task
from tests.reprocess.conftest import made_rows, uploaded
from tests.reprocess.fault_proxy import fault_proxy

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgelift.s3batch import Handler
    from tests.reprocess.conftest import Client

    Make = Callable[..., Handler]

MISSING = "cannot be read: there is no such object"


def test_missing_key_fails_permanently(make: Make, s3: Client) -> None:
    del s3
    assert result(make(), "a") == ("PermanentFailure", {"problem": MISSING})


@pytest.mark.parametrize(
    ("status", "code", "expected", "words"),
    [
        (403, "AccessDenied", "PermanentFailure", "access denied"),
        (503, "SlowDown", "TemporaryFailure", "(503)"),
        (500, "InternalError", "TemporaryFailure", "(500)"),
        (429, "TooManyRequests", "TemporaryFailure", "(429)"),
    ],
)
def test_errors_of_s3_are_temporary_or_permanent_by_status(  # noqa: PLR0913, PLR0917 -- a fixture each
    make: Make,
    s3: Client,
    s3_url: str,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    code: str,
    expected: str,
    words: str,
) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    monkeypatch.setattr("edgelift.reprocess.aws.ATTEMPTS", 1)
    with fault_proxy(s3_url) as before:
        before.refuses = lambda _method, path, _time: (status, code) if path == "/logs/a" else None
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", before.url)
        reported, account = result(make(), "a")
    assert reported == expected
    assert words in account["problem"]
    assert uploaded(s3) == {}


def test_one_temporary_failure_makes_the_failure_of_a_map_temporary(
    make: Make, s3: Client, s3_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgelift.reprocess.aws.ATTEMPTS", 1)
    s3.put_object(Bucket="logs", Key="busy", Body=ROWS)
    s3.put_object(Bucket="logs", Key="good", Body=ROWS)
    with fault_proxy(s3_url) as before:
        before.refuses = lambda _method, path, _time: (503, "SlowDown") if path == "/logs/busy" else None
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", before.url)
        handler = make()
        for keys in ["missing", "good", "busy"], ["busy", "good", "missing"]:
            with pytest.raises(TemporaryFailure) as caught:
                handler({"Items": [{"Bucket": "logs", "Key": key} for key in keys]}, None)
            failed = {item["Key"]: item["result"] for item in json.loads(str(caught.value))["Items"]}
            assert failed == {"missing": "PermanentFailure", "busy": "TemporaryFailure"}
    assert set(uploaded(s3)) == {"new/logs/good.ndjson"}


def test_missing_permission_to_write_fails_permanently(
    make: Make, s3: Client, s3_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    with fault_proxy(s3_url) as before:
        before.refuses = lambda method, _path, _time: (403, "AccessDenied") if method == "PUT" else None
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", before.url)
        assert result(make(), "a") == (
            "PermanentFailure",
            {"problem": "cannot write s3://documents/new/logs/a.ndjson: as given (AccessDenied)"},
        )


def test_missing_bucket_fails_until_it_is_created(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    handler = make("s3://later")
    assert result(handler, "a")[0] == "PermanentFailure"
    s3.create_bucket(Bucket="later")
    assert result(handler, "a") == ("Succeeded", COUNTS)
    s3.delete_object(Bucket="later", Key="logs/a.ndjson")
    s3.delete_bucket(Bucket="later")


def test_unreachable_cluster_fails_temporarily(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    code, account = result(make("http://127.0.0.1:1"), "a")
    assert code == "TemporaryFailure"
    assert "cannot use http://127.0.0.1:1" in account["problem"]
    with pytest.raises(TemporaryFailure):
        make("http://127.0.0.1:1")({"Bucket": "logs", "Key": "a"}, None)


@pytest.mark.parametrize(("status", "expected"), [(503, "TemporaryFailure"), (401, "PermanentFailure")])
def test_errors_of_a_cluster_are_temporary_or_permanent_by_status(
    make: Make, s3: Client, opensearch: str, status: int, expected: str
) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    with fault_proxy(opensearch) as before:
        before.refuses = lambda _method, _path, _time: (status, "")
        assert result(make(before.url), "a")[0] == expected


def test_throttling_until_the_time_is_up_fails_temporarily(make: Make, s3: Client, opensearch: str) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    with fault_proxy(opensearch) as before:
        before.refuses = lambda method, _path, _time: (429, "") if method == "POST" else None
        # The time is up while the sink waits before its next try: at the beginning, size, one block, waiting.
        code, account = result(make(before.url), "a", Context(60, 60, 60, 5))
    assert (code, account["problem"]) == ("TemporaryFailure", "the job ended before it did")


def test_damaged_gzip_fails_permanently_with_its_account(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a.gz", Body=gzip.compress(ROWS)[:-6])
    code, account = result(make(), "a.gz")
    assert code == "PermanentFailure"
    assert "gzip" in account["problem"]
    assert account["read"] == account["written"] + account["failed"]


def test_objects_too_large_for_the_time_are_refused(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=b"\n" * 1001)
    handler = make(BYTES_PER_SECOND="20")
    assert result(handler, "a", Context(60.05))[0] == "Succeeded"
    code, account = result(handler, "a", Context(60))
    assert code == "PermanentFailure"
    assert account["problem"].startswith(
        "too large: it has 1,001 bytes, of which 1,000 are sure to be done in the 60 seconds left, at 20 a "
    )
    assert uploaded(s3) == {"new/logs/a.ndjson": b""}
    # What Lambda gives unless somebody says otherwise is not enough for anything.
    assert "of which 0 are sure" in result(handler, "a", Context(3))[1]["problem"]


def test_objects_without_time_left_after_others_fail_temporarily(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=b"\n" * 1001)
    handler = make(BYTES_PER_SECOND="20")
    with pytest.raises(TemporaryFailure, match="no time left for its 1,001 bytes after other objects"):
        handler({"BatchInput": {"Bucket": "logs"}, "Items": [{"Key": "a"}]}, Context(61, 60))


def test_running_out_of_time_fails_temporarily_and_writes_nothing(make: Make, s3: Client) -> None:
    rows = made_rows(random.Random(5), 40_000)  # noqa: S311 -- no secret; the seed is in the line
    s3.put_object(Bucket="logs", Key="a", Body=rows)
    code, account = result(make(FAILED="s3://documents/failed"), "a", Context(900, 900, 900, 5))
    assert code == "TemporaryFailure"
    assert account["problem"].startswith(f"out of time after 524,288 of {len(rows):,} bytes: ")
    assert uploaded(s3) == {}
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="documents")


def test_failed_records_are_kept(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a b.gz", Body=ROWS + BAD)
    counts = COUNTS | {"read": 3, "failed": 1}
    assert result(make(FAILED="s3://documents/failed"), "a%20b.gz") == ("Succeeded", counts)
    found = uploaded(s3)
    assert found["new/logs/a b.gz.ndjson"] == DOCUMENTS
    reported = json.loads(found["failed/logs/a b.gz.failed.json"])
    assert (reported["errorCode"], reported["object"], reported["line"]) == (
        "edgelift.bad_value",
        "s3://logs/a b.gz",
        4,
    )


def test_failed_records_that_nothing_keeps_fail_the_task(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS + BAD)
    code, account = result(make(), "a")
    problem = "1 of 3 records failed, and nothing keeps them: set EDGELIFT_FAILED"
    assert (code, account) == ("PermanentFailure", COUNTS | {"read": 3, "failed": 1, "problem": problem})


def test_failed_records_that_cannot_be_written_fail_the_task(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS + BAD)
    code, account = result(make(FAILED="s3://no-bucket/failed"), "a")
    assert code == "PermanentFailure"
    assert account["problem"].startswith(
        "cannot keep failed records in s3://no-bucket/failed/logs/a.failed.json: "
    )


def test_documents_that_opensearch_refuses_are_kept(make: Make, s3: Client, opensearch: str) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    with fault_proxy(opensearch) as before:
        refusal = {"status": 400, "error": {"type": "mapper_parsing_exception", "reason": "no"}}
        answer = {"errors": True, "items": [{"create": {"status": 201}}, {"create": refusal}]}
        before.instead = lambda path, _body, _time: answer if path == "/_bulk" else None
        code, account = result(make(before.url, FAILED="s3://documents/failed"), "a")
    assert (code, account) == ("Succeeded", COUNTS | {"written": 1, "failed": 1})
    (reported,) = (json.loads(data) for data in uploaded(s3).values())
    assert reported["errorMessage"] == "mapper_parsing_exception: no"


def test_each_object_writes_a_log_line(make: Make, s3: Client, capsys: pytest.CaptureFixture[str]) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS + BAD)
    make()(event(task("a"), task("b")), None)
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first["seconds"] >= 0
    assert {"event": "edgelift.object", "bucket": "logs", "key": "a", "read": 3}.items() <= first.items()
    assert first["by_reason"] == {"bad_value": 1}
    assert first["first_failures"][0].startswith("s3://logs/a:4: bad_value: ")
    assert (second["result"], second["problem"]) == ("PermanentFailure", MISSING)


def test_long_problems_are_truncated(make: Make, s3: Client) -> None:
    del s3
    code, account = result(make("s3://no-such-bucket/" + "ü" * 700, FAILED="s3://documents/"), "%22" * 600)
    assert code == "PermanentFailure"
    reported = make(None)(event(task("a"), version="2.0", userArguments={"destination": "x" * 1024}), None)
    assert len(reported["results"][0]["resultString"]) <= 1024
    assert account["problem"]


@pytest.mark.parametrize(
    ("destination", "environment", "words"),
    [
        ("documents/", {}, "documents would not outlive this machine in documents/"),
        ("a.ndjson", {}, "documents would not outlive this machine in a.ndjson"),
        ("s3://", {}, "s3:// names no bucket"),
        ("https://u:p@search", {}, "no password in the URL"),
        ("s3://documents", {"FAILED": "/tmp/failed"}, "failed records would not outlive this machine"),  # noqa: S108
        ("s3://documents", {"INDEX": "x"}, "only OpenSearch has an index"),
        ("https://search", {"INDEX": "UPPER"}, "index: 'U' is not allowed"),
        ("https://search", {"USER": "admin"}, "set OPENSEARCH_PASSWORD"),
        ("https://search", {"COMPRESS": "gzip"}, "OpenSearch takes uncompressed documents"),
        ("s3://documents", {"COMPRESS": "zip"}, 'EDGELIFT_COMPRESS: "zip" is not one of none, gzip, zstd'),
        ("https://search", {"SIGV4": "s3"}, 'EDGELIFT_SIGV4: "s3" is not one of es, aoss'),
        (
            "s3://documents",
            {"BYTES_PER_SECOND": "1e6"},
            'EDGELIFT_BYTES_PER_SECOND: "1e6" is not a whole number',
        ),
        ("s3://documents", {"BYTES_PER_SECOND": "0"}, 'EDGELIFT_BYTES_PER_SECOND: "0" is not a whole number'),
    ],
)
def test_wrong_environment_raises_at_import(
    make: Make, destination: str, environment: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        make(destination, **environment)
    assert words in str(caught.value)
    assert "EDGELIFT_" in str(caught.value)


def test_task_without_a_destination_fails_permanently(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    code, account = result(make(None), "a")
    assert code == "PermanentFailure"
    assert account["problem"].startswith("no destination is set: set EDGELIFT_DESTINATION")


def test_wrong_destination_of_a_job_fails_its_task(make: Make) -> None:
    wrong = {"destination": "out/"}
    (reported,) = make()(event(task("a"), version="2.0", userArguments=wrong), None)["results"]
    assert reported["resultCode"] == "PermanentFailure"
    assert "documents would not outlive this machine in out/" in reported["resultString"]

"""Trouble with S3: errors, throttling, broken connections, objects that change while they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from edgelift.reprocess.aws import AwsOptions
from edgelift.reprocess.errors import ObjectError
from edgelift.reprocess.objects import LogObject
from edgelift.reprocess.sources.s3 import S3, S3Options
from tests.reprocess.conftest import made, one_to_one

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reprocess.conftest import Client, Logs, Reprocess
    from tests.reprocess.fault_proxy import FaultProxy


@pytest.mark.parametrize("dest", ["s3://nothing-here/", "{tmp}/out/"])
def test_missing_bucket_stops_the_job(reprocess: Reprocess, s3_url: str, tmp_path: Path, dest: str) -> None:
    (tmp_path / "empty").touch()
    source = tmp_path / "empty" if dest.startswith("s3") else "s3://nothing-here/"
    done = reprocess(source, dest.format(tmp=tmp_path), "--endpoint-url", s3_url)
    assert done.code == 3
    assert "s3://nothing-here/" in done.err
    assert "Traceback" not in done.err


def test_unusable_s3_stops_the_job(reprocess: Reprocess, tmp_path: Path, s3_proxy: FaultProxy) -> None:
    s3_proxy.refuses = lambda *_: (403, "InvalidAccessKeyId")
    done = reprocess("s3://logs/", tmp_path / "out", "--endpoint-url", s3_proxy.url)
    assert done.code == 3
    assert "cannot list s3://logs/: as given (InvalidAccessKeyId)" in done.err


def failing(account: dict[str, Any]) -> dict[str, str]:
    return {row["object"]: row["problem"] for row in account["by_object"] if row["state"] == "failed"}


def test_object_changed_since_listing_is_a_problem(  # noqa: PLR0913, PLR0917 -- fixtures
    reprocess: Reprocess, logs: Logs, bucket: str, s3_proxy: FaultProxy, s3: Client, tmp_path: Path
) -> None:
    first, second = sorted(logs.rows)[:2]

    def change(method: str, path: str, time: int) -> None:
        if (method, path, time) == ("GET", f"/logs/cdn/{first}", 1):
            s3.put_object(Bucket="logs", Key=f"cdn/{first}", Body=logs.packed[second])
        if (method, path, time) == ("GET", f"/logs/cdn/{second}", 1):
            s3.delete_object(Bucket="logs", Key=f"cdn/{second}")

    s3_proxy.refuses = change
    words = (bucket, f"{tmp_path}/out/", "--endpoint-url", s3_proxy.url)
    account = reprocess.account(*words)
    assert failing(account) == {
        f"{bucket}{first}": "cannot be read: it has changed since it was listed",
        f"{bucket}{second}": "cannot be read: there is no such object",
    }
    assert account["objects"]["done"] == 10
    # Once more, and what it is now is taken.
    account = reprocess.account(*words, "--resume")
    assert set(failing(account)) == {f"{bucket}{second}"}
    there = made(tmp_path / "out")
    # The one is not packed, and was changed for one that is: its content tells.
    assert there[f"{first}.ndjson"] == logs.documents(second)


def test_forbidden_object_is_a_problem(
    reprocess: Reprocess, logs: Logs, bucket: str, s3_proxy: FaultProxy, tmp_path: Path
) -> None:
    first = min(logs.rows)
    s3_proxy.refuses = lambda _method, path, _time: (403, "AccessDenied") if path.endswith(first) else None
    account = reprocess.account(bucket, f"{tmp_path}/out/", "--endpoint-url", s3_proxy.url)
    assert failing(account) == {f"{bucket}{first}": "cannot be read: as given (AccessDenied)"}
    expected = one_to_one(logs)
    del expected[f"{first}.ndjson"]
    assert made(tmp_path / "out") == expected


def test_an_object_that_stops_the_job_is_named(
    reprocess: Reprocess, logs: Logs, bucket: str, s3_proxy: FaultProxy, tmp_path: Path
) -> None:
    first = min(logs.rows)
    s3_proxy.refuses = lambda method, path, _time: (
        (403, "InvalidAccessKeyId") if method == "GET" and path.endswith(first) else None
    )
    done = reprocess(bucket, f"{tmp_path}/out/", "--endpoint-url", s3_proxy.url, "--workers", "1")
    assert done.code == 3
    assert f"edgelift: {bucket}{first}: cannot be read: as given (InvalidAccessKeyId); check the" in done.err


def test_throttling_by_s3_is_retried(
    reprocess: Reprocess, logs: Logs, bucket: str, s3_proxy: FaultProxy, tmp_path: Path
) -> None:
    first = min(logs.rows)
    s3_proxy.refuses = lambda _method, path, time: (
        (503, "SlowDown") if time <= 2 and (path == "/logs" or path.endswith(first)) else None
    )
    assert reprocess(bucket, f"{tmp_path}/out/", "--endpoint-url", s3_proxy.url).code == 1
    assert made(tmp_path / "out") == one_to_one(logs)
    assert s3_proxy.seen["GET", f"/logs/cdn/{first}"] == 3


@pytest.fixture
def store(s3_proxy: FaultProxy, aws: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> S3:
    """Give the store itself, which waits for nothing."""
    for name, value in aws.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("edgelift.reprocess.sources.resume.PAUSE", 0)
    return S3(S3Options(AwsOptions(endpoint_url=s3_proxy.url)))


def test_broken_connection_is_resumed_within_the_body(
    store: S3, logs: Logs, bucket: str, s3_proxy: FaultProxy
) -> None:
    first = min(logs.rows)
    s3_proxy.cut = lambda method, _path, time: 1000 * time if method == "GET" and 1 < time <= 4 else None
    s3_proxy.seen["GET", f"/logs/cdn/{first}"] = 1
    (listed,) = [item for item in store.list(bucket) if item.name == first]
    assert b"".join(store.read(listed, lambda: False)) == logs.packed[first]
    # Each time after the bytes that have been read, of the same object.
    requests = [headers for request, headers in s3_proxy.headers if "part-000" in request]
    assert [headers.get("Range") for headers in requests] == [
        None,
        "bytes=2000-",
        "bytes=5000-",
        "bytes=9000-",
    ]
    assert {headers["If-Match"] for headers in requests} == {listed.version}


def test_connection_that_always_breaks_is_a_problem(
    store: S3, logs: Logs, bucket: str, s3_proxy: FaultProxy
) -> None:
    first = min(logs.rows)
    s3_proxy.cut = lambda _method, path, time: (500 if time == 1 else 0) if path.endswith(first) else None
    listed = store.stat(f"{bucket}{first}", first)
    s3_proxy.seen.clear()
    blocks = store.read(listed, lambda: False)
    assert next(blocks) == logs.packed[first][:500]
    with pytest.raises(ObjectError, match=r"^the connection broke after 500 bytes, 6 times$"):
        next(blocks)
    # Nor does it go on when the job is to end.
    s3_proxy.seen.clear()
    with pytest.raises(ObjectError, match=r"^the connection broke after 500 bytes, 1 times$"):
        list(store.read(listed, lambda: True))


def test_versions_of_an_object_are_not_mixed(
    store: S3, logs: Logs, bucket: str, s3_proxy: FaultProxy, s3: Client
) -> None:
    first = min(logs.rows)

    def change(_method: str, path: str, time: int) -> int | None:
        if not path.endswith(first) or time > 1:
            return None
        s3.put_object(Bucket="logs", Key=f"cdn/{first}", Body=b"x" * 10_000)
        return 500

    s3_proxy.cut = change
    # As a list names it, which says nothing of versions.
    with pytest.raises(ObjectError, match="it has changed since it was listed"):
        list(store.read(LogObject(f"{bucket}{first}", first), lambda: False))

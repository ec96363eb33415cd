"""--delete-source deletes completed objects, unless their failed records would be lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.reprocess.conftest import TRANSFORMER, made, one_to_one

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reprocess.conftest import Client, Logs, Reprocess
    from tests.reprocess.fault_proxy import FaultProxy

LEFT = ["cdn/folder/", "other/x"]
"""Keys that no job for the prefix of the logs deletes."""


def test_delete_source_keeps_objects_with_failed_records_unless_they_are_kept(
    reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path
) -> None:
    # Without --failed the failed records are nowhere else.
    has_failed = {name for name in logs.rows if TRANSFORMER.transform_lines(logs.rows[name]).counts.failed}
    assert reprocess(source, f"{tmp_path}/out/", "--delete-source").code == 1
    assert set(made(source)) == has_failed
    assert made(tmp_path / "out") == one_to_one(logs)
    words = (source, f"{tmp_path}/out/", "--delete-source", "--failed", tmp_path / "failed")
    assert reprocess(*words).code == 1
    assert made(source) == {}


def test_delete_source_deletes_listed_objects(
    reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path
) -> None:
    first, *others = sorted(logs.rows)
    (tmp_path / "list").write_text("".join(f"{source / name}\n" for name in others))
    words = (f"list:{tmp_path}/list", tmp_path / "out", "--failed", tmp_path / "failed", "--delete-source")
    assert reprocess.account(*words)["objects"]["problems"] == 0
    assert list(made(source)) == [first]


def test_delete_source_accepts_objects_that_are_gone(
    reprocess: Reprocess, source: Path, tmp_path: Path
) -> None:
    words = (source, f"{tmp_path}/out/", "--failed", tmp_path / "failed")
    assert reprocess.account(*words)["objects"]["problems"] == 0
    next(path for path in source.rglob("*") if path.is_file()).unlink()
    # As after a job that was killed between deleting and noting it.
    assert reprocess.account(*words, "--delete-source", "--resume")["objects"]["problems"] == 0
    assert made(source) == {}


def test_delete_source_deletes_s3_objects(  # noqa: PLR0913, PLR0917 -- fixtures
    reprocess: Reprocess, logs: Logs, bucket: str, s3_proxy: FaultProxy, s3: Client, tmp_path: Path
) -> None:
    first = min(logs.rows)

    def change(method: str, path: str, _time: int) -> None:
        # After it was read, before it is deleted.
        if (method, path) == ("HEAD", f"/logs/cdn/{first}"):
            s3.put_object(Bucket="logs", Key=f"cdn/{first}", Body=b"new")

    s3_proxy.refuses = change
    words = (bucket, f"{tmp_path}/out/", "--failed", tmp_path / "failed", "--delete-source")
    account = reprocess.account(*words, "--endpoint-url", s3_proxy.url)
    (row,) = [row for row in account["by_object"] if row["problem"]]
    assert (row["object"], row["state"]) == (f"{bucket}{first}", "done")
    assert row["problem"] == "not deleted: it has changed since it was listed"
    left = s3.list_objects_v2(Bucket="logs")["Contents"]
    assert [entry["Key"] for entry in left] == [f"cdn/{first}", "cdn/folder/", "other/x"]
    assert made(tmp_path / "out") == one_to_one(logs)


def test_deletion_is_retried(
    reprocess: Reprocess, bucket: str, s3_proxy: FaultProxy, s3: Client, tmp_path: Path
) -> None:
    s3_proxy.refuses = lambda method, _path, _time: (403, "AccessDenied") if method == "DELETE" else None
    words = (bucket, f"{tmp_path}/out/", "--failed", tmp_path / "failed", "--delete-source")
    account = reprocess.account(*words, "--endpoint-url", s3_proxy.url)
    assert account["objects"]["problems"] == 12
    s3_proxy.refuses = lambda _method, _path, _time: None
    account = reprocess.account(*words, "--endpoint-url", s3_proxy.url, "--resume")
    assert account["objects"]["problems"] == 0
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket="logs")["Contents"]] == LEFT


def test_delete_source_deletes_listed_s3_objects(  # noqa: PLR0913, PLR0917 -- fixtures
    reprocess: Reprocess, logs: Logs, bucket: str, s3: Client, s3_url: str, tmp_path: Path
) -> None:
    places = "".join(f"{bucket}{name}\n" for name in logs.rows).encode()
    words = ("list:-", f"{tmp_path}/out/", "--failed", tmp_path / "failed", "--delete-source")
    done = reprocess(*words, "--endpoint-url", s3_url, stdin=places)
    assert "not deleted" not in done.err
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket="logs")["Contents"]] == LEFT

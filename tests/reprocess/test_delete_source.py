"""--delete-source deletes completed objects, unless their failed records would be lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """Give a folder of logs with links to a log and to a folder outside of it."""
    folder, outside = tmp_path / "linked", tmp_path / "outside"
    for path in folder, folder / "sub", outside:
        path.mkdir()
    for path in folder / "a", folder / "sub" / "b", outside / "c", outside / "d":
        path.write_bytes(f"1700000000.000\t10.0.0.1\t200\tGET\t/{path.name}\n".encode())
    (folder / "link").symlink_to(outside / "c")
    (folder / "links").symlink_to(outside)
    return folder


@pytest.mark.parametrize("source", ["{}", "{}/", "{}/*", "{}/**"])
def test_delete_source_deletes_links_and_nothing_that_they_point_to(
    reprocess: Reprocess, linked: Path, tmp_path: Path, source: str
) -> None:
    done = reprocess(source.format(linked), f"{tmp_path}/out/", "--delete-source")
    assert sorted(made(tmp_path / "outside")) == ["c", "d"]
    assert (linked / "links").is_symlink()
    assert not (linked / "link").is_symlink()
    assert not (linked / "a").exists()
    assert (tmp_path / "out" / "link.ndjson").read_bytes()
    # Only the pattern of all folders reads through links to folders.
    assert done.code == (1 if source.endswith("**") else 0), done.err


@pytest.mark.parametrize("source", ["{}/*/*", "{}/**/*", "{}/l*/[cd]"])
def test_delete_source_does_not_follow_links_to_folders_that_a_pattern_matches(
    reprocess: Reprocess, linked: Path, tmp_path: Path, source: str
) -> None:
    (tmp_path / "way").symlink_to(tmp_path)
    place = source.format(tmp_path / "way" / "linked")
    account = reprocess.account(place, f"{tmp_path}/out/", "--delete-source")
    assert sorted(made(tmp_path / "outside")) == ["c", "d"]
    kept = [row for row in account["by_object"] if row["problem"]]
    assert [row["object"].rpartition("/")[2] for row in kept] == ["c", "d"]
    assert {row["problem"] for row in kept} == {
        "not deleted: a link leads to its folder, which the pattern does not name"
    }
    assert (linked / "sub" / "b").exists() == source.endswith("[cd]")


def test_a_folder_after_a_link_is_that_of_the_system(
    reprocess: Reprocess, linked: Path, tmp_path: Path
) -> None:
    # "links/.." is the folder of what the link points to, and not that of the link.
    (tmp_path / "a").write_bytes((linked / "a").read_bytes().replace(b"/a", b"/other"))
    for source in f"{linked}/links/../a", f"list:{tmp_path}/list", f"{linked}/l[i]nks/../a":
        (tmp_path / "list").write_text(f"{linked}/links/../a\n")
        out = tmp_path / "out.ndjson"
        assert reprocess(source, out).code == 0
        assert b'"/other"' in out.read_bytes()
    reprocess(f"list:{tmp_path}/list", f"{tmp_path}/out/", "--delete-source")
    assert not (tmp_path / "a").exists()
    assert (linked / "a").exists()


def test_a_list_deletes_the_links_that_it_names(reprocess: Reprocess, linked: Path, tmp_path: Path) -> None:
    (tmp_path / "list").write_text(f"{linked}/link\n{linked}/links/d\n")
    assert reprocess(f"list:{tmp_path}/list", tmp_path / "out.ndjson", "--delete-source").code == 0
    # The second line names the file itself, as for rm.
    assert list(made(tmp_path / "outside")) == ["c"]
    assert not (linked / "link").is_symlink()

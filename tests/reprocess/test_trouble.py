"""Objects that change or vanish, full disks: reported by name, and no partial file stays."""

from __future__ import annotations

import os
import resource
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.reprocess.conftest import made, one_to_one

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reprocess.conftest import Logs, Reprocess


def test_object_gone_since_listing_is_a_problem(
    reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path
) -> None:
    lines = [*(f"{source / name}\n" for name in sorted(logs.rows)), f"{tmp_path}/gone\n"]
    (tmp_path / "list").write_text("".join(lines))
    account = reprocess.account(f"list:{tmp_path}/list", f"{tmp_path}/out/", "--delete-source")
    assert account["objects"]["done"] == 12
    (row,) = [row for row in account["by_object"] if row["state"] == "failed"]
    assert row["object"] == f"{tmp_path}/gone"
    assert row["problem"] == "cannot be read: No such file or directory"
    assert row["read"] == 0


@pytest.mark.parametrize("dest", ["out/", "out.ndjson"])
def test_full_disk_stops_the_job_and_resume_completes_it(  # noqa: PLR0913, PLR0917 -- fixtures
    reprocess: Reprocess,
    command: tuple[str, ...],
    environment: dict[str, str],
    logs: Logs,
    source: Path,
    tmp_path: Path,
    dest: str,
) -> None:
    # A file may not grow beyond this: like a disk that is full, for one file.
    most = max(len(logs.documents(name)) for name in logs.rows) - 1

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    words = (source, f"{tmp_path}/{dest}", "--workers", "1")
    done = subprocess.run(
        [*command, *reprocess.words(*words)],
        env=environment,
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert f"cannot write {tmp_path}/out" in done.stderr
    assert "File too large" in done.stderr
    assert "--resume" in done.stderr
    assert "Traceback" not in done.stderr
    if dest == "out/":
        assert made(tmp_path / "out").items() < one_to_one(logs).items()
    else:
        assert not (tmp_path / "out.ndjson").exists()
    assert reprocess(*words, "--resume").code == 1
    if dest == "out/":
        assert made(tmp_path / "out") == one_to_one(logs)
    else:
        assert (tmp_path / "out.ndjson").read_bytes() == logs.all_documents


@pytest.mark.parametrize("dest", ["file/out.ndjson", "file/out/"])
def test_destination_below_a_file_is_wrong_usage(
    reprocess: Reprocess, source: Path, tmp_path: Path, dest: str
) -> None:
    (tmp_path / "file").touch()
    done = reprocess(source, f"{tmp_path}/{dest}")
    assert done.code == 2
    assert done.err == f"edgelift: {tmp_path}/file is not a folder; name another place\n"
    # Nothing has been begun.
    assert not reprocess.journal.exists()


def test_name_that_is_too_long_is_a_problem(reprocess: Reprocess, source: Path, tmp_path: Path) -> None:
    name = "n" * 250
    (source / name).write_bytes(b"")
    account = reprocess.account(source, f"{tmp_path}/out/")
    (row,) = [row for row in account["by_object"] if row["state"] == "failed"]
    assert row["object"] == str(source / name)
    assert row["problem"].endswith("File name too long")
    assert account["objects"]["done"] == 12


def test_names_that_are_not_utf8_are_escaped(reprocess: Reprocess, logs: Logs, tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff\xfe.gz")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / name).write_bytes(logs.packed["2024/11/15/01/part-001.gz"])
    account = reprocess.account(tmp_path / "logs", f"{tmp_path}/out/")
    (row,) = account["by_object"]
    assert row["object"] == rf"{tmp_path}/logs/\xff\xfe.gz"
    (document,) = (tmp_path / "out").iterdir()
    assert os.fsencode(document.name) == b"\xff\xfe.ndjson"
    assert document.read_bytes() == logs.documents("2024/11/15/01/part-001.gz")


def test_object_whose_target_is_a_folder_is_a_problem(reprocess: Reprocess, tmp_path: Path) -> None:
    (tmp_path / "logs" / "a.ndjson").mkdir(parents=True)
    (tmp_path / "logs" / "a").touch()
    (tmp_path / "logs" / "a.ndjson" / "b").touch()
    account = reprocess.account(tmp_path / "logs", f"{tmp_path}/out/", "--workers", "1")
    assert account["objects"]["done"] == 1
    (row,) = [row for row in account["by_object"] if row["state"] == "failed"]
    assert "cannot write" in row["problem"]


def test_failed_records_that_cannot_be_kept_leave_nothing_in_the_one_file(
    reprocess: Reprocess, tmp_path: Path
) -> None:
    good, bad = (b"1700000000.000\t10.0.0.1\t%s\tGET\t/\n" % status for status in (b"200", b"2x0"))
    # The error objects of the first one are in a folder, whose name those of the second one would have.
    names = "x.failed.json/y", "x", "z"
    for name in names:
        (tmp_path / "logs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "logs" / name).write_bytes(good + bad)
    (tmp_path / "list").write_text("".join(f"{tmp_path}/logs/{name}\n" for name in names))
    words = (f"list:{tmp_path}/list", tmp_path / "out", "--failed", tmp_path / "failed")
    for resume in [], ["--resume"]:
        account = reprocess.account(*words, *resume)
        assert account["objects"] == {"to_do": 0, "done": 2, "failed": 1, "refused": 0, "problems": 1}
        assert (tmp_path / "out").read_bytes().count(b"\n") == account["totals"]["written"] == 2


@pytest.mark.parametrize("name", ["pipe", "-"])
def test_destination_that_is_not_a_file_is_refused(
    reprocess: Reprocess, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    done = reprocess(source, name)
    assert done.code == 2
    assert f"the destination {name} is not a regular file" in done.err
    assert (tmp_path / "pipe").is_fifo()
    assert not (tmp_path / "-").exists()

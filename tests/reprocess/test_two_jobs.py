"""Two jobs with one destination: the second one is refused, and no row is lost."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from edgelift.output_lock import LockedError, OutputLock, lock_name
from tests.reprocess.conftest import TRANSFORMER, made, uploaded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.reprocess.conftest import Client, Reprocess

ROW = b"1700000000.000\t10.0.0.1\t200\tGET\t/%d\n"

BUSY = ", or a program has locked it (flock); wait for it to end, or name another place\n"


def rows(number: int) -> bytes:
    return ROW % number


def documents(number: int) -> bytes:
    return TRANSFORMER.transform_lines(rows(number)).output


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Give a folder with one log."""
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "log").write_bytes(rows(2))
    return folder


@pytest.fixture
def holding(
    reprocess: Reprocess, command: tuple[str, ...], environment: dict[str, str], tmp_path: Path
) -> Callable[..., AbstractContextManager[None]]:
    """Give the context in which a job has done ``log`` and waits for a pipe; it ends with the context."""
    (tmp_path / "log").write_bytes(rows(0))
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "list").write_text(f"{tmp_path}/log\n{tmp_path}/pipe\n")

    @contextmanager
    def holding(dest: str | Path, *options: str | Path, code: int = 0) -> Iterator[None]:
        words = reprocess.words(f"list:{tmp_path}/list", dest, "--workers", "1", *options)
        words[words.index("--journal") + 1] = tmp_path / "journal-of-the-first"
        environ = environment | reprocess.environment
        with subprocess.Popen([*command, *words], env=environ, stderr=subprocess.PIPE) as job:
            # Opened as soon as the job reads it: then it has done the first object.
            with (tmp_path / "pipe").open("wb", buffering=0) as pipe:
                pipe.write(rows(1))
                yield
            _, err = job.communicate()
        assert job.returncode == code, err

    return holding


@pytest.mark.parametrize("deletes", [[], ["--delete-source"]])
@pytest.mark.parametrize("dest", ["out.ndjson", "out/"])
def test_second_job_is_refused_while_the_first_has_the_destination(  # noqa: PLR0913, PLR0917 -- fixtures
    reprocess: Reprocess,
    holding: Callable[..., AbstractContextManager[None]],
    other: Path,
    tmp_path: Path,
    dest: str,
    deletes: list[str],
) -> None:
    with holding(f"{tmp_path}/{dest}", *deletes):
        done = reprocess(other, f"{tmp_path}/{dest}", *deletes)
        assert done.code == 2
        assert done.err == f"edgelift: another job is writing to {tmp_path}/{dest.rstrip('/')}{BUSY}"
        assert (other / "log").exists()
        # Not its journal either: the earlier one may still be wanted.
        assert not reprocess.journal.exists()
    if dest == "out/":
        below = tmp_path / "out" / str(tmp_path)[1:]
        assert made(below) == {"log.ndjson": documents(0), "pipe.ndjson": documents(1)}
    else:
        assert (tmp_path / dest).read_bytes() == documents(0) + documents(1)
    assert not list(tmp_path.rglob(".edgelift-*"))
    # And when the first one has ended it is not refused.
    assert reprocess(other, f"{tmp_path}/{dest}", *deletes).code == 0
    assert (other / "log").exists() == (not deletes)
    assert not list(tmp_path.rglob(".edgelift-*"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("out/", "out/sub/"),
        ("out/sub/", "out/"),
        ("out/", "out/file"),
        ("out/file", "out/"),
        ("out/", "link/"),
        ("out/file", "link/file"),
        ("out/file", "out/sub/../file"),
        ("out/file", "link-to-file"),
        ("out/", "/{}/out/"),
    ],
)
def test_second_job_is_refused_under_any_spelling_of_the_path(  # noqa: PLR0913, PLR0917 -- fixtures
    reprocess: Reprocess,
    holding: Callable[..., AbstractContextManager[None]],
    other: Path,
    tmp_path: Path,
    first: str,
    second: str,
) -> None:
    (tmp_path / "out" / "sub").mkdir(parents=True)
    (tmp_path / "link").symlink_to("out")
    (tmp_path / "link-to-file").symlink_to("out/file")
    with holding(f"{tmp_path}/{first}"):
        dest = second.format(tmp_path) if "{}" in second else f"{tmp_path}/{second}"
        done = reprocess(other, dest, "--delete-source")
    assert done.code == 2, done.err
    assert done.err.startswith("edgelift: another job is writing to ")
    assert (other / "log").exists()


def test_refused_job_leaves_no_folder(
    reprocess: Reprocess, holding: Callable[..., AbstractContextManager[None]], other: Path, tmp_path: Path
) -> None:
    with holding(f"{tmp_path}/out/"):
        # Its name is before that of the destination, so it is locked first.
        done = reprocess(other, f"{tmp_path}/out/", "--failed", tmp_path / "new" / "failed")
    assert done.code == 2
    assert not (tmp_path / "new").exists()


def test_two_jobs_write_files_into_one_folder(
    reprocess: Reprocess, holding: Callable[..., AbstractContextManager[None]], other: Path, tmp_path: Path
) -> None:
    with holding(tmp_path / "a"):
        assert reprocess(other, tmp_path / "b").code == 0
    assert (tmp_path / "a").read_bytes() == documents(0) + documents(1)
    assert (tmp_path / "b").read_bytes() == documents(2)


def test_failed_records_of_two_jobs_do_not_mix(
    reprocess: Reprocess, holding: Callable[..., AbstractContextManager[None]], other: Path, tmp_path: Path
) -> None:
    with holding(tmp_path / "a", "--failed", tmp_path / "failed"):
        done = reprocess(other, tmp_path / "b", "--failed", tmp_path / "failed")
        assert (done.code, done.err) == (2, f"edgelift: another job is writing to {tmp_path}/failed{BUSY}")
        assert not (tmp_path / "b").exists()
    # Made to be locked, and not wanted in the end.
    assert not (tmp_path / "failed").exists()


def test_transform_is_refused_while_a_job_has_the_file(
    reprocess: Reprocess, holding: Callable[..., AbstractContextManager[None]], tmp_path: Path
) -> None:
    words = ("transform", "--fields", "sc-status", "-o", tmp_path / "out")
    with holding(tmp_path / "out"):
        done = reprocess.run(*words, stdin=b"200\n")
    assert (done.code, done.err) == (2, f"edgelift: another job is writing to {tmp_path}/out{BUSY}")
    assert (tmp_path / "out").read_bytes() == documents(0) + documents(1)


def test_source_stays_if_another_job_has_replaced_its_object_in_s3(  # noqa: PLR0913, PLR0917 -- fixtures
    reprocess: Reprocess,
    holding: Callable[..., AbstractContextManager[None]],
    other: Path,
    s3: Client,
    s3_url: str,
    tmp_path: Path,
) -> None:
    # S3 has no locks: the objects of the second job replace those of the first, which are whole all the same.
    name = f"{str(tmp_path)[1:]}/log"
    (other / name).parent.mkdir(parents=True)
    (other / "log").rename(other / name)
    words = ("s3://documents/x/", "--endpoint-url", s3_url, "--delete-source")
    with holding(*words, code=1):
        assert reprocess(other, *words).code == 0
    assert uploaded(s3, "x/")[f"{name}.ndjson"] == documents(2)
    assert not (other / name).exists()
    assert (tmp_path / "log").read_bytes() == rows(0)


@pytest.mark.parametrize("dest", ["out", "out/"])
def test_source_stays_if_its_documents_are_replaced_before_the_job_is_resumed(
    reprocess: Reprocess, other: Path, tmp_path: Path, dest: str
) -> None:
    words = (other, f"{tmp_path}/{dest}")
    assert reprocess(*words).code == 0
    written = tmp_path / "out" / "log.ndjson" if dest == "out/" else tmp_path / "out"
    written.unlink()
    written.write_bytes(b"of another job\n")
    done = reprocess(*words, "--resume", "--delete-source")
    assert done.code == (1 if dest == "out/" else 3)
    assert ("has been replaced since" if dest == "out/" else "is not what the job has written") in done.err
    assert (other / "log").exists()
    assert written.read_bytes() == b"of another job\n"


def test_source_stays_if_its_failed_records_are_replaced(reprocess: Reprocess, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "log").write_bytes(b"bad\n")
    words = (tmp_path / "logs", tmp_path / "out", "--failed", tmp_path / "failed")
    assert reprocess(*words).code == 1
    (tmp_path / "failed" / "log.failed.json").write_bytes(b"of another job\n")
    done = reprocess(*words, "--resume", "--delete-source")
    assert "not deleted: its failed records have been replaced since they were written" in done.err
    assert (tmp_path / "logs" / "log").exists()


def test_source_is_deleted_if_nothing_was_replaced(
    reprocess: Reprocess, s3: Client, s3_url: str, other: Path, tmp_path: Path
) -> None:
    del s3
    for kind, dest in enumerate(("s3://documents/x/", f"{tmp_path}/out/", f"{tmp_path}/file")):
        (other / "log").write_bytes(rows(2) + b"bad\n")
        words = (other, dest, "--endpoint-url", s3_url, "--failed", f"s3://documents/failed-{kind}/")
        assert reprocess(*words, "--delete-source").code == 1
        assert not (other / "log").exists()
        reprocess.journal.unlink()


def test_lock_is_not_inherited_from_a_job_that_was_killed(
    reprocess: Reprocess, command: tuple[str, ...], environment: dict[str, str], other: Path, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    words = [*command, *reprocess.words(tmp_path / "pipe", tmp_path / "out")]
    with (
        subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL) as job,
        (tmp_path / "pipe").open("wb"),
    ):
        job.kill()
        job.wait()
    assert (tmp_path / lock_name(tmp_path / "out")).exists()
    reprocess.journal.unlink()
    assert reprocess(other, tmp_path / "out").code == 0
    assert not (tmp_path / lock_name(tmp_path / "out")).exists()


def test_second_lock_in_one_process_is_refused_at_once(tmp_path: Path) -> None:
    with OutputLock(folders=[tmp_path / "a" / "b"], files=[tmp_path / "c"]):
        for again in (
            {"folders": [tmp_path / "a"]},
            {"folders": [tmp_path / "a" / "b"]},
            {"folders": [tmp_path]},
            {"files": [tmp_path / "c"]},
            {"files": [tmp_path / "a" / "b" / "c"]},
        ):
            with pytest.raises(LockedError):
                OutputLock(**again)
        with OutputLock(folders=[tmp_path / "a" / "c"], files=[tmp_path / "d"]):
            pass
    with OutputLock(folders=[tmp_path]):
        assert not list(tmp_path.glob(".*"))


def test_folders_inside_one_another_are_locked_by_one_job(tmp_path: Path) -> None:
    with OutputLock(folders=[tmp_path / "out", tmp_path / "out" / "failed"], files=[tmp_path / "out" / "x"]):
        pass


def test_folders_created_in_vain_are_removed(reprocess: Reprocess, tmp_path: Path) -> None:
    done = reprocess(tmp_path / "nothing", f"{tmp_path}/a/b/")
    assert done.code == 3
    assert not (tmp_path / "a").exists()


def test_folder_that_another_job_has_locked_meanwhile_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "failed"
    others: list[OutputLock] = []

    def make_and_lose(path: Path) -> None:
        path.mkdir()
        if not others:
            others.append(OutputLock(folders=[folder]))

    monkeypatch.setattr("edgelift.output_lock.make_folder", make_and_lose)
    with pytest.raises(LockedError):
        OutputLock(folders=[folder])
    with others[0]:
        assert folder.is_dir()


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_lock_that_is_not_a_regular_file_is_refused(
    reprocess: Reprocess, other: Path, tmp_path: Path, kind: str
) -> None:
    lock = tmp_path / lock_name(tmp_path / "out")
    match kind:
        case "link":
            lock.symlink_to(tmp_path / "target")
        case "pipe":
            os.mkfifo(lock)
        case _:
            lock.mkdir()
    done = reprocess(other, tmp_path / "out")
    assert done.code == 3
    assert f"the lock {lock.name} is not a regular file: remove it" in done.err
    assert not (tmp_path / "target").exists()

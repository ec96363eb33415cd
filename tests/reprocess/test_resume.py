"""A journal makes a job exact: killed at any moment and resumed, every record is there once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.reprocess.conftest import TRANSFORMER, made, make_logs, one_to_one, uploaded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Done
    from tests.reprocess.conftest import Client, Logs, Reprocess

KILLS = 12

SUMMARY = "edgelift: read "

ROW = b"1700000000.000\t10.0.0.1\t200\tGET\t/\n"


@pytest.fixture(scope="module")
def many() -> Logs:
    return make_logs(40, 4000, seed=7)


@pytest.fixture
def killed(
    reprocess: Reprocess, command: tuple[str, ...], environment: dict[str, str]
) -> Callable[..., Done]:
    """Give the function that runs a job, kills it again and again, and lets it come to its end."""

    def killed(*arguments: str | Path, seed: int) -> Done:
        print(f"seed {seed}")  # noqa: T201 -- pytest shows it if a test fails
        chance = random.Random(seed)  # noqa: S311 -- no secret
        began = time.monotonic()
        reprocess(*arguments, "--dry-run")
        whole = time.monotonic() - began
        resume: list[str] = []
        words = [*command, *reprocess.words(*arguments), "--workers", "3"]
        for _ in range(KILLS):
            process = subprocess.Popen(
                [*words, *resume],
                env=environment | reprocess.environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            time.sleep(chance.uniform(0.2, 0.9) * whole)
            process.kill()
            _, reported = process.communicate()
            # It may have been too early for a journal.
            if b"cannot resume: no journal" in reported or not reprocess.journal.exists():
                resume = []
                reprocess.journal.unlink(missing_ok=True)
            else:
                resume = ["--resume"]
        return reprocess(*arguments, *resume, "--workers", "3")

    return killed


@pytest.mark.parametrize("name", ["out/", "out.ndjson"])
def test_resume_after_kills_writes_each_file_once(
    killed: Callable[..., Done], many: Logs, tmp_path: Path, name: str, reprocess: Reprocess
) -> None:
    many.save(tmp_path / "logs")
    done = killed(tmp_path / "logs", f"{tmp_path}/{name}", "--failed", tmp_path / "failed", seed=1)
    assert done.code == 1, done.err
    if name == "out/":
        assert made(tmp_path / "out") == one_to_one(many)
    else:
        assert (tmp_path / "out.ndjson").read_bytes() == many.all_documents
    failed = made(tmp_path / "failed").values()
    assert sum(data.count(b"\n") for data in failed) == many.counts["failed"]
    account = reprocess.account(
        tmp_path / "logs", f"{tmp_path}/{name}", "--failed", tmp_path / "failed", "--resume"
    )
    assert {name: account["totals"][name] for name in many.counts} == many.counts


def test_resume_after_kills_writes_each_s3_object_once(
    killed: Callable[..., Done], many: Logs, s3: Client, s3_url: str, tmp_path: Path
) -> None:
    many.save(tmp_path / "logs")
    done = killed(tmp_path / "logs", "s3://documents/a", "--endpoint-url", s3_url, seed=2)
    assert done.code == 1, done.err
    assert uploaded(s3, "a/") == one_to_one(many)


@pytest.mark.parametrize("dest", ["out/", "out.ndjson"])
def test_resume_repeats_an_object_that_was_interrupted(  # noqa: PLR0913, PLR0917 -- fixtures
    reprocess: Reprocess,
    command: tuple[str, ...],
    environment: dict[str, str],
    logs: Logs,
    tmp_path: Path,
    dest: str,
) -> None:
    # A pipe among the objects: the job writes what comes, and waits for the rest until it is killed.
    rows = dict(zip("abc", [logs.rows[name] for name in sorted(logs.rows)[:3]], strict=True))
    for name in "ac":
        (tmp_path / name).write_bytes(rows[name])
    os.mkfifo(tmp_path / "b")
    (tmp_path / "list").write_text("".join(f"{tmp_path / name}\n" for name in "abc"))
    words = (f"list:{tmp_path}/list", f"{tmp_path}/{dest}", "--workers", "1")
    process = subprocess.Popen(
        [*command, *reprocess.words(*words)], env=environment, stderr=subprocess.DEVNULL
    )
    documents = {name: TRANSFORMER.transform_lines(data).output for name, data in rows.items()}
    below = tmp_path / "out" / str(tmp_path)[1:]
    folder, begun = (below, 0) if dest == "out/" else (tmp_path, len(documents["a"]))
    with (tmp_path / "b").open("wb", buffering=0) as pipe:
        pipe.write(rows["b"][:50_000])
        wait_for(lambda: any(file.stat().st_size > begun for file in temporary_files(folder)))
        process.kill()
        process.wait()
    if dest == "out/":
        assert sorted(below.iterdir()) == [*temporary_files(below), below / "a.ndjson"]
    (tmp_path / "b").unlink()
    (tmp_path / "b").write_bytes(rows["b"])
    assert reprocess(*words, "--resume").code == 1
    if dest == "out/":
        assert made(below) == {f"{name}.ndjson": data for name, data in documents.items()}
    else:
        assert (tmp_path / "out.ndjson").read_bytes() == b"".join(documents[name] for name in "abc")


def test_resume_skips_completed_objects(
    reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path
) -> None:
    moved = source.rename(tmp_path / "moved")
    (source / "2024").parent.mkdir()
    first = sorted(logs.packed)[:3]
    for name in first:
        (source / name).parent.mkdir(parents=True)
        (source / name).write_bytes(logs.packed[name])
    (source / first[1]).chmod(0o644)
    words = (source, f"{tmp_path}/out/")
    assert reprocess(*words).code == 1
    files = made(tmp_path / "out")
    for name in files:
        (tmp_path / "out" / name).write_bytes(b"mine")
    done = reprocess(*words, "--resume")
    assert done.code == 1
    assert set(made(tmp_path / "out").values()) == {b"mine"}
    assert moved.exists()


def test_completed_job_may_be_started_again(
    reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path
) -> None:
    for _ in range(2):
        assert reprocess(source, tmp_path / "out").code == 1
        assert (tmp_path / "out").read_bytes() == logs.all_documents


def test_resume_retries_failed_objects(
    reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path
) -> None:
    gone = sorted(logs.rows)[2]
    (tmp_path / "list").write_text("".join(f"{source / name}\n" for name in sorted(logs.rows)))
    (source / gone).rename(tmp_path / "gone")
    words = (f"list:{tmp_path}/list", tmp_path / "out")
    account = reprocess.account(*words)
    assert account["objects"] == {"to_do": 0, "done": 11, "failed": 1, "refused": 0, "problems": 1}
    (tmp_path / "gone").rename(source / gone)
    account = reprocess.account(*words, "--resume")
    assert account["objects"] == {"to_do": 0, "done": 12, "failed": 0, "refused": 0, "problems": 0}
    # It comes after the others, and each of them is there once.
    assert sorted((tmp_path / "out").read_bytes().splitlines()) == sorted(logs.all_documents.splitlines())


def started(words: list[str | Path], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a job that waits for its standard input, and wait until it does."""
    process = subprocess.Popen(
        words,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin
    process.stdin.write(b"1700000000.000\t10.0.0.1\t200\tGET\t/\n")
    process.stdin.flush()
    return process


def temporary_files(folder: Path) -> list[Path]:
    """Return the files that a job has not given their names yet."""
    return [*folder.glob(".edgelift-*.partial"), *folder.glob(".edgelift-*.resumable")]


def wait_for(there: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_unfinished_job_is_not_overwritten(
    reprocess: Reprocess, command: tuple[str, ...], environment: dict[str, str], source: Path, tmp_path: Path
) -> None:
    (tmp_path / "log").write_bytes(ROW)
    (tmp_path / "list").write_text(f"{tmp_path}/log\n{source}/waits\n")
    os.mkfifo(source / "waits")
    words = reprocess.words(f"list:{tmp_path}/list", tmp_path / "out", "--workers", "1")
    process = started([*command, *words], environment)
    # Opened as soon as the job reads it: then it has done the first object.
    with (source / "waits").open("wb", buffering=0):
        process.kill()
        process.communicate()
    (source / "waits").unlink()
    done = reprocess(source, tmp_path / "other")
    assert done.code == 2
    assert "is of an unfinished job: --resume continues it" in done.err
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("dest", ["out", "other"])
def test_job_without_completed_objects_starts_over(  # noqa: PLR0913, PLR0917 -- fixtures
    reprocess: Reprocess,
    command: tuple[str, ...],
    environment: dict[str, str],
    source: Path,
    tmp_path: Path,
    dest: str,
) -> None:
    process = started([*command, *reprocess.words("-", tmp_path / "out")], environment)
    wait_for(lambda: temporary_files(tmp_path))
    process.kill()
    process.communicate()
    refused = reprocess(source, tmp_path / dest, "--resume")
    assert refused.code == 2
    assert "is of another job; no object of it is done: run this one without --resume:\n" in refused.err
    assert reprocess(source, tmp_path / dest).code == 1
    assert (tmp_path / dest).is_file()
    # Only a job with the same destination removes the temporary file of the killed one.
    assert len(temporary_files(tmp_path)) == (dest == "other")


def test_resume_of_a_complete_job_reports_that_nothing_was_read(
    reprocess: Reprocess, source: Path, tmp_path: Path
) -> None:
    words = (source, f"{tmp_path}/out/")
    first = reprocess(*words)
    again = reprocess(*words, "--resume")
    assert (first.code, again.code) == (1, 1)
    complete = (
        f"edgelift: the job of the journal {reprocess.journal} was complete already; nothing was read, and "
        "its figures are:"
    )
    assert complete not in first.err
    assert again.err.splitlines()[-2] == complete
    figures = [done.err.splitlines()[-1].rpartition("; ")[0] for done in (first, again)]
    assert figures[0] == figures[1]
    assert reprocess.account(*words, "--resume")["was_complete"] is True


def test_resume_of_an_empty_journal_begins_a_job_and_reports_that(
    reprocess: Reprocess, source: Path, tmp_path: Path
) -> None:
    reprocess.journal.touch()
    done = reprocess(source, f"{tmp_path}/out/", "--resume")
    assert done.code == 1
    assert done.err.splitlines()[-2] == (
        f"edgelift: the journal {reprocess.journal} was empty: nothing was resumed, all objects are new"
    )
    assert len(made(tmp_path / "out")) == 12


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_ends_a_job_that_waits_for_input(
    reprocess: Reprocess,
    command: tuple[str, ...],
    environment: dict[str, str],
    tmp_path: Path,
    number: signal.Signals,
) -> None:
    process = started([*command, *reprocess.words("-", tmp_path / "out")], environment)
    wait_for(lambda: temporary_files(tmp_path))
    process.send_signal(number)
    # Its standard input stays open: it does not wait for the end of that.
    assert process.wait(60) == 128 + number
    _, reported = process.communicate()
    assert b"Traceback" not in reported
    assert b"objects 0 done, 1 not" in reported
    # Standard input cannot be read again from where it was.
    step = b"standard input cannot be read twice: run the same command again, from its beginning"
    assert reported.endswith(b"edgelift: %s\n" % step)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_completes_objects_in_progress(  # noqa: PLR0913, PLR0917 -- fixtures
    reprocess: Reprocess,
    command: tuple[str, ...],
    environment: dict[str, str],
    many: Logs,
    tmp_path: Path,
    number: signal.Signals,
) -> None:
    many.save(tmp_path / "logs")
    words = (tmp_path / "logs", f"{tmp_path}/out/")
    process = subprocess.Popen(
        [*command, *reprocess.words(*words), "--workers", "1"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    wait_for((tmp_path / "out" / "2024" / "11").exists)
    process.send_signal(number)
    _, reported = process.communicate()
    assert process.returncode == 128 + number, reported
    step = f"edgelift: the same command with --resume goes on from the journal {reprocess.journal}\n"
    assert reported.endswith(step.encode())
    # What is there is whole, and the rest is not there.
    there = made(tmp_path / "out")
    assert there.items() <= one_to_one(many).items()
    assert 0 < len(there) < 40
    assert reprocess(*words, "--resume").code == 1
    assert made(tmp_path / "out") == one_to_one(many)

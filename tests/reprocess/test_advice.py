"""Messages of a job about its destination, a source without objects, and if no record became a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Done, Run

    Job = Callable[..., Done]

ROW = b"1700000000.123\t192.0.2.1\t200\n"
FIELDS = "timestamp,c-ip,sc-status"


@pytest.fixture
def job(run: Run, tmp_path: Path) -> Job:
    """Return a function that runs a job on a folder with one log."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "part.tsv").write_bytes(ROW)

    def run_job(*arguments: str | Path, fields: str = FIELDS) -> Done:
        journal = tmp_path / "journal"
        return run("reprocess", tmp_path / "logs", *arguments, "--fields", fields, "--journal", journal)

    return run_job


def test_advice_if_every_record_failed(job: Job, tmp_path: Path) -> None:
    for arguments in ((tmp_path / "out.ndjson",), ("--dry-run",)):
        done = job(*arguments, fields="timestamp,c-ip")
        assert done.code == 1
        assert "edgelift: no record became a document: --fields or --config must name all fields" in done.err
    assert "no record became" not in job(tmp_path / "out.ndjson").err


def test_documents_that_are_reprocessed_are_named(job: Job, tmp_path: Path) -> None:
    documents, out = tmp_path / "logs" / "documents.ndjson", tmp_path / "out.ndjson"
    assert job(documents.parent.parent / "first.ndjson").code == 0
    (tmp_path / "first.ndjson").rename(documents)
    (tmp_path / "logs" / "part.tsv").unlink()
    for arguments in ((out,), ("--dry-run",)):
        done = job(*arguments)
        assert done.code == 1
        assert (
            f"edgelift: {documents} holds documents of edgelift; reprocess reads logs, once" in done.messages
        )
        assert "no record became a document" not in done.err


def test_advice_about_rows_of_a_standard_log_names_no_source_of_real_time_logs(
    job: Job, tmp_path: Path
) -> None:
    (tmp_path / "logs" / "part.tsv").write_bytes(b"2024-11-15\t19:00:00\tFRA56-P1\t200\n")
    done = job(tmp_path / "out.ndjson", fields="date,time,x-edge-location")
    assert done.code == 1
    assert "no record became a document: --fields or --config must name all columns of the rows" in done.err
    assert "real" not in done.err


def test_a_name_without_slash_is_said_to_be_one_file(job: Job, tmp_path: Path) -> None:
    out = tmp_path / "documents"
    note = f"edgelift: {out} becomes one file for all documents; {out}/ is a folder with a file per object"
    assert note in job(out).messages
    # It is there now, and replaced knowingly.
    for known in (
        out,
        tmp_path / "documents.ndjson",
        f"{tmp_path}/folder/",
        tmp_path / "logs" / ".." / "folder",
    ):
        done = job(known)
        assert (done.code, "becomes one file" in done.err) == (0, False), known
    assert "becomes one file" not in job(tmp_path / "other", "--dry-run").err


def test_a_source_without_objects_is_reported(job: Job, tmp_path: Path) -> None:
    logs, out = tmp_path / "logs", f"{tmp_path}/out/"
    done = job(out, "--suffix", ".gz")
    assert (done.code, done.messages) == (1, [f"edgelift: {logs} has no objects that --suffix .gz select"])
    kept = tmp_path / "kept.ndjson"
    kept.write_bytes(b"kept")
    assert job(kept, "--suffix", ".gz").code == 1
    assert kept.read_bytes() == b"kept"
    (logs / "part.tsv").unlink()
    for arguments in ((out,), ("--dry-run",)):
        done = job(*arguments)
        assert (done.code, done.messages) == (1, [f"edgelift: {logs} has no objects"])


def test_a_dry_run_says_ok_and_not_written(job: Job) -> None:
    done = job("--dry-run")
    assert "edgelift: read 1, ok 1, already there 0, " in done.err
    assert "written" not in done.err


def test_failed_records_of_another_job_are_kept_and_the_message_says_what_to_do(
    job: Job, tmp_path: Path
) -> None:
    failed = tmp_path / "failed"
    failed.mkdir()
    (failed / "old.failed.json").write_text("{}\n")
    done = job(tmp_path / "out.ndjson", "--failed", failed)
    assert done.code == 2
    (message,) = done.messages
    assert message.endswith("empty it, name another one, or continue its job with --resume")


def test_summaries_of_both_commands_count_the_same_records(job: Job, run: Run, tmp_path: Path) -> None:
    log = tmp_path / "logs" / "part.tsv"
    log.write_bytes(b"\n" + ROW + b"\r\nbad\n")
    counts = "dropped 0, failed 1 (column_count 1), blank 2; "
    assert f"edgelift: read 2, ok 1, {counts}" in run("transform", log, "--fields", FIELDS).err
    done = job(tmp_path / "out.ndjson")
    assert f"edgelift: read 2, written 1, already there 0, {counts}" in done.err
    assert f"stored bytes {log.stat().st_size} in, " in done.err

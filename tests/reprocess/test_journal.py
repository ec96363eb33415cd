"""Journals that cannot be used: of another job, in use, in the source, on a full disk."""

from __future__ import annotations

import resource
import subprocess
from functools import partial
from typing import TYPE_CHECKING

from tests.reprocess.conftest import made
from tests.reprocess.test_resume import started, temporary_files, wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reprocess.conftest import Reprocess


def test_a_second_job_on_the_same_journal_is_refused(
    reprocess: Reprocess, command: tuple[str, ...], environment: dict[str, str], source: Path, tmp_path: Path
) -> None:
    process = started([*command, *reprocess.words("-", tmp_path / "out")], environment)
    wait_for(lambda: temporary_files(tmp_path))
    for resume in [], ["--resume"]:
        done = reprocess(source, tmp_path / "other", *resume)
        assert done.code == 2
        assert done.err == f"edgelift: another job is at work on the journal {reprocess.journal}\n"
    assert not (tmp_path / "other").exists()
    process.communicate()
    assert process.returncode == 0
    assert (tmp_path / "out").read_bytes().count(b"\n") == 1


def test_resume_refuses_the_journal_of_another_job(
    reprocess: Reprocess, source: Path, tmp_path: Path
) -> None:
    assert reprocess(source, tmp_path / "out").code == 1
    config = tmp_path / "edgelift.toml"
    config.write_text('[[layouts]]\nfields = ["timestamp"]\n[output]\nnames = "ecs"\n')
    arguments = ("--config", config, "--journal", reprocess.journal, "--resume", "--suffix", ".gz")
    done = reprocess.run("reprocess", source, tmp_path / "other", *arguments)
    assert done.code == 2
    first, *lines = done.err.splitlines()
    assert first == (
        f"edgelift: the journal {reprocess.journal} is of another job; delete the file to give that job up, "
        "or name another by --journal:"
    )
    assert f'  destination was "{tmp_path}/out", now "{tmp_path}/other"' in lines
    assert '  suffix was "", now ".gz"' in lines
    assert '  configuration.output.names was "cloudfront", now "ecs"' in lines
    assert len(lines) == 4
    assert not (tmp_path / "other").exists()


def test_resume_refuses_files_that_are_not_journals(
    reprocess: Reprocess, source: Path, tmp_path: Path
) -> None:
    reprocess.journal.write_bytes(b"something else\n" * 100)
    for resume in [], ["--resume"]:
        done = reprocess(source, tmp_path / "out", *resume)
        assert done.code == 2
        assert f"cannot use the journal {reprocess.journal}: file is not a database" in done.err
    assert reprocess.journal.read_bytes() == b"something else\n" * 100


def test_journal_inside_the_source_is_refused(reprocess: Reprocess, source: Path, tmp_path: Path) -> None:
    reprocess.journal = source / "journal"
    done = reprocess(source, tmp_path / "out")
    assert done.code == 2
    assert f"the journal {source}/journal would be in the source" in done.err
    assert not reprocess.journal.exists()


def test_resume_distinguishes_a_file_from_a_folder_of_its_name(
    reprocess: Reprocess, source: Path, tmp_path: Path
) -> None:
    assert reprocess(source, tmp_path / "out").code == 1
    (tmp_path / "out").rename(tmp_path / "elsewhere")
    done = reprocess(source, f"{tmp_path}/out/", "--resume")
    assert done.code == 2
    assert f'destination was "{tmp_path}/out", now "{tmp_path}/out/"' in done.err


def test_full_disk_of_the_journal_stops_the_job(
    reprocess: Reprocess, command: tuple[str, ...], environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "logs").mkdir()
    for number in range(100):
        (tmp_path / "logs" / f"{number:03}").write_bytes(b"1700000000.000\t10.0.0.1\t200\tGET\t/\n")
    words = (tmp_path / "logs", f"{tmp_path}/out/")
    for most, listed in (64 << 10, False), (160 << 10, True):
        reprocess.journal.unlink(missing_ok=True)
        done = subprocess.run(
            [*command, *map(str, reprocess.words(*words))],
            env=environment,
            # A file may not grow beyond this: like a disk that is full, for one file.
            preexec_fn=partial(resource.setrlimit, resource.RLIMIT_FSIZE, (most, most)),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 3, done.stderr
        assert f"cannot use the journal {reprocess.journal}" in done.stderr
        assert "Traceback" not in done.stderr
        assert bool(made(tmp_path / "out")) == listed
    account = reprocess.account(*words, "--resume", code=0)
    assert account["objects"]["done"] == account["totals"]["written"] == 100
    assert len(made(tmp_path / "out")) == 100

"""Safety of objects that change, that end early, and that are deleted at the end."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from edgelift.reprocess.errors import ObjectError
from edgelift.reprocess.object_progress import ObjectProgress
from edgelift.reprocess.sinks.onefile import OneFile
from edgelift.reprocess.sources.files import Files
from tests.reprocess.conftest import made

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.reprocess.conftest import Reprocess

ROW = b"1700000000.000\t10.0.0.1\t200\tGET\t/\n"


def is_to_end() -> bool:
    return False


def test_sources_are_deleted_after_the_one_file_has_its_name(
    reprocess: Reprocess, command: tuple[str, ...], environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "log").write_bytes(ROW)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "list").write_text(f"{tmp_path}/log\n{tmp_path}/pipe\n")
    words = reprocess.words(f"list:{tmp_path}/list", tmp_path / "out", "--delete-source")
    with subprocess.Popen([*command, *map(str, words)], env=environment, stderr=subprocess.PIPE) as job:
        # Opened as soon as the job reads it: the first object is done, and the file cannot get its name.
        with (tmp_path / "pipe").open("wb"):
            (tmp_path / "out" / "folder").mkdir(parents=True)
        _, reported = job.communicate()
    assert job.returncode == 3, reported
    assert (tmp_path / "log").read_bytes() == ROW


def test_source_with_a_truncated_failed_record_is_not_deleted(reprocess: Reprocess, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "bad").write_bytes(ROW.replace(b"200", b"2x0"))
    (tmp_path / "logs" / "large").write_bytes(ROW[:-1] + b"x" * 2_000_000 + b"\n")
    words = (tmp_path / "logs", tmp_path / "out", "--failed", tmp_path / "failed", "--delete-source")
    assert reprocess.account(*words)["totals"]["by_reason"] == {"bad_value": 1, "too_large": 1}
    assert list(made(tmp_path / "logs")) == ["large"]


def test_file_changed_while_it_is_read_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(ROW)
    store = Files()
    reading = store.read(store.stat(str(tmp_path / "log"), "log"), is_to_end)
    assert next(reading) == ROW
    with (tmp_path / "log").open("ab") as log:
        log.write(ROW)
    with pytest.raises(ObjectError, match="it has changed since it was listed"):
        list(reading)


def test_file_changed_before_deletion_stays(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(ROW)
    store = Files()
    done = store.stat(str(tmp_path / "log"), "log")
    (tmp_path / "log").write_bytes(ROW + ROW)
    with pytest.raises(ObjectError, match="not deleted: it has changed since it was listed"):
        store.delete(done)
    assert (tmp_path / "log").read_bytes() == ROW + ROW


def test_resumed_job_that_is_killed_again_and_again_leaves_no_file(
    reprocess: Reprocess, tmp_path: Path
) -> None:
    (tmp_path / "log").write_bytes(ROW)
    (tmp_path / "out").mkdir()
    words = (tmp_path / "log", tmp_path / "out" / "documents.ndjson", "--resume")
    assert reprocess(*words[:2]).code == 0
    (tmp_path / "deadly").mkdir()
    deadly = "import os\nos.unlink = lambda *_, **__: os.kill(os.getpid(), 9)\n"
    (tmp_path / "deadly" / "sitecustomize.py").write_text(deadly)
    survives, reprocess.environment["PYTHONPATH"] = dict(reprocess.environment), str(tmp_path / "deadly")
    # The first is killed where it removes its own file, the second where it removes that of the first.
    assert [reprocess(*words).code for _ in range(2)] == [-9, -9]
    reprocess.environment = survives
    assert reprocess(*words).code == 0
    assert made(tmp_path / "out").keys() == {"documents.ndjson"}


def test_failed_object_leaves_nothing_in_the_one_file(tmp_path: Path) -> None:
    def breaks_off() -> Iterator[bytes]:
        yield b"half"
        raise ObjectError("it has changed")

    sink = OneFile(tmp_path / "out")
    sink.begin(None)
    sink.put(None, [b"one\n"], print, ObjectProgress(is_to_end))
    with pytest.raises(ObjectError):
        sink.put(None, breaks_off(), print, ObjectProgress(is_to_end))
    assert sink.put(None, [b"two\n"], print, ObjectProgress(is_to_end)).end == 8
    sink.finish()
    assert (tmp_path / "out").read_bytes() == b"one\ntwo\n"

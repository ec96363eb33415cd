"""How far a job is: a bar at a terminal, a line now and then elsewhere."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from edgelift.cli.progress import job_progress
from edgelift.cli.reprocess.interrupt import StopNotice
from edgelift.reprocess.job import Progress
from tests.cli.test_terminal import ESCAPE, Terminal, run_at
from tests.reprocess.test_resume import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reprocess.conftest import Reprocess


GOOD = b"1700000000.000\t10.0.0.1\t200\tGET\t/\n" * 1000
BAD = b"1700000000.000\t10.0.0.1\t2x0\tGET\t/\n"


def test_progress_bar_is_drawn_on_a_terminal(
    reprocess: Reprocess,
    command: tuple[str, ...],
    environment: dict[str, str],
    source: Path,
    tmp_path: Path,
) -> None:
    with Terminal() as terminal:
        words = [*command, *map(str, reprocess.words(source, tmp_path / "out"))]
        assert run_at(words, environment, stderr=terminal.theirs).returncode == 1
    assert f"{ESCAPE}[?25l" in terminal.text, "the cursor is hidden while the bar is shown"
    assert f"{ESCAPE}[?25h" in terminal.text, "and comes back"
    assert "12 of 12 objects, " in terminal.text
    assert " records/s, " in terminal.text
    assert "edgelift: read " in terminal.text


@pytest.mark.parametrize(
    ("number", "running", "objects", "again"),
    [
        (signal.SIGINT, 1, "1 object that is", "Ctrl-C again"),
        (signal.SIGTERM, 3, "3 objects that are", "a second signal"),
    ],
)
def test_the_first_signal_is_answered_once_while_objects_are_processed(
    capsys: pytest.CaptureFixture[str], *, number: signal.Signals, running: int, objects: str, again: str
) -> None:
    received: list[int] = []
    notice = StopNotice(received)
    progress = Progress(running=running, done=12, left=28, records=345)
    notice(progress)
    assert capsys.readouterr().err == ""
    received.append(number)
    notice(Progress())
    assert capsys.readouterr().err == ""
    notice(progress)
    notice(progress)
    assert capsys.readouterr().err == (
        f"edgelift: {number.name}: objects 12 done, 28 not; records 345 read\n"
        f"edgelift: waiting for {objects} being processed, 5 seconds at most for an answer; {again} stops "
        "now\n"
    )


def test_progress_lines_are_printed_every_ten_seconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 0.0
    monkeypatch.setattr("edgelift.cli.progress.time.monotonic", lambda: now)
    progress = Progress(objects=12, bytes=400, tried=3, bytes_read=100, read=50, failed=2)
    with job_progress() as show:
        show(progress)
        now = 9.0
        show(progress)
        assert capsys.readouterr().err == ""
        now = 10.0
        show(progress)
        now = 19.0
        show(progress)
    reported = "edgelift: 3 of 12 objects, 5 records/s, 2 failed, 100 bytes read\n"
    assert capsys.readouterr().err == reported


def test_progress_moves_inside_an_object(
    reprocess: Reprocess, command: tuple[str, ...], environment: dict[str, str], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "large")
    words = [*command, *map(str, reprocess.words(tmp_path / "large", tmp_path / "out"))]
    with Terminal() as terminal:
        process = subprocess.Popen(
            words,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=terminal.theirs,
        )
        with (tmp_path / "large").open("wb", buffering=0) as pipe:
            pipe.write(GOOD + BAD)
            # While the object is not at its end.
            wait_for(lambda: re.search(r"0 of 1 objects, [1-9]\d* records/s, 1 failed", terminal.text))
        assert process.wait(60) == 1

"""How far a job is: a bar at a terminal, a line now and then elsewhere."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from edgelift.cli.progress import job_progress
from edgelift.cli.reprocess.interrupt import StopNotice
from edgelift.reprocess.job import Progress
from tests.cli.test_terminal import ESCAPE, Terminal, run_at

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reprocess.conftest import Reprocess


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
    ("number", "running", "message"),
    [
        (
            signal.SIGINT,
            1,
            "edgelift: SIGINT: waiting for 1 object that is being processed; Ctrl-C again stops now\n",
        ),
        (
            signal.SIGTERM,
            3,
            "edgelift: SIGTERM: waiting for 3 objects that are being processed; a second signal stops now\n",
        ),
        (signal.SIGINT, 0, ""),
    ],
)
def test_the_first_signal_is_answered_once_while_objects_are_processed(
    capsys: pytest.CaptureFixture[str], number: signal.Signals, running: int, message: str
) -> None:
    received: list[int] = []
    notice = StopNotice(received)
    notice(running)
    assert capsys.readouterr().err == ""
    received.append(number)
    notice(running)
    notice(running)
    assert capsys.readouterr().err == message


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

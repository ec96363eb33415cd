"""Signals at any moment: the simulation says how far it got, and leaves no process and no half file."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

FIELDS = "timestamp,c-ip,sc-status"
LINES = b"".join(
    b"%d.123\t192.0.2.1\t%s\n" % (1_700_000_000 + n, b"200" if n % 3 else b"2x0") for n in range(900)
)


def processes() -> dict[int, tuple[int, str]]:
    """Return parent and command of each process."""
    found = {}
    for place in Path("/proc").iterdir():
        try:
            name, _, rest = (place / "stat").read_text().rpartition(")")
            command = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, UnicodeDecodeError):
            continue
        if place.name.isdecimal() and rest.split()[0] != "Z":
            found[int(place.name)] = int(rest.split()[1]), command or name
    return found


def children(pid: int) -> set[int]:
    return {child for child, (parent, _) in processes().items() if parent == pid}


def function_and_engine(pid: int) -> set[int]:
    deadline = time.monotonic() + 60
    while len(started := children(pid)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return started


def wait_until_gone(pids: set[int]) -> None:
    deadline = time.monotonic() + 60
    while left := pids & processes().keys():
        assert time.monotonic() < deadline, [processes().get(pid) for pid in left]
        time.sleep(0.01)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.tsv"
    path.write_bytes(LINES)
    return path


def start(
    command: tuple[str, ...], environment: dict[str, str], rows: Path, backup: Path, *words: str
) -> subprocess.Popen[str]:
    arguments = [*command, "simulate", os.fspath(rows), "--fields", FIELDS, "--backup", os.fspath(backup)]
    return subprocess.Popen(
        [*arguments, *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_ends_the_function_and_the_engine(
    command: tuple[str, ...],
    environment: dict[str, str],
    rows: Path,
    tmp_path: Path,
    number: signal.Signals,
) -> None:
    # An hour per second, and a source that goes on for many hours.
    words = ("--speed", "3600", "--rate", "0.05", "--interval", "1")
    with start(command, environment, rows, tmp_path / "backup", *words) as process:
        started = function_and_engine(process.pid)
        # ^C goes to all processes of a terminal, but those are in groups of their own or end by it.
        os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number, err
    assert out == ""
    assert f"edgelift: stopped by {number.name} at 2024-01-01 " in err
    assert re.search("(?m)^edgelift: [0-9]+ source records? [=≠] ", err)
    wait_until_gone(started)
    assert "Traceback" not in err


@pytest.mark.parametrize("moment", range(12))
def test_signal_at_any_moment_leaves_no_process_and_no_half_file(
    command: tuple[str, ...], environment: dict[str, str], rows: Path, tmp_path: Path, moment: int
) -> None:
    backup = tmp_path / "backup"
    with start(command, environment, rows, backup, "--rate", "1", "--interval", "1") as process:
        time.sleep(0.06 * moment)
        started = children(process.pid)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    # It may have ended before, and Python itself may not have been ready for the signal.
    assert process.returncode in {143, -signal.SIGTERM, 0}, err
    assert "Traceback" not in err
    wait_until_gone(started)
    files = [path for path in backup.rglob("*") if path.is_file()]
    assert [path for path in files if path.name.endswith(".partial")] == []
    for path in files:
        assert path.read_bytes().endswith(b"}\n")


def test_killed_simulation_leaves_no_process(
    command: tuple[str, ...], environment: dict[str, str], rows: Path, tmp_path: Path
) -> None:
    words = ("--speed", "3600", "--rate", "0.05", "--interval", "1")
    with start(command, environment, rows, tmp_path / "backup", *words) as process:
        started = function_and_engine(process.pid)
        process.kill()
    wait_until_gone(started)

"""``--jobs``: several threads write what one writes, as it arrives, and end as one does."""

from __future__ import annotations

import gzip
import re
import signal
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Run

ROW = b"2024-11-15\t19:00:01\t192.0.2.7\t200\n"
HEADERS = (b"#Version: 1.0\n#Fields: date time c-ip sc-status\n", b"#Fields: date time c-ip cs-status-code\n")
SECONDS = re.compile(r"\d+\.\d\d seconds")
TIMES = re.compile(rb'"(arrival|attemptEnding)Timestamp":\d+')


@pytest.fixture(scope="module")
def log() -> bytes:
    """A log of 8 MB, beyond the size for threads, with headers and failures in its middle."""
    bad = ROW.replace(b"200", b"2x0")
    block = ROW * 900 + bad + ROW * 2000 + b"\n" + bad * 2
    middle = HEADERS[0] + block * 9 + HEADERS[1] + block + HEADERS[0] + block * 6 + b"# end\n"
    return HEADERS[0] + block * 30 + middle + block * 20 + ROW[:-1]


@pytest.fixture
def start(command: tuple[str, ...], environment: dict[str, str]) -> Callable[..., subprocess.Popen[bytes]]:
    pipe = subprocess.PIPE
    return lambda *words: subprocess.Popen(
        [*command, *words], env=environment, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0
    )


@pytest.mark.parametrize("jobs", ["2", "3", "4"])
@pytest.mark.parametrize("kind", ["file", "gzip", "damaged", "standard input", "two files"])
def test_several_jobs_write_what_one_writes(
    run: Run, tmp_path: Path, log: bytes, jobs: str, kind: str
) -> None:
    file = tmp_path / "log"
    packed = kind in {"gzip", "damaged"}
    data = gzip.compress(log, 1, mtime=0) if packed else log
    file.write_bytes(data[:-3000] if kind == "damaged" else data)
    inputs: dict[str, list[str | Path]] = {"standard input": ["-"], "two files": [file, file]}
    stdin = log if kind == "standard input" else b""

    def outcome(number: str) -> tuple[int, bytes, bytes, str]:
        out, failed = tmp_path / "out", tmp_path / "failed"
        done = run(
            "transform",
            *inputs.get(kind, [file]),
            "-o",
            out,
            "--failed",
            failed,
            "--jobs",
            number,
            stdin=stdin,
        )
        return done.code, out.read_bytes(), TIMES.sub(b"", failed.read_bytes()), SECONDS.sub("", done.err)

    one = outcome("1")
    assert outcome(jobs) == one
    assert one[0] == 1
    assert one[1].count(b"\n") > 100_000
    assert one[2].count(b"\n") > 100


def test_the_first_failures_are_shown_in_their_order(run: Run, log: bytes) -> None:
    one, three = (run("transform", "-j", jobs, stdin=log) for jobs in ("1", "3"))
    assert (three.code, three.out, SECONDS.sub("", three.err)) == (
        one.code,
        one.out,
        SECONDS.sub("", one.err),
    )


def test_a_slow_pipe_is_transformed_as_it_arrives(start: Callable[..., subprocess.Popen[bytes]]) -> None:
    with start("transform", "--jobs", "3") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        fast = HEADERS[0] + ROW * 120_000
        writer = threading.Thread(target=process.stdin.write, args=(fast,))
        writer.start()
        got = 0
        while got < 120_000:
            got += process.stdout.read(1 << 16).count(b"\n")
        writer.join()
        for status in (b"201", b"404"):
            # Nothing follows: the document must come all the same.
            process.stdin.write(ROW.replace(b"200", status))
            assert b'"sc-status":' + status in process.stdout.read(1 << 16)
        process.stdin.close()
        assert process.wait() == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_several_jobs(
    start: Callable[..., subprocess.Popen[bytes]], tmp_path: Path, number: signal.Signals, code: int
) -> None:
    out = tmp_path / "out"
    with start("transform", "--jobs", "3", "-o", str(out)) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(HEADERS[0] + ROW * 120_000)
        process.send_signal(number)
        assert process.wait(60) == code
        assert b"the output is unchanged" in process.stderr.read()
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_leaves_ends_several_jobs(
    start: Callable[..., subprocess.Popen[bytes]], tmp_path: Path, log: bytes
) -> None:
    file = tmp_path / "log"
    file.write_bytes(log * 3)
    with start("transform", "--jobs", "3", str(file)) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        # Threads work by then.
        left = 8 << 20
        while left > 0:
            left -= len(process.stdout.read(1 << 20))
        process.stdout.close()
        assert process.wait(60) == 141
        assert b"Traceback" not in process.stderr.read()


def test_a_full_disk_ends_several_jobs(run: Run, log: bytes) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a descriptor
        done = run("transform", "--jobs", "3", stdin=log, stdout=full.fileno())
    assert done.code == 3
    assert "cannot write standard output: No space left on device" in done.err

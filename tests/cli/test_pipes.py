"""Pipes that fill up, close or are not ready, and signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

import edgelift

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def start(command: tuple[str, ...], environment: dict[str, str]) -> Callable[..., subprocess.Popen[bytes]]:
    def start(*args: str | Path, stdout: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*command, *args],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=subprocess.PIPE,
            bufsize=0,
        )

    return start


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_with_their_exit_code(
    start: Callable[..., subprocess.Popen[bytes]], number: signal.Signals, code: int
) -> None:
    with start("transform", "--fields", "sc-status") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"200\n")
        # The answer shows that it runs and waits for more.
        assert process.stdout.readline() == b'{"sc-status":200}\n'
        process.send_signal(number)
        assert process.wait() == code
        done = "1 records: 1 ok, 0 dropped, 0 failed; the output is incomplete"
        assert process.stderr.read().decode() == f"edgelift: stopped by {number.name}; {done}\n"


@pytest.mark.parametrize("ignored", ["INT TERM", "HUP INT QUIT"])
def test_tests_of_signals_pass_where_signals_are_ignored(environment: dict[str, str], ignored: str) -> None:
    # As `nohup make test &` of a shell without job control starts them. pytest itself goes on ignoring them.
    test = f"{__file__}::{test_signals_end_with_their_exit_code.__name__}[{signal.SIGINT:d}-130]"
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test]
    shell = ["sh", "-c", f"trap '' {ignored}; exec \"$@\"", "sh", *words]
    done = subprocess.run(shell, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_ignored_signals_stay_ignored(command: tuple[str, ...], environment: dict[str, str]) -> None:
    # As nohup does it, and a shell without job control for `command &`.
    ignoring = ("sh", "-c", "trap '' INT TERM; exec \"$@\"", "sh")
    words = [*ignoring, *command, "transform", "--fields", "sc-status"]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(2):
            process.stdin.write(b"200\n")
            assert process.stdout.readline() == b'{"sc-status":200}\n'
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGTERM)
        process.stdin.close()
        assert process.wait() == 0


def test_broken_pipe_is_silent(
    start: Callable[..., subprocess.Popen[bytes]], lines: bytes, fields: str
) -> None:
    with start("transform", "--fields", fields) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        good = lines[: lines.index(b"\n") + 1]
        process.stdin.write(good)
        assert process.stdout.readline()
        process.stdout.close()
        process.stdin.write(good)
        assert process.wait() == 141
        assert process.stderr.read() == b""


@pytest.mark.parametrize("arguments", [["fields"], ["--help"], ["transform", "--help"], ["--version"]])
def test_broken_pipe_before_the_first_word(
    start: Callable[..., subprocess.Popen[bytes]], arguments: list[str]
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with start(*arguments, stdout=writer) as process:
        os.close(writer)
        assert process.stderr is not None
        assert process.wait() == 141
        assert process.stderr.read() == b""


def test_closed_standard_error_does_not_matter(command: tuple[str, ...], environment: dict[str, str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    words = [*command, "transform", "--fields", "sc-status"]
    for stderr in writer, None:
        shell = ["sh", "-c", 'exec "$@" 2>&-', "sh", *words] if stderr is None else words
        done = subprocess.run(
            shell, env=environment, input=b"200\n", stdout=subprocess.PIPE, stderr=stderr, check=False
        )
        assert (done.returncode, done.stdout) == (0, b'{"sc-status":200}\n')
    os.close(writer)


@pytest.mark.parametrize("blocking", [True, False])
def test_slow_reader_gets_every_byte(
    start: Callable[..., subprocess.Popen[bytes]],
    lines: bytes,
    fields: str,
    tmp_path: Path,
    *,
    blocking: bool,
) -> None:
    # A pipe takes 64 KiB, a block of documents is several times that; a non-blocking one takes what fits.
    file = tmp_path / "rows.tsv"
    file.write_bytes(lines)
    reader, writer = os.pipe()
    os.set_blocking(writer, blocking)
    with start("transform", file, "--fields", fields, stdout=writer) as process:
        os.close(writer)
        received = bytearray()
        while chunk := os.read(reader, 1000):
            received += chunk
        process.communicate()
    os.close(reader)
    assert received == edgelift.Transformer.from_fields(fields.split(",")).transform_lines(lines).output


def test_non_blocking_input_is_waited_for(command: tuple[str, ...], environment: dict[str, str]) -> None:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    pipe = subprocess.PIPE
    words = [*command, "transform", "--fields", "sc-status"]
    with subprocess.Popen(
        words, env=environment, stdin=reader, stdout=pipe, stderr=pipe, bufsize=0
    ) as process:
        os.close(reader)
        assert process.stdout is not None
        for _ in range(3):
            os.write(writer, b"200\n")
            assert process.stdout.readline() == b'{"sc-status":200}\n'
        os.close(writer)
        assert process.wait() == 0


def test_named_pipe_is_opened_once(
    start: Callable[..., subprocess.Popen[bytes]], lines: bytes, fields: str, tmp_path: Path
) -> None:
    # Opened once only: a look inside before the work would end its writer.
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(lines,))
    writer.start()
    with start("transform", pipe, "--fields", fields) as process:
        out, _ = process.communicate()
    writer.join()
    assert out == edgelift.Transformer.from_fields(fields.split(",")).transform_lines(lines).output

"""Exit codes and what must not have happened when they come: nothing written at 2, the file named at 3."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edgelift.cli.console import CliExit, ExitCode
from edgelift.cli.sink import Sink
from edgelift.cli.source import Source, check_readable

if TYPE_CHECKING:
    from tests.cli.conftest import Run

FULL = "No space left on device"


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    file = tmp_path / "rows.tsv"
    file.write_bytes(b"200\n404\n")
    return file


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--fields", "sc-status", "--config", "x.toml"], "--fields and --config exclude each other"),
        (["--fields", "sc-statsu"], 'unknown field "sc-statsu"'),
        (["--fields", "sc-statsu"], 'did you mean "sc-status"?'),
        (["--fields", ","], "an empty name"),
        (["--fields", ""], "--fields: the value is empty"),
        (["--fields", "sc-status", ""], "FILE is empty"),
        (["--fields", "sc-status", "S3://bucket/key"], "S3://bucket/key is spelled s3://bucket/key"),
        (["--fields", "sc-status", "s3://a b/key"], "s3://a b/key names no bucket that can exist"),
        (["--fields", "sc-status", "s3://bucket/\udcff"], r"s3://bucket/\xff is not UTF-8"),
        (["--fields", "sc-\udcff"], "edgelift: --fields: "),
        (
            ["--config", "nowhere.toml"],
            "cannot read the configuration nowhere.toml: No such file or directory",
        ),
        (["--config", "."], "cannot read the configuration .: Is a directory"),
        (["--fields", "sc-status", "--to", "ndjson"], "no such option: --to"),
        (["--fields", "sc-status", "-", "-"], "standard input (-) can be read only once"),
        (
            ["--fields", "sc-status", "-", "/dev/stdin"],
            "standard input (-, /dev/stdin) can be read only once",
        ),
    ],
)
def test_wrong_usage_writes_nothing(run: Run, rows: Path, options: list[str], message: str) -> None:
    kept, failed = rows.with_name("kept"), rows.with_name("failed")
    kept.write_bytes(b"kept")
    done = run("transform", rows, *options, "-o", kept, "--failed", failed)
    assert (done.code, done.out) == (2, b"")
    assert message in done.err
    assert "Traceback" not in done.err
    assert kept.read_bytes() == b"kept"
    assert not failed.exists()


def test_unnamed_columns_are_wrong_usage(run: Run, rows: Path) -> None:
    done = run("transform", rows)
    assert (done.code, done.out) == (2, b"")
    # Why, and both ways out.
    assert "A real-time log line carries no header" in done.err
    assert "edgelift transform --fields timestamp,c-ip,sc-status FILE" in done.err
    assert "edgelift transform --config edgelift.toml FILE" in done.err


@pytest.mark.parametrize("arguments", [[], ["no-such-verb"], ["--no-such-option"]])
def test_unknown_commands_and_options_are_wrong_usage(run: Run, arguments: list[str]) -> None:
    assert run(*arguments).code == 2


def test_config_error_names_file_and_line(run: Run, rows: Path) -> None:
    config = rows.with_name("edgelift.toml")
    config.write_text('[[layouts]]\nfields = ["sc-status"]\n\n[output]\nnmes = "ecs"\n')
    done = run("transform", rows, "--config", config, "-o", rows.with_name("out"))
    assert done.code == 2
    (message,) = done.err.splitlines()
    assert message.startswith(f"{config}:5: output.nmes: unknown key")
    assert message.endswith('did you mean "names"?')
    assert "line 5" not in message
    assert not rows.with_name("out").exists()


def test_config_that_is_not_utf8_is_wrong_usage(run: Run, rows: Path) -> None:
    config = rows.with_name("edgelift.toml")
    config.write_bytes(b"\xff")
    done = run("transform", rows, "--config", config)
    assert done.code == 2
    assert done.err.startswith(f"{config}: ")
    assert "UTF-8" in done.err


def test_exit_code_is_1_if_records_failed_and_0_otherwise(run: Run, rows: Path) -> None:
    assert run("transform", rows, "--fields", "sc-status").code == 0
    assert run("transform", "--fields", "sc-status", stdin=b"200\nbad\n200\n").code == 1
    assert run("transform", "--fields", "sc-status", stdin=b"").code == 0


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("missing", "No such file or directory"),
        ("loop", "Too many levels of symbolic links"),
    ],
)
def test_input_that_cannot_be_opened_stops_before_anything_is_written(
    run: Run, rows: Path, name: str, why: str
) -> None:
    rows.with_name("loop").symlink_to("loop")
    kept = rows.with_name("kept")
    kept.write_bytes(b"kept")
    path = str(rows.with_name(name))
    done = run("transform", rows, path, "--fields", "sc-status", "-o", kept)
    assert (done.code, done.out) == (3, b"")
    assert done.err == f"edgelift: cannot read {path}: {why}\n"
    assert kept.read_bytes() == b"kept"


def test_unreadable_input_stops_with_its_name(rows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Not by chmod: the tests may run as root, whom it does not stop.
    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "open", refuse)
    for attempt in check_readable, Source:
        with pytest.raises(CliExit) as caught:
            attempt(str(rows))
        assert caught.value.code is ExitCode.STOPPED
        assert caught.value.message == f"cannot read {rows}: Permission denied"
    with pytest.raises(CliExit) as caught:
        Sink(str(rows))
    assert caught.value.code is ExitCode.STOPPED
    assert caught.value.message == f"cannot write {rows}: Permission denied"


def test_unreadable_pipe_stops_without_waiting_for_a_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    check_readable(str(pipe))  # and does not wait for a writer
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(CliExit, match="Permission denied"):
        check_readable(str(pipe))


def test_disk_error_stops_after_the_documents_before_it(run: Run, rows: Path) -> None:
    # A process may open its own memory, and cannot read its first page: EIO.
    done = run("transform", rows, "/proc/self/mem", "--fields", "sc-status")
    assert done.code == 3
    assert done.out == b'{"sc-status":200}\n{"sc-status":404}\n'
    assert done.messages == ["edgelift: cannot read /proc/self/mem: Input/output error"]
    assert "edgelift: read 2, ok 2" in done.err


@pytest.mark.parametrize("options", [["-o", "/dev/full"], ["-o", "/dev/null", "--failed", "/dev/full"]])
def test_full_disk_stops_with_the_name_of_the_file(run: Run, options: list[str]) -> None:
    done = run("transform", "--fields", "sc-status", *options, stdin=b"200\nbad\n")
    assert done.code == 3
    assert done.messages[-1] == f"edgelift: cannot write /dev/full: {FULL}"


@pytest.mark.parametrize(
    "arguments",
    [
        ["transform", "--fields", "sc-status"],
        ["fields"],
        ["explain", "--fields", "sc-status"],
        ["size", "--fields", "sc-status"],
        ["--version"],
        ["--help"],
    ],
)
def test_full_standard_output_stops(run: Run, arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = run(*arguments, stdin=b"200\n", stdout=full.fileno())
    assert done.code == 3
    assert done.messages == [f"edgelift: cannot write standard output: {FULL}"]


@pytest.mark.parametrize("option", ["-o", "--failed"])
def test_unwritable_output_stops_and_keeps_the_other_file(run: Run, rows: Path, option: str) -> None:
    other = "--failed" if option == "-o" else "-o"
    kept = rows.with_name("kept")
    kept.write_bytes(b"kept")
    target = rows.with_name("no-folder") / "out"
    done = run("transform", rows, "--fields", "sc-status", option, target, other, kept)
    assert (done.code, done.out) == (3, b"")
    assert done.err == f"edgelift: cannot write {target}: No such file or directory\n"
    assert kept.read_bytes() == b"kept"

"""An output of transform is there whole or stays what it was; no link that nobody named is followed."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run

DOCUMENT = b'{"sc-status":200}\n'

WORDS = ("transform", "--fields", "sc-status")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    file = tmp_path / "out"
    file.write_bytes(b"before")
    return file


def leftovers(folder: Path) -> list[Path]:
    return list(folder.glob(".edgelift-*"))


@pytest.mark.parametrize("option", ["-o", "--failed"])
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_output_is_unchanged_if_the_run_is_interrupted(  # noqa: PLR0913, PLR0917 -- fixtures
    command: tuple[str, ...],
    environment: dict[str, str],
    out: Path,
    option: str,
    number: signal.Signals,
    code: int,
) -> None:
    words: list[str | Path] = [*command, *WORDS, option, out]
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(words, env=environment, stdin=pipe, stdout=nowhere, stderr=pipe) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(b"200\nbad\n" * 100_000)
        process.stdin.flush()
        # All but the last of that has been read, since a pipe takes 64 KiB.
        assert leftovers(out.parent)
        process.send_signal(number)
        assert process.wait() == code
        last = process.stderr.read().decode().splitlines()[-1]
    state = "unchanged" if option == "-o" else "incomplete"
    message = rf"edgelift: stopped by {number.name}; \d+ records: \d+ ok, .* failed; the output is {state}"
    assert re.fullmatch(message, last)
    assert out.read_bytes() == b"before"
    assert not leftovers(out.parent)


def test_output_is_unchanged_if_the_run_stops(run: Run, out: Path) -> None:
    (out.parent / "rows").write_bytes(b"200\n")
    choices: list[list[str | Path]] = [[], ["--failed", out.parent / "failed"]]
    for options in choices:
        done = run(
            "transform", out.parent / "rows", "/proc/self/mem", "--fields", "sc-status", "-o", out, *options
        )
        assert done.code == 3
        assert out.read_bytes() == b"before"
    assert sorted(path.name for path in out.parent.iterdir()) == ["out", "rows"]


def test_second_run_is_refused(
    run: Run, command: tuple[str, ...], environment: dict[str, str], out: Path
) -> None:
    words: list[str | Path] = [*command, *WORDS, "-o", out]
    with subprocess.Popen(
        words, env=environment, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
    ) as first:
        assert first.stdin is not None
        first.stdin.write(b"200\nbad\n" * 100_000)
        for option in "-o", "--failed":
            done = run(*WORDS, option, out, stdin=b"404\n")
            assert done.code == 2
            assert (
                done.err == f"edgelift: another job is writing to {out}, or a program has locked it "
                "(flock); wait for it to end, or name another place\n"
            )
        first.stdin.close()
        assert first.wait() == 1
    assert out.read_bytes() == DOCUMENT * 100_000
    assert not leftovers(out.parent)


def test_link_as_output_is_followed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("target")
    for before in None, b"before":
        if before:
            (tmp_path / "target").write_bytes(before)
        assert run(*WORDS, "-o", tmp_path / "link", stdin=b"200\n").code == 0
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "target").read_bytes() == DOCUMENT


def test_hard_links_keep_the_old_content(run: Run, out: Path) -> None:
    other = out.with_name("other")
    other.hardlink_to(out)
    assert run(*WORDS, "-o", out, stdin=b"200\n").code == 0
    assert (out.read_bytes(), other.read_bytes()) == (DOCUMENT, b"before")


@pytest.mark.parametrize("option", ["-o", "--failed"])
def test_pipe_as_output_is_written_in_place(run: Run, tmp_path: Path, option: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    received = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_bytes()))
    reader.start()
    assert run(*WORDS, option, pipe, stdin=b"200\nbad\n").code == 1
    reader.join()
    assert (DOCUMENT in received[0]) == (option == "-o")
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
def test_named_standard_output_is_written_in_place(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "link").symlink_to("/dev/stdout")
    target = str(tmp_path / name) if name == "link" else name
    assert run(*WORDS, "-o", target, stdin=b"200\n").out == DOCUMENT
    with (tmp_path / "file").open("wb") as file:
        before = os.fstat(file.fileno()).st_ino
        assert run(*WORDS, "-o", target, stdin=b"200\n", stdout=file.fileno()).code == 0
    assert (tmp_path / "file").read_bytes() == DOCUMENT
    # The file that is open, and not another one in its place.
    assert (tmp_path / "file").stat().st_ino == before


def test_devices_are_written_and_not_replaced(run: Run) -> None:
    assert run(*WORDS, "-o", "/dev/null", "--failed", "/dev/null", stdin=b"200\nbad\n").code == 1
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_folder_is_not_an_output(run: Run, tmp_path: Path) -> None:
    done = run(*WORDS, "-o", tmp_path, stdin=b"200\n")
    assert (done.code, done.err) == (3, f"edgelift: cannot write {tmp_path}: Is a directory\n")


@pytest.mark.parametrize(
    ("umask", "before", "mode"),
    [
        (0o022, None, 0o644),
        (0o077, None, 0o600),
        (0o000, None, 0o666),
        (0o022, 0o600, 0o600),
        (0o077, 0o666, 0o600),
    ],
)
def test_permissions_are_those_of_the_umask(  # noqa: PLR0913, PLR0917 -- fixtures
    command: tuple[str, ...],
    environment: dict[str, str],
    tmp_path: Path,
    umask: int,
    before: int | None,
    mode: int,
) -> None:
    for name in "out", "failed":
        if before is not None:
            (tmp_path / name).touch()
            (tmp_path / name).chmod(before)
    words: list[str | Path] = [*command, *WORDS, "-o", tmp_path / "out", "--failed", tmp_path / "failed"]
    subprocess.run(
        words, env=environment, input=b"200\nbad\n", umask=umask, check=False, stderr=subprocess.DEVNULL
    )
    for name in "out", "failed":
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode


def test_output_that_ends_with_a_slash_is_a_folder(run: Run, tmp_path: Path) -> None:
    done = run(*WORDS, "-o", f"{tmp_path}/new/", stdin=b"200\n")
    assert (done.code, done.out) == (3, b"")
    assert done.err == f"edgelift: cannot write {tmp_path}/new/: Is a directory\n"
    assert list(tmp_path.iterdir()) == []


def test_replaced_file_keeps_its_owner(run: Run, out: Path) -> None:
    if os.geteuid() == 0:
        # Only root may give files away; nobody else can find a file of another user that it may replace.
        os.chown(out, 12345, 12346)
    before = out.stat()
    assert run(*WORDS, "-o", out, stdin=b"200\n").code == 0
    assert out.read_bytes() == DOCUMENT
    assert (out.stat().st_uid, out.stat().st_gid) == (before.st_uid, before.st_gid)

"""Constant memory, whatever comes in: the peak is that of an empty file and a few blocks."""

from __future__ import annotations

import itertools
import os
import subprocess
import zlib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

MEGABYTE = 1 << 20

# Much more than the blocks, the largest record (1 MiB) and its base64 need; much less than the inputs.
ROOM = 24 * MEGABYTE

SIZE = 200 * MEGABYTE


@pytest.fixture
def peak_of(command: tuple[str, ...], environment: dict[str, str]) -> Callable[..., tuple[int, int]]:
    """Give the function that runs a command; it returns the exit code and the peak of memory in bytes."""

    def peak_of(*arguments: str, env: Mapping[str, str] | None = None) -> tuple[int, int]:
        words = [*command, *arguments, "--fields", "sc-status"]
        process = subprocess.Popen(
            words, env={**environment, **(env or {})}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return process.returncode, usage.ru_maxrss * 1024

    return peak_of


@pytest.fixture
def peak(peak_of: Callable[..., tuple[int, int]], tmp_path: Path) -> Callable[[Path], tuple[int, int]]:
    """Give the function that transforms a file, however much it expands."""
    failed = str(tmp_path / "failed")
    return lambda file: peak_of("transform", str(file), "--failed", failed, "--max-expansion", "0")


@pytest.fixture
def allowed(peak: Callable[[Path], tuple[int, int]], tmp_path: Path) -> int:
    empty = tmp_path / "empty"
    empty.touch()
    code, used = peak(empty)
    assert code == 0
    return used + ROOM


def write_gzip(file: Path, content: Iterator[bytes]) -> None:
    packer = zlib.compressobj(1, wbits=31)
    with file.open("wb") as target:
        for piece in content:
            target.write(packer.compress(piece))
        target.write(packer.flush())


def test_endless_line_takes_constant_memory(
    peak: Callable[[Path], tuple[int, int]], allowed: int, tmp_path: Path
) -> None:
    file = tmp_path / "rows.tsv"
    with file.open("wb") as target:
        target.truncate(SIZE)  # a hole in the file reads as NUL bytes and takes no room on the disk
    code, used = peak(file)
    assert code == 1
    assert used < allowed
    # Of the line there is what a record may have at most: 1 MiB, a third more in base64.
    assert MEGABYTE < (tmp_path / "failed").stat().st_size < 2 * MEGABYTE


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"attemptsMade":4,"rawData":"' + b"A" * MEGABYTE, 1),  # an error object that never ends
        (b'{"a":"' + b"{" * MEGABYTE, 1),
        # Error objects back to back, without a line feed.
        (b'{"rawData":"MjAw","lambdaArn":"' + b"x" * 1000 + b'"}', 0),
    ],
)
def test_a_line_of_many_error_objects_takes_constant_memory(
    peak: Callable[[Path], tuple[int, int]], allowed: int, tmp_path: Path, content: bytes, expected: int
) -> None:
    file = tmp_path / "rows.gz"
    once = 100 * MEGABYTE // len(content)
    write_gzip(file, itertools.repeat(content, once))
    code, used = peak(file)
    assert code == expected
    assert used < allowed
    assert (tmp_path / "failed").stat().st_size < 2 * MEGABYTE


def test_gzip_bomb_takes_constant_memory(
    peak: Callable[[Path], tuple[int, int]], allowed: int, tmp_path: Path
) -> None:
    file = tmp_path / "rows.gz"
    write_gzip(file, (bytes(MEGABYTE) for _ in range(SIZE // MEGABYTE)))
    assert file.stat().st_size < MEGABYTE
    code, used = peak(file)
    assert code == 1
    assert used < allowed


def test_many_good_lines_take_constant_memory(
    peak: Callable[[Path], tuple[int, int]], allowed: int, tmp_path: Path
) -> None:
    file = tmp_path / "rows.gz"
    write_gzip(file, (b"200\n" * (MEGABYTE // 4) for _ in range(64)))
    code, used = peak(file)
    assert code == 0
    assert used < allowed


def test_blank_lines_take_constant_memory(
    peak: Callable[[Path], tuple[int, int]], allowed: int, tmp_path: Path
) -> None:
    file = tmp_path / "rows.gz"
    write_gzip(file, (b"\n" * MEGABYTE for _ in range(64)))
    code, used = peak(file)
    assert code == 0
    assert used < allowed


def test_failures_take_constant_memory(
    peak: Callable[[Path], tuple[int, int]], allowed: int, tmp_path: Path
) -> None:
    # 1,000 bytes a line: 48 MB of failures, and 64 MB of them in base64.
    file = tmp_path / "rows.gz"
    write_gzip(file, (b"x" * 999 + b"\n" for _ in range(48_000)))
    code, used = peak(file)
    assert code == 1
    assert used < allowed
    assert (tmp_path / "failed").stat().st_size > 64_000_000


def test_blocks_of_the_shortest_failures_take_constant_memory(
    peak: Callable[[Path], tuple[int, int]], allowed: int, tmp_path: Path
) -> None:
    # 131,072 failures a block, which is the most there can be, need some 60 MB; more blocks need no more.
    few, many = tmp_path / "few", tmp_path / "many"
    few.write_bytes(b"x\n" * 131_072)
    many.write_bytes(b"x\n" * 131_072 * 4)
    _, before = peak(few)
    code, used = peak(many)
    assert code == 1
    assert used < before + ROOM
    assert used < allowed + 100 * MEGABYTE


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (bytes(MEGABYTE), 3),  # a line that never ends
        (b"\n" * MEGABYTE, 3),
        (b"200\n" * (MEGABYTE // 4), 0),
        (b"2" * 1_000_000 + b"\n", 1),  # rows of which none fits, and the largest that there may be
    ],
)
def test_size_takes_constant_memory(
    peak_of: Callable[..., tuple[int, int]], allowed: int, tmp_path: Path, content: bytes, expected: int
) -> None:
    file = tmp_path / "rows.gz"
    write_gzip(file, itertools.repeat(content, 64))
    code, used = peak_of("size", str(file))
    assert code == expected
    assert used < allowed

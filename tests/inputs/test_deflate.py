"""zlib-ng and zlib: the same content, the same damage; what is written can be read by gzip."""

from __future__ import annotations

import gzip
import io
import random
import subprocess
import zlib
from itertools import chain, repeat
from typing import TYPE_CHECKING

import pytest
from zlib_ng import zlib_ng

from edgelift.inputs.codecs import deflate
from edgelift.inputs.codecs.compressed_input import DamagedCompression
from edgelift.inputs.layers import decompressed_files
from edgelift.reprocess.plan.compression import packer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import ModuleType

    from tests.cli.conftest import Run

ROWS = b"".join(b"%d\t/path/%d\n" % (status, status**3) for status in range(100, 200))


def read(library: ModuleType, packed: bytes, step: int, monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, str]:
    """Return the content of a file that one library has read, and what is wrong with it."""
    monkeypatch.setattr(deflate, "zlib", library)
    source, content = io.BytesIO(packed), bytearray()
    try:
        for first, more in decompressed_files(lambda: source.read(step), 0):
            for block in chain((first,), iter(more, b"")):
                content += block
    except DamagedCompression as damage:
        return bytes(content), f"{damage} {damage.is_after_content}"
    return bytes(content), ""


def damaged() -> Iterator[bytes]:
    """Yield files with damage of every kind: each bit, each length, and something in the middle."""
    chance = random.Random(20_241_129)  # noqa: S311 - no secret
    member = gzip.compress(ROWS, 6, mtime=0)
    stored = gzip.compress(ROWS[:600], 0, mtime=0)
    fixed = zlib.compressobj(9, wbits=31, strategy=zlib.Z_FIXED)
    others = stored + fixed.compress(ROWS[:600]) + fixed.flush()
    for packed in (member, others, member + others):
        for at in range(0, len(packed), 2):
            yield packed[:at]
            flipped = bytearray(packed)
            flipped[at] ^= 1 << chance.randrange(8)
            yield bytes(flipped)
        for _ in range(200):
            at = chance.randrange(len(packed))
            yield packed[:at] + chance.randbytes(chance.randrange(9)) + packed[at + chance.randrange(30) :]


@pytest.mark.parametrize("step", [97, 1 << 18])
def test_both_libraries_give_the_same_content_and_report_the_same_damage(
    step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    problems = set()
    for packed in damaged():
        expected = read(zlib, packed, step, monkeypatch)
        assert read(zlib_ng, packed, step, monkeypatch) == expected, packed.hex()
        problems.add(expected[1].rpartition(": ")[2])
    assert len(problems) > 15, "the test has too few kinds of damage"


def test_the_installed_package_reads_and_writes_by_zlib_ng() -> None:
    assert deflate.has_zlib_ng
    assert deflate.zlib.__name__ == zlib_ng.__name__


@pytest.mark.parametrize("end", [None, -40])
def test_a_file_is_read_alike_where_zlib_ng_cannot_be_imported(
    run: Run, inject: Callable[[str], dict[str, str]], tmp_path: Path, end: int | None
) -> None:
    file = tmp_path / "log.gz"
    file.write_bytes(gzip.compress(ROWS, mtime=0)[:end])
    words = ("transform", file, "--fields", "sc-status,cs-uri-stem")
    without = inject("import sys; sys.modules['zlib_ng'] = None")
    usual, done = run(*words), run(*words, env=without)
    assert (done.code, done.out, done.messages) == (usual.code, usual.out, usual.messages)
    assert done.out.count(b"\n") > 80


def test_packed_documents_are_read_by_gzip_and_are_the_same_every_time() -> None:
    blocks = [ROWS * 100] * 3 + [b"\n"]
    first, again = (b"".join(packer("gzip")(iter(blocks))) for _ in range(2))
    unpacked = subprocess.run(["gzip", "-dc"], input=first, capture_output=True, check=True).stdout  # noqa: S607
    assert unpacked == b"".join(blocks)
    assert first == again
    # No time, no name.
    assert first[4:8] == bytes(4)
    assert gzip.decompress(first) == unpacked


def test_packed_documents_are_as_small_as_those_of_zlib(lines: bytes) -> None:
    packed = sum(map(len, packer("gzip")(repeat(lines, 3))))
    assert packed <= 1.08 * len(gzip.compress(lines * 3, 6))

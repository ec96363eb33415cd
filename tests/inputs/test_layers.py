"""Compressed inputs: detected by content, nested or not, in constant memory, saved as far as possible."""

from __future__ import annotations

import bz2
import gzip
import io
import random
import re
import sys
import tracemalloc
import zipfile
import zlib
from functools import partial, reduce
from typing import TYPE_CHECKING

import cramjam
import pytest
import zstandard

from edgelift.inputs.content import NEXT_FILE, content
from edgelift.inputs.damage import FREE_EXPANSION, CostlyFile, DamagedFile
from edgelift.inputs.errors import NoLogError, UnreadableError
from edgelift.inputs.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("each_library")

_STATUSES = random.Random(15)  # noqa: S311 - repeatable
ROWS = b"".join(b"%d\n" % _STATUSES.randrange(100, 1000) for _ in range(20_000))


class _Unseekable(io.BytesIO):
    """A pipe: zipfile writes sizes after the content."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise OSError

    def seek(self, *_: object) -> int:
        raise OSError


def zip_of(*files: bytes, stored: bool = False, piped: bool = False) -> bytes:
    archive = _Unseekable() if piped else io.BytesIO()
    method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(archive, "w", method) as writer:
        for number, file in enumerate(files):
            writer.writestr(f"log-{number}", file)
    return archive.getvalue()


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


def snappy(data: bytes) -> bytes:
    return bytes(cramjam.snappy.compress(data))


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": partial(gzip.compress, mtime=0),
    "bzip2": bz2.compress,
    "zstd": zstd,
    "snappy": snappy,
    "zip": zip_of,
    "zip-stored": partial(zip_of, stored=True),
    "zip-piped": partial(zip_of, piped=True),
}
PACKER = pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)


def unpack(data: bytes, step: int, into: bytearray | None = None, limit: int = 0) -> bytes:
    """Return the content of what comes in reads of `step` bytes; `into` keeps it if it is damaged."""
    unpacked = bytearray() if into is None else into
    source = io.BytesIO(data)
    for block in content(lambda: source.read(step), Limits(max_expansion=limit)):
        assert len(block) <= 1 << 18
        unpacked += block
    return bytes(unpacked)


@PACKER
@pytest.mark.parametrize("step", [1, 1000, 1 << 20])
def test_content_is_decompressed(pack: Callable[[bytes], bytes], step: int) -> None:
    rows = ROWS[: 5000 if step == 1 else None]
    assert unpack(pack(rows), step) == rows
    assert unpack(pack(b""), step) == b""


@PACKER
@pytest.mark.parametrize("outer", PACKERS.values(), ids=PACKERS)
def test_layers_are_decompressed_in_any_order(
    pack: Callable[[bytes], bytes], outer: Callable[[bytes], bytes]
) -> None:
    assert unpack(outer(pack(ROWS)), 1000) == ROWS


@PACKER
def test_transform_detects_compression_by_content(
    run: Run, tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    file = tmp_path / "rows.tsv"
    file.write_bytes(pack(b"#Fields: sc-status\n200\n"))
    assert run("transform", file).out == b'{"sc-status":200}\n'
    assert run("transform", stdin=file.read_bytes()).out == b'{"sc-status":200}\n'


@pytest.mark.parametrize("name", ["bzip2", "zstd", "snappy"])
def test_streams_one_after_the_other_are_one_content(name: str) -> None:
    pack = PACKERS[name]
    assert unpack(pack(ROWS[:1001]) + pack(b"") + pack(ROWS[1001:]), 1000) == ROWS


@pytest.mark.parametrize("name", ["gzip", "bzip2", "zstd", "snappy"])
@pytest.mark.parametrize("step", [1, 1000])
def test_a_log_without_a_last_line_feed_does_not_run_into_the_next(name: str, step: int) -> None:
    pack = PACKERS[name]
    logs = pack(b"#Fields: asn\n1") + pack(b"#Version: 1.0\n#Fields: asn\n2") + pack(b"3\n")
    assert unpack(logs, step) == b"#Fields: asn\n1\n#Version: 1.0\n#Fields: asn\n23\n"


def test_frames_without_content_are_skipped() -> None:
    frame = b"\x53\x2a\x4d\x18\x03\0\0\0abc"
    assert unpack(frame + zstd(b"200\n") + frame, 3) == b"200\n"
    chunk = b"\xfe\x03\0\0abc"
    assert unpack(snappy(b"200\n") + chunk, 3) == b"200\n"


def files_in(data: bytes, step: int = 1000) -> list[bytes]:
    source, files = io.BytesIO(data), [b""]
    for block in content(lambda: source.read(step), Limits()):
        if block == NEXT_FILE:
            files.append(b"")
        files[-1] += block
    return files


@pytest.mark.parametrize("outer", PACKERS.values(), ids=PACKERS)
@pytest.mark.parametrize("step", [1, 1000])
def test_files_of_an_archive_are_apart(outer: Callable[[bytes], bytes], step: int) -> None:
    nested = zip_of(b"1", PACKERS["gzip"](b"2") + PACKERS["gzip"](b"3\n"))
    archive = zip_of(b"", b"200", b"", b"404\n", PACKERS["zstd"](b"500"), nested, PACKERS["bzip2"](b"4"))
    assert files_in(outer(archive), step) == [b"200", b"404\n", b"500", b"1", b"23\n", b"4"]


def test_every_file_of_an_archive_has_its_own_form() -> None:
    envelope = b'{"messageType":"DATA_MESSAGE","logEvents":[{"message":"1"},{"message":"2"}]}'
    export = b"2024-11-15T19:45:51.183Z 3\n"
    archive = zip_of(b"1\n", gzip.compress(envelope), export, envelope)
    assert files_in(archive) == [b"1\n", b"1\n2\n", b"3\n", b"1\n2\n"]


def test_a_later_file_that_cannot_be_read_is_damage() -> None:
    for file, problem in (
        (b"1\r2\r", "carriage returns alone"),
        (reduce(lambda packed, _: gzip.compress(packed), range(4), ROWS), "compressed more than 4 times"),
    ):
        unpacked = bytearray()
        with pytest.raises(DamagedFile, match=f"^file 2 in it is .*{problem}") as caught:
            unpack(zip_of(b"200", file, b"404"), 1000, unpacked)
        assert (bytes(unpacked), caught.value.unfinished) == (b"200", 0)


def test_the_files_of_an_archive_share_the_limit_of_expansion() -> None:
    size = FREE_EXPANSION // 2
    archive = zip_of(*(bytes(size) for _ in range(4)))
    with pytest.raises(CostlyFile, match="expands to more than 2 times its size"):
        unpack(archive, 1 << 18, limit=2)


@PACKER
@pytest.mark.parametrize("layers", [1, 2])
def test_truncated_files_are_damage_and_give_a_prefix(pack: Callable[[bytes], bytes], layers: int) -> None:
    packed = pack(ROWS) if layers == 1 else pack(gzip.compress(ROWS, mtime=0))
    # An archive is complete without the end of its list of files.
    whole = packed.find(b"PK\x01\x02") if packed.startswith(b"PK") else len(packed)
    for end in range(12, whole, 1 + whole // 20):
        unpacked = bytearray()
        try:
            unpack(packed[:end], 100, unpacked)
        except DamagedFile as damage:
            assert "damaged" in str(damage)  # noqa: PT017 - what was read before it counts, too
            assert damage.unfinished in {0, len(unpacked) - unpacked.rfind(b"\n") - 1}  # noqa: PT017
        else:
            # Snappy has no end: a chunk may be the last one.
            assert packed.startswith(b"\xff\x06")
        # The beginning of gzip within is not known as gzip from one byte.
        assert ROWS.startswith(unpacked) or bytes(unpacked) == b"\x1f"


@pytest.mark.parametrize("step", [1000, 1 << 20])
def test_content_before_damage_in_an_archive_is_kept(step: int) -> None:
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    deflated = deflater.compress(ROWS[:40_000]) + deflater.flush(zlib.Z_FULL_FLUSH)
    header = zip_of(ROWS)[: 30 + len("log-0")]
    unpacked = bytearray()
    with pytest.raises(DamagedFile, match="invalid block type in log-0"):
        unpack(header + deflated + b"\xff" * 50, step, unpacked)
    assert unpacked == ROWS[:40_000]


@PACKER
def test_corrupt_files_are_damage(pack: Callable[[bytes], bytes]) -> None:
    packed = bytearray(pack(ROWS))
    for at in range(30, len(packed) // 2, 1 + len(packed) // 30):
        corrupt = packed[:]
        corrupt[at] ^= 0x55
        unpacked = bytearray()
        try:
            unpack(bytes(corrupt), 1000, unpacked)
        except DamagedFile as damage:
            assert "damaged" in str(damage)  # noqa: PT017
        else:
            # The name of a file of an archive, or a bit that does not matter.
            assert unpacked == ROWS


def test_damage_names_the_file_of_an_archive() -> None:
    archive = zip_of(ROWS, ROWS)
    directory = archive.index(b"PK\x01\x02")
    for size, problem in (
        (directory // 4, "it ends too early in log-0"),
        (directory - 50, "it ends too early in log-1"),
        (directory, "it ends too early"),
    ):
        with pytest.raises(DamagedFile) as caught:
            unpack(archive[:size], 1000)
        assert str(caught.value).partition("compressed bytes: ")[2].partition(";")[0] == problem


@pytest.mark.parametrize("name", ["bzip2", "zstd"])
def test_something_else_after_a_stream_is_damage_that_loses_no_line(name: str) -> None:
    unpacked = bytearray()
    with pytest.raises(DamagedFile, match="something else follows") as caught:
        unpack(PACKERS[name](b"200\n404") + bytes(10) + b"garbage", 5, unpacked)
    assert (bytes(unpacked), caught.value.unfinished) == (b"200\n404", 0)


def test_the_report_of_damage_names_the_damaged_layer_and_the_lost_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.gz"
    file.write_bytes(gzip.compress(gzip.compress(ROWS + b"404", mtime=0), mtime=0)[:-30])
    done = run("transform", file, "--fields", "sc-status")
    assert done.code == 1
    (message,) = done.messages
    assert message.startswith(f"edgelift: {file}: damaged gzip after ")
    assert re.search(r"; the incomplete last line \(\d+ bytes\) was skipped$", message)


@PACKER
def test_expansion_is_limited(pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(bytes(FREE_EXPANSION + (1 << 19)))
    if len(bomb) * 5 > FREE_EXPANSION:
        bomb = gzip.compress(bomb)
    assert len(unpack(bomb, 1 << 18)) == FREE_EXPANSION + (1 << 19)
    with pytest.raises(CostlyFile, match="expands to more than 2 times its size"):
        unpack(bomb, 1 << 18, limit=2)


def test_expansion_is_limited_over_all_layers() -> None:
    inner = gzip.compress(bytes(200 * (1 << 20)), 9)
    outer = gzip.compress(inner * 20, 9)
    with pytest.raises(CostlyFile) as caught:
        unpack(outer, 1 << 18, limit=200)
    assert "16,7" in str(caught.value) or "17," in str(caught.value)


@PACKER
def test_memory_is_constant(pack: Callable[[bytes], bytes]) -> None:
    packed = io.BytesIO(pack(bytes(50_000_000)))
    tracemalloc.start()
    try:
        size = sum(map(len, content(lambda: packed.read(1 << 16), Limits())))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size == 50_000_000
    assert peak < 25_000_000


def test_nesting_is_limited() -> None:
    packed = ROWS
    for _ in range(4):
        packed = gzip.compress(packed)
    assert unpack(packed, 1000) == ROWS
    with pytest.raises(NoLogError, match="compressed more than 4 times"):
        unpack(gzip.compress(packed), 1000)


@pytest.mark.parametrize(
    ("name", "module", "extra"), [("zstd", "zstandard", "zstd"), ("snappy", "cramjam", "snappy")]
)
def test_a_missing_package_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, name: str, module: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UnreadableError) as caught:
        unpack(PACKERS[name](ROWS), 1000)
    assert caught.value.what.endswith(f"is not installed: pip install 'edgelift[{extra}]'")


def test_encrypted_and_unusual_archives_are_refused() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_LZMA) as writer:
        writer.writestr("log", ROWS)
    with pytest.raises(UnreadableError, match="whose file log is not deflated"):
        unpack(archive.getvalue(), 1000)
    encrypted = bytearray(zip_of(ROWS))
    encrypted[6] |= 1
    with pytest.raises(UnreadableError, match="encrypted"):
        unpack(bytes(encrypted), 1000)

"""Gzip: detected by its first bytes, read to the last member, and saved as far as possible if damaged."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

import pytest

import edgelift
from edgelift.cli.source import Source
from edgelift.inputs.codecs.compressed_input import DamagedCompression
from edgelift.inputs.damage import FREE_EXPANSION, CostlyFile
from edgelift.inputs.layers import decompressed_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("each_library")

ROWS = b"".join(b"%d\n" % status for status in range(100, 1000))

pack = partial(gzip.compress, mtime=0)


def unpack(data: bytes | bytearray, step: int, into: bytearray | None = None) -> bytes:
    """Unpack what comes in reads of `step` bytes; `into` keeps the content if it is damaged."""
    content = bytearray() if into is None else into
    source = io.BytesIO(data)
    for block in layer(source, step):
        content += block
    return bytes(content)


def layer(source: io.BytesIO, step: int, limit: int = 0) -> Iterator[bytes]:
    """Yield the content of what is read from a source in steps."""
    ((first, read),) = decompressed_files(lambda: source.read(step), limit)
    yield from chain((first,), iter(read, b""))


def test_gzip_is_unpacked_from_files_and_standard_input(
    run: Run, lines: bytes, fields: str, tmp_path: Path
) -> None:
    packed = pack(lines)
    file = tmp_path / "rows.tsv"  # no .gz: the content tells
    file.write_bytes(packed)
    expected = edgelift.Transformer.from_fields(fields.split(",")).transform_lines(lines).output
    assert run("transform", file, "--fields", fields).out == expected
    assert run("transform", "--fields", fields, stdin=packed).out == expected


def test_gzip_is_detected_when_bytes_arrive_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "rows"
    file.write_bytes(pack(b"200\n"))
    read = os.read
    monkeypatch.setattr(os, "read", lambda descriptor, _: read(descriptor, 1))
    with Source(str(file)) as source:
        assert b"".join(source.blocks()) == b"200\n"
    file.write_bytes(b"\n")
    with Source(str(file)) as source:
        assert list(source.blocks()) == [b"\n"]


def test_plain_text_with_the_suffix_gz_is_read(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.gz"
    file.write_bytes(b"200\n")
    assert run("transform", file, "--fields", "sc-status").out == b'{"sc-status":200}\n'


@pytest.mark.parametrize("step", [1, 2, 3, 1000, 1 << 20])
def test_members_and_padding_are_read_on(step: int) -> None:
    # A member may end in the middle of a line, be empty, and be followed by zero bytes.
    packed = pack(ROWS[:101]) + pack(b"") + pack(ROWS[101:]) + bytes(2000)
    assert unpack(packed, step) == ROWS


def test_unpacked_blocks_stay_small() -> None:
    packed = io.BytesIO(pack(bytes(50_000_000)))
    sizes = [len(block) for block in layer(packed, 1 << 18)]
    assert sum(sizes) == 50_000_000
    assert max(sizes) <= 1 << 18


@pytest.mark.parametrize("step", [1, 7, 1 << 20])
def test_gzip_truncated_anywhere_gives_a_prefix_of_the_content(step: int) -> None:
    packed = pack(ROWS[:2000]) + pack(ROWS[2000:])
    whole = {len(pack(ROWS[:2000]))}
    lengths = []
    # A single byte does not say yet that it is gzip.
    assert unpack(packed[:1], step) == packed[:1]
    for cut in range(2, len(packed)):
        content = bytearray()
        try:
            unpack(packed[:cut], step, content)
        except DamagedCompression as damage:
            assert damage.compressed == cut  # noqa: PT017 - what was read before it counts, too
            assert damage.unfinished == len(content) - content.rfind(b"\n") - 1  # noqa: PT017
        else:
            assert cut in whole
        assert ROWS.startswith(content)
        lengths.append(len(content))
    # Nothing that could be read is lost, however large the blocks.
    assert lengths == sorted(lengths)
    assert lengths[-1] == len(ROWS)
    reader = zlib.decompressobj(wbits=31)
    middle = len(pack(ROWS[:2000])) // 2
    assert lengths[middle - 2] == len(reader.decompress(packed[:middle]))


@pytest.mark.parametrize("step", [1, 7, 1 << 20])
def test_wrong_checksum_loses_nothing(step: int) -> None:
    packed = bytearray(pack(ROWS))
    packed[-8] ^= 1
    content = bytearray()
    with pytest.raises(DamagedCompression, match=r": incorrect data check$") as caught:
        unpack(packed, step, content)
    assert content == ROWS
    assert len(packed) - 8 <= caught.value.compressed < len(packed) - 4


def test_garbage_after_the_last_member_is_damage() -> None:
    packed = pack(ROWS)
    with pytest.raises(DamagedCompression) as caught:
        unpack(packed + bytes(10) + b"garbage", 16)
    assert len(packed) + 10 <= caught.value.compressed <= len(packed) + 12
    assert caught.value.unfinished == 0


def test_damaged_file_is_reported_and_the_others_are_read(run: Run, tmp_path: Path) -> None:
    packed = pack(ROWS)
    damaged, good, out = tmp_path / "damaged.gz", tmp_path / "good.gz", tmp_path / "out"
    damaged.write_bytes(packed[:-600])
    good.write_bytes(packed)
    readable = zlib.decompressobj(wbits=31).decompress(packed[:-600])
    whole, _, rest = readable.rpartition(b"\n")
    assert rest, "the test needs a line that is cut"
    done = run("transform", damaged, good, "--fields", "sc-status", "-o", out)
    transformer = edgelift.Transformer.from_fields(["sc-status"])
    assert out.read_bytes() == transformer.transform_lines(whole + b"\n" + ROWS).output
    assert done.code == 1
    (message,) = done.messages
    assert message == (
        f"edgelift: {damaged}: damaged gzip after {len(packed) - 600} compressed bytes: it ends too early; "
        f"the incomplete last line ({len(rest)} bytes) was skipped"
    )


def test_magic_bytes_alone_are_damaged_gzip(run: Run) -> None:
    done = run("transform", "--fields", "sc-status", stdin=b"\x1f\x8b")
    assert (done.code, done.out) == (1, b"")
    assert done.messages == [
        "edgelift: standard input: damaged gzip after 2 compressed bytes: it ends too early"
    ]


def test_damage_after_a_whole_member_loses_none_of_its_lines(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.gz"
    file.write_bytes(pack(b"200\n404") + b"garbage that is no member")
    done = run("transform", file, "--fields", "sc-status")
    assert (done.code, done.out) == (1, b'{"sc-status":200}\n{"sc-status":404}\n')
    assert "incorrect header check" in done.err
    assert "was skipped" not in done.err


def test_truncated_member_after_a_whole_one_loses_its_last_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.gz"
    file.write_bytes(pack(b"200\n") + pack(b"404\n500")[:-9])
    done = run("transform", file, "--fields", "sc-status")
    assert done.code == 1
    assert b"500" not in done.out


LOG = b"#Version: 1.0\n#Fields: asn cs(User-Agent)\n%d\ta%%2520b"


def test_a_log_without_a_last_line_feed_does_not_run_into_the_next(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "logs.gz"
    file.write_bytes(pack(LOG % 1) + pack(LOG % 2) + pack(b"#Fields: asn\n3") + pack(b"4\n"))
    done = run("transform", file)
    assert done.out == (b'{"asn":1,"cs-user-agent":"a b"}\n{"asn":2,"cs-user-agent":"a b"}\n{"asn":34}\n')
    assert done.code == 0


@pytest.mark.parametrize("step", [1, 2, 7, 10_000])
def test_a_line_goes_on_in_the_next_member_unless_a_log_begins(step: int) -> None:
    assert unpack(pack(b"a") + pack(b"#Version:x") + pack(b"#Ver") + pack(b"#Fields:\n"), step) == (
        b"a\n#Version:x#Ver\n#Fields:\n"
    )
    assert unpack(pack(b"a\n") + pack(b"#Version:") + pack(b"") + pack(b"b"), step) == b"a\n#Version:b"


def test_content_before_damage_is_kept_after_an_open_line() -> None:
    content = bytearray()
    second = pack(b"#Fields: asn\n1\n2")
    with pytest.raises(DamagedCompression):
        unpack(pack(b"a") + second[:-6], 1, content)
    assert content.startswith(b"a\n#Fields: asn\n1\n")


def expand(data: bytes, limit: int) -> int:
    """Unpack and return the bytes of content; what is raised has them as its last argument."""
    source, content = io.BytesIO(data), 0
    try:
        for block in layer(source, 1000, limit):
            content += len(block)
    except CostlyFile as error:
        error.args += (content,)
        raise
    return content


@pytest.mark.parametrize("members", [1, 40])
def test_content_beyond_the_free_size_is_limited_by_its_ratio(members: int) -> None:
    # Some 1,000 to 1, in one member or in many.
    size = 20_000_000
    packed = pack(b"200\n" * (size // members // 4)) * members
    assert expand(packed, 0) == size
    assert expand(packed, 1032) == size
    with pytest.raises(
        CostlyFile, match=r"expands to more than 200 times its size: 1[67],\d{3},\d{3} bytes "
    ) as caught:
        expand(packed, 200)
    assert FREE_EXPANSION - (1 << 18) <= caught.value.args[-1] <= FREE_EXPANSION


def test_content_below_the_free_size_is_not_limited() -> None:
    assert expand(pack(bytes(FREE_EXPANSION)), 1) == FREE_EXPANSION
    with pytest.raises(CostlyFile):
        expand(pack(bytes(FREE_EXPANSION + 1)), 1)


def test_a_ratio_of_ordinary_logs_is_not_limited() -> None:
    # Rows that differ in the time only, a second apart, packed as well as zlib can: 100 to 1 and more.
    row = (
        b"2024-11-15\t19:%02d:%02d\tFRA56-P1\t1045\t192.0.2.1\tGET\td1.cloudfront.net\t/health\t200"
        + b"\t-" * 24
        + b"\n"
    )
    rows = b"".join(row % (second // 60 % 60, second % 60) for second in range(200_000))
    assert len(rows) > FREE_EXPANSION
    assert expand(gzip.compress(rows, 9), 200) == len(rows)


def test_a_bomb_is_reported_and_the_others_are_read(run: Run, tmp_path: Path) -> None:
    bomb, good = tmp_path / "bomb.gz", tmp_path / "good.gz"
    bomb.write_bytes(pack(b"\n" * 3 + b"2" + b"0" * 998 + b"\n" + b"\n" * (FREE_EXPANSION + 1)))
    good.write_bytes(pack(ROWS))
    expected = run("transform", good, "--fields", "sc-status").out
    done = run("transform", bomb, good, "--fields", "sc-status", "-o", tmp_path / "out")
    assert (done.code, (tmp_path / "out").read_bytes()) == (1, expected)
    message = next(line for line in done.messages if "expands" in line)
    assert message.startswith(f"edgelift: {bomb}: expands to more than 200 times its size: 16,")
    assert message.endswith("; --max-expansion 0 (EDGELIFT_MAX_EXPANSION=0 in Lambda) turns this limit off")
    unlimited = run("transform", bomb, good, "--fields", "sc-status", "--max-expansion", "0")
    assert (unlimited.code, unlimited.out) == (1, expected)  # of the row that is no status
    assert "expands" not in unlimited.err


def test_an_unfinished_line_of_a_bomb_is_left_out(run: Run, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.gz"
    bomb.write_bytes(pack(b"200\n" + b"2" * (2 * FREE_EXPANSION)))
    done = run("transform", bomb, "--fields", "sc-status")
    assert (done.code, done.out) == (1, b'{"sc-status":200}\n')
    assert "failed 0" in done.err

"""The first rows of an input: blank lines, lines that no record can be, damage, and blocks cut anywhere."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgelift.cli.size.sample import LONGEST, RowReader
from edgelift.inputs.codecs.compressed_input import DamagedCompression

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL = 1_000_000


def damaged(content: bytes, unfinished: int) -> Iterator[bytes]:
    yield content
    damage = DamagedCompression("gzip", 10, "it ends too early")
    damage.unfinished = unfinished
    raise damage


def test_rows_keep_their_line_ends_and_blank_lines_are_counted() -> None:
    rows = RowReader([b"a\n\nb\r\n\r\n \nc"], ALL)
    assert list(rows) == [b"a\n", b"b\r\n", b" \n", b"c"]
    assert (rows.read, rows.blank, rows.too_long, rows.line) == (4, 2, 0, 6)


def test_only_the_first_rows_are_read() -> None:
    def blocks() -> Iterator[bytes]:
        yield b"a\n\nb\nc\n"
        pytest.fail("read on")

    rows = RowReader(blocks(), 2)
    assert list(rows) == [b"a\n", b"b\n"]
    assert (rows.read, rows.line) == (2, 3)


@pytest.mark.parametrize("end", [b"\n", b""])
def test_lines_too_long_for_a_record_are_counted_and_left_out(end: bytes) -> None:
    longest = b"x" * (LONGEST - 1)
    rows = RowReader([longest, b"\n", longest, b"xx", end], ALL)
    assert list(rows) == [longest + b"\n"]
    assert (rows.read, rows.too_long, rows.line) == (1, 1, 2)
    rows = RowReader([b"x" * 1024] * 2000 + [b"\na\n"], ALL)
    assert list(rows) == [b"a\n"]
    assert rows.too_long == 1


def test_half_a_line_before_damage_is_left_out() -> None:
    rows = RowReader(damaged(b"a\nb", 1), ALL)
    assert list(rows) == [b"a\n"]
    assert rows.damage
    # A whole last line without its line feed is none.
    rows = RowReader(damaged(b"a\nb", 0), ALL)
    assert list(rows) == [b"a\n", b"b"]
    assert rows.damage


@given(st.binary(), st.lists(st.integers(0, 200)))
def test_rows_do_not_depend_on_block_borders(content: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
    blocks = [content[begin:end] for begin, end in pairwise(places)]
    lines = content.split(b"\n")
    whole = [line + b"\n" for line in lines[:-1]] + [lines[-1]] * (lines[-1] != b"")
    rows = RowReader(blocks, ALL)
    assert list(rows) == [line for line in whole if line not in {b"\n", b"\r\n"}]
    assert rows.read + rows.blank == len(whole)

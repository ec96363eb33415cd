"""Records back to back, as a source backup has them: read only where it is certain where they end."""

from __future__ import annotations

import pytest

import edgelift

FIELDS = ["timestamp", "c-ip", "sc-status", "cs-cookie"]
TRANSFORMER = edgelift.Transformer.from_fields(FIELDS)
ROW = b"1700000000.123\t192.0.2.1\t200\ta=b"


def test_rows_without_line_feeds_are_separated() -> None:
    lines = TRANSFORMER.transform_lines(ROW * 3 + b"\n" + ROW)
    assert lines == edgelift.TransformResult(
        TRANSFORMER.transform_lines((ROW + b"\n") * 4).output, (), edgelift.Counts(read=4, ok=4)
    )


OTHER = ROW.replace(b"192.0.2.1", b"nobody")
LATER = ROW.replace(b"1700000000", b"1700090000")


@pytest.mark.parametrize(
    "line",
    [
        ROW + OTHER,
        OTHER + ROW,
        ROW + LATER,
        ROW + ROW.replace(b"192.0.2.1", b"-"),
        ROW + ROW.replace(b".123", b".12"),
        ROW + ROW.replace(b"200", b"2x0"),
        ROW + ROW + b"\tx",
        b"x" + ROW + ROW,
        b"\t" + ROW + ROW,
    ],
)
def test_a_line_fails_as_a_whole_unless_all_its_rows_fit(line: bytes) -> None:
    lines = TRANSFORMER.transform_lines(line)
    (failure,) = lines.failures
    assert (lines.output, failure.reason, failure.raw) == (b"", "column_count", line)


def test_layouts_that_do_not_begin_with_time_and_have_no_address_are_not_separated() -> None:
    for names in (["timestamp", "sc-status", "cs-cookie"], ["c-ip", "sc-status", "cs-cookie"]):
        transformer = edgelift.Transformer.from_fields(names)
        row = b"1700000000.123\t200\ta" if "timestamp" in names else b"192.0.2.1\t200\ta"
        assert transformer.transform_lines(row).counts.ok == 1
        assert transformer.transform_lines(row + row).counts.by_reason == {"column_count": 1}


def test_ambiguous_separations_fail() -> None:
    # Three and five columns: a row of five is two of three whose seam looks like a timestamp.
    layouts = [["timestamp", "c-ip", "cs-cookie"], [*FIELDS[:2], "sc-bytes", "s-ip", "cs-cookie"]]
    transformer = edgelift.Transformer(
        {"input": {"order": "as_written"}, "layouts": [{"fields": names} for names in layouts]}
    )
    wide = b"1700000000.123\t192.0.2.1\t11700000000.123\t192.0.2.1\tx"
    # One row of five columns is one, whatever else it could be.
    (failure,) = transformer.transform_lines(wide).failures
    assert failure.reason == "bad_value"
    lines = transformer.transform_lines(wide + wide)
    assert (lines.output, lines.counts.by_reason) == (b"", {"column_count": 1})

"""The summary line, which all verbs format alike."""

from __future__ import annotations

from edgelift.cli.summary import format_summary


def test_reasons_are_shown_after_failed_records_in_the_engines_order() -> None:
    counts = {"read": 5, "written": 2, "failed": 3, "blank": 0}
    reasons = {"refused": 1, "bad_value": 1, "bad_base64": 1, "no_layout": 0}
    summary = format_summary(counts, reasons, "objects 1 done", size="bytes 9 in, 8 out", seconds=0.126)
    assert summary == (
        "read 5, written 2, failed 3 (bad_base64 1, bad_value 1, refused 1), blank 0; objects 1 done; "
        "bytes 9 in, 8 out; 0.13 seconds"
    )


def test_no_parentheses_without_reasons() -> None:
    assert format_summary({"read": 0, "failed": 0}, {}, size="bytes 0 in, 0 out", seconds=0) == (
        "read 0, failed 0; bytes 0 in, 0 out; 0.00 seconds"
    )

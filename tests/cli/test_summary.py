"""The summary line, which all verbs format alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgelift.cli.summary import format_summary

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


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


def test_quiet_prints_problems_only(run: Run, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(b"#Version: 1.0\n#Fields: c-ip sc-status\n::1\t200\n")
    for words in (("transform", log), ("reprocess", log, f"{tmp_path}/out/", "--journal", tmp_path / "j")):
        done = run(*words, "--quiet")
        assert (done.code, done.err) == (0, "")
    log.write_bytes(log.read_bytes() + b"::1\tx\n")
    done = run("transform", "-q", log)
    assert done.code == 1
    assert done.err.splitlines() == [
        f'{log}:4: bad_value: column 2 (sc-status): "x" is not a status of three digits',
        "--failed FILE writes every failed line with its reason",
    ]

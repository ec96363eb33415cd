"""Logs in forms that cannot be read: a message says what they are and what to do."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

CARRIAGE_RETURNS = "text whose lines end in carriage returns alone: end them in line feeds"
SEVERAL_LINES = "JSON with records over several lines: write each record on one line"
BLANKS = "a log with blanks between its columns: separate them by tabs"
KPL = "records aggregated by the Kinesis Producer Library: set its AggregationEnabled to false"
HEADER = b"#Version: 1.0\n#Fields: date time c-ip\n"
ROW = b"2024-11-15\t19:45:51\t192.0.2.1\n"
OBJECT = {"date": "2024-11-15", "time": "19:45:51", "c-ip": "192.0.2.1"}

MALFORMED = [
    ((HEADER + ROW).replace(b"\n", b"\r"), CARRIAGE_RETURNS),
    ((HEADER + ROW).replace(b"\n", b"\r") + b"\n", CARRIAGE_RETURNS),
    ((HEADER + ROW + ROW).replace(b"\n", b"\r") + HEADER + ROW, CARRIAGE_RETURNS),
    ((ROW * 9000).replace(b"\n", b"\r"), CARRIAGE_RETURNS),
    (b'{"c-ip":"192.0.2.1"}\r{"c-ip":"192.0.2.1"}\r', CARRIAGE_RETURNS),
    (json.dumps(OBJECT, indent=2).encode(), SEVERAL_LINES),
    (b"\n" + json.dumps(OBJECT, indent=0).encode() * 2, SEVERAL_LINES),
    (json.dumps(OBJECT, indent="\t").replace("\n", "\r\n").encode(), SEVERAL_LINES),
    ((HEADER + ROW).replace(b"\t", b" "), BLANKS),
    ((HEADER + ROW).replace(b"\t", b"    "), BLANKS),
    (ROW.replace(b"\t", b"  "), BLANKS),
    (b"1700000000.123 192.0.2.1 200\n", BLANKS),
    (b"\xf3\x89\x9a\xc2\n\x02pk\x1a!\x08\0\x1a\x1d1700000000.123\t192.0.2.1\t200\n" + bytes(16), KPL),
]


@pytest.mark.parametrize(("data", "problem"), MALFORMED)
@pytest.mark.parametrize("options", [[], ["--fields", "timestamp,c-ip,sc-status"]])
def test_malformed_logs_are_skipped_with_what_to_do(
    run: Run, tmp_path: Path, data: bytes, problem: str, options: list[str]
) -> None:
    (tmp_path / "log").write_bytes(gzip.compress(data) if options else data)
    (tmp_path / "right").write_bytes(HEADER + ROW if not options else b"1700000000.123\t192.0.2.1\t200\n")
    done = run("transform", tmp_path, *options)
    assert (done.code, done.out.count(b"\n")) == (1, 1)
    assert done.messages[0].startswith(f"edgelift: skipped {tmp_path}/log: {problem}")
    assert run("transform", stdin=data).code == 2
    job = run("reprocess", tmp_path / "log", tmp_path / "out", "--journal", tmp_path / "journal", *options)
    assert (job.code, f"it is {problem}" in job.err) == (1, True)


@pytest.mark.parametrize(
    "data",
    [
        HEADER + ROW,
        (HEADER + ROW).replace(b"\n", b"\r\n"),
        b"\r\n\r\n" + HEADER + ROW,
        json.dumps(OBJECT).encode() + b"\n" + json.dumps(OBJECT, indent=1).encode(),
    ],
)
def test_logs_with_a_record_are_read(run: Run, data: bytes) -> None:
    assert run("transform", stdin=data).out.count(b"\n") >= 1

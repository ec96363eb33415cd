"""Hints for a standard log that is read as real-time rows, or without its header."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from tests.engine.replay.objects import processing_failed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

LEAVE_OUT = (
    'a standard log, whose header names its columns: leave out [input] format = "realtime", '
    "or use --input-format auto"
)
ROWS = "size needs the rows that Firehose passes to the function"
FIELDS = ("--fields", "timestamp,c-ip,sc-status")
REALTIME = (*FIELDS, "--input-format", "realtime")


@pytest.fixture
def log(fixtures: Path) -> Path:
    return fixtures / "standard" / "v1-2023-33col.log"


@pytest.mark.parametrize("more", [(), ("--failed", "failed")])
def test_transform_of_real_time_rows_says_what_reads_a_standard_log(
    run: Run, log: Path, tmp_path: Path, more: tuple[str, ...]
) -> None:
    paths = [tmp_path / word if word == "failed" else word for word in more]
    done = run("transform", log, *REALTIME, *paths)
    assert done.code == 1
    assert done.err.count(f"edgelift: {log} is {LEAVE_OUT}\n") == 1
    for words in (), FIELDS:
        assert run("transform", log, *words).code == 0
    for text in b"1\t2\n", b"1\t2\n#Fields: c-ip\n":
        assert LEAVE_OUT not in run("transform", *FIELDS, stdin=text).err


@pytest.mark.parametrize("fields", [(), FIELDS])
def test_size_says_which_rows_it_needs(run: Run, log: Path, tmp_path: Path, fields: tuple[str, ...]) -> None:
    packed = tmp_path / "log.gz"
    packed.write_bytes(gzip.compress(log.read_bytes()))
    for file in log, packed:
        done = run("size", file, *fields)
        assert (done.code, done.out) == (1 if fields else 2, b"")
        assert f"{file} is a standard log; {ROWS}" in done.err.splitlines()[-1]


def test_explain_says_what_reads_a_header(run: Run, log: Path) -> None:
    assert run("explain", *FIELDS, stdin=log.read_bytes()).code == 0
    done = run("explain", *REALTIME, stdin=log.read_bytes())
    assert done.code == 1
    assert done.err.endswith(f"edgelift: it is the header of {LEAVE_OUT}\n")


def test_explain_of_a_row_alone_asks_for_its_header_or_fields(run: Run, log: Path) -> None:
    row = log.read_bytes().splitlines()[2]
    done = run("explain", stdin=row)
    assert done.code == 2
    assert done.err.startswith(
        'edgelift: the record is a row of a standard log: [input] format = "auto" reads it after its header; '
        'without a header [[layouts]] or --fields must list "date,time,'
    )
    assert "a standard log" not in run("explain", stdin=b"1700000000.5\t1.2.3.4").err


def test_explain_of_a_file_name_says_how_to_explain_a_file(run: Run, log: Path) -> None:
    done = run("explain", str(log))
    assert done.code == 2
    assert "for the first line of a file: edgelift explain - < FILE" in done.err


def test_reprocess_of_real_time_rows_leaves_standard_logs_as_they_are(
    run: Run, log: Path, tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a").write_bytes(log.read_bytes())
    words = (logs, f"{tmp_path}/documents/", "--journal", tmp_path / "journal", "--delete-source")
    done = run("reprocess", *words, *REALTIME, "--failed", f"{tmp_path}/failed/")
    assert done.code == 1
    assert f"a: it is {LEAVE_OUT}" in done.err
    assert (logs / "a").read_bytes() == log.read_bytes()
    assert [path for folder in ("documents", "failed") for path in (tmp_path / folder).rglob("*.*")] == []


HEADER_OF_VIEWER = b"#Fields:/\t192.0.2.1\t200\tHit\n"


@pytest.mark.parametrize(
    ("format_", "first"),
    [
        ("auto", processing_failed(b"#Fields: asn c-ip\n") + b"\n"),
        ("realtime", processing_failed(b"#Fields: asn c-ip\n") + b"\n"),
        ("auto", HEADER_OF_VIEWER),
        ("realtime", HEADER_OF_VIEWER),
        ("realtime", HEADER_OF_VIEWER.replace(b"Fields", b"Version")),
    ],
)
def test_a_failed_record_that_looks_like_a_header_does_not_refuse_its_file(
    run: Run, tmp_path: Path, format_: str, first: bytes
) -> None:
    (tmp_path / "log").write_bytes(first + b"1700000000.123\t192.0.2.1\t200\n")
    options = (*FIELDS, "--input-format", format_)
    done = run("transform", tmp_path / "log", *options)
    assert (done.code, done.out.count(b"\n")) == (1, 1)
    assert LEAVE_OUT not in done.err
    words = (tmp_path / "log", f"{tmp_path}/documents/", "--journal", tmp_path / "journal")
    done = run("reprocess", *words, *options, "--failed", f"{tmp_path}/failed/")
    assert done.code == 1
    assert (tmp_path / "documents" / "log.ndjson").read_bytes().count(b"\n") == 1
    assert [path.read_bytes().count(b"\n") for path in (tmp_path / "failed").rglob("*.*")] == [1]


def test_reprocess_keeps_the_rows_before_a_header(run: Run, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"1700000000\t192.0.2.1\n#Version: 1.0\n")
    words = (tmp_path / "log", f"{tmp_path}/documents/", "--journal", tmp_path / "journal")
    done = run("reprocess", *words, "--fields", "timestamp,c-ip")
    assert done.code == 1
    assert (tmp_path / "documents" / "log.ndjson").read_bytes().count(b"\n") == 1

"""Standard logs on the command line, which need no options, and what is refused without any."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

HINT = [
    "A real-time log line carries no header, so its fields have to come from the",
    "real-time log configuration that wrote it:",
    "  edgelift transform --fields timestamp,c-ip,sc-status FILE",
    "  edgelift transform --config edgelift.toml FILE",
]
CARRIES = "nothing says which columns the lines have."


def test_standard_logs_of_every_kind_are_transformed(run: Run, fixtures: Path) -> None:
    names = [
        "v1-docs-33col.log.gz",
        "v2-json-firehose.jsonl",
        "v1-2014-24col-double-encoded.log",
        "v2-w3c-s3.log",
    ]
    files = [fixtures / "standard" / name for name in names]
    done = run("transform", *files)
    expected = [(file.parent / f"{file.name.partition('.')[0]}.ndjson").read_bytes() for file in files]
    assert (done.code, done.out) == (0, b"".join(expected))
    assert done.messages == []


def test_connection_logs_are_transformed_and_reported(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_bytes(b"#Version: 1.0\n#Fields: eventTimestamp clientIp tlsSni\n1731620046814\t::1\t-\n")
    done = run("transform", file)
    assert (done.code, done.out) == (0, b'{"eventTimestamp":1731620046814,"clientIp":"::1"}\n')
    assert f"edgelift: {file}: a connection log (3 columns)" in done.err
    row = tmp_path / "row"
    row.write_bytes(b"1731620046814\t::1\n")
    done = run("transform", "--fields", "eventTimestamp,clientIp", row)
    assert (done.code, done.out) == (0, b'{"eventTimestamp":1731620046814,"clientIp":"::1"}\n')


def test_gzip_members_may_split_a_log_anywhere(run: Run, fixtures: Path, tmp_path: Path) -> None:
    log = (fixtures / "standard" / "v1-2023-33col.log").read_bytes()
    expected = (fixtures / "standard" / "v1-2023-33col.ndjson").read_bytes()
    file = tmp_path / "log.gz"
    # Cut in the header, and in a row.
    parts = [log[:50], log[50:5000], log[5000:].rstrip(b"\n")]
    file.write_bytes(b"".join(gzip.compress(part, mtime=0) for part in parts))
    done = run("transform", file)
    assert (done.code, done.out) == (0, expected)


def test_damaged_gzip_of_a_standard_log_keeps_what_was_read(run: Run, fixtures: Path, tmp_path: Path) -> None:
    log = (fixtures / "standard" / "v1-2023-33col.log").read_bytes()
    expected = (fixtures / "standard" / "v1-2023-33col.ndjson").read_bytes()
    file = tmp_path / "log.gz"
    file.write_bytes(gzip.compress(log, mtime=0) + b"trailing")
    done = run("transform", file)
    assert (done.code, done.out) == (1, expected)
    assert str(file) in done.err
    file.write_bytes(gzip.compress(log, mtime=0)[:-200])
    done = run("transform", file)
    assert done.code == 1
    assert expected.startswith(done.out)
    assert "damaged gzip after " in done.err


def test_header_applies_to_its_file_only(run: Run, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(b"#Fields: asn\n1\n")
    second.write_bytes(b"2\t3\n")
    done = run("transform", first, second)
    assert (done.code, done.out) == (2, b"")
    # A pipe cannot be looked at before, and then it is too late to refuse all.
    done = run("transform", first, "-", stdin=b"2\t3\n")
    assert (done.code, done.out) == (1, b'{"asn":1}\n')
    assert done.messages[0].startswith("standard input:1: no_header: the columns of the row are unknown: ")


@pytest.mark.parametrize(
    ("content", "is_what"),
    [
        (b"1700000000.123\t192.0.2.1\t200\n", "rows of 3 columns without a header"),
        (gzip.compress(b"1\t2\n", mtime=0), "rows of 2 columns without a header"),
        (b"1\t2", "rows of 2 columns without a header"),
    ],
)
def test_rows_of_unknown_columns_are_refused(run: Run, tmp_path: Path, content: bytes, is_what: str) -> None:
    file, kept = tmp_path / "file", tmp_path / "kept"
    file.write_bytes(content)
    kept.write_bytes(b"kept")
    done = run("transform", file, "-o", kept)
    assert (done.code, done.out) == (2, b"")
    assert done.err.splitlines() == [f"edgelift: {file} is {is_what}: {CARRIES}", *HINT]
    assert kept.read_bytes() == b"kept"


def test_a_pipe_is_refused_before_anything_is_emptied(run: Run, tmp_path: Path) -> None:
    kept, failed = tmp_path / "kept", tmp_path / "failed"
    kept.write_bytes(b"kept")
    failed.write_bytes(b"kept")
    done = run("transform", "-o", kept, "--failed", failed, stdin=b"1\t2\n")
    assert done.code == 2
    assert done.err.splitlines() == [
        f"edgelift: standard input is rows of 2 columns without a header: {CARRIES}",
        *HINT,
    ]
    assert kept.read_bytes() == failed.read_bytes() == b"kept"
    done = run("transform", "-o", kept, "--failed", failed, stdin=b"#Fields: asn\n1\nx\n")
    assert done.code == 1
    assert kept.read_bytes() == b'{"asn":1}\n'
    assert b'"edgelift.bad_value"' in failed.read_bytes()
    assert run("transform", "-o", kept).code == 0
    assert kept.read_bytes() == b""


@pytest.mark.parametrize("content", [b"", b"\n\n", b"#Version: 1.0\n", b"#Version: 1.0\n#Fields: asn\n"])
def test_empty_files_give_nothing(run: Run, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    done = run("transform", file)
    assert (done.code, done.out, done.messages) == (0, b"", [])


def table(out: bytes) -> list[list[str]]:
    return [line.split("\t") for line in out.decode().splitlines()[1:]]


def test_explain_lists_the_keys_of_a_json_record(run: Run) -> None:
    done = run("explain", '{"date":"2024-11-15","time":"19:45:51","cs(Cookie)":"a%20b","x-new":"-"}')
    assert (done.code, done.err) == (0, "")
    assert table(done.out) == [
        ["1", "date", "date", "2024-11-15", "1731699951000", "with the time one timestamp"],
        ["2", "time", "time", "19:45:51", "", "part of the timestamp"],
        ["3", "cs-cookie", "text", "a%20b", '"a b"', ""],
        ["4", "x-new", "text", "-", "", "missing: left out"],
    ]


def test_explain_reports_invalid_json(run: Run) -> None:
    done = run("explain", '{"asn":1,}')
    assert (done.code, table(done.out)) == (1, [])
    message = "the record is not a JSON object: expected a key in quotes at byte 9"
    assert done.err == f"edgelift: bad_json: {message}\n"


def test_explain_shows_the_first_row_after_a_header(run: Run) -> None:
    log = b"#Version: 1.0\n#Fields: timestamp(ms) date cs(User-Agent) asn\n1731699951183\t-\ta%2520b\tx\n2\n"
    done = run("explain", stdin=log)
    assert done.code == 1
    assert table(done.out) == [
        ["1", "timestamp", "timestamp", "1731699951183", "1731699951183", ""],
        ["2", "date", "date", "-", "", "omitted: timestamp(ms) has it"],
        ["3", "cs-user-agent", "text", "a%2520b", '"a b"', ""],
        ["4", "asn", "integer", "x", "", "not an integer of 64 bits: the record fails"],
    ]
    assert done.err == 'edgelift: bad_value: column 4 (asn): "x" is not an integer of 64 bits\n'


def test_explain_reports_a_row_without_a_header(run: Run) -> None:
    done = run("explain", "1\t2")
    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith(f"edgelift: {CARRIES}")
    assert "edgelift explain --fields timestamp,c-ip,sc-status LINE" in done.err


def test_size_reads_json_records(run: Run, fixtures: Path, tmp_path: Path) -> None:
    config = tmp_path / "edgelift.toml"
    config.write_text('[input]\nformat = "standard"\n')
    done = run("size", fixtures / "standard" / "v2-json-firehose.jsonl", "--config", config)
    assert done.code == 0, done.err


@pytest.mark.parametrize("content", [b'{"asn":"1"}\nno log\n', b'no log\n{"asn":"1"}\n'])
@pytest.mark.parametrize("name", ["file", "-"])
def test_log_with_one_bad_line_is_transformed(run: Run, tmp_path: Path, content: bytes, name: str) -> None:
    file, failed = tmp_path / "file", tmp_path / "failed"
    file.write_bytes(content)
    done = run("transform", file if name == "file" else name, "--failed", failed, stdin=content)
    assert (done.code, done.out) == (1, b'{"asn":1}\n')
    (failure,) = failed.read_bytes().splitlines()
    assert b'"edgelift.no_header"' in failure

"""Files that are not logs: each is reported and skipped, and the others are transformed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

S3_ERROR = b'<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
KNOWN = [
    (b"PK\x05\x06" + bytes(18), "an empty zip archive"),
    (b"7z\xbc\xaf\x27\x1c\0", "a 7-Zip archive"),
    (b"\xfd7zXZ\0\0", "compressed by xz"),
    (b"\x04\x22\x4d\x18\0", "compressed by LZ4"),
    (b"Obj\x01\0", "an Avro file"),
    (b"ORC\x08", "an ORC file"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"%PDF-1.7\n", "a PDF file"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff\xe0", "a JPEG image"),
    (b"GIF89a", "a GIF image"),
    (b"\x7fELF\x02", "an ELF program"),
    ("#Version: 1.0\n".encode("utf-16"), "text in UTF-16"),
    (b"\xef\xbb\xbf#Version: 1.0\n1\n", "text with a byte order mark"),
    (b'[["asn","1"]]\n', "a JSON array"),
    (b"<!DOCTYPE html>\n<html>\n", "HTML"),
    (b"<html>\n", "HTML"),
    (b"<a>\n", "XML"),
    (S3_ERROR, "an error message of Amazon S3 (AccessDenied)"),
    (bytes(257) + b"ustar\0", "a tar archive"),
]


@pytest.mark.parametrize(("content", "what"), KNOWN)
def test_files_that_are_not_logs_are_skipped(
    run: Run, fields: str, tmp_path: Path, content: bytes, what: str
) -> None:
    file, log = tmp_path / "file", tmp_path / "log"
    file.write_bytes(content)
    log.write_bytes(b"#Fields: asn\n1\n")
    done = run("transform", file, log)
    assert (done.code, done.out) == (1, b'{"asn":1}\n')
    assert done.messages == [f"edgelift: skipped {file}: {what}, not a CloudFront log"]
    log.write_bytes(b"1671005351.148\t27.0.3.156\t200\tGET\t/\n")
    done = run("transform", log, file, "--fields", fields)
    assert (done.code, len(done.out.splitlines())) == (1, 1)
    assert done.messages == [f"edgelift: skipped {file}: {what}, not a CloudFront log"]
    # Nothing of it is counted, since nothing of it is in the failed file.
    assert "read 1, ok 1, dropped 0, failed 0, blank 0; " in done.err


@pytest.mark.parametrize(("content", "what"), [(b"hello\nworld\n", "plain text"), (b"a\0b\n", "binary")])
def test_text_without_tabs_is_not_a_log_without_columns(
    run: Run, tmp_path: Path, content: bytes, what: str
) -> None:
    file, log = tmp_path / "file", tmp_path / "log"
    file.write_bytes(content)
    log.write_bytes(b"#Fields: asn\n1\n")
    done = run("transform", file, log)
    assert (done.code, done.out) == (1, b'{"asn":1}\n')
    assert done.messages == [f"edgelift: skipped {file}: {what}, not a CloudFront log"]


@pytest.mark.parametrize("options", [[], ["--fields", "sc-status"]])
def test_nothing_is_written_if_no_file_is_a_log(run: Run, tmp_path: Path, options: list[str]) -> None:
    file, kept = tmp_path / "file", tmp_path / "kept"
    file.write_bytes(b"Obj\x01")
    kept.write_bytes(b"kept")
    for stdin, name in ((None, str(file)), (b"Obj\x01", "standard input")):
        done = run("transform", file if stdin is None else "-", "-o", kept, *options, stdin=stdin or b"")
        assert (done.code, done.out) == (2, b"")
        assert done.err == f"edgelift: skipped {name}: an Avro file, not a CloudFront log\n"
        assert kept.read_bytes() == b"kept"
    assert run("transform", file, "-o", tmp_path / "new", *options).code == 2
    assert not (tmp_path / "new").exists()


def test_plain_text_gets_a_hint_how_columns_are_named(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"200\n404\n")
    done = run("transform", file)
    assert (done.code, done.out) == (2, b"")
    assert done.messages[0] == f"edgelift: skipped {file}: plain text, not a CloudFront log"
    assert done.messages[1].startswith("edgelift: nothing says which columns the lines have.")


@pytest.mark.parametrize(
    "content", [b"timestamp,c-ip,sc-status\n1,2\n", b"time c-ip\n", b"a;b\n1;2\n", b"a | b\n"]
)
def test_text_with_other_separators_gets_no_hint_how_columns_are_named(
    run: Run, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "c.csv"
    file.write_bytes(content)
    done = run("transform", file)
    assert (done.code, done.err) == (2, f"edgelift: skipped {file}: plain text, not a CloudFront log\n")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b'[[layouts]]\nfields = ["timestamp", "c-ip"]\n', "plain text"),
        (b'\n[output]\nnames = "ecs"\n', "plain text"),
        (b"[ tool.x-y ]\n", "plain text"),
        (b"[[1, 2]]\n", "a JSON array"),
        (b'[["a"]]\n', "a JSON array"),
    ],
)
def test_configurations_are_not_json_arrays(run: Run, tmp_path: Path, content: bytes, what: str) -> None:
    file, config = tmp_path / "c.toml", tmp_path / "config.toml"
    file.write_bytes(content)
    config.write_text('[[layouts]]\nfields = ["timestamp", "c-ip"]\n')
    for options in ([], ["--config", str(config)]):
        done = run("transform", file, *options)
        assert (done.code, done.messages[0]) == (2, f"edgelift: skipped {file}: {what}, not a CloudFront log")


@pytest.mark.parametrize("options", [[], ["--fields", "timestamp,c-ip,sc-status"]])
@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            b'[{"asn":"1"},\n{"asn":"2"}]\n',
            "a JSON array: write each record on one line, for example with jq -c '.[]'",
        ),
        (
            b"timestamp,c-ip,sc-status\n1700000000.123,::1,200\n",
            "a table with commas between its columns; a CloudFront log has tabs",
        ),
    ],
)
def test_records_in_other_forms_get_one_message(
    run: Run, tmp_path: Path, content: bytes, problem: str, options: list[str]
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    done = run("transform", file, *options)
    assert (done.code, done.out, done.err) == (2, b"", f"edgelift: skipped {file}: {problem}\n")


@pytest.mark.parametrize("content", [b"/a,b,c\n/d,e,f\n", b"/a,b,c\n/d\n"])
def test_values_with_commas_are_not_columns(run: Run, content: bytes) -> None:
    done = run("transform", "--fields", "cs-uri-stem", stdin=content)
    assert (done.code, done.out.count(b"\n")) == (0, 2)


def test_files_with_a_record_are_logs(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"<a>\n200\n")
    done = run("transform", file, "--fields", "sc-status")
    assert (done.code, done.out) == (1, b'{"sc-status":200}\n')
    assert done.messages[0].startswith(f"{file}:1: bad_value: ")


@pytest.mark.parametrize("at", [0, 1, 2])
def test_json_log_with_a_garbage_line_is_a_log(run: Run, tmp_path: Path, at: int) -> None:
    records = [b'{"asn":"a"}\n', b'{"asn":"b"}\n']
    (tmp_path / "file").write_bytes(b"".join([*records[:at], b"garbage\n", *records[at:]]))
    # As a file that is named, and as one of a folder.
    for name in "file", "":
        done = run("transform", tmp_path / name)
        assert (done.code, done.out) == (1, b"")
        assert "read 3, ok 0, dropped 0, failed 3 (no_header 1, bad_value 2), blank 0; " in done.err


def test_rows_without_a_header_are_refused_although_another_line_is_among_them(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b'1\t2\n{"asn":"a"}\n3\t4\n')
    done = run("transform", tmp_path / "file")
    assert done.code == 2
    assert f"{tmp_path}/file is rows of 2 columns without a header" in done.err


def test_headerless_file_in_a_folder_is_skipped(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, content in (("a", b"1\t2\n"), ("b", b"#Fields: asn\n1\n"), ("c", b"1\t2\t3\n")):
        (folder / name).write_bytes(content)
    problem = "without a header, and nothing says what the columns are: --fields or --config names them"
    done = run("transform", folder)
    assert (done.code, done.out) == (1, b'{"asn":1}\n')
    # Not `messages`, which leaves out the detected formats of files.
    skipped = [line for line in done.err.splitlines() if "skipped" in line]
    assert skipped == [
        f"edgelift: skipped {folder}/a: rows of 2 columns {problem}",
        f"edgelift: skipped {folder}/c: rows of 3 columns {problem}",
    ]
    # One that is named is meant.
    for arguments in ([folder / "b", folder / "a"], [folder, folder / "a"]):
        done = run("transform", *arguments)
        assert (done.code, done.out) == (2, b"")
    (folder / "b").unlink()
    done = run("transform", folder)
    assert (done.code, done.out) == (2, b"")
    assert "edgelift transform --config edgelift.toml FILE" in done.err

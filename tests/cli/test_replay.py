"""Failed records on the command line: one command reads a folder of everything, and reports each file."""

from __future__ import annotations

import base64
import gzip
import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.engine.replay.objects import error_object, failed_of, processing_failed, refused

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

CONFIG = """
[input]
format = "auto"
[[layouts]]
fields = ["timestamp", "c-ip", "sc-status", "cs-uri-stem"]
"""
OLD = {"layouts": [{"fields": ["timestamp", "c-ip", "sc-status"]}]}
ROW = "1700000000.123\t192.0.2.1\t200\t/{}"
V1 = "#Version: 1.0\n#Fields: c-ip cs-uri-stem\n192.0.2.1\t/v1-1\n192.0.2.1\n192.0.2.1\t/v1-2\n"
W3C = "#Fields: cs-uri-stem sc-status\n/w3c-1\t2x0\n/w3c-2\t200\n"
JSON = '{"c-ip":"192.0.2.1","cs-uri-stem":"/json-1"}{"cs-uri-stem":"/json-2"}{"asn":[1]}\n'


def rows(*names: str) -> list[bytes]:
    return [ROW.format(name).encode() for name in names]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder of everything that CloudFront and Firehose write, good and bad."""
    folder = tmp_path / "logs"
    failed = failed_of(OLD, [row + b"\n" for row in rows("failed-1", "failed-2")])
    bad = [processing_failed(b"1\t2"), b'{"rawData":"%","lambdaArn":""}', error_object(b"{}")]
    documents = [refused(b'{"cs-uri-stem":"/refused-1"}'), refused(b"[]"), refused(b'{"a":1}\n')]
    first, second, third = rows("backup-1", "backup-2", "backup-3")
    files = {
        "AmazonOpenSearchService_failed/2024/11/15/object": b"\n".join(documents),
        "backup/2024/11/15/19/one.gz": gzip.compress(first + b"\n" + second + third + b"\nx\n", mtime=0),
        "processing-failed/2024/11/15/19/one": failed,
        "processing-failed/2024/11/15/19/two.gz": gzip.compress(b"\n".join(bad), mtime=0),
        "standard/v1.gz": b"".join(gzip.compress(part.encode(), mtime=0) for part in (V1[:30], V1[30:])),
        "standard/v2.json": JSON.encode(),
        "standard/v2.w3c": W3C.encode(),
        "standard/.hidden": b"hidden\n",
        "empty": b"",
    }
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (tmp_path / "edgelift.toml").write_text(CONFIG)
    return folder


def test_folder_of_mixed_objects_is_read(run: Run, folder: Path, tmp_path: Path) -> None:
    failed = tmp_path / "failed"
    done = run("transform", folder, "--config", tmp_path / "edgelift.toml", "--failed", failed)
    assert done.code == 1
    documents = [json.loads(line) for line in done.out.splitlines()]
    assert [document.get("cs-uri-stem") for document in documents] == [
        "/refused-1", None, "/backup-1", "/backup-2", "/backup-3", "/failed-1", "/failed-2",
        "/v1-1", "/v1-2", "/json-1", "/json-2", "/w3c-2",
    ]  # fmt: skip
    assert documents[1] == {"a": 1}
    failures = [json.loads(line) for line in failed.read_bytes().splitlines()]
    # Error objects that cannot be read stay as they are.
    unchanged = [failures.pop(index) for index in (4, 3, 0)]
    assert unchanged[0] == json.loads(error_object(b"{}"))
    assert all("rawData" in failure and "object" not in failure for failure in unchanged)
    found = [
        (
            failure["object"].rpartition("/")[2],
            failure["line"],
            failure["errorCode"].removeprefix("edgelift."),
        )
        for failure in failures
    ]
    assert found == [
        ("one.gz", 3, "column_count"),
        ("two.gz", 1, "column_count"),
        ("v1.gz", 4, "column_count"),
        ("v2.json", 1, "bad_json"),
        ("v2.w3c", 2, "bad_value"),
    ]
    assert base64.b64decode(failures[1]["rawData"]) == b"1\t2"
    assert base64.b64decode(failures[3]["rawData"]) == b'{"asn":[1]}'
    assert failures[3]["offset"] == JSON.index('{"asn"')
    assert done.messages == []
    sources = folder / "processing-failed" / "2024" / "11" / "15" / "19"
    assert done.detected == [
        f"{folder}/AmazonOpenSearchService_failed/2024/11/15/object: documents that OpenSearch refused",
        f"{folder}/backup/2024/11/15/19/one.gz: real-time rows",
        f"{folder}/empty: an empty file",
        f"2 files, {sources}/one to {sources}/two.gz: Firehose processing-failed records",
        f"{folder}/standard/v1.gz: a standard log, version 1 (2 columns)",
        f"{folder}/standard/v2.json: JSON records of a standard log, version 2",
        f"{folder}/standard/v2.w3c: a standard log, version 2 (2 columns)",
    ]
    assert "read 20, ok 12, dropped 0, failed 8 " in done.err


def test_mixed_files_are_read_line_by_line(run: Run, folder: Path, tmp_path: Path) -> None:
    mixed = tmp_path / "mixed"
    one, two = rows("one", "two")
    words = ("transform", mixed, folder / "standard", "--config", tmp_path / "edgelift.toml")
    for first, rest, detected in (
        (one, b"", "real-time rows and Firehose processing-failed records and {}"),
        (processing_failed(one), W3C.encode(), "Firehose processing-failed records and {} and {}"),
    ):
        mixed.write_bytes(b"\n".join([first, processing_failed(two), refused(b"{}"), rest]))
        done = run(*words)
        assert done.out.startswith(b'{"timestamp":1700000000123,"c-ip":"192.0.2.1","sc-status":200,')
        kinds = "documents that OpenSearch refused", "a standard log, version 2 (2 columns)"
        assert done.detected[0] == f"{mixed}: {detected.format(*kinds)}"
        assert b"/v1-1" in done.out


def test_standard_logs_and_documents_need_no_options(run: Run, folder: Path, tmp_path: Path) -> None:
    # Standard logs and documents say themselves what they are.
    done = run("transform", folder / "standard", folder / "AmazonOpenSearchService_failed")
    assert (done.code, len(done.out.splitlines())) == (1, 7)
    kept = tmp_path / "kept"
    kept.write_bytes(b"kept")
    done = run("transform", folder / "processing-failed", "-o", kept)
    assert (done.code, done.out, kept.read_bytes()) == (2, b"", b"kept")
    file = folder / "processing-failed" / "2024" / "11" / "15" / "19" / "one"
    assert done.err.startswith(
        f"edgelift: skipped {file}: Firehose processing-failed records, and nothing says what the columns are"
    )
    done = run("transform", file, "-o", kept)
    assert (done.code, done.out, kept.read_bytes()) == (2, b"", b"kept")
    assert done.messages[0].startswith(
        f"edgelift: {file} is Firehose processing-failed records: nothing says"
    )


def test_folders_are_walked_in_order_and_only_once(run: Run, fields: str, tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    (folder / "b").mkdir(parents=True)
    (folder / ".git").mkdir()
    line = b"1671005351.148\t27.0.3.156\t200\tGET\t/%s\n"
    for name in ("b/1", "a", "c", "b/.hidden", ".git/config"):
        (folder / name).write_bytes(line % name.encode())
    (folder / "b" / "loop").symlink_to(folder)
    (folder / "d").symlink_to("c")
    os.mkfifo(folder / "pipe")
    done = run("transform", folder, "--fields", fields)
    assert done.code == 0, done.err
    paths = [json.loads(document)["cs-uri-stem"] for document in done.out.splitlines()]
    assert paths == ["/a", "/b/1", "/c"]
    (folder / "b" / "loop").unlink()
    # What is named twice is read twice, as files are.
    twice = run("transform", folder / "b", folder / "b" / "1", "--fields", fields).out
    assert len(twice.splitlines()) == 2
    done = run("transform", folder, "--fields", fields, "-o", folder / "c")
    assert done.code == 2
    assert done.err == f"edgelift: the output is the same file as the input {folder}/c\n"


def test_empty_folder_is_reported_and_no_output_is_replaced(run: Run, fields: str, tmp_path: Path) -> None:
    folder, kept = tmp_path / "folder", tmp_path / "kept"
    folder.mkdir()
    kept.write_bytes(b"kept")
    done = run("transform", folder, "--fields", fields, "-o", kept)
    assert (done.code, kept.read_bytes()) == (1, b"kept")
    assert done.err == f"edgelift: {folder} contains no files\n"


def test_broken_link_stops(run: Run, fields: str, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    done = run("transform", tmp_path, "--fields", fields)
    assert (done.code, done.out) == (3, b"")
    assert done.err == f"edgelift: cannot read {tmp_path}/link: No such file or directory\n"


def test_thousands_of_files_are_reported_in_few_lines(run: Run, tmp_path: Path) -> None:
    for number in range(2000):
        (tmp_path / f"{number:04}").write_bytes(b"#Fields: asn\n1\n")
    for number in range(2000, 2012):
        (tmp_path / f"{number:04}").write_bytes(b"%PDF-1.7\n")
    done = run("transform", tmp_path)
    assert (done.code, done.out) == (1, b'{"asn":1}\n' * 2000)
    assert done.detected == [
        f"2000 files, {tmp_path}/0000 to {tmp_path}/1999: a standard log, version 2 (1 column)"
    ]
    refusals = [
        f"edgelift: skipped {tmp_path}/{number}: a PDF file, not a CloudFront log"
        for number in range(2000, 2010)
    ]
    assert done.messages == [*refusals, "edgelift: skipped 2 more files that are not CloudFront logs"]


def test_files_that_may_be_logs_are_not_reported_as_others(run: Run, tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number:02}").write_bytes(b"1700000000.123\t200\n")
    (tmp_path / "log").write_bytes(b"#Fields: asn\n1\n")
    done = run("transform", tmp_path)
    assert (done.code, done.out) == (1, b'{"asn":1}\n')
    assert "edgelift: skipped 2 more files that cannot be read as they are\n" in done.err


def test_commands_have_an_option_for_ambiguous_data(run: Run, tmp_path: Path) -> None:
    data = b'{"c-ip":"192.0.2.1","sc-status":"200"}'
    source, made, journal = (tmp_path / name for name in ("error.json", "made.ndjson", "journal"))
    source.write_bytes(error_object(data, errorCode="Splunk.ServerError") + b"\n")
    assert run("transform", source).code == 1
    done = run("transform", "--raw-data", "source", source)
    assert (done.code, done.out) == (0, b'{"c-ip":"192.0.2.1","sc-status":200}\n')
    reprocess = ("reprocess", source, made, "--journal", journal)
    assert run(*reprocess, "--raw-data", "document").code == 0
    assert made.read_bytes() == data + b"\n"
    other = run(*reprocess, "--raw-data", "source", "--resume")
    assert (other.code, "raw_data" in other.err) == (2, True)

"""`--failed FILE`: every failed record as an error object."""

from __future__ import annotations

import base64
import json
import os
import re
from typing import TYPE_CHECKING

import pytest

import edgelift

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


def test_every_failure_is_written_with_its_bytes(run: Run, lines: bytes, fields: str, tmp_path: Path) -> None:
    rows, failed = tmp_path / "rows.tsv", tmp_path / "failed.ndjson"
    rows.write_bytes(lines)
    failed.write_bytes(b"of an earlier run" * 1_000_000)
    done = run("transform", rows, "--fields", fields, "--failed", failed)
    expected = edgelift.Transformer.from_fields(fields.split(",")).transform_lines(lines)
    assert (done.code, done.out, done.messages) == (1, expected.output, [])
    found = [json.loads(line) for line in failed.read_text().splitlines()]
    for error_object in found:
        assert error_object.pop("attemptEndingTimestamp") >= error_object["arrivalTimestamp"]
    assert found == [
        {
            "attemptsMade": 1,
            "arrivalTimestamp": rows.stat().st_mtime_ns // 1_000_000,
            "errorCode": f"edgelift.{failure.reason}",
            "errorMessage": failure.message,
            "rawData": base64.b64encode(failure.raw).decode(),
            "lambdaArn": None,
            "object": str(rows),
            "line": failure.line,
            "offset": failure.offset,
            "field": failure.field,
            "column": failure.column,
        }
        for failure in expected.failures
    ]
    whole = lines.split(b"\n")
    for failure in found:
        raw = base64.b64decode(failure["rawData"])
        assert raw == whole[failure["line"] - 1]
        assert lines[failure["offset"] :].startswith(raw)


def test_keys_have_a_fixed_order_and_text_is_utf8(run: Run, tmp_path: Path) -> None:
    failed = tmp_path / "failed.ndjson"
    run("transform", "--fields", "sc-status", "--failed", failed, stdin="\nzwölf\xa0\xff\n".encode("latin-1"))
    assert re.sub(r"Timestamp\":\d{13},", 'Timestamp":0,', failed.read_text()) == (
        '{"attemptsMade":1,"arrivalTimestamp":0,"errorCode":"edgelift.bad_value",'
        '"errorMessage":"column 1 (sc-status): \\"zw\ufffdlf\ufffd\ufffd\\" is not a status of three digits",'
        '"attemptEndingTimestamp":0,"rawData":"enf2bGag/w==","lambdaArn":null,'
        '"object":"-","line":2,"offset":1,"field":"sc-status","column":1}\n'
    )


def test_lines_are_counted_per_file(run: Run, tmp_path: Path) -> None:
    first, last, failed = tmp_path / "first", tmp_path / "last", tmp_path / "failed.ndjson"
    first.write_bytes(b"200\nbad")
    last.write_bytes(b"bad\n200\n")
    run("transform", first, last, "--fields", "sc-status", "--failed", failed)
    found = [json.loads(line) for line in failed.read_text().splitlines()]
    assert [(line["object"], line["line"], line["offset"]) for line in found] == [
        (str(first), 2, 4),
        (str(last), 1, 0),
    ]


def test_failed_file_is_empty_if_nothing_failed(run: Run, tmp_path: Path) -> None:
    failed = tmp_path / "failed.ndjson"
    done = run("transform", "--fields", "sc-status", "--failed", failed, stdin=b"200\n")
    assert (done.code, failed.read_bytes()) == (0, b"")


def test_failures_may_go_to_standard_output(run: Run, tmp_path: Path) -> None:
    done = run(
        "transform", "--fields", "sc-status", "--failed", "-", "-o", tmp_path / "out", stdin=b"bad\n200\n"
    )
    assert (done.code, json.loads(done.out)["errorCode"]) == (1, "edgelift.bad_value")
    assert (tmp_path / "out").read_bytes() == b'{"sc-status":200}\n'


@pytest.mark.parametrize("name", ["failed/", "failed/of/today/", "."])
def test_folder_gets_a_file(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "out").mkdir()
    folder = f"{tmp_path}/out/{name}"
    done = run("transform", "--fields", "sc-status", "--failed", folder, stdin=b"bad\n200\n")
    assert (done.code, done.out) == (1, b'{"sc-status":200}\n')
    (file,) = tmp_path.rglob("*.json")
    assert str(file) == os.path.normpath(f"{folder}/transform.failed.json")
    assert json.loads(file.read_bytes())["errorCode"] == "edgelift.bad_value"
    again = run("transform", "--config", _lenient(tmp_path), folder)
    assert (again.code, again.out) == (0, b'{"_unparsed":{"sc-status":"bad"}}\n')


def test_folder_that_cannot_be_created_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    done = run("transform", "--fields", "sc-status", "--failed", f"{tmp_path}/file/", stdin=b"bad\n")
    assert (done.code, done.out) == (3, b"")
    assert f"cannot create {tmp_path}/file/: " in done.err


def _lenient(folder: Path) -> Path:
    config = folder / "lenient.toml"
    config.write_text('[input]\nbad_value = "keep"\n[[layouts]]\nfields = ["sc-status"]\n')
    return config

"""`--failed FILE`: every failed line with its reason and its bytes."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

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
    assert found == [
        {
            "file": str(rows),
            "line": failure.line,
            "offset": failure.offset,
            "reason": failure.reason,
            "field": failure.field,
            "column": failure.column,
            "message": failure.message,
            "raw": base64.b64encode(failure.raw).decode(),
        }
        for failure in expected.failures
    ]
    whole = lines.split(b"\n")
    for failure in found:
        raw = base64.b64decode(failure["raw"])
        assert raw == whole[failure["line"] - 1]
        assert lines[failure["offset"] :].startswith(raw)


def test_keys_have_a_fixed_order_and_text_is_utf8(run: Run, tmp_path: Path) -> None:
    failed = tmp_path / "failed.ndjson"
    run("transform", "--fields", "sc-status", "--failed", failed, stdin="\nzwölf\xa0\xff\n".encode("latin-1"))
    assert failed.read_text() == (
        '{"file":"-","line":2,"offset":1,"reason":"bad_value","field":"sc-status","column":1,'
        '"message":"column 1 (sc-status): \\"zw\ufffdlf\ufffd\ufffd\\" is not a status of three digits",'
        '"raw":"enf2bGag/w=="}\n'
    )


def test_lines_are_counted_per_file(run: Run, tmp_path: Path) -> None:
    first, last, failed = tmp_path / "first", tmp_path / "last", tmp_path / "failed.ndjson"
    first.write_bytes(b"200\nbad")
    last.write_bytes(b"bad\n200\n")
    run("transform", first, last, "--fields", "sc-status", "--failed", failed)
    found = [json.loads(line) for line in failed.read_text().splitlines()]
    assert [(line["file"], line["line"], line["offset"]) for line in found] == [
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
    assert (done.code, json.loads(done.out)["reason"]) == (1, "bad_value")
    assert (tmp_path / "out").read_bytes() == b'{"sc-status":200}\n'

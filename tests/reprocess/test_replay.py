"""Failed rows of standard logs are reprocessed from the folder of error objects, with their columns."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

LOGS = ["v1-docs-33col.log.gz", "v1-2014-24col-double-encoded.log", "v1-2023-33col.log", "v2-w3c-s3.log"]


def test_failed_rows_make_the_documents_of_their_logs(run: Run, fixtures: Path, tmp_path: Path) -> None:
    folder, failed, journal = tmp_path / "logs", tmp_path / "failed", tmp_path / "journal"
    folder.mkdir()
    for name in LOGS:
        log = (fixtures / "standard" / name).read_bytes()
        log = gzip.decompress(log) if name.endswith(".gz") else log
        # A value that fits no time, in every row.
        spoiled = b"".join(
            line if line.startswith(b"#") else b"2024-13-41" + line[10:]
            for line in log.splitlines(keepends=True)
        )
        (folder / name.removesuffix(".gz")).write_bytes(spoiled)
    words = ("--journal", journal)
    first = run("reprocess", folder, tmp_path / "first", "--failed", failed, *words)
    assert (first.code, (tmp_path / "first").read_bytes()) == (1, b"")
    objects = [json.loads(line) for path in failed.iterdir() for line in path.read_bytes().splitlines()]
    assert {value["errorCode"] for value in objects} == {"edgelift.bad_value"}
    assert all("#Fields: " in value["logHeader"] for value in objects)
    assert not any(base64.b64decode(value["rawData"]).startswith(b"#") for value in objects)
    journal.unlink()
    # They are not refused for want of names: each brings its own.
    again = run("reprocess", failed, tmp_path / "again", "--failed", tmp_path / "failed-again", *words)
    assert again.code == 1
    assert "objects 4 done, 0 not" in again.err
    config = tmp_path / "edgelift.toml"
    config.write_text('[input]\nformat = "auto"\nbad_value = "keep"\n')
    for place in failed, tmp_path / "failed-again":
        journal.unlink()
        done = run("reprocess", place, f"{tmp_path}/out/", "--config", config, *words)
        assert done.code == 0, done.err
        for name in LOGS:
            path = folder / name.removesuffix(".gz")
            expected = run("transform", path, "--config", config)
            assert expected.code == 0
            (made,) = (tmp_path / "out").glob(f"{path.name}*")
            assert made.read_bytes() == expected.out
            made.unlink()


def test_rows_failed_by_configuration_succeed_with_another_one(run: Run, tmp_path: Path) -> None:
    log, config, journal = tmp_path / "log", tmp_path / "edgelift.toml", tmp_path / "journal"
    log.write_bytes(b"#Fields: x-a x_a asn\n1\t2\t3\n")
    config.write_text('[input]\nformat = "auto"\n[output]\nnames = "snake"\n')
    words = ("--journal", journal)
    done = run(
        "reprocess", log, tmp_path / "out", "--config", config, "--failed", tmp_path / "failed", *words
    )
    assert (done.code, (tmp_path / "out").read_bytes()) == (1, b"")
    journal.unlink()
    done = run("reprocess", tmp_path / "failed", tmp_path / "out", *words)
    assert (tmp_path / "out").read_bytes() == b'{"x-a":"1","x_a":"2","asn":3}\n'
    # The header itself is no record.
    assert "written 1, already there 0, dropped 0, failed 1 (bad_header 1)" in done.err


def test_truncated_record_fails_again(run: Run, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"1700000000.123\t/" + b"x" * 2_000_000 + b"\n")
    source = tmp_path / "log"
    for number in range(3):
        words: list[str | Path] = [source, f"{tmp_path}/out{number}/", "--fields", "timestamp,cs-uri-stem"]
        kept = tmp_path / f"failed{number}"
        done = run("reprocess", *words, "--failed", kept, "--journal", tmp_path / "journal")
        assert done.code == 1, done.err
        assert "read 1, written 0, already there 0, dropped 0, failed 1 " in done.err
        source = kept

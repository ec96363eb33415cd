"""Messages of the command line about rows whose values lack the shape of their fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgelift.cli.summary import format_shape_mismatches

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

FIELDS = "timestamp,c-ip,cs-uri-query,ssl-protocol"
# The configuration was changed: cs-uri-query dropped, ssl-cipher added.
CHANGED = b"1700000000.123\t192.0.2.1\tTLSv1.3\tTLS_AES_128_GCM_SHA256\n"
USUAL = b"1700000000.123\t192.0.2.1\ta=b\tTLSv1.3\n"


def test_transform_reports_the_rows_of_all_inputs_in_one_line(run: Run, tmp_path: Path) -> None:
    paths = [tmp_path / "a.tsv", tmp_path / "b.tsv"]
    for path in paths:
        path.write_bytes(USUAL + CHANGED)
    done = run("transform", *paths, "--fields", FIELDS)
    assert done.code == 0
    assert done.messages == [f"edgelift: {format_shape_mismatches(2, 'ssl-protocol')}"]
    assert "2 records fit their layout in number and kinds but not in shape (first: ssl-protocol)" in done.err


def test_rows_of_usual_shapes_are_not_mentioned(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes(USUAL)
    assert run("transform", path, "--fields", FIELDS).messages == []


def test_reprocess_reports_the_rows_and_resume_does_again(run: Run, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a.tsv").write_bytes(USUAL)
    (logs / "b.tsv").write_bytes(USUAL + CHANGED)
    job = ("reprocess", logs, f"{tmp_path}/out/", "--fields", FIELDS, "--journal", tmp_path / "journal")
    line = f"edgelift: {format_shape_mismatches(1, 'ssl-protocol')}"
    for arguments in ([], ["--resume"]):
        done = run(*job, *arguments)
        assert done.code == 0
        assert line in done.err.splitlines()


def test_explain_marks_the_column(run: Run) -> None:
    done = run("explain", CHANGED.decode().rstrip("\n"), "--fields", FIELDS)
    *_, last = done.out.decode().splitlines()
    assert last.endswith("\tnot a TLS version such as TLSv1.3: the record may have another layout")

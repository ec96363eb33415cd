"""`edgelift.scan`: what is read, what fails, and what is counted."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pytest

import edgelift
from edgelift.dataset import MAX_FAILURES, FailedRow
from tests.cli.conftest import FIXTURES
from tests.dataset.conftest import CONFIG, FIELDS, NAMES, row
from tests.inputs.parquet_files import row_of, write
from tests.reprocess.conftest import aws, s3, s3_url

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.reprocess.conftest import Client

__all__ = ["aws", "s3", "s3_url"]

STANDARD = FIXTURES / "standard"


def addresses(scan: edgelift.Scan) -> list[str]:
    return [entry[-1] for entry in pl.DataFrame(scan)["c_ip"].drop_nulls()]


def test_scan_reads_folders_and_compressed_files(logs: Path) -> None:
    scan = edgelift.scan(logs, CONFIG)
    table = pa.table(scan)
    assert table.column_names == [*NAMES, "_unparsed", "_other"]
    assert table["c_ip"].to_pylist() == [f"192.0.2.{number}" for number in (1, 3, 4, 5, 6)]
    first = {name: value for name, value in table.to_pylist()[0].items() if value is not None}
    assert first.pop("timestamp").isoformat() == "2023-11-14T22:13:21.123000+00:00"
    assert first == {
        "c_ip": "192.0.2.1",
        "time_to_first_byte": 0.25,
        "sc_status": 200,
        "cs_method": "GET",
        "x_forwarded_for": ["a", "b"],
    }


def test_paths_are_files_folders_and_patterns(logs: Path) -> None:
    for paths, expected in (
        (logs / "a.tsv", "13"),
        (str(logs / "*.tsv"), "13"),
        ([logs / "b", logs / "a.tsv"], "45613"),
        ([logs / "**" / "*.gz"], "456"),
        ([], ""),
    ):
        assert "".join(addresses(edgelift.scan(paths, CONFIG))) == expected


def test_configuration_is_a_transformer_a_mapping_text_or_a_file(tmp_path: Path, logs: Path) -> None:
    text = f"[[layouts]]\nfields = {json.dumps(FIELDS)}\n"
    (tmp_path / "edgelift.toml").write_text(text)
    transformer = edgelift.Transformer(CONFIG)
    for config in (transformer, CONFIG, text, tmp_path / "edgelift.toml", str(tmp_path / "edgelift.toml")):
        assert addresses(edgelift.scan(logs / "a.tsv", config)) == ["1", "3"]


def test_logs_with_different_headers_make_one_table(tmp_path: Path) -> None:
    (tmp_path / "1.log").write_bytes((STANDARD / "v1-2022-33col.log").read_bytes())
    (tmp_path / "2.log").write_bytes(
        b"#Version: 1.0\n#Fields: date time sc-status new-field\n2023-11-14\t22:13:20\t404\tvalue\n"
    )
    write(tmp_path / "3.parquet", [row_of(1), row_of(2)])
    scan = edgelift.scan(tmp_path)
    table = pa.table(scan)
    assert table.schema == pa.schema(edgelift.scan(tmp_path / "1.log"))
    assert scan.counts.ok == len(table) > 3
    assert scan.counts.failed == 0
    (row,) = table.filter(pa.compute.is_valid(table["_other"])).to_pylist()
    assert row["_other"] == [{"name": "new_field", "value": "value"}]
    assert (row["sc_status"], row["c_ip"]) == (404, None)


def test_columns_are_selected_in_the_given_order(logs: Path) -> None:
    scan = edgelift.scan(logs, CONFIG, columns=["sc_status", "timestamp"])
    assert pa.table(scan).column_names == ["sc_status", "timestamp"]
    assert pa.table(scan.select(["c_ip"])).column_names == ["c_ip"]
    with pytest.raises(edgelift.ConfigError, match='unknown column "sc_statsu"'):
        edgelift.scan(logs, CONFIG, columns=["sc_statsu"])


def test_batches_have_at_most_the_given_rows(logs: Path) -> None:
    assert [len(batch) for batch in edgelift.scan(logs, CONFIG, rows=2)] == [2, 2, 1]
    with pytest.raises(ValueError, match="rows is 0"):
        edgelift.scan(logs, CONFIG, rows=0)


def test_counts_and_failures_are_those_of_the_latest_read(logs: Path) -> None:
    scan = edgelift.scan(logs, CONFIG)
    assert (scan.counts.read, scan.failures) == (0, ())
    for _ in range(2):
        assert len(pa.table(scan)) == 5
        assert (scan.counts.read, scan.counts.ok, scan.counts.failed) == (7, 5, 2)
        assert dict(scan.counts.by_reason) == {"bad_value": 1, "column_count": 1}
        first, second = scan.failures
        assert first == FailedRow(
            "bad_value",
            'column 4 (sc-status): "2x0" is not a status of three digits',
            str(logs / "a.tsv"),
            2,
            row(2, "2x0")[:-1],
        )
        assert (second.source, second.line, second.raw) == (str(logs / "b" / "c.gz"), 3, b"x")


def test_a_stream_that_nobody_reads_does_not_count(logs: Path) -> None:
    scan = edgelift.scan(logs, CONFIG)
    pa.table(scan)
    scan.__arrow_c_stream__()
    assert scan.counts.read == 7


def test_failures_are_bounded(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_bytes(b"x\n" * (MAX_FAILURES + 1) + row(1))
    scan = edgelift.scan(tmp_path, CONFIG)
    assert len(pa.table(scan)) == 1
    assert scan.counts.failed == MAX_FAILURES + 1
    assert len(scan.failures) == MAX_FAILURES


def test_large_failures_are_bounded_by_their_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_bytes((b"x" * 1_000_000 + b"\n") * 20)
    scan = edgelift.scan(tmp_path, CONFIG)
    assert len(pa.table(scan)) == 0
    assert (scan.counts.failed, len(scan.failures)) == (20, 16)
    batches = [*edgelift.scan(tmp_path, CONFIG, on_failure="column")]
    assert [len(batch) for batch in batches] == [16, 4]


def test_failures_become_rows_of_a_column(logs: Path) -> None:
    scan = edgelift.scan(logs, CONFIG, on_failure="column", columns=["c_ip", "sc_status"])
    assert pa.schema(scan).field("_failure").type == pa.struct(
        {
            "reason": pa.string(),
            "message": pa.string(),
            "source": pa.string(),
            "line": pa.int64(),
            "raw": pa.binary(),
        }
    )
    table = pa.table(scan)
    assert table.column_names == ["c_ip", "sc_status", "_failure"]
    assert len(table) == 7
    failed = [found for found in table.to_pylist() if found["_failure"]]
    assert [found["_failure"] for found in failed] == [failure._asdict() for failure in scan.failures]
    assert all(found["c_ip"] is None and found["sc_status"] is None for found in failed)
    good = [found for found in table.to_pylist() if not found["_failure"]]
    assert [found["sc_status"] for found in good] == [200] * 5


def test_a_failure_can_end_the_scan(logs: Path) -> None:
    read = iter(edgelift.scan(logs, CONFIG, on_failure="raise", rows=1))
    assert len(next(read)) == 1
    with pytest.raises(edgelift.EdgeliftError, match=r"a\.tsv: line 2: column 4 \(sc-status\)"):
        list(read)


TRUNCATED = gzip.compress(row(7) * 1000)[:-9]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("b.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "b.png is a PNG image, not a CloudFront log"),
        ("b.gz", TRUNCATED, "b.gz: damaged gzip after"),
        ("b", None, "b: cannot be read: No such file or directory"),
    ],
)
def test_an_unreadable_file_ends_the_scan_or_is_a_failure(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    (tmp_path / "a.tsv").write_bytes(row(1))
    if content is None:
        (tmp_path / name).symlink_to("missing")
    else:
        (tmp_path / name).write_bytes(content)
    (tmp_path / "c.tsv").write_bytes(row(2))
    with pytest.raises(edgelift.EdgeliftError, match='on_error="collect" goes on') as raised:
        list(edgelift.scan(tmp_path, CONFIG))
    assert f"{tmp_path}/{message}" in str(raised.value)

    scan = edgelift.scan(tmp_path, CONFIG, on_error="collect", on_failure="column", columns=["c_ip"])
    found = addresses(scan)
    assert (found[0], found[-1]) == ("1", "2")
    (failure,) = scan.failures
    assert failure.message.startswith(f"{tmp_path}/{message}")
    assert (failure.reason, failure.source, failure.line, failure.raw) == (
        "unreadable_file",
        f"{tmp_path}/{name}",
        None,
        None,
    )
    rows = [found["_failure"] for found in pa.table(scan).to_pylist() if found["_failure"]]
    assert rows == [failure._asdict()]
    # All that can be read of a damaged file is, and what is counted is in the table.
    assert scan.counts.ok >= (900 if content == TRUNCATED else 2)
    assert len(found) == scan.counts.ok


def test_rows_whose_columns_nothing_names_are_refused(logs: Path) -> None:
    with pytest.raises(
        edgelift.EdgeliftError, match=r"a\.tsv is rows .*the configuration has no \[\[layouts\]\]"
    ):
        list(edgelift.scan(logs))


def test_missing_path_is_named(tmp_path: Path) -> None:
    scan = edgelift.scan(tmp_path / "missing", CONFIG)
    with pytest.raises(edgelift.EdgeliftError, match="missing: No such file or directory"):
        list(scan)


@pytest.mark.parametrize("options", [{"on_failure": "skip"}, {"on_error": "column"}])
def test_unknown_choices_are_refused(options: dict[str, Any]) -> None:
    (name,) = options
    with pytest.raises(ValueError, match=f"{name} is .*; it must be one of"):
        edgelift.scan([], CONFIG, **options)


def test_objects_in_s3_are_read(
    s3: Client, aws: Mapping[str, str], s3_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**aws, "AWS_ENDPOINT_URL": s3_url}.items():
        monkeypatch.setenv(name, value)
    s3.put_object(Bucket="logs", Key="cdn/a.gz", Body=gzip.compress(row(1) + b"x\n"))
    s3.put_object(Bucket="logs", Key="cdn/b", Body=row(2))
    scan = edgelift.scan("s3://logs/cdn/", CONFIG)
    assert addresses(scan) == ["1", "2"]
    (failure,) = scan.failures
    assert (failure.source, failure.line) == ("s3://logs/cdn/a.gz", 2)
    with pytest.raises(edgelift.EdgeliftError, match="s3://logs/none/: no such object"):
        list(edgelift.scan("s3://logs/none/", CONFIG))

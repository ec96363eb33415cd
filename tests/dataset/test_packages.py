"""Packages that read scans, each the real one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalog

import edgelift
from tests.dataset.conftest import CONFIG, NAMES

if TYPE_CHECKING:
    from pathlib import Path

TIME = dt.datetime(2023, 11, 14, 22, 13, 21, 123_000, tzinfo=dt.UTC)
FIRST = {
    "timestamp": TIME,
    "c_ip": "192.0.2.1",
    "time_to_first_byte": 0.25,
    "sc_status": 200,
    "cs_method": "GET",
    "x_forwarded_for": ["a", "b"],
}


@pytest.fixture
def scan(logs: Path) -> edgelift.Scan:
    return edgelift.scan(logs, CONFIG, columns=NAMES)


def test_polars_reads_a_scan(scan: edgelift.Scan) -> None:
    frame = pl.DataFrame(scan)
    assert frame.schema == {
        "timestamp": pl.Datetime("us", "UTC"),
        "c_ip": pl.String,
        "time_to_first_byte": pl.Float64,
        "sc_status": pl.Int32,
        "cs_method": pl.String,
        "x_forwarded_for": pl.List(pl.String),
    }
    assert frame.row(0, named=True) == FIRST
    assert len(frame) == scan.counts.ok == 5


def test_duckdb_reads_a_scan(scan: edgelift.Scan) -> None:
    found = duckdb.execute(
        "SELECT epoch_us(timestamp), * EXCLUDE timestamp FROM scan ORDER BY ALL"
    ).fetchall()
    assert found[0] == (1_700_000_001_123_000, *list(FIRST.values())[1:])
    assert len(found) == scan.counts.ok == 5
    assert duckdb.execute("SELECT sc_status, count(*) FROM scan GROUP BY ALL").fetchall() == [(200, 5)]


def test_pandas_reads_a_scan(scan: edgelift.Scan) -> None:
    frame = pd.DataFrame.from_arrow(scan)
    assert list(frame.columns) == NAMES
    assert frame["timestamp"][0] == pd.Timestamp(TIME)
    assert frame["sc_status"].sum() == 1000


def test_pyarrow_reads_a_scan_batch_by_batch(scan: edgelift.Scan) -> None:
    reader = pa.RecordBatchReader.from_stream(scan)
    assert reader.read_next_batch().to_pylist()[0] == FIRST
    assert pa.schema(scan) == reader.schema


def test_lazy_frame_reads_the_columns_of_the_query_only(
    scan: edgelift.Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    selected = []

    def select(self: edgelift.Scan, columns: list[str]) -> edgelift.Scan:
        selected.append(list(columns))
        return original(self, columns)

    original = edgelift.Scan.select
    monkeypatch.setattr(edgelift.Scan, "select", select)
    frame = scan.lazy()
    query = frame.filter(pl.col("c_ip") > "192.0.2.3").select("cs_method", "timestamp")
    found = query.collect()
    assert found.columns == ["cs_method", "timestamp"]
    assert len(found) == 3
    assert [sorted(columns) for columns in selected] == [["c_ip", "cs_method", "timestamp"]]


def test_lazy_frame_has_the_rows_of_the_scan(scan: edgelift.Scan) -> None:
    frame = scan.lazy()
    assert frame.collect_schema() == pl.DataFrame(scan).schema
    assert frame.collect().equals(pl.DataFrame(scan))
    assert frame.select(pl.len()).collect().item() == 5
    assert frame.head(2).collect()["c_ip"].to_list() == ["192.0.2.1", "192.0.2.3"]
    assert frame.group_by("sc_status").len().collect().rows() == [(200, 5)]


def test_lazy_frame_has_the_column_of_failures(logs: Path) -> None:
    frame = edgelift.scan(logs, CONFIG, on_failure="column").lazy()
    failed = frame.filter(pl.col("_failure").is_not_null())
    reasons = failed.select(pl.col("_failure").struct.field("reason")).collect()
    assert reasons["reason"].to_list() == ["bad_value", "column_count"]
    assert frame.select("c_ip").collect().height == 7
    assert frame.select(pl.len()).collect().item() == 7


def test_lazy_frame_stops_reading_after_the_rows_it_needs(tmp_path: Path, logs: Path) -> None:
    (tmp_path / "logs" / "z.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    scan = edgelift.scan([logs / "a.tsv", logs / "z.png"], CONFIG)
    assert scan.lazy().head(2).collect().height == 2
    with pytest.raises(edgelift.EdgeliftError, match=r"z\.png is a PNG image"):
        scan.lazy().collect()


def test_errors_keep_their_text_in_every_package(logs: Path) -> None:
    scan = edgelift.scan(logs, CONFIG, on_failure="raise")
    readers: dict[type[Exception], Any] = {
        pl.exceptions.ComputeError: lambda: pl.DataFrame(scan),
        pa.ArrowException: lambda: pa.table(scan),
        duckdb.Error: lambda: duckdb.from_arrow(scan).fetchall(),
    }
    for error, read in readers.items():
        with pytest.raises(error, match=r"a\.tsv: line 2: column 4"):
            read()


def test_pyiceberg_appends_a_scan_to_a_table(tmp_path: Path, logs: Path) -> None:
    uri, warehouse = f"sqlite:///{tmp_path}/catalog.db", f"file://{tmp_path}/warehouse"
    catalog = SqlCatalog("local", uri=uri, warehouse=warehouse)
    catalog.create_namespace("cdn")
    table = pa.table(edgelift.scan(logs, CONFIG))
    stored = catalog.create_table("cdn.logs", schema=table.schema)
    stored.append(table)
    assert str(stored.schema().find_type("timestamp")) == "timestamptz"
    assert stored.scan(selected_fields=tuple(NAMES)).to_arrow().to_pylist()[0] == FIRST
    catalog.close()

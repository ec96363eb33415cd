"""`edgelift transform --format parquet|arrow`: tables of typed columns in a file or in partitions."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import re
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import dataset, parquet

import edgelift
from edgelift.cli.output_options import PartitionBy
from edgelift.cli.partitioned_sink import MAX_PARTITIONS, file_name, partition
from edgelift.tables import GROUP_BYTES

if TYPE_CHECKING:
    from tests.cli.conftest import Done, Run

FIELDS = "timestamp,sc-status,cs-host,x-forwarded-for"
PAGE = (Path(__file__).parents[2] / "docs" / "columns.md").read_text("utf-8")
DAY = 86_400
START = 1_699_920_000
"""The beginning of 2023-11-14."""

Transform = Any


def row(seconds: int, host: str = "a.example", status: str = "200") -> bytes:
    return f"{START + seconds}.5\t{status}\t{host}\t192.0.2.1,192.0.2.2\n".encode()


def when(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(START + seconds + 0.5, dt.UTC)


LOG = row(3 * 3600) + row(1) + row(2, status="2x0") + row(DAY, "b.example") + row(7, "-")
STATUSES = [200] * 4


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.tsv"
    path.write_bytes(LOG)
    return path


@pytest.fixture
def transform(run: Run) -> Transform:
    def transform(*words: str | Path, form: str = "parquet", stdin: bytes = b"") -> Done:
        return run("transform", "--fields", FIELDS, "--format", form, *words, stdin=stdin)

    return transform


def test_parquet_has_the_rows_and_types_of_a_scan(transform: Transform, log: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    done = transform(log, "-o", out)
    assert done.code == 1
    assert 'log.tsv:3: bad_value: column 2 (sc-status): "2x0"' in done.err
    table = parquet.read_table(out)
    expected = pa.table(edgelift.scan(log, {"layouts": [{"fields": FIELDS.split(",")}]}))
    assert table.schema.equals(expected.schema)
    assert table.equals(expected.sort_by("timestamp"))


def test_duckdb_and_polars_read_the_parquet_file(transform: Transform, log: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    transform(log, "-o", out)
    assert pl.read_parquet(out)["timestamp"].to_list() == [when(1), when(7), when(3 * 3600), when(DAY)]
    query = "SELECT sc_status, x_forwarded_for, count(*) FROM read_parquet(?) GROUP BY ALL"
    assert duckdb.execute(query, [str(out)]).fetchall() == [(200, ["192.0.2.1", "192.0.2.2"], 4)]


def test_arrow_file_is_read_by_polars_and_pyarrow(transform: Transform, log: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.arrow"
    transform(log, "-o", out, form="arrow")
    assert pl.read_ipc(out)["sc_status"].to_list() == STATUSES
    with pa.ipc.open_file(out) as reader:
        assert reader.read_all()["cs_host"].to_pylist() == ["a.example", None, "a.example", "b.example"]


def test_table_is_written_to_standard_output(transform: Transform) -> None:
    done = transform("-", stdin=LOG)
    assert parquet.read_table(io.BytesIO(done.out)).num_rows == 4


def test_row_groups_are_compressed_sorted_and_bounded(transform: Transform, tmp_path: Path) -> None:
    log, out = tmp_path / "log.gz", tmp_path / "out.parquet"
    host = "x" * 1000
    rows = 150_000
    log.write_bytes(gzip.compress(b"".join(row(rows - count, host) for count in range(rows)), 1))
    assert transform(log, "-o", out).code == 0
    metadata = parquet.ParquetFile(out).metadata
    assert metadata.num_rows == rows
    assert 1 < metadata.num_row_groups <= rows * 1100 // GROUP_BYTES + 1
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        assert [order.column_index for order in group.sorting_columns] == [0]
        column = group.column(0)
        assert (column.compression, column.has_column_index, column.has_offset_index) == ("ZSTD", True, True)
        times = parquet.ParquetFile(out).read_row_group(number)["timestamp"].to_pylist()
        assert times == sorted(times)


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("day", {"day=2023-11-14": 3, "day=2023-11-15": 1}),
        (
            "hour",
            {"day=2023-11-14/hour=00": 2, "day=2023-11-14/hour=03": 1, "day=2023-11-15/hour=00": 1},
        ),
        ("host", {"host=a.example": 2, "host=b.example": 1, "host=__HIVE_DEFAULT_PARTITION__": 1}),
    ],
)
def test_partitions_are_folders_of_one_table_for_each_source(
    transform: Transform, log: Path, tmp_path: Path, by: str, names: dict[str, int]
) -> None:
    folder = tmp_path / "new" / "table"
    assert transform(log, "--partition-by", by, "-o", folder).code == 1
    found = {path.parent.relative_to(folder).as_posix(): path for path in folder.rglob("*.parquet")}
    assert {name: parquet.read_metadata(path).num_rows for name, path in found.items()} == names
    assert {path.name for path in found.values()} == {f"{file_name(str(log))}.parquet"}


def test_packages_read_partitions(transform: Transform, log: Path, tmp_path: Path) -> None:
    folder = tmp_path / "table"
    transform(log, "--partition-by", "day", "-o", folder)
    query = "SELECT count(*) FROM read_parquet(?) WHERE day = '2023-11-15'"
    assert duckdb.execute(query, [f"{folder}/**/*.parquet"]).fetchall() == [(1,)]
    lazy = pl.scan_parquet(folder, hive_partitioning=True, try_parse_hive_dates=True)
    assert lazy.filter(pl.col("day") == dt.date(2023, 11, 15)).collect().height == 1
    assert dataset.dataset(folder, partitioning="hive").to_table()["sc_status"].to_pylist() == STATUSES


def test_the_page_merges_the_files_of_a_day(
    transform: Transform, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other.tsv").write_bytes(row(5))
    transform(log, tmp_path / "other.tsv", "--partition-by", "day", "-o", tmp_path / "table")
    (merge,) = re.findall(r"^```sql\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    duckdb.execute(merge)
    times = [when(1), when(5), when(7), when(3 * 3600)]
    assert pl.read_parquet("merged.parquet")["timestamp"].to_list() == times


def test_a_second_run_replaces_the_tables_of_the_same_sources(
    transform: Transform, log: Path, tmp_path: Path
) -> None:
    folder, other = tmp_path / "table", tmp_path / "other.tsv"
    folder.mkdir()
    (folder / "notes.txt").write_text("kept")
    for _ in range(2):
        transform(log, "--partition-by", "day", "-o", folder)
    other.write_bytes(row(5))
    transform(other, "--partition-by", "day", "-o", folder)
    assert sum(parquet.read_metadata(path).num_rows for path in folder.rglob("*.parquet")) == 5
    assert (folder / "notes.txt").read_text() == "kept"


def test_sources_of_the_same_name_have_different_tables(transform: Transform, tmp_path: Path) -> None:
    for name in "a", "b":
        (tmp_path / name).mkdir()
        (tmp_path / name / "log.tsv").write_bytes(row(1))
    folder = tmp_path / "table"
    transform(tmp_path / "a", tmp_path / "b" / "log.tsv", "--partition-by", "day", "-o", folder)
    assert len(list(folder.rglob("*.parquet"))) == 2


@pytest.mark.parametrize("words", [["-o", "out.parquet"], ["--partition-by", "day", "-o", "table"]])
def test_interrupted_run_leaves_nothing_under_a_name(
    command: tuple[str, ...], environment: dict[str, str], tmp_path: Path, words: list[str]
) -> None:
    with subprocess.Popen(
        [*command, "transform", "--fields", FIELDS, "--format", "parquet", *words],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        # More than a pipe holds, so that most of it has been read.
        process.stdin.write(row(1) * 10_000)
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert b"Traceback" not in process.stderr.read()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_full_disk_stops_the_run_without_a_traceback(transform: Transform, log: Path) -> None:
    done = transform(log, "-o", "/dev/full")
    assert done.code == 3
    assert "cannot write /dev/full: No space left on device" in done.err
    assert "Traceback" not in done.err


def test_hosts_cannot_leave_the_folder_of_their_partition(transform: Transform, tmp_path: Path) -> None:
    log, folder = tmp_path / "log.tsv", tmp_path / "table"
    log.write_bytes(row(1, "../../x") + row(2, "y" * 300) + row(3, "."))
    assert transform(log, "--partition-by", "host", "-o", folder).code == 0
    assert {path.parent.name for path in folder.rglob("*.parquet")} == {
        "host=..%2F..%2Fx",
        "host=__HIVE_DEFAULT_PARTITION__",
        "host=.",
    }
    query = "SELECT DISTINCT host FROM read_parquet(?) ORDER BY ALL"
    assert duckdb.execute(query, [f"{folder}/**/*.parquet"]).fetchall() == [(".",), ("../../x",), (None,)]


def test_too_many_partitions_stop_the_run(transform: Transform, tmp_path: Path) -> None:
    log, folder = tmp_path / "log.tsv", tmp_path / "table"
    log.write_bytes(b"".join(row(1, f"{number}.example") for number in range(MAX_PARTITIONS + 1)))
    done = transform(log, "--partition-by", "host", "-o", folder)
    assert done.code == 3
    assert f"has rows of more than {MAX_PARTITIONS} partitions by host" in done.err
    assert list(folder.rglob("*.parquet")) == []


@pytest.mark.parametrize(
    ("by", "key", "expected"),
    [
        (PartitionBy.DAY, 0, "day=1970-01-01"),
        (PartitionBy.HOUR, 25, "day=1970-01-02/hour=01"),
        (PartitionBy.HOUR, None, "day=__HIVE_DEFAULT_PARTITION__/hour=__HIVE_DEFAULT_PARTITION__"),
        (PartitionBy.HOST, "a b", "host=a%20b"),
        (PartitionBy.HOST, "", "host=__HIVE_DEFAULT_PARTITION__"),
    ],
)
def test_partitions_have_the_names_of_hive(by: PartitionBy, key: int | str | None, expected: str) -> None:
    assert partition(by, key) == expected


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--partition-by", "day", "-o", "t"], "--partition-by needs --format parquet or arrow"),
        (["--format", "parquet", "--partition-by", "day"], "--partition-by needs -o FOLDER"),
        (["--format", "parquet", "--index", "x"], "--index needs --format bulk"),
        (["--format", "parquet", "--raw-data", "source"], "--raw-data has no use with --format parquet"),
        (["--format", "arrow", "--values", "text"], "columns have types"),
        (["--format", "arrow", "--partition-by", "host", "-o", "t"], "needs the field cs-host"),
        (["--format", "arrow", "--partition-by", "day", "-o", "."], "is in the folder of the output"),
    ],
)
def test_options_that_do_not_fit_are_wrong_usage(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log.tsv").write_bytes(b"1700000000\t200\n")
    done = run("transform", "log.tsv", "--fields", "timestamp,sc-status", *words)
    assert (done.code, done.out) == (2, b"")
    assert message in done.err
    assert "Traceback" not in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["log.tsv"]


@pytest.mark.parametrize("by", [None, "day"])
def test_rows_before_damage_are_in_the_table_with_their_failures(
    transform: Transform, tmp_path: Path, by: str | None
) -> None:
    # Stored blocks, so that the damage is within a line.
    damaged = gzip.compress(LOG * 100, compresslevel=0)[:-100]
    failed = tmp_path / "failed"
    words = ["-o", tmp_path / "out", "--failed", failed, *(["--partition-by", by] if by else [])]
    (tmp_path / "log.gz").write_bytes(damaged)
    done = transform(tmp_path / "log.gz", *words)
    assert done.code == 1
    counts = re.search(r"ok (\d+), dropped 0, failed (\d+)", done.err)
    assert counts
    rows = dataset.dataset(tmp_path / "out", format="parquet", partitioning="hive").count_rows()
    assert (rows, len(failed.read_bytes().splitlines())) == tuple(map(int, counts.groups()))
    assert rows > 390


def test_partitions_of_a_pipe_replace_no_others(transform: Transform, tmp_path: Path) -> None:
    for _ in range(2):
        assert transform("-", "--partition-by", "day", "-o", tmp_path / "out", stdin=row(1)).code == 0
    assert len(list((tmp_path / "out").rglob("*.parquet"))) == 2


def test_a_file_is_given_once_for_partitions(transform: Transform, log: Path, tmp_path: Path) -> None:
    done = transform(log, f"{log.parent}/./{log.name}", "--partition-by", "day", "-o", tmp_path / "out")
    assert (done.code, "log.tsv is given twice: its tables would replace each other" in done.err) == (2, True)

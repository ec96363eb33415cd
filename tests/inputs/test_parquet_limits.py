"""Hostile and damaged Parquet files: bounded in memory and time, and a problem of themselves only."""

from __future__ import annotations

import base64
import json
import random
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

import edgelift
from edgelift.inputs.damage import CostlyFile, DamagedFile
from edgelift.inputs.errors import UnfitError
from edgelift.inputs.limits import Limits
from edgelift.inputs.parquet import batches
from edgelift.inputs.parquet.batches import SALVAGE_ROWS, Chunk
from edgelift.inputs.parquet.pages import Page, pages_of
from edgelift.inputs.parquet.records import MOST_COLUMNS, DamagedParquet, records
from edgelift.inputs.parquet.rows import BLOCK
from tests.inputs.parquet_files import COLUMNS, as_json, row_of, with_page_size, write, write_values

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


def read(path: Path, limits: Limits | None = None, into: bytearray | None = None) -> bytes:
    """Read the JSON records of a file; `into` keeps them if it is not read to its end."""
    content = bytearray() if into is None else into
    with path.open("rb") as file:
        for block in records(file.fileno(), limits):
            content += block
    return bytes(content)


HUGE = "x" * (1 << 20)

# How a value that is there many times may be encoded: once, in pages of one value, as equal beginnings.
ENCODINGS: dict[str, dict[str, object]] = {
    "dictionary": {"dictionary_pagesize_limit": 1 << 22},
    "plain": {"use_dictionary": False, "write_batch_size": 1},
    "delta": {"use_dictionary": False, "column_encoding": "DELTA_BYTE_ARRAY"},
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_rows_above_max_record_bytes_fail_one_by_one(run: Run, tmp_path: Path, encoding: str) -> None:
    path, failed = tmp_path / "huge.parquet", tmp_path / "failed.ndjson"
    write_values(path, ["192.0.2.1", *[HUGE] * 3, "192.0.2.2"], compression="zstd", **ENCODINGS[encoding])
    done = run("transform", path, "--failed", failed)
    assert (done.code, done.out) == (1, b'{"c-ip":"192.0.2.1"}\n{"c-ip":"192.0.2.2"}\n')
    failures = [json.loads(line) for line in failed.read_bytes().splitlines()]
    assert [(failure["line"], failure["errorCode"]) for failure in failures] == [
        (n, "edgelift.too_large") for n in (2, 3, 4)
    ]
    assert base64.b64decode(failures[0]["truncatedData"]) == (b'{"c-ip":"' + HUGE.encode())[: 1 << 20]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_blocks_stay_small_whatever_the_encoding(tmp_path: Path, encoding: str) -> None:
    path = write_values(tmp_path / "huge.parquet", [HUGE] * 200, compression="zstd", **ENCODINGS[encoding])
    with path.open("rb") as file:
        sizes = [len(block) for block in records(file.fileno())]
    assert sizes == [(1 << 20) + 2] * 200


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_expansion_is_limited_and_costs_one_file_only(run: Run, tmp_path: Path, encoding: str) -> None:
    path = write_values(tmp_path / "bomb.parquet", [HUGE] * 100, compression="zstd", **ENCODINGS[encoding])
    good = write(tmp_path / "good.parquet", [row_of(1)])
    done = run("transform", path, good)
    assert (done.code, done.out) == (1, run("transform", good).out)
    message = next(line for line in done.messages if ": expands" in line)
    assert message.startswith(f"edgelift: {path}: expands to more than 200 times its size: ")
    assert message.endswith("--max-expansion 0 (EDGELIFT_MAX_EXPANSION=0 in Lambda) turns this limit off")


@pytest.mark.parametrize("length", [1000, BLOCK + 1000])
def test_rows_may_be_as_long_as_a_record(tmp_path: Path, length: int) -> None:
    path = tmp_path / "log.parquet"
    parquet.write_table(pa.table({"cs_uri_stem": ["/" * (length - len('{"cs-uri-stem":""}\n'))]}), path)
    for limit, ok in ((length, 1), (length - 1, 0)):
        lines = read(path, Limits(max_record_bytes=limit))
        logs = edgelift.Transformer({"input": {"format": "standard", "max_record_bytes": limit}})
        counts = logs.transform_lines(lines).counts
        assert (counts.ok, counts.by_reason) == (ok, {} if ok else {"too_large": 1})


def test_pages_that_would_not_fit_into_memory_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "PAGE_BYTES", 1 << 20)
    path = write_values(tmp_path / "page.parquet", [HUGE], use_dictionary=False, compression="zstd")
    with pytest.raises(
        CostlyFile, match=r"has pages of 1,048,58\d bytes in row group 0, more than the 1,048,576 "
    ):
        read(path)


def test_wrong_page_size_is_refused(tmp_path: Path) -> None:
    path = with_page_size(tmp_path / "lie.parquet", (1 << 31) - 1)
    with pytest.raises(CostlyFile, match="has pages of 2,147,483,647 bytes"):
        read(path)


def with_shared_row_groups(path: Path, doublings: int) -> Path:
    """Write a small file whose footer lists its one row group again and again."""
    write_values(path, [f"192.0.2.{number}" for number in range(10_000)], use_dictionary=False)
    metadata = parquet.ParquetFile(path).metadata
    for _ in range(doublings):
        metadata.append_row_groups(metadata)
    footer = path.with_suffix(".footer")
    metadata.write_metadata_file(footer)
    data = path.read_bytes()
    body = data[: -8 - int.from_bytes(data[-8:-4], "little")]
    path.write_bytes(body + footer.read_bytes()[len(b"PAR1") :])
    assert parquet.ParquetFile(path).metadata.num_row_groups == 1 << doublings
    return path


def test_column_chunks_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    path = with_shared_row_groups(tmp_path / "shared.parquet", 8)
    with pytest.raises(CostlyFile, match="has column chunks that overlap: more bytes than its "):
        read(path)


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "zstd"])
@pytest.mark.parametrize("encoding", ["dictionary", "PLAIN", "DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"])
def test_page_headers_account_for_every_byte(
    tmp_path: Path, version: str, compression: str, encoding: str
) -> None:
    options: dict[str, Any] = {"use_dictionary": encoding == "dictionary"}
    if encoding != "dictionary":
        options["column_encoding"] = encoding
    values = [f"value {number % 900}" for number in range(5000)]
    path = write_values(
        tmp_path / "log.parquet",
        values,
        compression=compression,
        data_page_version=version,
        data_page_size=1000,
        write_batch_size=100,
        dictionary_pagesize_limit=5000,
        write_page_checksum=True,
        **options,
    )
    column = parquet.ParquetFile(path).metadata.row_group(0).column(0)
    start = column.dictionary_page_offset or column.data_page_offset
    data = path.read_bytes()
    pages = pages_of(lambda at, count: data[at : at + count], start, column.total_compressed_size, 5000)
    assert len(pages) > 5
    assert sum(page.values for page in pages) == 5000
    assert 0 <= column.total_uncompressed_size - sum(page.size for page in pages) < 60 * len(pages)
    assert any(page.is_dictionary for page in pages) == (encoding == "dictionary")
    # A dictionary that has become too large is followed by plain pages: the kind that is read in two ways.
    assert Chunk(pages).is_mixed == (encoding == "dictionary")
    assert read(path) == as_json([{"c_ip": value} for value in values]).replace(b'": "', b'":"')


@given(
    sizes=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 100)), min_size=1, max_size=12),
    rows=st.integers(1, 30),
)
def test_bytes_of_a_batch_are_those_of_its_worst_place(sizes: list[tuple[int, int]], rows: int) -> None:
    pages = [Page(is_dictionary=False, size=size, values=values, encoding=0) for values, size in sizes]
    page_of = [number for number, page in enumerate(pages) for _ in range(page.values)]
    windows = [page_of[first : first + rows] for first in range(len(page_of))]
    worst = max((sum(p.size for p in pages[w[0] : w[-1] + 1]) for w in windows), default=0)
    assert Chunk(pages).bytes_of(rows) >= worst


def test_damage_within_a_batch_loses_few_rows(run: Run, tmp_path: Path) -> None:
    rows = [row_of(number) for number in range(6 * SALVAGE_ROWS)]
    path = write(
        tmp_path / "log.parquet",
        rows,
        compression="none",
        use_dictionary=False,
        data_page_size=100,
        write_batch_size=100,
    )
    expected = run("transform", path).out
    data = bytearray(path.read_bytes())
    column = parquet.ParquetFile(path).metadata.row_group(0).column(COLUMNS.index("cs_uri_stem"))
    spoiled = column.data_page_offset + column.total_compressed_size // 2
    data[spoiled : spoiled + 600] = b"\xff" * 600
    path.write_bytes(data)
    done = run("transform", path)
    assert done.code == 1
    assert expected.startswith(done.out)
    saved = done.out.count(b"\n")
    assert saved >= SALVAGE_ROWS
    assert f"damaged Parquet file after {saved} rows" in done.err


def test_corrupt_bytes_are_a_problem_of_the_file(tmp_path: Path) -> None:
    seed = 20241128
    print(f"seed {seed}")  # noqa: T201 - pytest shows it if a test fails
    chance = random.Random(seed)  # noqa: S311 - no secret
    path = tmp_path / "log.parquet"
    write_values(path, [f"192.0.2.{number % 200}" for number in range(600)], data_page_size=500)
    good, expected = path.read_bytes(), read(path)
    outcomes = set()
    for _ in range(300):
        data = bytearray(good)
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(4, len(data))] = chance.randrange(256)
        path.write_bytes(data[: chance.choice([len(data), chance.randrange(len(data))])])
        try:
            read(path, Limits(max_expansion=200))
            outcomes.add("read")
        except (UnfitError, DamagedFile) as error:
            outcomes.add(type(error).__name__)
    assert {"read", "DamagedParquet"} <= outcomes
    path.write_bytes(good)
    assert read(path) == expected


def test_files_with_very_many_columns_are_not_logs(tmp_path: Path) -> None:
    path = tmp_path / "wide.parquet"
    names = ["c_ip", *(f"x{number}" for number in range(MOST_COLUMNS - 1))]
    parquet.write_table(pa.table({name: ["1"] for name in names}), path)
    assert json.loads(read(path)) == {name.replace("_", "-"): "1" for name in names}
    parquet.write_table(pa.table({name: ["1"] for name in [*names, "one_more"]}), path)
    with pytest.raises(UnfitError, match="with 1,001 columns, where a log has 1,000 at most"):
        read(path)


def test_rows_without_values_count_as_expansion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgelift.inputs.damage.FREE_EXPANSION", 100_000)
    path = tmp_path / "nulls.parquet"
    parquet.write_table(pa.table({"c_ip": pa.nulls(200_000, pa.string())}), path)
    content = bytearray()
    with pytest.raises(CostlyFile, match="expands to more than 200 times its size"):
        read(path, Limits(max_expansion=200), content)
    assert content.count(b"\n") < 200_000


@pytest.mark.parametrize(
    "error", [MemoryError(), OverflowError("too much"), KeyError("x"), OSError(5, "bad")]
)
def test_errors_of_pyarrow_are_problems_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    path = write_values(tmp_path / "log.parquet", ["192.0.2.1"])

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(parquet.ParquetFile, "iter_batches", fail)
    with pytest.raises(
        CostlyFile if isinstance(error, MemoryError) else DamagedParquet, match="after 0 rows"
    ):
        read(path)

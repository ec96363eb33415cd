"""Parquet files of standard logs: the documents of the same rows as JSON records, and what cannot be read."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

import edgelift
from edgelift.inputs.content import content
from edgelift.inputs.limits import Limits
from edgelift.inputs.parquet.records import records
from tests.inputs.parquet_files import COLUMNS, ROWS, as_json, row_of, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Run


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_parquet_rows_give_the_documents_of_json_records(data: st.DataObject, tmp_path: Path) -> None:
    columns = data.draw(st.lists(st.sampled_from([*COLUMNS, "x_new"]), min_size=1, unique=True))
    columns += [] if set(columns) & set(COLUMNS) else ["c_ip"]
    text = st.text(st.characters(exclude_categories=["Cs"]))
    plain = st.sampled_from(
        ["-", "", "200", "1731699951183", "0.254", "2024-11-15", "19:45:51", "a%20b\t\n\0"]
    )
    values = st.one_of(st.none(), plain, text)
    drawn = data.draw(
        st.lists(st.fixed_dictionaries(dict.fromkeys(columns, values)), min_size=1, max_size=20)
    )
    rows = [{column: row[column] for column in columns} for row in drawn]
    path = write(tmp_path / "log.parquet", rows, row_group_size=7, data_page_size=64)
    with path.open("rb") as file:
        lines = b"".join(records(file.fileno()))
    logs = edgelift.Transformer({"input": {"format": "standard"}, "output": {"missing": "null"}})
    found, expected = logs.transform_lines(lines), logs.transform_lines(as_json(rows))
    assert (found.output, found.counts) == (expected.output, expected.counts)
    assert [failure.line for failure in found.failures] == [failure.line for failure in expected.failures]


@pytest.mark.parametrize(
    "columns",
    [
        ["eventTimestamp", "connectionId", "clientIp"],
        ["eventtimestamp", "connectionid", "clientip"],
        ["event_timestamp", "connection_id", "client_ip"],
    ],
)
def test_columns_of_connection_logs_are_known(run: Run, tmp_path: Path, columns: list[str]) -> None:
    path = write(tmp_path / "log.parquet", [dict(zip(columns, ["1731620046814", "a=", "::1"], strict=True))])
    done = run("transform", path)
    expected = b'{"eventTimestamp":1731620046814,"connectionId":"a=","clientIp":"::1"}\n'
    assert (done.code, done.out) == (0, expected)


def test_many_row_groups_are_read(run: Run, tmp_path: Path) -> None:
    rows = [row_of(number) for number in range(3 * ROWS + 1)]
    done = run("transform", write(tmp_path / "log.parquet", rows, row_group_size=ROWS + 7))
    plain = tmp_path / "log.json"
    plain.write_bytes(as_json(rows))
    assert (done.code, done.out) == (0, run("transform", plain).out)
    assert done.out.count(b"\n") == len(rows)


def test_parquet_file_as_standard_input_is_read(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "log.parquet", [row_of(1)])
    with path.open("rb") as file:
        done = run("transform", stdin=file.fileno())
    assert (done.code, done.out.count(b"\n")) == (0, 1)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_parquet_is_detected_when_bytes_arrive_one_by_one(
    tmp_path: Path, step: int, pack: Callable[[bytes], bytes]
) -> None:
    source = io.BytesIO(pack(write(tmp_path / "log.parquet", [row_of(1)]).read_bytes()))
    found = b"".join(content(lambda: source.read(step), Limits()))
    assert [json.loads(line) for line in found.splitlines()] == [json.loads(as_json([row_of(1)]))]


def test_parquet_from_a_pipe_is_refused(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "log.parquet", [row_of(1)])
    done = run("transform", stdin=path.read_bytes())
    assert (done.code, done.out) == (3, b"")
    (message,) = done.messages
    assert message == (
        "edgelift: standard input is a Parquet file, which cannot be read from a pipe, "
        "since its schema is at its end: store it and name the file"
    )


def test_failures_have_the_row_number_as_line(run: Run, tmp_path: Path) -> None:
    rows = [row_of(1), row_of(2) | {"sc_status": "2O0"}, row_of(3)]
    path, failed = write(tmp_path / "log.parquet", rows), tmp_path / "failed.ndjson"
    done = run("transform", path, "--failed", failed)
    assert (done.code, done.out.count(b"\n")) == (1, 2)
    [failure] = map(json.loads, failed.read_bytes().splitlines())
    assert (failure["line"], failure["errorCode"], failure["field"]) == (2, "edgelift.bad_value", "sc-status")
    assert json.loads(base64.b64decode(failure["rawData"]))["cs(Host)"] == "d1.cloudfront.net"


def test_bytes_that_are_not_utf_8_are_replaced(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    parquet.write_table(pa.table({"cs_uri_stem": pa.array([b"/\xff\xe2\x82"], pa.binary())}), path)
    w3c = tmp_path / "log.txt"
    w3c.write_bytes(b"#Fields: cs-uri-stem\n/\xff\xe2\x82\n")
    done = run("transform", path)
    assert (done.code, done.out) == (0, run("transform", w3c).out)


def test_size_reads_parquet_and_reports_damage(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "log.parquet", [row_of(1)])
    config = tmp_path / "edgelift.toml"
    config.write_text('[input]\nformat = "standard"')
    assert run("size", path, "--config", config).code == 0
    path.write_bytes(path.read_bytes()[:-100])
    done = run("size", path, "--config", config)
    assert (done.code, "damaged Parquet file after 0 rows" in done.err) == (3, True)


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        ({"id": ["1"], "name": ["a"]}, "with the columns id, name"),
        (
            {"c_ip": ["192.0.2.1"], "sc_status": [200]},
            "with columns that are not strings, as all of CloudFront's are: sc_status (int64)",
        ),
        ({"cs_host": ["a"], "cs(Host)": ["b"]}, "with more than one column for cs(Host)"),
        ({f"n{number}": ["1"] for number in range(7)}, "with the columns n0, n1, n2, n3, n4 and 2 more"),
    ],
)
def test_parquet_without_log_columns_is_not_a_log(
    run: Run, tmp_path: Path, columns: dict[str, list[Any]], what: str
) -> None:
    path = tmp_path / "table.parquet"
    parquet.write_table(pa.table(columns), path)
    output = tmp_path / "out.ndjson"
    output.write_bytes(b"of an earlier run\n")
    done = run("transform", path, "-o", output)
    assert (done.code, output.read_bytes()) == (2, b"of an earlier run\n")
    assert done.messages == [f"edgelift: skipped {path}: a Parquet file {what}, not a CloudFront log"]
    log = tmp_path / "log"
    log.write_bytes(b'{"asn":"1"}\n')
    assert (run("transform", path, log).code, run("transform", path, log).out) == (1, b'{"asn":1}\n')


def test_damaged_parquet_does_not_affect_other_files(run: Run, tmp_path: Path) -> None:
    rows = [row_of(number) for number in range(2 * ROWS)]
    good = write(tmp_path / "good.parquet", rows, row_group_size=ROWS, compression="none")
    expected = run("transform", good).out
    data = good.read_bytes()
    cut, spoiled, short = (tmp_path / f"{name}.parquet" for name in ("cut", "spoiled", "short"))
    cut.write_bytes(data[:-100])
    second = parquet.ParquetFile(good).metadata.row_group(1).column(0).data_page_offset
    spoiled.write_bytes(data[:second] + b"\xff" * 64 + data[second + 64 :])
    short.write_bytes(data[:5])
    done = run("transform", cut, spoiled, short, good)
    first, *_, last = done.messages
    assert done.code == 1
    assert first.startswith(f"edgelift: {cut}: damaged Parquet file after 0 rows: ")
    assert any(
        said.startswith(f"edgelift: {spoiled}: damaged Parquet file after {ROWS} rows: ")
        for said in done.messages
    )
    assert last.startswith(f"edgelift: {short}: damaged Parquet file after 0 rows: ")
    half = b"".join(expected.splitlines(keepends=True)[:ROWS])
    assert done.out == half + expected


def test_missing_pyarrow_is_reported(environment: dict[str, str], tmp_path: Path) -> None:
    path = write(tmp_path / "log.parquet", [row_of(1)])
    code = (
        "import sys; sys.modules['pyarrow'] = None; sys.argv = ['edgelift', *sys.argv[1:]];"
        "from edgelift.cli import main; main()"
    )
    words = [sys.executable, "-c", code, "transform", os.fspath(path)]
    done = subprocess.run(words, capture_output=True, env=environment, check=False)
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr.decode() == (
        f"edgelift: {path} is a Parquet file, and pyarrow is not installed: pip install 'edgelift[parquet]'\n"
    )

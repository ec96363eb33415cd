"""Objects that are no logs, or of which nobody said what they are, as `edgelift transform` has them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.cli.test_no_logs import KNOWN
from tests.engine.replay.objects import processing_failed
from tests.inputs.parquet_files import ROWS, row_of, write
from tests.reprocess.conftest import made, one_to_one

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Run
    from tests.reprocess.conftest import Client, Logs, Reprocess

Account = dict[str, Any]


@pytest.fixture
def job(run: Run, tmp_path: Path) -> Callable[..., Account]:
    """Run a job for which nobody says what the columns are."""

    def job(*arguments: str | Path, code: int) -> Account:
        done = run("reprocess", *arguments, "--journal", tmp_path / "journal", "--json")
        assert done.code == code, done.err
        account: Account = json.loads(done.out)
        return account

    return job


def test_files_that_are_not_logs_are_problems_and_stay(
    reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path
) -> None:
    for number, (content, _) in enumerate(KNOWN):
        (source / f"no-log-{number:02}").write_bytes(content)
    words = ("--failed", tmp_path / "failed", "--delete-source")
    account = reprocess.account(source, f"{tmp_path}/out/", *words)
    rows = [row for row in account["by_object"] if row["state"] == "failed"]
    assert [row["object"] for row in rows] == [f"{source}/no-log-{number:02}" for number in range(len(KNOWN))]
    assert [row["problem"] for row in rows] == [f"it is {what}, not a CloudFront log" for _, what in KNOWN]
    assert {row["read"] for row in rows} == {0}
    assert made(tmp_path / "out") == one_to_one(logs)
    # The logs are deleted, since their failed rows are kept.
    assert made(source) == {f"no-log-{number:02}": content for number, (content, _) in enumerate(KNOWN)}


def test_a_configuration_without_layouts_is_named(run: Run, tmp_path: Path) -> None:
    config, log = tmp_path / "edgelift.toml", tmp_path / "log"
    config.write_text('[output]\nnames = "ecs"\n')
    log.write_bytes(b"1\t2\n")
    problem = f"rows of 2 columns without a header, and {config} has no [[layouts]]"
    words = (f"{tmp_path}/out/", "--journal", tmp_path / "journal", "--config", config)
    done = run("reprocess", log, *words)
    assert (done.code, done.messages) == (1, [f"edgelift: {log}: it is {problem}"])
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "log").write_bytes(b"1\t2\n")
    done = run("transform", tmp_path / "logs", "--config", config)
    assert done.code == 2
    assert done.err.startswith(f"edgelift: skipped {tmp_path}/logs/log: {problem}\n")


def test_rows_of_unnamed_columns_are_a_problem_of_the_object(
    job: Callable[..., Account], tmp_path: Path
) -> None:
    unnamed = "and nothing says what the columns are: --fields or --config names them"
    objects = {
        "binary": (b"a\0b\n", "it is binary, not a CloudFront log"),
        "error-objects": (
            processing_failed(b"1\t2"),
            f"it is Firehose processing-failed records, {unnamed}",
        ),
        "log": (b"#Fields: asn\n1\n", None),
        "rows": (b"1\t2\n3\t4\n", f"it is rows of 2 columns without a header, {unnamed}"),
        "text": (b"hello\nworld\n", "it is plain text, not a CloudFront log"),
    }
    (tmp_path / "logs").mkdir()
    for name, (content, _) in objects.items():
        (tmp_path / "logs" / name).write_bytes(content)
    account = job(tmp_path / "logs", f"{tmp_path}/out/", "--delete-source", code=1)
    assert [row["problem"] for row in account["by_object"]] == [problem for _, problem in objects.values()]
    assert made(tmp_path / "out") == {"log.ndjson": b'{"asn":1}\n'}
    assert set(made(tmp_path / "logs")) == set(objects) - {"log"}


def test_objects_with_a_record_are_logs(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"<a>\n200\n")
    words = ("--fields", "sc-status", "--journal", tmp_path / "journal")
    done = run("reprocess", tmp_path / "file", tmp_path / "out", *words)
    assert (done.code, (tmp_path / "out").read_bytes()) == (1, b'{"sc-status":200}\n')


def test_parquet_is_read_as_transform_reads_it(run: Run, job: Callable[..., Account], tmp_path: Path) -> None:
    rows = [row_of(number) for number in range(ROWS + 1)]
    rows[3]["sc_status"] = "2x0"
    path = write(tmp_path / "log.parquet", rows)
    words = (tmp_path / "out", "--failed", tmp_path / "failed")
    (row,) = job(path, *words, code=1)["by_object"]
    assert (row["problem"], row["read"], row["written"], row["failed"]) == (None, ROWS + 1, ROWS, 1)
    assert row["bytes_in"] == path.stat().st_size
    assert (tmp_path / "out").read_bytes() == run("transform", path).out
    # Replayed, it fails as it did.
    again = job(tmp_path / "failed", tmp_path / "again", "--dry-run", code=1)
    assert again["totals"]["by_reason"] == {"bad_value": 1}


def test_parquet_is_read_from_s3(
    run: Run, aws: dict[str, str], s3: Client, s3_url: str, tmp_path: Path
) -> None:
    path = write(tmp_path / "log.parquet", [row_of(number) for number in range(3 * ROWS)])
    s3.put_object(Bucket="logs", Key="log.parquet", Body=path.read_bytes())
    words = ("--endpoint-url", s3_url, "--journal", tmp_path / "journal")
    done = run("reprocess", "s3://logs/", f"{tmp_path}/out/", *words, env=aws)
    assert done.code == 0, done.err
    assert made(tmp_path / "out") == {"log.parquet.ndjson": run("transform", path).out}


def test_unreadable_parquet_is_a_problem_of_the_object(
    reprocess: Reprocess, logs: Logs, source: Path, tmp_path: Path
) -> None:
    write(source / "cut.parquet", [row_of(number) for number in range(ROWS)])
    (source / "cut.parquet").write_bytes((source / "cut.parquet").read_bytes()[:-100])
    parquet.write_table(pa.table({"id": ["1"]}), source / "other.parquet")
    account = reprocess.account(source, f"{tmp_path}/out/", "--delete-source")
    cut, other = (row for row in account["by_object"] if row["object"].endswith(".parquet"))
    assert cut["problem"].startswith("damaged Parquet file after 0 rows: ")
    assert other["problem"] == "it is a Parquet file with the columns id, not a CloudFront log"
    assert {"cut.parquet", "other.parquet"} <= set(made(source))
    assert made(tmp_path / "out") == one_to_one(logs) | {"cut.parquet.ndjson": b""}

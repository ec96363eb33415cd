"""The recipes of docs/reprocess.md run, on a folder and a bucket like theirs."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from osmem_server import OsmemServer

from tests.reprocess.conftest import made, uploaded

if TYPE_CHECKING:
    from tests.reprocess.conftest import Client

PAGE = (Path(__file__).parents[2] / "docs" / "reprocess.md").read_text("utf-8")

RECIPES = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

KEYS = ("cdn/E2K1.2024-11-15-19.a1b2c3.gz", "cdn/E2K1.2024-11-30-23.a1b2c4.gz")

OLDER = "cdn/E2K1.2024-10-31-23.a1b2c5.gz"

# The AWS command line is not among what tests need; jq may be missing.
STAND_IN = """
aws() { printf '2024-11-15 19:00:00 1 %s\\n' $KEYS; }
jq() { cat > account.json; }
"""


@pytest.fixture
def folder(s3: Client, fixtures: Path, tmp_path: Path) -> Path:
    """Give a folder to run recipes in, beside a bucket of logs."""
    log = gzip.compress((fixtures / "standard" / "v1-2023-33col.log").read_bytes(), mtime=0)
    for key in (*KEYS, OLDER):
        s3.put_object(Bucket="logs", Key=key, Body=log)
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "part").write_bytes(b"1700000000.000\t10.0.0.1\t200\n1700000000.000\tx\t200\n")
    return tmp_path


@pytest.fixture
def documents(fixtures: Path) -> int:
    """Documents of an object."""
    return (fixtures / "standard" / "v1-2023-33col.ndjson").read_bytes().count(b"\n")


def run(recipe: str, folder: Path, s3_url: str, aws: dict[str, str]) -> subprocess.CompletedProcess[str]:
    environment = os.environ | aws | {"AWS_ENDPOINT_URL": s3_url, "KEYS": " ".join(KEYS)}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    # The buckets of the tests have names of their own.
    text = recipe.replace("s3://my-", "s3://")
    return subprocess.run(
        ["bash", "-euc", STAND_IN + text],  # noqa: S607 -- the reader's shell
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_backfill_writes_a_packed_object_for_each(
    folder: Path, s3: Client, s3_url: str, aws: dict[str, str], documents: int
) -> None:
    done = run(RECIPES[0], folder, s3_url, aws)
    assert done.returncode == 0, done.stderr
    found = uploaded(s3)
    assert set(found) == {f"2024-11/{key.removeprefix('cdn/').removesuffix('.gz')}.ndjson.gz" for key in KEYS}
    assert all(gzip.decompress(data).count(b"\n") == documents for data in found.values())


def test_replay_transforms_failed_records_and_deletes_their_objects(
    folder: Path, s3: Client, s3_url: str, aws: dict[str, str]
) -> None:
    raw = base64.b64encode(b"1700000000.000\t10.0.0.1\t200\n").decode()
    failed = json.dumps(
        {"attemptsMade": 4, "errorCode": "Lambda.FunctionError", "rawData": raw, "lambdaArn": "x"}
    )
    s3.put_object(Bucket="logs", Key="failed/processing-failed/2024/11/15/19/part", Body=failed.encode())
    done = run(RECIPES[1], folder, s3_url, aws)
    assert done.returncode == 0, done.stderr
    (document,) = made(folder / "documents").values()
    assert json.loads(document)["c-ip"] == "10.0.0.1"
    assert "Contents" not in s3.list_objects_v2(Bucket="logs", Prefix="failed/")


def test_dry_run_counts_and_writes_nothing(
    folder: Path, s3_url: str, aws: dict[str, str], documents: int
) -> None:
    before = made(folder)
    done = run(RECIPES[2], folder, s3_url, aws)
    assert done.returncode == 0, done.stderr
    assert f"written {3 * documents}, " in done.stderr
    assert made(folder) == before


def test_backup_becomes_one_file_and_failures_are_kept(
    folder: Path, s3_url: str, aws: dict[str, str]
) -> None:
    done = run(RECIPES[3], folder, s3_url, aws)
    assert done.returncode == 1, done.stderr
    (document,) = gzip.decompress((folder / "documents.ndjson.gz").read_bytes()).splitlines()
    assert json.loads(document)["c-ip"] == "10.0.0.1"
    (failed,) = (folder / "failed").iterdir()
    assert json.loads(failed.read_bytes())["errorCode"] == "edgelift.bad_value"


def test_list_reads_the_named_objects(folder: Path, s3_url: str, aws: dict[str, str]) -> None:
    done = run(RECIPES[5], folder, s3_url, aws)
    assert done.returncode == 0, done.stderr
    assert len(made(folder / "documents")) == 2


def test_resume_needs_a_journal_and_completes_the_job(folder: Path, s3_url: str, aws: dict[str, str]) -> None:
    recipe = RECIPES[6]
    assert run(recipe, folder, s3_url, aws).returncode == 2
    assert run(recipe.replace(" --resume", ""), folder, s3_url, aws).returncode == 0
    done = run(recipe, folder, s3_url, aws)
    assert done.returncode == 0, done.stderr
    assert len(made(folder / "documents")) == 3


def test_account_lists_every_object(folder: Path, s3_url: str, aws: dict[str, str]) -> None:
    done = run(RECIPES[7], folder, s3_url, aws)
    assert done.returncode == 0, done.stderr
    assert len(json.loads((folder / "account.json").read_bytes())["by_object"]) == 3


@pytest.mark.usefixtures("firehose")
def test_failed_records_return_to_their_stream(
    folder: Path, s3: Client, s3_url: str, aws: dict[str, str]
) -> None:
    row = b"1700000000.000\t10.0.0.1\t200\n"
    failed = {"rawData": base64.b64encode(row).decode(), "lambdaArn": "x"}
    s3.put_object(Bucket="logs", Key="failed/processing-failed/part", Body=json.dumps(failed).encode())
    done = run(RECIPES[8].replace("firehose:cdn-logs", "firehose:cdn"), folder, s3_url, aws)
    assert done.returncode == 0, done.stderr
    assert list(uploaded(s3).values()) == [row]


def test_opensearch_gets_each_record_once(
    folder: Path, s3_url: str, aws: dict[str, str], documents: int
) -> None:
    # Requests are signed for a service of AWS: whether the signatures are right, only that could say.
    with OsmemServer.start(japanese=False) as server:
        recipe = RECIPES[4].replace("https://search.example.com", server.url)
        done = run(recipe, folder, s3_url, aws)
        assert done.returncode == 0, done.stderr
        # Both objects hold the same records.
        assert f"written {documents}, already there {documents}, " in done.stderr
    assert server.process.stdout
    server.process.stdout.close()

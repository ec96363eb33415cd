"""The recipes of docs/reprocess.md run on a folder and a bucket with logs."""

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
    from collections.abc import Callable

    from tests.reprocess.conftest import Client

    Run = Callable[..., str]

PAGE = (Path(__file__).parents[2] / "docs" / "reprocess.md").read_text("utf-8")

RECIPES = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

KEYS = ("cdn/E2K1.2024-11-15-19.a1b2c3.gz", "cdn/E2K1.2024-11-30-23.a1b2c4.gz")

OLDER = "cdn/E2K1.2024-10-31-23.a1b2c5.gz"

ROW = b"1700000000.000\t10.0.0.1\t200\n"
FAILED = json.dumps({"rawData": base64.b64encode(ROW).decode(), "lambdaArn": "x"}).encode()
"""An error object of Firehose."""

# Tests do not require the AWS command line and jq.
STAND_IN = """
aws() { printf '2024-11-15 19:00:00 1 %s\\n' $KEYS; }
jq() { cat > account.json; }
"""


@pytest.fixture
def folder(s3: Client, fixtures: Path, tmp_path: Path) -> Path:
    """Return a folder to run recipes in, and fill a bucket with logs."""
    log = gzip.compress((fixtures / "standard" / "v1-2023-33col.log").read_bytes(), mtime=0)
    for key in (*KEYS, OLDER):
        s3.put_object(Bucket="logs", Key=key, Body=log)
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "part").write_bytes(ROW + ROW.replace(b"10.0.0.1", b"x"))
    return tmp_path


@pytest.fixture
def documents(fixtures: Path) -> int:
    """Return the number of documents of an object."""
    return (fixtures / "standard" / "v1-2023-33col.ndjson").read_bytes().count(b"\n")


@pytest.fixture
def run(folder: Path, s3_url: str, aws: dict[str, str]) -> Run:
    """Return a function that runs the recipe that contains a text, and returns its standard error."""
    environment = os.environ | aws | {"AWS_ENDPOINT_URL": s3_url, "KEYS": " ".join(KEYS)}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"

    def run_recipe(part: str, *replaced: tuple[str, str], code: int = 0) -> str:
        (text,) = (recipe for recipe in RECIPES if part in recipe)
        # The test buckets have other names.
        for old, new in (("s3://my-", "s3://"), *replaced):
            text = text.replace(old, new)
        command = ["bash", "-euc", STAND_IN + text]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr
        return done.stderr

    return run_recipe


def test_each_recipe_is_run_by_one_test() -> None:
    _, *tests = re.split(r"^def test_", Path(__file__).read_text("utf-8"), flags=re.MULTILINE)
    selections = [re.findall(r'\brun\("(.*?)"', test) for test in tests]
    for recipe in RECIPES:
        assert sum(any(part in recipe for part in parts) for parts in selections) == 1, recipe


def test_first_example_writes_one_file_per_log(run: Run, folder: Path, s3: Client, documents: int) -> None:
    name = Path(KEYS[0]).name
    (folder / "logs/2024/11").mkdir(parents=True)
    (folder / "logs/2024/11" / name).write_bytes(s3.get_object(Bucket="logs", Key=KEYS[0])["Body"].read())
    run("logs/2024/ documents/2024/")
    ((path, data),) = made(folder / "documents").items()
    assert path == f"2024/11/{name.removesuffix('.gz')}.ndjson"
    assert data.count(b"\n") == documents


def test_backfill_packs_each_object(run: Run, s3: Client, documents: int) -> None:
    run("--compress gzip")
    found = uploaded(s3)
    assert set(found) == {f"2024-11/{key.removeprefix('cdn/').removesuffix('.gz')}.ndjson.gz" for key in KEYS}
    assert all(gzip.decompress(data).count(b"\n") == documents for data in found.values())


def test_replay_deletes_objects_whose_records_are_transformed(run: Run, folder: Path, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="failed/processing-failed/2024/11/15/19/part", Body=FAILED)
    run("--delete-source")
    (document,) = made(folder / "documents").values()
    assert json.loads(document)["c-ip"] == "10.0.0.1"
    assert "Contents" not in s3.list_objects_v2(Bucket="logs", Prefix="failed/")


def test_dry_run_counts_and_writes_nothing(run: Run, folder: Path, documents: int) -> None:
    before = made(folder)
    assert f"ok {3 * documents}, " in run("--dry-run")
    assert made(folder) == before


def test_backup_becomes_one_file_and_failures_are_kept(run: Run, folder: Path) -> None:
    run("edgelift reprocess backup/", code=1)
    (document,) = gzip.decompress((folder / "documents.ndjson.gz").read_bytes()).splitlines()
    assert json.loads(document)["c-ip"] == "10.0.0.1"
    (failed,) = (folder / "failed").iterdir()
    assert json.loads(failed.read_bytes())["errorCode"] == "edgelift.bad_value"


def test_list_reads_the_named_objects(run: Run, folder: Path) -> None:
    run("list:objects.txt")
    assert len(made(folder / "documents")) == 2


def test_resume_needs_a_journal_and_completes_the_job(run: Run, folder: Path) -> None:
    run("--resume", code=2)
    run("--resume", (" --resume", ""))
    run("--resume")
    assert len(made(folder / "documents")) == 3


def test_json_lists_every_object(run: Run, folder: Path) -> None:
    run("--json")
    assert len(json.loads((folder / "account.json").read_bytes())["by_object"]) == 3


@pytest.mark.usefixtures("firehose")
def test_failed_records_return_to_their_stream(run: Run, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="failed/processing-failed/part", Body=FAILED)
    run("firehose:cdn-logs", ("firehose:cdn-logs", "firehose:cdn"))
    assert list(uploaded(s3).values()) == [ROW]


def test_opensearch_keeps_one_document_of_equal_records(run: Run, documents: int) -> None:
    # The signatures are not verified: only AWS could do that.
    with OsmemServer.start(japanese=False) as server:
        report = run("--sigv4 es", ("https://search.example.com", server.url))
        # Both objects hold the same records.
        assert f"written {documents}, already there {documents}, " in report
    assert server.process.stdout
    server.process.stdout.close()


def test_existing_documents_are_compared_and_replaced(run: Run, folder: Path) -> None:
    config = '[[layouts]]\nfields = ["timestamp", "c-ip", "sc-status"]\n'
    (folder / "rows").mkdir()
    (folder / "rows" / "part").write_bytes(ROW)
    with OsmemServer.start(japanese=False) as server:
        url = ("https://search.example.com", server.url)
        (folder / "edgelift.toml").write_text(config)
        run("--overwrite", url, ("--compare", ""), ("--overwrite", ""))
        (folder / "edgelift.toml").write_text(config + '[output]\nnames = "snake"\n')
        report = run("--overwrite", url)
    assert "written 0, already there 1 (different 1), " in report
    assert "written 1 (replaced 1), already there 0, " in report
    assert server.process.stdout
    server.process.stdout.close()

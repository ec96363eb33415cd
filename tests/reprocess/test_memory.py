"""Memory that depends on the number of workers only: neither on the size of objects nor on their number."""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from pyarrow import parquet

from benchmarks import interleaved
from tests.inputs.parquet_files import row_of, with_page_size, write
from tests.reprocess.conftest import made_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.reprocess.conftest import Client, Reprocess

MEGABYTE = 1 << 20

ROOM = 32 * MEGABYTE
"""For the blocks on their way through two workers; much less than what passes."""

PARTS = 64 * MEGABYTE
"""For the parts that wait for being uploaded."""


@pytest.fixture
def peak(reprocess: Reprocess, command: tuple[str, ...], environment: dict[str, str]) -> Callable[..., int]:
    """Give the function that runs a job and returns its peak of memory in bytes."""

    def peak(*arguments: str | Path) -> int:
        reprocess.journal.unlink(missing_ok=True)
        words = [*command, *map(str, reprocess.words(*arguments)), "--workers", "2"]
        code, size = interleaved.peak(words, environment | reprocess.environment)
        assert code in {0, 1}
        return size

    return peak


@pytest.fixture(scope="module")
def packed() -> bytes:
    """Give 100 MB of rows, packed, of which a part fails."""
    rows = made_rows(random.Random(9), 40_000)  # noqa: S311 -- no secret
    return gzip.compress(rows, 1) * (100 * MEGABYTE // len(rows))


def test_memory_does_not_depend_on_the_size_of_objects(
    peak: Callable[..., int], packed: bytes, tmp_path: Path
) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "small").touch()
    allowed = peak(tmp_path / "logs", f"{tmp_path}/a/", "--failed", tmp_path / "failed") + ROOM
    for name in "one", "two":
        (tmp_path / "logs" / name).write_bytes(packed)
    assert peak(tmp_path / "logs", f"{tmp_path}/b/", "--failed", tmp_path / "failed") < allowed
    assert (tmp_path / "b" / "one.ndjson").stat().st_size > 2 * ROOM


def test_memory_does_not_depend_on_the_number_of_objects(peak: Callable[..., int], tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(b"/nothing/x\n")
    allowed = peak(f"list:{tmp_path}/list", tmp_path / "a") + ROOM // 2
    # None of them is there: each one is a problem that is kept and reported.
    (tmp_path / "list").write_text("".join(f"/nothing/{'x' * 200}/{number}\n" for number in range(10_000)))
    assert peak(f"list:{tmp_path}/list", tmp_path / "b") < allowed


def test_memory_of_a_dry_run_does_not_depend_on_the_number_of_objects(
    peak: Callable[..., int], tmp_path: Path
) -> None:
    words = (f"list:{tmp_path}/list", "--dry-run")
    (tmp_path / "list").write_bytes(b"/nothing/x\n")
    allowed = peak(*words) + ROOM // 2
    rows = "".join(f"/nothing/{'x' * 400}/{number}\n" for number in range(30_000))
    (tmp_path / "list").write_text(rows)
    assert peak(*words) < allowed


def test_memory_does_not_depend_on_the_size_of_uploads(
    peak: Callable[..., int], packed: bytes, s3: Client, s3_url: str, tmp_path: Path
) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "small").touch()
    allowed = peak(tmp_path / "logs", "s3://documents/", "--endpoint-url", s3_url) + ROOM + PARTS
    (tmp_path / "logs" / "one").write_bytes(packed)
    assert peak(tmp_path / "logs", "s3://documents/", "--endpoint-url", s3_url) < allowed
    assert s3.head_object(Bucket="documents", Key="one.ndjson")["ContentLength"] > 1.5 * (ROOM + PARTS)


ADDRESS_SPACE = """
import atexit, os, pathlib, re, resource, sys
from edgelift.cli import main

if limit := int(sys.argv.pop(1)):
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
report, status = pathlib.Path(sys.argv.pop(1)), pathlib.Path("/proc/self/status")
atexit.register(lambda: report.write_text(re.search(r"VmPeak:\\s+([0-9]+)", status.read_text())[1]))
main()
"""
"""Runs the command line with a limit on its address space, and writes its peak in KiB to a file."""


def test_object_without_enough_memory_does_not_affect_others(
    reprocess: Reprocess, environment: Mapping[str, str], tmp_path: Path
) -> None:
    def run(limit: int, source: str) -> tuple[subprocess.CompletedProcess[bytes], int]:
        words = ["reprocess", tmp_path / source, f"{tmp_path}/{source}-out/", "--journal", reprocess.journal]
        words += ["--workers", "1", "--json", "--max-expansion", "0"]
        reprocess.journal.unlink(missing_ok=True)
        done = subprocess.run(
            [sys.executable, "-c", ADDRESS_SPACE, str(limit), str(tmp_path / "peak"), *map(str, words)],
            capture_output=True,
            # Arrow's other allocators reserve a gigabyte at once.
            env={**environment, "ARROW_DEFAULT_MEMORY_POOL": "system"},
            check=False,
        )
        return done, int((tmp_path / "peak").read_text()) * 1024

    usual, logs = tmp_path / "usual", tmp_path / "logs"
    usual.mkdir()
    logs.mkdir()
    write(usual / "good.parquet", [row_of(1)])
    write(logs / "c.parquet", [row_of(1)])
    # 200 MB of rows, which pyarrow makes from one value; and a page that would take 268 MB.
    table = pa.table({"cs_uri_stem": ["/" + "x" * 1_000_000] * 200})
    parquet.write_table(table, logs / "b.parquet", dictionary_pagesize_limit=1 << 22)
    with_page_size(logs / "a.parquet", 268_000_000)
    done, peak = run(0, "usual")
    assert done.returncode == 0, done.stderr
    done, _ = run(peak + 96 * MEGABYTE, "logs")
    assert done.returncode == 1, done.stderr
    objects = {row["object"][-9:]: row for row in json.loads(done.stdout)["by_object"]}
    assert "needs more memory than is available" in objects["a.parquet"]["problem"]
    assert [objects[name]["written"] for name in ("b.parquet", "c.parquet")] == [200, 1]


def test_object_that_expands_too_much_does_not_affect_others(reprocess: Reprocess, tmp_path: Path) -> None:
    logs, out = tmp_path / "logs", tmp_path / "out"
    logs.mkdir()
    row = b"1700000000.123\t10.0.0.1\t200\tGET\t/\n"
    rows = 17 * MEGABYTE // len(row)
    (logs / "bomb.gz").write_bytes(gzip.compress(row * rows))
    (logs / "good.gz").write_bytes(gzip.compress(row))
    words = (logs, f"{out}/", "--delete-source")
    account = reprocess.account(*words)
    bomb, good = account["by_object"]
    assert bomb["problem"].startswith("it expands to more than 200 times its size: ")
    assert (good["problem"], good["written"]) == (None, 1)
    assert [path.name for path in out.iterdir()] == ["good.ndjson"]
    assert [path.name for path in logs.iterdir()] == ["bomb.gz"]
    account = reprocess.account(*words, "--resume", "--max-expansion", "0", code=0)
    assert sum(row["written"] for row in account["by_object"]) == rows + 1
    assert not list(logs.iterdir())

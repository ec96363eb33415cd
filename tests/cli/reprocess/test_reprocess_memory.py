"""Memory that depends on the number of workers only: neither on the size of objects nor on their number."""

from __future__ import annotations

import gzip
import random
from typing import TYPE_CHECKING

import pytest

from benchmarks import interleaved
from cli.reprocess.conftest import made_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.reprocess.conftest import Client, Reprocess

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


def test_size_of_objects(peak: Callable[..., int], packed: bytes, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "small").touch()
    allowed = peak(tmp_path / "logs", f"{tmp_path}/a/", "--failed", tmp_path / "failed") + ROOM
    for name in "one", "two":
        (tmp_path / "logs" / name).write_bytes(packed)
    assert peak(tmp_path / "logs", f"{tmp_path}/b/", "--failed", tmp_path / "failed") < allowed
    assert (tmp_path / "b" / "one.ndjson").stat().st_size > 2 * ROOM


def test_number_of_objects(peak: Callable[..., int], tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(b"/nothing/x\n")
    allowed = peak(f"list:{tmp_path}/list", tmp_path / "a") + ROOM // 2
    # None of them is there: each one is a problem to be kept and told.
    (tmp_path / "list").write_text("".join(f"/nothing/{'x' * 200}/{number}\n" for number in range(10_000)))
    assert peak(f"list:{tmp_path}/list", tmp_path / "b") < allowed


def test_number_of_objects_of_a_dry_run(peak: Callable[..., int], tmp_path: Path) -> None:
    words = (f"list:{tmp_path}/list", "--dry-run")
    (tmp_path / "list").write_bytes(b"/nothing/x\n")
    allowed = peak(*words) + ROOM // 2
    rows = "".join(f"/nothing/{'x' * 400}/{number}\n" for number in range(30_000))
    (tmp_path / "list").write_text(rows)
    assert peak(*words) < allowed


def test_uploads(peak: Callable[..., int], packed: bytes, s3: Client, s3_url: str, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "small").touch()
    allowed = peak(tmp_path / "logs", "s3://documents/", "--endpoint-url", s3_url) + ROOM + PARTS
    (tmp_path / "logs" / "one").write_bytes(packed)
    assert peak(tmp_path / "logs", "s3://documents/", "--endpoint-url", s3_url) < allowed
    assert s3.head_object(Bucket="documents", Key="one.ndjson")["ContentLength"] > 1.5 * (ROOM + PARTS)

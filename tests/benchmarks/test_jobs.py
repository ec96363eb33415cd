"""The benchmarks of jobs: what is compared does the same, and wrong answers stop them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks import jobs
from benchmarks.corpus import BLOCK

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "REPEATS", 1)
    monkeypatch.setattr(jobs, "ROUNDS", 1)


def test_job_and_competitor_send_every_document_and_leave_no_files(tmp_path: Path) -> None:
    ratio = jobs.against_bodies(tmp_path)
    assert ratio.median > 0
    assert not list(tmp_path.iterdir())


def test_a_wrong_number_of_documents_stops_the_benchmark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "BLOCK", BLOCK + 1)
    with pytest.raises(AssertionError, match=f"took {BLOCK} of {BLOCK + 1} rendered documents"):
        jobs.against_bodies(tmp_path)


def test_memory_is_measured_in_the_process_of_the_job(tmp_path: Path) -> None:
    # However large the process is that measures it.
    here = b"x" * 400_000_000
    assert 20_000_000 < jobs.peak(tmp_path) < len(here)

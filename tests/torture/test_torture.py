"""A short torture of each kind; `make torture` is the long one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

SEED = 20241115


@pytest.mark.parametrize("kind", ["files", "opensearch", "s3", "transform", "two_jobs"])
def test_no_interruption_loses_a_record(kind: str) -> None:
    words = ["-m", "tests.torture", "--cases", "2", "--seed", str(SEED), "--only", kind]
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    print(done.stdout, done.stderr)  # noqa: T201 - with the seed, if the test fails
    assert done.returncode == 0
    assert "2 cases" in done.stdout


def test_harness_reports_a_job_that_loses_data(tmp_path: Path) -> None:
    # Without fsync nothing is lost until the power is.
    broken = tmp_path / "sitecustomize.py"
    broken.write_text("import os\nos.fsync = lambda descriptor: None\n")
    words = ["-m", "tests.torture", "--cases", "1", "--seed", str(SEED), "--only", "files"]
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tmp_path), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "FOUND: " in done.stdout
    assert "fsynced" in done.stdout
    assert f"--only files --case {SEED}000000" in done.stdout

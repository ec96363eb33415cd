"""A short torture; `make torture` is the long one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

SEED = 20241115


def torture(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture", "--repeats", "--seed", str(SEED), *words],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout, done.stderr)  # noqa: T201 - with the seed, if the test fails
    return done


def test_no_interruption_loses_a_record() -> None:
    done = torture("--cases", "10")
    assert done.returncode == 0
    assert "10 cases (files 2, opensearch 2, s3 2, transform 2, two_jobs 2)" in done.stdout


def test_a_job_that_does_not_sync_is_found(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os\nos.fsync = lambda descriptor: None\n")
    done = torture("--cases", "1", "--only", "files", PYTHONPATH=str(tmp_path), TMPDIR=str(tmp_path))
    assert done.returncode == 1
    assert "FOUND: " in done.stdout
    assert f"--only files --case {SEED}000000" in done.stdout

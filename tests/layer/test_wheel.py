"""The wheel that `make wheel` built: its tag, and that it works in a fresh environment."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import edgelift
from deploy.layer import ROOT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def built() -> Path:
    found = list((ROOT / "dist").glob(f"edgelift-{edgelift.__version__}-*_{platform.machine()}.whl"))
    assert len(found) == 1, f"{found} in dist/ instead of one wheel; run: make layer-test"
    return found[0]


def test_tag_is_of_manylinux2014_and_of_all_versions_of_python(built: Path) -> None:
    machine = platform.machine()
    assert built.name == (
        f"edgelift-{edgelift.__version__}-cp311-abi3-manylinux2014_{machine}.manylinux_2_17_{machine}.whl"
    )


def test_wheel_works_in_a_fresh_environment(built: Path, tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EDGELIFT_", "PYTHON"))}
    fresh = tmp_path / "fresh"
    subprocess.run([sys.executable, "-m", "venv", str(fresh)], check=True, env=kept)
    python = str(fresh / "bin" / "python")
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(built))
    subprocess.run(pip, check=True, env=kept)
    done = subprocess.run(
        [python, "-I", str(ROOT / "deploy" / "smoke.py")],
        cwd=tmp_path,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["edgelift"] == edgelift.__version__

"""A debug build is many times slower: it says so when it is imported."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_debug_build_warns_at_import(tmp_path: Path) -> None:
    target = ROOT / "target"
    command = [
        "cargo",
        "build",
        "--locked",
        "--quiet",
        "--package",
        "edgelift-python",
        "--target-dir",
        str(target),
    ]
    subprocess.run(command, cwd=ROOT, check=True)
    package = tmp_path / "edgelift"
    shutil.copytree(ROOT / "python" / "edgelift", package, ignore=shutil.ignore_patterns("*.so"))
    shutil.copy(target / "debug" / "lib_core.so", package / "_core.abi3.so")
    code = "import sys; sys.path.insert(0, sys.argv[1]); import edgelift; print(edgelift.__file__)"
    run = subprocess.run(
        [sys.executable, "-I", "-W", "always", "-c", code, str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
    )
    assert Path(run.stdout.strip()).parent == package
    assert (
        "RuntimeWarning: edgelift._core is a debug build, many times slower; build it with --release"
        in run.stderr
    )


def test_the_tested_build_warns_about_nothing() -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import edgelift"], check=False, capture_output=True, text=True
    )
    assert (run.returncode, run.stderr) == (0, "")

"""Imports of a run: slow modules are for those who need them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from edgelift.cli.verbs import VERBS

if TYPE_CHECKING:
    from pathlib import Path

PROBE = """
import sys
from edgelift.cli import main
sys.argv = ["edgelift", *sys.argv[1:]]
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""

HEAVY = {"asyncio", "boto3", "botocore", "edgelift.firehose", "edgelift.pure", "orjson", "rich"}

# Some milliseconds each. They are for Parquet, envelopes of CloudWatch, configuration files or jobs.
SLOW = {
    "base64",
    "bz2",
    "dataclasses",
    "edgelift.inputs.parquet",
    "inspect",
    "json",
    "random",
    "shutil",
    "tempfile",
    "tomllib",
}


@pytest.mark.parametrize(
    "arguments",
    [
        ["transform", "--fields", "sc-status"],
        ["explain", "200", "--fields", "sc-status"],
        ["fields"],
        ["size", "--fields", "sc-status"],
        ["reprocess", "-", "--dry-run", "--fields", "sc-status"],
        ["transform", "--help"],
        ["transform"],
    ],
)
def test_transform_in_a_pipe_imports_no_slow_modules(
    environment: dict[str, str], arguments: list[str]
) -> None:
    words = [sys.executable, "-c", PROBE, *arguments]
    done = subprocess.run(words, input=b"200\n", capture_output=True, env=environment, check=False)
    modules = set(done.stderr.decode().splitlines()[-1].split())
    assert "edgelift.cli.verbs" in modules
    assert not modules & HEAVY
    # Of the verbs the one that runs.
    assert {name for name in VERBS if f"edgelift.cli.{name}" in modules} == {arguments[0]}


@pytest.mark.parametrize("output", [[], ["-o", "documents"]])
def test_transform_of_plain_lines_imports_only_what_it_needs(
    environment: dict[str, str], tmp_path: Path, output: list[str]
) -> None:
    words = [sys.executable, "-c", PROBE, "transform", "--fields", "sc-status", *output]
    done = subprocess.run(
        words, input=b"200\n404\n", capture_output=True, env=environment, cwd=tmp_path, check=False
    )
    assert done.returncode == 0
    assert not set(done.stderr.decode().splitlines()[-1].split()) & (HEAVY | SLOW)


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_import_no_verb(environment: dict[str, str], option: str) -> None:
    words = [sys.executable, "-c", PROBE, option]
    done = subprocess.run(words, capture_output=True, env=environment, check=False)
    modules = set(done.stderr.decode().splitlines()[-1].split())
    assert not modules & (HEAVY | {"argparse", "inspect", *(f"edgelift.cli.{name}" for name in VERBS)})


def test_the_command_itself_imports_almost_nothing() -> None:
    # The rest comes after the signal handlers: ^C is quiet from the beginning.
    code = "import sys; import edgelift.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, check=True)
    assert not set(done.stdout.decode().split()) & (HEAVY | {"argparse", "edgelift.cli.verbs"})

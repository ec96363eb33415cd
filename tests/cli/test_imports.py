"""Imports of a run: rich, orjson and boto3 are for those who need them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from edgelift.cli.verbs import VERBS

PROBE = """
import json, sys
from edgelift.cli import main
sys.argv = ["edgelift", *sys.argv[1:]]
try:
    main()
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""

HEAVY = {"asyncio", "boto3", "botocore", "edgelift.firehose", "edgelift.pure", "orjson", "rich"}


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
    modules = set(json.loads(done.stderr.splitlines()[-1]))
    assert "edgelift.cli.verbs" in modules
    assert not modules & HEAVY
    # Of the verbs the one that runs.
    assert {name for name in VERBS if f"edgelift.cli.{name}" in modules} == {arguments[0]}


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_import_no_verb(environment: dict[str, str], option: str) -> None:
    words = [sys.executable, "-c", PROBE, option]
    done = subprocess.run(words, capture_output=True, env=environment, check=False)
    modules = set(json.loads(done.stderr.splitlines()[-1]))
    assert not modules & (HEAVY | {"argparse", "inspect", *(f"edgelift.cli.{name}" for name in VERBS)})


def test_the_command_itself_imports_almost_nothing() -> None:
    # The rest comes after the signal handlers: ^C is quiet from the beginning.
    code = "import json, sys; import edgelift.cli; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, check=True)
    assert not set(json.loads(done.stdout)) & (HEAVY | {"argparse", "edgelift.cli.verbs"})

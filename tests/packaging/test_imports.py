"""Modules that `import edgelift` and its handler load: a cold start pays for every one."""

import json
import subprocess
import sys

import pytest

PROBE = """
import json, sys
before = set(sys.modules)
import {module}
print(json.dumps(sorted(set(sys.modules) - before)))
"""

STANDARD = sys.stdlib_module_names | {"_xxsubinterpreters"}
"""Python 3.11 does not list the module that tells subinterpreters apart."""


def imported(module: str = "edgelift") -> set[str]:
    command = [sys.executable, "-I", "-c", PROBE.format(module=module)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_importing_edgelift_imports_only_its_core_and_errors() -> None:
    own = {name for name in imported() if name.partition(".")[0] == "edgelift"}
    assert own == {"edgelift", "edgelift._core", "edgelift.errors"}


@pytest.mark.parametrize("module", ["edgelift", "edgelift.firehose"])
def test_handlers_import_no_third_party_modules(module: str) -> None:
    roots = {name.partition(".")[0] for name in imported(module)} - {"edgelift"}
    assert roots <= STANDARD


@pytest.mark.parametrize(
    "module",
    ["job", "journal.journal", "plan.job_plan", "sources.s3", "sinks.s3", "sinks.firehose", "sinks.kinesis"],
)
def test_reprocess_modules_do_not_import_the_command_line(module: str) -> None:
    found = imported(f"edgelift.reprocess.{module}")
    roots = {name.partition(".")[0] for name in found} - {"edgelift"}
    # And boto3 comes with the first look at S3 only.
    assert roots <= STANDARD
    assert not {name for name in found if name.startswith("edgelift.cli")}


@pytest.mark.parametrize("module", ["edgelift", "edgelift.firehose"])
def test_handlers_do_not_import_slow_standard_modules(module: str) -> None:
    # json, re and typing alone would cost more than the whole extension.
    heavy = {"asyncio", "dataclasses", "inspect", "json", "logging", "pathlib", "re", "tomllib", "typing"}
    assert not imported(module) & heavy


REINGEST = """
import sys
from edgelift.firehose import make_handler
handler = make_handler({"layouts": [{"fields": ["c-ip"]}], "overflow": {"policy": "reingest"}})
answer = handler({"records": [{"recordId": "1", "data": "MTkyLjAuMi4x"}]}, None)
print(answer["records"][0]["result"], "boto3" in sys.modules, "edgelift.reingest" in sys.modules)
"""


def test_boto3_is_imported_only_when_a_record_is_reingested() -> None:
    command = [sys.executable, "-I", "-c", REINGEST]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "Ok False False"

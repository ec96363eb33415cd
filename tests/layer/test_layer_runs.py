"""Each layer, unpacked, answers with the documents of the golden files in a bare interpreter."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.layer import ROOT

FIXTURES = ROOT / "tests" / "fixtures"
ROW = (FIXTURES / "realtime" / "kds-2022-45col.tsv").read_bytes()
GOLDEN = json.loads((FIXTURES / "golden" / "recorded-rows.json").read_text("utf-8"))
GROUP = GOLDEN["groups"][0]

PROBE = """
import sys
sys.path.insert(0, sys.argv[1])
from edgelift import firehose, runtime
modules = {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}
import json, platform
event = sys.stdin.read()
answer = firehose.handler(json.loads(event), None)
raw = json.loads(runtime.handler(event.encode(), None))
print(json.dumps({
    "answer": answer, "raw": raw, "modules": modules, "standard": sorted(sys.stdlib_module_names),
    "machine": platform.machine(), "path": sys.path,
}))
"""


def run(interpreter: tuple[str, ...], unpacked: Path, event: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Run the handler on an event as Lambda does: configured by the environment, with the layer in the path.

    Returns:
        The log line of the dict handler, and what `PROBE` tells.

    """
    done = subprocess.run(
        [*interpreter, "-I", "-S", "-B", "-c", PROBE, str(unpacked / "python")],
        input=json.dumps(event),
        env=os.environ | {"EDGELIFT_CONFIG": GROUP["config"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    log, _, reported = done.stdout.splitlines()
    return log, json.loads(reported)


@pytest.fixture(scope="session")
def answers(
    architecture: str, unpacked: Path, interpreters: list[tuple[str, ...]]
) -> list[tuple[str, dict[str, Any]]]:
    """Give what each interpreter says to one recorded row and one that is cut off."""
    records = [ROW, ROW[: len(ROW) // 2]]
    event = {
        "records": [
            {"recordId": str(place), "data": base64.b64encode(record).decode()}
            for place, record in enumerate(records)
        ]
    }
    reported = [run(interpreter, unpacked, event) for interpreter in interpreters]
    assert {reported["machine"] for _, reported in reported} == {architecture}
    return reported


def test_a_recorded_row_becomes_the_document_of_the_golden_file(
    answers: list[tuple[str, dict[str, Any]]],
) -> None:
    (document,) = (case["document"] for case in GROUP["cases"] if case["name"] == "45 columns")
    for log, reported in answers:
        assert reported["raw"] == reported["answer"]
        good, bad = reported["answer"]["records"]
        assert (good["recordId"], good["result"]) == ("0", "Ok")
        assert base64.b64decode(good["data"]).decode() == document
        assert (bad["recordId"], bad["result"]) == ("1", "ProcessingFailed")
        assert base64.b64decode(bad["data"]) == ROW[: len(ROW) // 2]
        entry = json.loads(log)
        assert (entry["Ok"], entry["Failed"]) == (1, 1)


def test_every_module_is_of_the_standard_library_or_of_the_layer(
    answers: list[tuple[str, dict[str, Any]]], unpacked: Path
) -> None:
    for _, reported in answers:
        assert not [
            place for place in reported["path"] if "site-packages" in place or "dist-packages" in place
        ]
        own = {name for name in reported["modules"] if name.partition(".")[0] == "edgelift"}
        assert own >= {
            "edgelift",
            "edgelift._core",
            "edgelift.errors",
            "edgelift.firehose",
            "edgelift.runtime",
        }
        assert all(Path(reported["modules"][name]).is_relative_to(unpacked) for name in own)
        roots = {name.partition(".")[0] for name in reported["modules"].keys() - own - {"__main__"}}
        # Python 3.11 does not list the module that tells subinterpreters apart.
        assert roots <= {*reported["standard"], "_xxsubinterpreters"}

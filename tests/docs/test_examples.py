"""`make run` transforms recorded logs and prints the results."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "fixtures" / "golden" / "recorded-rows.json"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Run the example in another folder and return its output."""
    command = [sys.executable, str(ROOT / "examples" / "run.py")]
    folder = tmp_path_factory.mktemp("elsewhere")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(folder.iterdir()) == []
    return done.stdout


def documents() -> list[str]:
    """Return the documents of the recorded rows in the golden file."""
    cases = [case for group in json.loads(GOLDEN.read_text("utf-8"))["groups"] for case in group["cases"]]
    found = {case["name"]: case.get("document") for case in cases}
    return [found["two layouts: 45 columns"], found["two layouts: 40 columns"]]


def test_example_prints_the_documents_of_the_handler(shown: str) -> None:
    for place, document in enumerate(documents(), 1):
        lines = [f"  {key}: {json.dumps(value)}" for key, value in json.loads(document).items()]
        assert "\n".join([f"record{place}: Ok, document:", *lines]) in shown
    assert "\nrecord3: ProcessingFailed, original data of 658 bytes unchanged\n" in shown


def test_example_prints_a_log_line_with_counts(shown: str) -> None:
    (line,) = re.findall(r"^\{\"event\".*$", shown, re.MULTILINE)
    entry = json.loads(line)
    assert (entry["RecordsIn"], entry["Ok"], entry["Failed"]) == (3, 2, 1)
    assert entry["Failed_column_count"] == 1


def test_example_prints_the_time_per_record(shown: str) -> None:
    (time,) = re.findall(r"each row 500 times: 1000 ok, ([0-9.]+) microseconds per record", shown)
    assert float(time) > 0


def test_example_prints_the_documents_of_the_command(shown: str) -> None:
    _, found, rest = shown.partition(
        "== edgelift transform rows.tsv --config edgelift.toml -o documents.ndjson\n\n"
    )
    assert found
    first, second, empty, detected, summary = rest.splitlines()
    assert [first, second, empty] == [*documents(), ""]
    assert detected == "edgelift: rows.tsv: real-time rows"
    assert summary.startswith("edgelift: read 2, ok 2, dropped 0, failed 0, blank 0; bytes 3024 in, ")

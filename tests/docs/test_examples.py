"""`make run` sends rows through the whole pipeline, and its answers are those of the rows."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

import edgelift

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "run.py"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Run the example in another folder and return its output."""
    folder = tmp_path_factory.mktemp("elsewhere")
    command = [sys.executable, str(EXAMPLE)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(folder.iterdir()) == []
    return done.stdout


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    """Return the names of the example without running it."""
    return runpy.run_path(str(EXAMPLE))


@pytest.fixture(scope="module")
def documents(example: dict[str, Any]) -> list[dict[str, Any]]:
    """Transform the rows of the example."""
    transformer = edgelift.Transformer.from_fields(example["FIELDS"].split(","))
    result = transformer.transform_lines(b"".join(example["all_rows"]()))
    return [json.loads(line) for line in result.output.splitlines()]


def test_fields_are_those_of_the_published_set_up(example: dict[str, Any]) -> None:
    names = example["FIELDS"].split(",")
    assert len(names) == 14
    assert (names[0], names[-1]) == ("timestamp", "c-country")
    # In CloudFront's order, so that no warning is shown.
    assert names == [name for name in edgelift.FIELDS if name in names]


def test_account_of_the_example_adds_up(shown: str, documents: list[dict[str, Any]]) -> None:
    count = len(documents)
    assert shown.startswith("CloudFront rows ")
    assert f"{count + 1:,} source records = {count:,} indexed + 0 dropped + 1 in backup\n" in shown
    assert "bytes unchanged: the record has 9 columns, but the layout has 14\n" in shown


def test_status_classes_are_those_of_the_rows(shown: str, documents: list[dict[str, Any]]) -> None:
    counts = Counter(document["sc-status"] // 100 for document in documents)
    for first in range(2, 6):
        assert re.search(rf"{first}xx +{counts[first]:,}\n", shown)
    assert re.search(rf"closed by the viewer +{counts[0]:,}\n", shown)


def test_hit_ratio_is_that_of_the_rows(shown: str, documents: list[dict[str, Any]]) -> None:
    counts = Counter(document["x-edge-result-type"] for document in documents)
    hits = counts["Hit"] + counts["RefreshHit"]
    cacheable = hits + counts["Miss"]
    assert f"   {hits:,} of {cacheable:,}: a hit ratio of {hits / cacheable:.1%}\n" in shown


def test_slowest_uris_are_those_of_the_rows(shown: str, documents: list[dict[str, Any]]) -> None:
    times = defaultdict(list)
    for document in documents:
        times[document["cs-uri-stem"]].append(document["time-taken"])
    found = re.findall(r"^   (\S+) +([0-9.]+) s in ([0-9,]+) requests$", shown, re.MULTILINE)
    slowest = sorted(times, key=lambda uri: -mean(times[uri]))[:3]
    assert [uri for uri, _, _ in found] == slowest
    for uri, seconds, count in found:
        assert float(seconds) == pytest.approx(mean(times[uri]), abs=0.002)
        assert count == f"{len(times[uri]):,}"


def test_command_reads_the_same_rows(shown: str, documents: list[dict[str, Any]]) -> None:
    _, found, rest = shown.partition(
        "$ edgelift transform rows.tsv --config edgelift.toml -o documents.ndjson\n"
    )
    assert found
    assert (
        f"edgelift: read {len(documents) + 1}, ok {len(documents)}, dropped 0, failed 1 (column_count 1)"
        in rest
    )
    _, _, first = rest.partition("$ head -n 1 documents.ndjson\n")
    assert json.loads(first.partition("\n")[0]) == documents[0]


def test_pages_that_come_next_exist(shown: str) -> None:
    pages = re.findall(r"docs/[\w-]+\.md", shown)
    assert len(pages) == 4
    for page in pages:
        assert (ROOT / page).is_file()

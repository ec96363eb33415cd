"""docs/simulate.md shows what the command prints, lists every fault, and its test passes."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

from docs.generator.tables import rows
from edgelift.simulate.faults import KINDS, parse_faults
from tests.docs.test_cli import ACCESS
from tests.docs.test_readme import ROOT, run

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (ROOT / "docs" / "simulate.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_console_shows_the_output_of_its_commands(tmp_path: Path) -> None:
    (tmp_path / "access.tsv").write_bytes(ACCESS)
    (console,) = blocks("console")
    for example in console.removeprefix("$ ").split("\n$ "):
        command, _, output = example.partition("\n")
        assert run(command, tmp_path).stdout.rstrip("\n") == output.rstrip("\n"), command


def test_test_of_the_page_passes(tmp_path: Path) -> None:
    (text,) = blocks("python")
    (tmp_path / "test_page.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_page.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_faults_of_the_page_can_be_read() -> None:
    (text,) = blocks("toml")
    assert [fault.at for fault in parse_faults(text)] == ["opensearch", "function"]


def test_faults_of_the_page_strike_a_small_file(tmp_path: Path) -> None:
    (tmp_path / "faults.toml").write_text(blocks("toml")[0])
    lines = [f"{1_700_000_000 + place}.123\t192.0.2.1\t200\n" for place in range(2_000)]
    (tmp_path / "access.tsv").write_text("".join(lines))
    fields = 'fields = ["timestamp", "c-ip", "sc-status"]'
    (tmp_path / "edgelift.toml").write_text(f"[[layouts]]\n{fields}\n")
    (command,) = (line for block in blocks("sh") for line in block.splitlines() if "--faults" in line)
    shown = run(command, tmp_path).stdout
    assert re.search(r"(?m)^faults +function kill \d+, opensearch status_429 \d+$", shown)


def test_table_lists_every_kind_of_fault() -> None:
    listed: dict[str, list[str]] = {}
    at = ""
    for place, kinds, _ in rows(PAGE[PAGE.index("| `at` | `kind` |") :]):
        # An empty cell is that of the row before.
        at = place.strip("`") or at
        listed.setdefault(at, []).extend(re.findall(r"`(\w+)`", kinds))
    assert {at: set(kinds) for at, kinds in listed.items()} == {at: set(kinds) for at, kinds in KINDS.items()}

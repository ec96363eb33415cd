"""Every code block of the README works as shown."""

from __future__ import annotations

import doctest
import gzip
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import edgelift

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")

BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
(CONFIG,) = (text for language, text in BLOCKS if language == "toml")
(CONSOLE,) = (text for language, text in BLOCKS if language == "console")
(COMMANDS,) = (text for language, text in BLOCKS if language == "sh" and text.startswith("edgelift "))

ACCESS = (
    b"1700000000.123\t192.0.2.1\t200\tGET\t/a%20b\t0.012\n"
    b"1700000001.000\t2001:db8::1\t304\tGET\t/\t0.001\n"
    b"1700000002.500\t192.0.2.1\t2x0\tGET\t/\t0.001\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create a folder with the files that the README uses, and enter it."""
    (tmp_path / "edgelift.toml").write_text(CONFIG, "utf-8")
    (tmp_path / "access.tsv").write_bytes(ACCESS)
    (tmp_path / "backup").mkdir()
    for number, line in enumerate(ACCESS.splitlines(keepends=True)[:2]):
        (tmp_path / "backup" / f"part-{number}.gz").write_bytes(gzip.compress(line))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of a shell block, with the tools of this interpreter in PATH."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EDGELIFT_")}
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],  # noqa: S607 -- the reader's shell
        cwd=folder,
        env=kept | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_block_is_in_a_tested_language() -> None:
    assert {language for language, _ in BLOCKS} == {"console", "sh", "toml", "pycon"}
    assert README.count("```") == 2 * len(BLOCKS)
    assert len(README.splitlines()) <= 150


def test_configuration_compiles_to_its_fields() -> None:
    transformer = edgelift.Transformer(CONFIG)
    assert [column.field for column in transformer.layouts[0]] == tomllib.loads(CONFIG)["layouts"][0][
        "fields"
    ]


def test_first_example_prints_the_output_shown(folder: Path) -> None:
    for example in CONSOLE.removeprefix("$ ").split("\n$ "):
        command, _, output = example.partition("\n")
        assert run(command, folder).stdout.rstrip("\n") == output.rstrip("\n"), command


def test_commands_write_documents_and_failures(folder: Path) -> None:
    standard, transform, many, explain, fields, size, reprocess = COMMANDS.splitlines()
    recorded = Path(__file__).parents[1] / "fixtures" / "standard"
    log = (recorded / "v1-docs-33col.log.gz").read_bytes()
    (folder / "E2K1DISTRIBUTION.2024-11-15-19.a1b2c3d4.gz").write_bytes(log)
    written = folder / "documents.ndjson"
    good = edgelift.Transformer(CONFIG).transform_lines(ACCESS).output
    assert run(standard, folder).returncode == 0
    assert written.read_bytes() == (recorded / "v1-docs-33col.ndjson").read_bytes()
    assert run(transform, folder).returncode == 1
    assert written.read_bytes() == good
    assert (folder / "failed.ndjson").read_text("utf-8").count('"bad_value"') == 1
    written.unlink()
    assert run(many, folder).returncode == 0
    assert written.read_bytes() == good
    assert "cs-uri-stem" in run(explain, folder).stdout
    listed = run(fields, folder).stdout
    assert all(name in listed for name in edgelift.FIELDS)
    done = run(size, folder)
    assert (done.returncode, "million records" in done.stdout) == (1, True), done.stderr
    assert run(reprocess, folder).returncode == 0
    assert b"".join(path.read_bytes() for path in sorted((folder / "documents").iterdir())) == good


@pytest.mark.parametrize("text", [text for language, text in BLOCKS if language == "pycon"])
def test_python_sessions_print_what_the_page_shows(text: str, folder: Path) -> None:
    # In a separate process: the handler reads the environment when it is imported.
    (folder / "session.txt").write_text(text, "utf-8")
    done = run("python -m doctest session.txt", folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert doctest.DocTestParser().get_examples(text)

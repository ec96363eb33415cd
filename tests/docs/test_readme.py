"""The README works as shown: its blocks run in order, in one folder, as a reader would run them."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import edgelift

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


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


def run_shell(text: str, folder: Path) -> None:
    """Run a block; targets of make, which take minutes, are only checked: other tests run what they do."""
    for command in text.splitlines():
        done = run(re.sub("^make ", f"make --directory='{ROOT}' --dry-run ", command), folder)
        assert done.returncode == 0, (command, done.stderr)


def run_console(text: str, folder: Path) -> None:
    for example in text.removeprefix("$ ").split("\n$ "):
        command, _, output = example.partition("\n")
        assert run(command, folder).stdout.rstrip("\n") == output.rstrip("\n"), command


def run_python(text: str, folder: Path) -> None:
    # In a separate process: the handler reads the environment when it is imported.
    (folder / "session.txt").write_text(text, "utf-8")
    done = run("python -m doctest session.txt", folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert doctest.DocTestParser().get_examples(text)


def save_configuration(text: str, folder: Path) -> None:
    (folder / "edgelift.toml").write_text(text, "utf-8")


LANGUAGES = {
    "console": run_console,
    "pycon": run_python,
    "sh": run_shell,
    "toml": save_configuration,
}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Create a folder in which a reader's files do not disturb the clone."""
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    return tmp_path


def test_every_block_is_in_a_tested_language() -> None:
    assert {language for language, _ in BLOCKS} == LANGUAGES.keys()
    assert README.count("```") == 2 * len(BLOCKS)
    assert len(README.splitlines()) <= 150


def test_blocks_run_in_their_order(clone: Path) -> None:
    for language, text in BLOCKS:
        LANGUAGES[language](text, clone)
    transformer = edgelift.Transformer.from_file(clone / "edgelift.toml")
    documents = transformer.transform_lines((clone / "access.tsv").read_bytes()).output
    assert (clone / "documents.ndjson").read_bytes() == documents
    assert (clone / "documents" / "2023" / "11" / "14" / "part-0001.ndjson").read_bytes() == documents
    recorded = ROOT / "tests" / "fixtures" / "standard" / "v1-docs-33col.ndjson"
    assert (clone / "standard.ndjson").read_bytes() == recorded.read_bytes()
    assert not list((clone / "failed").glob("**/*.*"))


def test_pages_install_from_a_clone_while_no_package_is_published() -> None:
    assert "There is no published package yet." in README
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        if page.stem != "opensearch":
            assert "pip install 'edgelift" not in page.read_text("utf-8"), page.name


def test_limitations_do_not_deny_what_the_command_sets_up() -> None:
    _, _, limitations = README.partition("## Limitations")
    assert "index template" not in limitations
    assert "[cluster](docs/opensearch.md)" in README

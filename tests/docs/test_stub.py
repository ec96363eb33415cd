"""The stub of the compiled module has its docstrings, and its options are checked by type checkers."""

from __future__ import annotations

import doctest
import pydoc
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import edgelift
from docs.generator import stub
from docs.generator.options import choices

if TYPE_CHECKING:
    from pathlib import Path

TEXT = stub.STUB.read_text("utf-8")
_VALUES: dict[str, tuple[object, ...]] = {
    "columns": (["cs-uri-stem"],),
    "raw": (["cs-uri-stem"],),
}
"""Values of options that are neither a choice nor a boolean."""


def test_make_docs_does_not_change_the_stub() -> None:
    assert stub.render(TEXT) == TEXT, "run: make docs"


def test_changed_docstrings_are_updated() -> None:
    changed = TEXT.replace("Compile a TOML file.", "Compile\n\n        a file.")
    assert changed != TEXT
    assert stub.render(changed) == TEXT


def test_member_without_docstring_is_an_error() -> None:
    with pytest.raises(LookupError, match=r"the stub has no docstring for Counts\.read"):
        stub.render("class Counts:\n    '''Counts.'''\n    read: int\n")


def test_help_shows_the_docstrings() -> None:
    shown = pydoc.render_doc(edgelift.Transformer, renderer=pydoc.TextDoc())
    assert "Transform one record, with or without its line end, into one JSON object." in shown
    assert "RecordError: the record cannot be transformed." in shown


def test_docstring_examples_print_what_they_show() -> None:
    # Compiled classes are found by name only: doctest does not search extension modules.
    runner, finder = doctest.DocTestRunner(verbose=False), doctest.DocTestParser()
    names = {"Transformer": edgelift.Transformer}
    test = finder.get_doctest(str(edgelift.Transformer.__doc__), names, "Transformer", None, None)
    assert (runner.run(test).failed, len(test.examples)) == (0, 1)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mypy")


def errors(code: str, folder: Path) -> str:
    """Return mypy's messages about a snippet; the cache is shared, as mypy is slow without one.

    mypy runs in its own process, since it raises the recursion limit of its process.
    """
    snippet = folder / "snippet.py"
    snippet.write_text(f"import edgelift\n{code}\n", "utf-8")
    command = [sys.executable, "-m", "mypy", str(snippet), "--strict", f"--cache-dir={folder / 'cache'}"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not found.stderr
    return found.stdout


def test_mypy_accepts_every_option_and_refuses_unknown_values(checked: Path) -> None:
    lines = [
        f"edgelift.Transformer.from_fields('all', {key}={value!r})"
        for key, values in choices("output").items()
        for value in values or _VALUES.get(key, (True, False))
    ]
    assert errors("\n".join(lines), checked).startswith("Success")
    found = errors("edgelift.Transformer.from_fields('all', names='ecss')", checked)
    assert "Literal['cloudfront', 'snake', 'ecs', 'otel']" in found
    assert 'Unexpected keyword argument "name"' in errors(
        "edgelift.Transformer.from_fields('all', name='ecs')", checked
    )
    assert "\"Literal['ndjson', 'bulk', 'raw']\"" in errors(
        "edgelift.Transformer.from_fields('all').stream(format='csv')", checked
    )

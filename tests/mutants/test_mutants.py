"""Each mutant can still be made: its old text is in its file once."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest


def module() -> Any:  # noqa: ANN401 - tests are no package
    spec = importlib.util.spec_from_file_location("mutants", Path(__file__).with_name("mutants.py"))
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


MUTANTS = module()


@pytest.mark.parametrize("mutant", MUTANTS.mutants(), ids=lambda mutant: mutant.name)
def test_mutant_changes_its_file(mutant: Any) -> None:  # noqa: ANN401 - as above
    content = (MUTANTS.ROOT / mutant.file).read_text()
    assert mutant.made(content) != content
    for words in mutant.tests:
        assert mutant.is_rust or (MUTANTS.ROOT / words).exists()


def test_there_are_many() -> None:
    assert len(MUTANTS.mutants()) >= 50

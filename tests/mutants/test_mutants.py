"""Each mutant can still be made: its old text is in its file once."""

from __future__ import annotations

import pytest

from tests.mutants.mutants import ROOT, Mutant, mutants


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.name)
def test_mutant_changes_its_file(mutant: Mutant) -> None:
    content = (ROOT / mutant.file).read_text()
    assert mutant.made(content) != content
    for words in mutant.tests:
        assert mutant.is_rust or (ROOT / words).exists()


def test_enough_mutants_are_listed() -> None:
    assert len(mutants()) >= 50

"""The start of the command line is measured with the real program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import startup

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_commands_take_longer_than_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "RUNS", 2)
    ratios = startup.against_nothing(tmp_path)
    assert list(ratios) == ["help", "transform"]
    assert all(ratio.of_minima > 1 for ratio in ratios.values())
    assert not list(tmp_path.iterdir())

"""Full buffers are answered and measured."""

from pathlib import Path

import pytest

from benchmarks import buffers


def test_buffers_are_answered_completely(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(buffers, "SIZES", (0.01,))
    small, large = buffers.measure(tmp_path)
    assert (small["corpus"], large["corpus"]) == ("c14", "c45")
    for row in (small, large):
        assert row["event_bytes"] > 0.01 * 2**20
        assert row["without_room"] == 0
        # A Python process has more than a few megabytes, and this small event takes not many.
        assert 5 < row["peak_mb"] < 60
    assert not list(tmp_path.iterdir())
    assert buffers.table([small]).splitlines()[2].startswith("| c14 | 0.01 |")

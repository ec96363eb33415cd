"""The layer is measured as it was built."""

from pathlib import Path

import pytest

from benchmarks import layer


def test_a_layer_that_is_not_built_is_not_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(layer, "ZIP", tmp_path / "edgelift-layer-x86_64.zip")
    for measure in (layer.size, lambda: layer.imported(tmp_path)):
        with pytest.raises(FileNotFoundError, match=r"run: make dist/edgelift-layer-x86_64\.zip"):
            measure()

"""The limits file has every limit of the gate, and its baselines can be written."""

import shutil
from pathlib import Path

import pytest

from benchmarks import gate, limits, loopback
from benchmarks.verdict import Baseline


def test_every_limit_of_the_gate_is_in_the_file() -> None:
    read = limits.Limits.read()
    parts = (
        "memchr",
        "reference",
        "handler-naive",
        "handler-pure",
        "invocation-raw",
        "invocation-dict",
        "resident",
        "replay",
        "simulated",
        "simulated-in-process",
    )
    for part, names in gate.COUNTED_CORPORA.items():
        assert all(read.limit(part, name) >= read.aim(part, name) > 0 for name in names)
    standard_parts = {
        "standard-realtime": "v1",
        "standard-typed": "v1",
        "standard-orjson": "v2",
        "gunzip": "v1",
    }
    for part, name in standard_parts.items():
        assert (read.limit(part, name) > 0, read.aim(part, name) > 0) == (True, True)
    for part in (*parts, *gate.COUNTED, *(f"loopback-{size}" for size in loopback.SIZES)):
        for name in gate.CORPORA:
            assert read.limit(part, name) > 0
            assert read.aim(part, name) > 0
    assert read.limit("process-polars", "c45") > 0
    assert (read.limit("layer-size", "x86_64"), read.limit("layer-import", "x86_64")) == (1_000_000, 1.4)


def test_write_baseline_replaces_figures_and_versions_only(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    shutil.copy(limits.FILE, path)
    before = limits.Limits.read(path)
    versions = dict.fromkeys(before.sections["baseline"]["versions"], "1.0")
    crates = dict.fromkeys(before.sections["baseline"]["crates"], "2.0") | {"other": "3.0"}
    figures = {
        "instructions": {"c45": 5_400.4, "c14": 1_234.5678},
        "column-instructions": {"c45": 20_000.0, "c14": 4_500.0},
        "event-instructions": {"c45": 12_000.0, "c14": 4_000.0},
    }
    assert figures.keys() == gate.COUNTED.keys()
    limits.write_baseline(figures, versions, crates, path)

    after = limits.Limits.read(path)
    assert after.baseline("instructions", "c45", versions, crates) == Baseline(5_400, 0.03, ())
    assert after.baseline("instructions", "c14", versions, crates) == Baseline(1_235, 0.03, ())
    assert after.baseline("event-instructions", "c45", versions, crates) == Baseline(12_000, 0.03, ())
    assert after.baseline("event-instructions", "c14", versions, crates) == Baseline(4_000, 0.03, ())
    some = {"memchr": "2.0", "base64-turbo": "2.0"}
    assert after.baseline("instructions", "c14", versions | {"rustc": "1.1"}, some).changed == (
        "rustc 1.1 instead of 1.0",
        "wide missing instead of 2.0",
    )
    assert after.sections | {"baseline": {}} == before.sections | {"baseline": {}}
    comments = [line for line in path.read_text().splitlines() if line.startswith("#")]
    assert comments == [line for line in limits.FILE.read_text().splitlines() if line.startswith("#")]


def test_a_version_that_the_limits_file_lacks_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    shutil.copy(limits.FILE, path)
    with pytest.raises(KeyError, match=r"\[baseline\.versions\] gcc"):
        limits.write_baseline({}, {"gcc": "14"}, {}, path)

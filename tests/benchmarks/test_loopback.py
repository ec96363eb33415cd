"""Functions run by the real runtime client are compared with an echo."""

from pathlib import Path

import pytest

from benchmarks import loopback
from benchmarks.verdict import Ratio


def test_a_function_with_a_wrong_answer_stops_the_benchmark() -> None:
    loopback.check_outcome("raw", "response", b"{}", b"{}")
    for kind, body in (("response", b"[]"), ("error", b"{}"), ("too_large", b"{}")):
        with pytest.raises(AssertionError, match=f"raw posted {kind} of 2 bytes"):
            loopback.check_outcome("raw", kind, body, b"{}")


def test_functions_are_interleaved_and_warm_up_rounds_do_not_count(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(loopback, "SIZES", {"small": 20_000})
    monkeypatch.setattr(loopback, "ROUNDS", 2)
    counted: list[int] = []

    def cpu_seconds(process: int) -> float:
        counted.append(process)
        return len(counted)

    monkeypatch.setattr(loopback, "cpu_seconds", cpu_seconds)
    compared = loopback.against_echo(tmp_path, "c14", "small")
    raw, echo, *_ = counted
    assert counted == [raw, echo] * (loopback.WARM + 2 + 1)
    assert raw != echo
    # Each takes two readings from one event to the next.
    assert compared.cpu == Ratio(1.0, 1.0)
    assert '"path":"raw"' in (tmp_path / "raw.log").read_text()

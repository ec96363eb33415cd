"""The gate fails on a miss, after it has measured missed parts again."""

from functools import partial

import pytest

from benchmarks import corpus as corpora
from benchmarks import gate
from benchmarks.verdict import Verdict


@pytest.mark.parametrize(
    ("word", "code", "last"), [("ok", 0, "all 2 within limits"), ("MISS", 1, "1 of 2 missed")]
)
def test_gate_exits_with_1_on_a_miss(
    word: str, code: int, last: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ok = word == "ok"
    rows = [
        Verdict("lines", "c45", "2.00", "<= 3.00", "2.00", ok=True),
        Verdict("b", "c14", "9", "8", "7", ok),
    ]
    monkeypatch.setattr(gate, "PARTS", {"rows": lambda _limits: rows})
    monkeypatch.setattr("sys.argv", ["gate", "--only", "rows"])
    assert gate.main() == code
    printed = capsys.readouterr().out.splitlines()
    assert f"seed {corpora.SEED}" in printed[0]
    assert printed[2].split() == ["lines", "c45", "2.00", "<=", "3.00", "2.00", "ok"]
    assert printed[3].split()[-1] == word
    assert printed[-1] == last


def verdicts(measured: str) -> list[Verdict]:
    """One row a word: ``ok`` or ``miss``."""
    return [
        Verdict("part", str(place), "1", "1", "1", word == "ok")
        for place, word in enumerate(measured.split())
    ]


def test_retry_misses_measures_missed_parts_again_after_all_others() -> None:
    measured = []
    coming = {"a": iter([verdicts("ok miss"), verdicts("miss ok")]), "b": iter([verdicts("ok")])}

    def part(name: str) -> list[Verdict]:
        measured.append(name)
        return next(coming[name])

    assert gate.retry_misses([partial(part, name) for name in "ab"]) == verdicts("ok ok") + verdicts("ok")
    assert measured == ["a", "b", "a"]


def test_a_part_that_misses_every_time_is_a_miss() -> None:
    measurements = iter([verdicts("ok miss")] * gate.ATTEMPTS)
    assert gate.retry_misses([lambda: next(measurements)]) == verdicts("ok miss")
    assert next(measurements, None) is None

"""The cost of a million records: the arithmetic, and that the least measurement counts."""

from __future__ import annotations

import time

import pytest

from edgelift.cli.size.cost import MILLION, ONE_VCPU_MB, Function, least_cpu_seconds, million


def test_million_records_are_billed_in_whole_milliseconds() -> None:
    found = million(Function(2048, 0.00002, 0.20), cpu_seconds=0.0051, records=1000)
    assert found.requests == 1000
    assert found.cpu_seconds == pytest.approx(5.1)
    assert found.billed_seconds == pytest.approx(6.0), "6 whole milliseconds a request"
    assert found.gb_seconds == pytest.approx(12.0)
    assert found.usd == pytest.approx(12.0 * 0.00002 + 0.20 / 1000)


def test_less_memory_is_less_cpu_and_more_is_no_more_than_one() -> None:
    def billed(memory: int) -> float:
        return million(Function(memory, 0, 0), 0.010, MILLION).billed_seconds

    assert billed(ONE_VCPU_MB) == billed(2 * ONE_VCPU_MB) == pytest.approx(0.010)
    # 10 ms on a whole vCPU; 1769/500 times as long, and rounded up.
    assert billed(500) == pytest.approx(0.036)


def test_prices_of_nothing() -> None:
    assert million(Function(128, 0, 0), 0.010, 1).usd == 0
    assert million(Function(128, 0, 0.2), 0.010, 1).usd == pytest.approx(0.2)


def test_the_least_round_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    # What the work adds to the clock: at first what comes only once, then what other programs disturb.
    took = iter([9.0, 3.0, 2.0, 4.0, 2.5, 2.25])
    now = [100.0]
    monkeypatch.setattr(time, "process_time", lambda: now[0])

    def work() -> None:
        now[0] += next(took)

    assert least_cpu_seconds(work) == 2.0
    assert next(took, None) is None

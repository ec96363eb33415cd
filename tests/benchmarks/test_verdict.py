"""A figure beyond its limit is a miss."""

import pytest

from benchmarks import verdict
from benchmarks.verdict import Baseline, Ratio, Verdict


def test_ratio_has_the_median_of_the_rounds_and_the_ratio_of_the_minima() -> None:
    assert Ratio.of([2.0, 30.0, 4.0], [1.0, 1.0, 4.0]) == Ratio(median=2.0, of_minima=2.0)
    assert Ratio.of([9.0, 6.0, 6.0], [3.0, 1.0, 2.0]) == Ratio(median=3.0, of_minima=6.0)


@pytest.mark.parametrize(
    ("median", "of_minima", "ok"),
    [(2.9, 2.9, True), (3.0, 3.0, True), (3.1, 2.9, True), (2.9, 3.1, True), (3.01, 3.01, False)],
)
def test_at_most_misses_only_if_median_and_minima_miss(median: float, of_minima: float, *, ok: bool) -> None:
    row = verdict.at_most("lines", "c45", Ratio(median, of_minima), 3.0, 2.0)
    assert row == Verdict("lines", "c45", f"{median:.2f} / {of_minima:.2f}", "<= 3.00", "2.00", ok)


@pytest.mark.parametrize(
    ("median", "of_minima", "ok"),
    [(12.1, 12.1, True), (12.0, 12.0, True), (11.0, 12.5, True), (12.5, 11.0, True), (11.99, 11.99, False)],
)
def test_at_least_misses_only_if_median_and_minima_miss(median: float, of_minima: float, *, ok: bool) -> None:
    row = verdict.at_least("handler", "c45", Ratio(median, of_minima), 12.0, 16.0)
    assert row == Verdict("handler", "c45", f"{median:.2f} / {of_minima:.2f}", ">= 12.00", "16.00", ok)


@pytest.mark.parametrize(
    ("measured", "figure", "changed", "ok", "note"),
    [
        (1_030, 1_000, (), True, "baseline 1,000 +3%"),
        (1_031, 1_000, (), False, "above the baseline 1,000 by 3.1%"),
        (
            1_031,
            1_000,
            ("rustc 2 instead of 1",),
            True,
            "baseline 1,000 not applied: rustc 2 instead of 1",
        ),
        (1_901, 1_000, ("rustc 2 instead of 1",), False, "above the hard limit"),
        (1_901, 1_900, (), False, "above the hard limit"),
        (960, 1_000, (), True, "4.0% below the baseline: lower it with --set"),
        (1_000, 0, (), False, "no baseline: set it with --set"),
    ],
)
def test_instructions_above_the_baseline_miss(
    measured: float, figure: float, changed: tuple[str, ...], *, ok: bool, note: str
) -> None:
    row = verdict.instructions("c14", measured, 1_900, 1_200, Baseline(figure, 0.03, changed))
    assert (row.ok, row.note) == (ok, note)


def test_a_layer_is_judged_by_bytes_minima_and_modules() -> None:
    assert verdict.size("x86_64", 999_999, 1_000_000).ok
    assert not verdict.size("x86_64", 1_000_000, 1_000_000).ok
    assert verdict.minima_at_most("import", "x86_64", Ratio(1.9, 1.4), 1.4, "").ok
    assert not verdict.minima_at_most("import", "x86_64", Ratio(1.3, 1.41), 1.4, "").ok
    assert verdict.none_of("modules", "x86_64", ()).ok
    row = verdict.none_of("modules", "x86_64", ("orjson", "yaml"))
    assert (row.ok, row.measured, row.note) == (False, "2", "orjson, yaml")

"""The gate's arithmetic: what a measurement is worth against its limit. Nothing here measures or prints."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Verdict:
    """One line of the gate's table."""

    part: str
    corpus: str
    measured: str
    limit: str
    aim: str
    ok: bool
    note: str = ""


@dataclass(frozen=True)
class Ratio:
    """How two times that were taken in turns compare.

    The median of the ratios within a round is deaf to what happens to single rounds, the ratio of the two
    minima to a load that stays; a real change moves both.
    """

    median: float
    of_minima: float

    @classmethod
    def of(cls, numerators: Sequence[float], denominators: Sequence[float]) -> Ratio:
        """Compare times of the same rounds, in the same unit."""
        rounds = [above / below for above, below in zip(numerators, denominators, strict=True)]
        return cls(median(rounds), min(numerators) / min(denominators))

    def __str__(self) -> str:
        return f"{self.median:.2f} / {self.of_minima:.2f}"


def at_most(part: str, corpus: str, ratio: Ratio, limit: float, aim: float) -> Verdict:
    """Judge a ratio that should be small: a miss if median and ratio of minima are both above ``limit``."""
    ok = min(ratio.median, ratio.of_minima) <= limit
    return Verdict(part, corpus, str(ratio), f"<= {limit:.2f}", f"{aim:.2f}", ok)


def at_least(part: str, corpus: str, ratio: Ratio, limit: float, aim: float) -> Verdict:
    """Judge a ratio that should be great: a miss if median and ratio of minima are both below ``limit``."""
    ok = max(ratio.median, ratio.of_minima) >= limit
    return Verdict(part, corpus, str(ratio), f">= {limit:.2f}", f"{aim:.2f}", ok)


def minima_at_most(part: str, corpus: str, ratio: Ratio, limit: float, note: str) -> Verdict:
    """Judge a ratio that should be small by its minima alone: a miss if they are above ``limit``."""
    return Verdict(part, corpus, str(ratio), f"<= {limit:.2f}", "", ratio.of_minima <= limit, note)


def size(corpus: str, measured: int, limit: float) -> Verdict:
    """Judge the bytes of a layer: a miss unless they are below ``limit``."""
    return Verdict("bytes of the layer", corpus, f"{measured:,}", f"< {limit:,.0f}", "", measured < limit)


def none_of(part: str, corpus: str, found: Sequence[str]) -> Verdict:
    """Judge what must not be there: a miss that names whatever is."""
    return Verdict(part, corpus, str(len(found)), "0", "", not found, ", ".join(found))


@dataclass(frozen=True)
class Baseline:
    """Instructions per record that were reached, and by how much a change may exceed them."""

    figure: float
    tolerance: float
    changed: tuple[str, ...] = ()
    """Versions that differ from those of the figure: it is then only printed."""


def instructions(corpus: str, measured: float, limit: float, aim: float, baseline: Baseline) -> Verdict:
    """Judge instructions a record: against the hard limit, and against the baseline while it applies."""
    bound = baseline.figure * (1 + baseline.tolerance)
    problems = []
    if measured > limit:
        problems.append("above the hard limit")
    if baseline.figure and measured > bound and not baseline.changed:
        problems.append(f"above the baseline {baseline.figure:,.0f} by {measured / baseline.figure - 1:.1%}")
    if not baseline.figure:
        problems.append("no baseline: set it with --set")
    if problems:
        note = "; ".join(problems)
    elif baseline.changed:
        note = f"baseline {baseline.figure:,.0f} not applied: {', '.join(baseline.changed)}"
    elif measured < baseline.figure * (1 - baseline.tolerance):
        note = f"{1 - measured / baseline.figure:.1%} below the baseline: lower it with --set"
    else:
        note = f"baseline {baseline.figure:,.0f} +{baseline.tolerance:.0%}"
    return Verdict(
        "instructions a record",
        corpus,
        f"{measured:,.0f}",
        f"<= {limit:,.0f}",
        f"{aim:,.0f}",
        not problems,
        note,
    )


def table(verdicts: Sequence[Verdict]) -> str:
    """Lay the verdicts out in columns."""
    rows = [("part", "corpus", "measured", "limit", "aim", "", "")]
    rows += [
        (row.part, row.corpus, row.measured, row.limit, row.aim, "ok" if row.ok else "MISS", row.note)
        for row in verdicts
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )

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
class Held:
    """The instructions a record that were reached, and how far above them the gate lets a change go."""

    figure: float
    tolerance: float
    changed: tuple[str, ...] = ()
    """What differs from when the figure was set: then it tells nothing of our code and is only printed."""


def instructions(corpus: str, measured: float, limit: float, aim: float, held: Held) -> Verdict:
    """Judge instructions a record: against the hard limit, and against the held figure while it applies."""
    bound = held.figure * (1 + held.tolerance)
    problems = []
    if measured > limit:
        problems.append("above the hard limit")
    if held.figure and measured > bound and not held.changed:
        problems.append(f"above the held figure {held.figure:,.0f} by {measured / held.figure - 1:.1%}")
    if not held.figure:
        problems.append("no figure is held: set it with --set")
    if problems:
        note = "; ".join(problems)
    elif held.changed:
        note = f"held figure {held.figure:,.0f} not applied: {', '.join(held.changed)}"
    elif measured < held.figure * (1 - held.tolerance):
        note = f"{1 - measured / held.figure:.1%} below the held figure: hold it with --set"
    else:
        note = f"held at {held.figure:,.0f} +{held.tolerance:.0%}"
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

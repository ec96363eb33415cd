"""The loop of the fuzz, its findings, and how they are shown."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from . import events
from .cases import Case, case
from .minimize import minimized, shorter_bytes
from .ways import check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .reference import Reference

T = TypeVar("T")


class Finding(NamedTuple):
    """A finding: the seed of the case, the problem, and Python that reproduces it."""

    seed: int
    problem: str
    reproduction: str

    def __str__(self) -> str:
        return f"seed {self.seed}: {self.problem}\n{self.reproduction}"


class Fuzz:
    """A fuzz that begins with a seed; each case has the seed that follows that of the case before.

    Args:
        reference: the reference of the engine, if it is to be compared, too.

    """

    def __init__(self, reference: Reference | None = None) -> None:
        self._reference = reference
        self.records = 0
        self.events = 0
        self.refused = 0

    def run(self, seed: int) -> Iterator[Finding]:
        """Generate and check a case and some events; yield what is found."""
        rng = random.Random(seed)  # noqa: S311 - cases are to come again
        sample = case(rng)
        problem = self._problem_of_case(sample)
        if problem is not None:
            small, words = self._minimized(sample, problem)
            call = f"check(Case(config={small.config!r}, lines={small.lines!r}, sizes={small.sizes!r}))"
            yield Finding(
                seed, words, f"from tests.fuzz.ways import check\nfrom tests.fuzz.cases import Case\n{call}"
            )
        for _ in range(4):
            raw = events.event(rng)
            self.events += 1
            problem = _problem(events.check_event, raw)
            if problem is not None:
                raw = _smaller_event(raw)
                call = f"from tests.fuzz.events import check_event\ncheck_event({raw!r})"
                yield Finding(seed, _problem(events.check_event, raw) or problem, call)

    def _problem_of_case(self, sample: Case) -> str | None:
        def checked(sample: Case) -> None:
            records = check(sample, self._reference)
            self.records += records
            self.refused += not records

        return _problem(checked, sample)

    def _minimized(self, sample: Case, problem: str) -> tuple[Case, str]:
        """Return a smaller case with a problem that begins with the same words, and the problem."""
        words = problem.partition(":\n")[0]

        def fails(smaller: Case) -> bool:
            return (self._problem_of_case(smaller) or "").startswith(words)

        small = minimized(sample, fails)
        return small, self._problem_of_case(small) or problem


def _problem(checked: Callable[[T], object], sample: T) -> str | None:
    try:
        checked(sample)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - a panic of the engine is no Exception
        return f"{type(error).__name__}: {error}"
    return None


def _smaller_event(raw: bytes) -> bytes:
    is_smaller = True
    while is_smaller:
        is_smaller = False
        for smaller in shorter_bytes(raw):
            if _problem(events.check_event, smaller) is not None:
                raw, is_smaller = smaller, True
                break
    return raw

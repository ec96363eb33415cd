"""A job is interrupted anywhere, by anything, and resumed: its end is that of an undisturbed one."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from . import destinations
from .destinations import account, files
from .faults import NO_FAULT, Fault, choose
from .invariants import (
    DONE,
    SOME_FAILED,
    USAGE,
    check,
    check_account,
    check_code,
    check_order,
    check_same,
    check_whole,
)
from .process import Ended, run
from .sources import make, save

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping
    from pathlib import Path

    from .destinations import State


class Place(Protocol):
    """The interface of a destination in these cases."""

    @property
    def journal(self) -> str: ...

    @property
    def workers(self) -> int: ...

    @property
    def words(self) -> list[str]: ...

    def outputs(self, root: Path) -> State: ...

    def clear(self) -> None:
        """Forget what jobs have written outside the root of the case."""

    def storm(self, seed: int, share: float) -> None:
        """Let a share of all requests fail from now on."""

    def must_be_there(self, name: str, complete: State) -> set[str]: ...


@dataclass
class Case:
    """One series of runs; what it did is said if an invariant does not hold.

    Attributes:
        root: a folder that the case has for itself.
        repeats: whether faults come at chosen calls only, so that they are the same in each run.
    """

    root: Path
    chance: random.Random
    repeats: bool = False
    done: list[Ended] = field(default_factory=list)

    def run(self, words: list[str], fault: Fault = NO_FAULT) -> Ended:
        ended = run(self.root, self.root.with_name("notes"), words, fault)
        self.done.append(ended)
        check_code(ended)
        return ended

    def choose(self, undisturbed: Ended, kinds: tuple[str, ...]) -> Fault:
        """Choose a fault for a command that has run undisturbed."""
        if self.repeats:
            kinds = tuple(kind for kind in kinds if kind != "moment")
        return choose(self.chance, undisturbed.calls, undisturbed.seconds, kinds)

    def clear(self) -> None:
        self.done.clear()
        shutil.rmtree(self.root, ignore_errors=True)
        self.root.mkdir(parents=True)


@dataclass(frozen=True)
class _Complete:
    """The results of an undisturbed job.

    Attributes:
        names: all files below the root.
    """

    ended: Ended
    account: Mapping[str, Any]
    outputs: State
    names: set[str]


def interrupt_files(case: Case) -> int:
    """Interrupt jobs that write files; return how many jobs."""
    place = destinations.choose(case.chance)
    objects = make(case.chance, case.chance.randint(1, 7))
    kinds = ("call", "call", "call", "moment", "error", "error", "size", "signal")
    case.clear()
    return interrupt(case, place, objects, kinds, times=6)


def interrupt(
    case: Case, place: Place, objects: Mapping[str, bytes], kinds: tuple[str, ...], times: int
) -> int:
    """Run a job undisturbed, then several times with faults until it is done."""
    save(objects, case.root / "logs")
    complete = _undisturbed(case, place)
    for _ in range(times):
        case.clear()
        place.clear()
        save(objects, case.root / "logs")
        for _ in range(case.chance.randint(1, 3)):
            _attempt(case, place, objects, complete, case.choose(complete.ended, kinds))
        _resume_to_the_end(case, place, complete)
    return times + 1


def _undisturbed(case: Case, place: Place) -> _Complete:
    ended = case.run(place.words)
    check(ended.code in {DONE, SOME_FAILED}, f"exit code {ended.code} undisturbed")
    reported = account(ended.out)
    assert reported is not None
    complete = _Complete(ended, reported, place.outputs(case.root), set(files(case.root)))
    check_account(ended, reported)
    _check_durable(ended, place)
    return complete


def _attempt(
    case: Case, place: Place, objects: Mapping[str, bytes], complete: _Complete, fault: Fault
) -> None:
    before = files(case.root)
    place.storm(fault.number, fault.storm)
    ended = case.run(_words(case, place), fault)
    place.storm(0, 0)
    there = place.outputs(case.root)
    check_whole(there, complete.outputs)
    if ended.code == USAGE:
        changed = {name for name, data in files(case.root).items() if before.get(name) != data}
        changed = {name for name in changed if not name.startswith(place.journal)}
        check(not changed, f"exit code 2, and {sorted(changed)} changed")
    for name in objects:
        if not (case.root / "logs" / name).exists():
            missing = place.must_be_there(name, complete.outputs) - there.keys()
            check(
                f"logs/{name}" not in complete.names, f"the source {name} was deleted in spite of its problem"
            )
            check(not missing, f"the source {name} was deleted before {sorted(missing)} was there")
    if ended.code in {DONE, SOME_FAILED}:
        _check_nothing_is_missing(case, place, ended, complete, there)


def _check_nothing_is_missing(
    case: Case, place: Place, ended: Ended, complete: _Complete, there: State
) -> None:
    """Check that a job that claims to be done has said what is missing."""
    reported = account(ended.out)
    check(reported is not None, f"exit code {ended.code} without an account")
    assert reported is not None
    if reported["objects"] == complete.account["objects"]:
        check_same(there, complete.outputs, f"exit code {ended.code}")
        return
    check(ended.code == SOME_FAILED, f"exit code 0, and objects {reported['objects']}")
    start = f"{case.root}/logs/"
    for entry in reported["by_object"]:
        if entry["state"] == "done":
            name = entry["object"].removeprefix(start)
            missing = place.must_be_there(name, complete.outputs) - there.keys()
            check(not missing, f"{name} is done, and {sorted(missing)} is missing")


def _resume_to_the_end(case: Case, place: Place, complete: _Complete) -> None:
    ended = case.run(_words(case, place))
    check(ended.code == complete.ended.code, f"exit code {ended.code}, undisturbed {complete.ended.code}")
    check_same(place.outputs(case.root), complete.outputs, "at the end")
    check_account(ended, complete.account)
    names = set(files(case.root))
    check(not names - complete.names, f"left over at the end: {sorted(names - complete.names)}")
    check(not complete.names - names, f"gone at the end: {sorted(complete.names - names)}")
    _check_durable(ended, place)


def _check_durable(ended: Ended, place: Place) -> None:
    # With several workers the journal goes on while another file gets its name.
    if place.workers == 1:
        check_order(ended)


def _words(case: Case, place: Place) -> list[str]:
    return place.words + (["--resume"] if (case.root / place.journal).exists() else [])

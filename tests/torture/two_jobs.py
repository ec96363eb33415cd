"""Two jobs at once share a destination: one may be refused, no file is mixed and no row is lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .destinations import Destination, files
from .invariants import DONE, SOME_FAILED, USAGE, check, check_code, check_same
from .process import Command, Ended, run
from .sources import make, save

if TYPE_CHECKING:
    from .destinations import State
    from .interrupted import Case

# What the first and the second job write; a file in the folder of the other one is shared by accident.
_SHARED = [
    ("out.ndjson", "out.ndjson"),
    ("out.ndjson.gz", "out.ndjson.gz"),
    ("out/", "out/"),
    ("out/", "out/a/"),
    ("out/", "out/a/00-rows.ndjson"),
]


@dataclass(frozen=True)
class _Job:
    """One of the two.

    Attributes:
        complete: what it makes alone.
        names: all files of the root when it has run alone.
    """

    place: Destination
    objects: dict[str, bytes]
    complete: State
    names: set[str]

    def targets(self, name: str) -> set[str]:
        return self.place.must_be_there(name, self.complete)


def two_jobs(case: Case) -> int:
    """Run two jobs at once, several times; return how many jobs."""
    chance = case.chance
    first, second = chance.choice(_SHARED)
    deletes, packed = chance.random() < 0.5, chance.choice(["", ".gz"])
    # The same names half of the time, so that files of folders are shared, too.
    prefixes = ("x", "y")
    jobs = []
    for number, name in enumerate((first, second)):
        place = Destination(
            name,
            failed=chance.choice([None, f"failed{number}", "failed"]),
            deletes=deletes,
            workers=chance.choice([1, 2]),
            packed=packed if name.endswith("/") else "",
            source=f"logs{number}",
            journal=f"journal{number}",
        )
        objects = make(chance, chance.randint(3, 8), prefix=prefixes[number])
        jobs.append(_alone(case, place, objects))
    for _ in range(5):
        _race(case, jobs)
    return 2 + 5 * 2


def _alone(case: Case, place: Destination, objects: dict[str, bytes]) -> _Job:
    case.clear()
    save(objects, case.root / place.source)
    (case.root / "out" / "a").mkdir(parents=True)
    ended = case.run(place.words)
    check(ended.code in {DONE, SOME_FAILED}, f"exit code {ended.code} alone")
    return _Job(place, objects, place.outputs(case.root), set(files(case.root)))


def _race(case: Case, jobs: list[_Job]) -> None:
    case.clear()
    (case.root / "out" / "a").mkdir(parents=True)
    for job in jobs:
        save(job.objects, case.root / job.place.source)
    longest = case.chance.choice([0, 0, 0.01, 0.03])
    commands = [
        Command(
            case.root,
            case.root.with_name(f"notes{number}"),
            job.place.words,
            delay=case.chance.uniform(0, longest),
        )
        for number, job in enumerate(jobs)
    ]
    ended = [command.end() for command in commands]
    case.done += ended
    for one in ended:
        check_code(replace(one, code=DONE) if one.code == USAGE else one)
    accepted = [job for job, one in zip(jobs, ended, strict=True) if one.code != USAGE]
    check(accepted, "both were refused")
    there = {name: data for job in jobs for name, data in job.place.outputs(case.root).items()}
    for name, data in there.items():
        check(any(job.complete.get(name) == data for job in jobs), f"{name} is neither job's file")
    left = set(files(case.root)) - set().union(*(job.names for job in jobs))
    left = {name for name in left if not name.startswith(("logs", "journal"))}
    check(not left, f"left over: {sorted(left)}")
    overlap = len(accepted) == len(jobs) and _overlap(jobs, ended)
    for job in accepted:
        _check_kept(case, job, [other for other in accepted if other is not job], there, overlap=overlap)
    for job in jobs:
        if job not in accepted:
            # Refused, and nothing of it is lost: it can be run now.
            check(set(job.objects) == set(files(case.root / job.place.source)), "a refused job lost sources")
            again = _run(case, job.place.words)
            if again.code == USAGE and (case.root / job.place.journal).exists():
                # It was refused after it had listed its objects.
                again = _run(case, [*job.place.words, "--resume"])
            if again.code == USAGE and "is not empty" in again.err:
                # The other job's failed records are where these would go.
                continue
            check(again.code in {DONE, SOME_FAILED}, f"exit code {again.code} after the other job's end")
            check_same(
                {name: data for name, data in job.place.outputs(case.root).items() if name in job.complete},
                job.complete,
                "after the other job's end",
            )


def _run(case: Case, words: list[str]) -> Ended:
    ended = run(case.root, case.root.with_name("notes"), words)
    case.done.append(ended)
    return ended


def _check_kept(case: Case, job: _Job, others: list[_Job], there: State, *, overlap: bool) -> None:
    """Check that what an accepted job has made is there, unless one that began after its end replaced it."""
    for name, data in job.complete.items():
        check(name in there, f"{name} is missing")
        replaced = any(other.complete.get(name) == there[name] for other in others)
        check(there[name] == data or replaced, f"{name} is not what its job made")
    for name in job.objects:
        is_deleted = not (case.root / job.place.source / name).exists()
        lost = {target for target in job.targets(name) if there[target] != job.complete[target]}
        check(
            not (is_deleted and lost and overlap),
            f"the source {job.place.source}/{name} is deleted, and {sorted(lost)} is the other job's",
        )


def _overlap(jobs: list[_Job], ended: list[Ended]) -> bool:
    """Return true if both had their locks at one time.

    A job has them before it opens its journal. Calls before that, such as making a folder to be locked, may
    come while the other job still works.
    """
    spans = []
    for job, one in zip(jobs, ended, strict=True):
        journal = f"/{job.place.journal}"
        locked = [at for at, _, path, _ in one.trace if journal in path]
        others = [at for at, _, path, _ in one.trace if journal not in path]
        check(locked, "an accepted job has no journal")
        spans.append((locked[0], max(others, default=locked[0])))
    (begin, end), (other_begin, other_end) = spans
    return begin < other_end and other_begin < end

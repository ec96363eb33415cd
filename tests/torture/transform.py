"""``edgelift transform -o`` is killed or fails: the old output is untouched, or the new one is whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .destinations import files
from .faults import Call
from .invariants import DONE, SOME_FAILED, check, check_order
from .sources import CONFIG, make, save

if TYPE_CHECKING:
    from pathlib import Path

    from .interrupted import Case

PLANS = 10

_TIME = re.compile(rb'(?<="attemptEndingTimestamp":)\d+')
"""The only value in error objects that depends on when a command ran."""

_OLD = {"out.ndjson": b'{"old":1}\n' * 1000, "failed.ndjson": b'{"old":2}\n'}


def transform(case: Case) -> int:
    """Run ``transform`` with a fault each; return how many runs."""
    chance = case.chance
    objects = make(chance, chance.randint(1, 4))
    words = ["transform", "logs", "-o", "out.ndjson", "--config", CONFIG]
    if chance.random() < 0.5:
        words += ["--failed", "failed.ndjson"]
    case.clear()
    save(objects, case.root / "logs")
    complete = case.run(words)
    if complete.code not in {DONE, SOME_FAILED}:
        # None of the objects is a log.
        return 1
    check_order(complete)
    complete_files = _timeless_files(case.root)
    for _ in range(PLANS):
        case.clear()
        save(objects, case.root / "logs")
        old = _OLD if chance.random() < 0.8 else {}
        # Without documents, an output that is there stays.
        kept = {"out.ndjson"} & old.keys() if not complete_files["out.ndjson"] else set()
        new = {name: old[name] if name in kept else data for name, data in complete_files.items()}
        for name, data in old.items():
            (case.root / name).write_bytes(data)
        fault = case.choose(complete, ("call", "moment", "error", "size", "signal"))
        ended = case.run(words, fault)
        there = _timeless_files(case.root)
        for name in _OLD:
            states = [there.get(name) == content.get(name) for content in (old, new)]
            check(any(states), f"{name} is neither the old one nor the new one")
            if ended.code in {DONE, SOME_FAILED} and name in words:
                check(states[1], f"exit code {ended.code}, and {name} is the old one")
        # What cannot be deleted stays.
        if not ended.fault.is_deadly and Call.UNLINK not in ended.fault.calls:
            left = there.keys() - new.keys() - old.keys()
            check(not left, f"left over: {sorted(left)}")
        again = case.run(words)
        check(again.code == complete.code, f"exit code {again.code}, undisturbed {complete.code}")
        there = _timeless_files(case.root)
        check(all(there[name] == new[name] for name in words if name in new), "not whole at the second run")
    return 1 + 2 * PLANS


def _timeless_files(folder: Path) -> dict[str, bytes]:
    return {name: _TIME.sub(b"0", data) for name, data in files(folder).items()}

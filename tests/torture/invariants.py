"""Invariants after each run of a command, and at the end."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .destinations import State
    from .process import Ended

DONE, SOME_FAILED, USAGE, STOPPED = 0, 1, 2, 3


class FoundError(Exception):
    """An invariant does not hold."""


def check(holds: object, what: str) -> None:
    """Raise unless something holds."""
    if not holds:
        raise FoundError(what)


def check_code(ended: Ended) -> None:
    """Check that a command ended as its fault allows, and that it says so in words."""
    fault = ended.fault
    allowed = {DONE, SOME_FAILED}
    if fault.is_deadly:
        allowed.add(-signal.SIGKILL)
    if fault.is_error:
        allowed |= {USAGE, STOPPED}
    if fault.is_signal:
        # Before its handlers are there the signal's own action ends it.
        allowed |= {128 + fault.number, -fault.number}
    check(ended.code in allowed, f"exit code {ended.code}, not one of {sorted(allowed)}")
    check("Traceback" not in ended.err, "a traceback")
    # A limit of file sizes holds for standard error, too.
    is_silent = not ended.err.strip() and fault.file_size is None
    check(not (ended.code == STOPPED and is_silent), "exit code 3 without a word")


def check_whole(there: State, complete: State) -> None:
    """Check that each file under a final name is what a complete job makes."""
    for name, data in there.items():
        check(name in complete, f"{name} is not one of the job's files")
        check(data == complete[name], f"{name} has {_difference(data, complete[name])}")


def check_same(there: State, complete: State, what: str) -> None:
    """Check that nothing is missing, changed or left over."""
    check(not complete.keys() - there.keys(), f"{what}: missing {sorted(complete.keys() - there.keys())}")
    check(not there.keys() - complete.keys(), f"{what}: left over {sorted(there.keys() - complete.keys())}")
    check_whole(there, complete)


def check_account(ended: Ended, complete: Mapping[str, Any]) -> None:
    """Check that the account of a finished job adds up, and is that of an undisturbed one."""
    account = json.loads(ended.out)
    totals = account["totals"]
    parts = sum(totals[name] for name in ("written", "already_there", "dropped", "failed"))
    check(totals["read"] == parts, f"read {totals['read']} records, and accounts for {parts}")
    for name in "read", "dropped", "failed", "blank", "by_reason":
        same = totals[name] == complete["totals"][name]
        check(same, f"{name} is {totals[name]}, undisturbed {complete['totals'][name]}")
    check(account["objects"] == complete["objects"], f"objects {account['objects']}")


def check_order(ended: Ended) -> None:
    """Check that what gets its final name was fsynced before, and its folder after it.

    Otherwise a machine that loses power could keep a name without its content, or forget a name that the
    journal knows.

    """
    dirty: set[str] = set()
    unsynced_names: dict[str, str] = {}
    for _, call, path, other in ended.trace:
        if call == "write":
            dirty.add(path)
            if "journal" in path:
                check(
                    not unsynced_names,
                    f"the journal goes on before the folder of {unsynced_names} is fsynced",
                )
        elif call == "fsync":
            dirty.discard(path)
            unsynced_names = {name: folder for name, folder in unsynced_names.items() if folder != path}
        elif call == "rename":
            folder, _, name = other.rpartition("/")
            if path in dirty:
                dirty.add(other)
            if not name.startswith("."):
                check(path not in dirty, f"{other} got its name before its content was fsynced")
                unsynced_names[other] = folder
    check(not unsynced_names, f"the folder of {sorted(unsynced_names)} was not fsynced")


def _difference(data: bytes, complete: bytes) -> str:
    if data == complete[: len(data)]:
        return f"the first {len(data)} of {len(complete)} bytes only"
    same = next((at for at, (a, b) in enumerate(zip(data, complete, strict=False)) if a != b), len(complete))
    return f"other content from byte {same} on ({len(data)} bytes, not {len(complete)})"

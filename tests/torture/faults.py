"""Faults: what happens to a command, and at which of its calls."""

from __future__ import annotations

import ctypes
import errno
import signal
import subprocess
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping


class Call(IntEnum):
    """Calls that are counted, in the order of ``intercept.c``."""

    OPEN = 0
    WRITE = 1
    FSYNC = 2
    RENAME = 3
    UNLINK = 4
    TRUNCATE = 5
    MKDIR = 6
    SEND = 7
    RECEIVE = 8


class Action(IntEnum):
    """Actions, in the order of ``intercept.c``."""

    NONE = 0
    KILL_BEFORE = 1
    KILL_AFTER = 2
    LOSE_POWER_BEFORE = 3
    LOSE_POWER_AFTER = 4
    FAIL = 5
    FAIL_FROM_HERE = 6
    SHORT = 7
    SIGNAL = 8


FILE_CALLS = (Call.OPEN, Call.WRITE, Call.FSYNC, Call.RENAME, Call.UNLINK, Call.TRUNCATE, Call.MKDIR)
NETWORK_CALLS = (Call.SEND, Call.RECEIVE)
DEADLY = {Action.KILL_BEFORE, Action.KILL_AFTER, Action.LOSE_POWER_BEFORE, Action.LOSE_POWER_AFTER}
FAILING = {Action.FAIL, Action.FAIL_FROM_HERE}

# A full disk and a full quota refuse what needs blocks; they do not refuse to delete.
_NEEDS_BLOCKS = (Call.OPEN, Call.WRITE, Call.MKDIR)


@dataclass(frozen=True)
class Fault:
    """One fault of one run of a command.

    Attributes:
        calls: the calls among which the nth is counted.
        nth: which one, from 1.
        number: errno, or the signal.
        seconds: when the process is killed or signaled from outside; None: not at all.
        file_size: bytes that a file may have (RLIMIT_FSIZE); None: any number.
        storm: share of the requests with which a server does something else; ``number`` is its seed.

    """

    action: Action = Action.NONE
    calls: tuple[Call, ...] = ()
    nth: int = 0
    number: int = 0
    seconds: float | None = None
    file_size: int | None = None
    storm: float = 0

    def __str__(self) -> str:
        if self.file_size is not None:
            return f"files of {self.file_size} bytes at most"
        if self.seconds is not None:
            return f"{signal.Signals(self.number).name} after {self.seconds:.4f} s"
        if self.storm:
            return f"storm {self.storm} of seed {self.number}"
        if self.action is Action.NONE:
            return "no fault"
        calls = "/".join(call.name.lower() for call in self.calls)
        what = ""
        if self.action in FAILING:
            what = f" {errno.errorcode[self.number]}"
        elif self.action is Action.SIGNAL:
            what = f" {signal.Signals(self.number).name}"
        return f"{self.action.name.lower()}{what} at {calls} {self.nth}"

    @property
    def is_deadly(self) -> bool:
        return self.action in DEADLY or (self.seconds is not None and self.number == signal.SIGKILL)

    @property
    def is_error(self) -> bool:
        # What a signal interrupts is tried again, and fails nothing.
        fails = self.action in FAILING and self.number != errno.EINTR
        return fails or self.file_size is not None or self.storm > 0

    @property
    def is_signal(self) -> bool:
        return not self.is_deadly and (self.action is Action.SIGNAL or self.seconds is not None)


NO_FAULT = Fault()


def choose(
    chance: random.Random, counts: Mapping[Call, int], seconds: float, kinds: tuple[str, ...]
) -> Fault:
    """Choose a fault for a command that made ``counts`` calls and took ``seconds`` undisturbed."""
    kind = chance.choice(kinds)
    if kind == "size":
        return Fault(file_size=chance.choice([0, 100, 4096, 20_000, 40_000, 70_000, 200_000]))
    if kind == "storm":
        return Fault(storm=chance.choice([0.1, 0.3, 0.6]), number=chance.randrange(10**6))
    if kind == "moment":
        number = chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
        return Fault(number=number, seconds=chance.uniform(0, seconds))
    network = [call for call in NETWORK_CALLS if counts[call]]
    happened = [call for call in FILE_CALLS if counts[call]]
    if kind == "error":
        return _error(chance, counts, happened)
    happened += network
    # All calls by turns, or those of one kind: of renames there are few.
    calls = tuple(happened) if chance.random() < 0.3 else (chance.choice(happened),)
    nth = chance.randint(1, sum(counts[call] for call in calls))
    if kind == "signal":
        return Fault(Action.SIGNAL, calls, nth, chance.choice([signal.SIGTERM, signal.SIGINT]))
    return Fault(chance.choice(sorted(DEADLY)), calls, nth)


def _error(chance: random.Random, counts: Mapping[Call, int], happened: list[Call]) -> Fault:
    way = chance.randrange(4)
    # A command whose output is empty does not write.
    if way == 0 and (calls := tuple(call for call in _NEEDS_BLOCKS if counts[call])):
        number = chance.choice([errno.ENOSPC, errno.EDQUOT])
        nth = chance.randint(1, sum(counts[call] for call in calls))
        return Fault(Action.FAIL_FROM_HERE, calls, nth, number)
    if way == 1 and counts[Call.WRITE]:
        return Fault(Action.SHORT, (Call.WRITE,), chance.randint(1, counts[Call.WRITE]))
    call = chance.choice(happened)
    nth = chance.randint(1, counts[call])
    if way == 2 and call in {Call.OPEN, Call.WRITE}:
        return Fault(Action.FAIL, (call,), nth, errno.EINTR)
    return Fault(Action.FAIL, (call,), nth, chance.choice([errno.EIO, errno.ENOSPC, errno.EDQUOT]))


def build(folder: Path) -> Path:
    """Compile ``intercept.c`` into a folder; return the library for LD_PRELOAD."""
    library = folder / "intercept.so"
    source = Path(__file__).with_name("intercept.c")
    subprocess.run(
        ["cc", "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, source, "-ldl"],  # noqa: S607
        check=True,
    )
    return library


def arm(root: Path, fault: Fault, trace: int) -> None:
    """Arm a fault for the calls of this process below ``root``; ``trace`` is a descriptor, or -1."""
    mask = sum(1 << call for call in fault.calls)
    function = ctypes.CDLL(None).torture_arm
    if function(bytes(root), mask, fault.nth, int(fault.action), fault.number, trace):
        raise ValueError(f"{root} is too long")


def counts() -> dict[Call, int]:
    """Return how many calls this process has made since it was armed."""
    function = ctypes.CDLL(None).torture_count
    return {call: function(call) for call in Call}

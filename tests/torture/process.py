"""Commands in forks of a warm interpreter: what is imported once is there in each."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import resource
import select
import signal
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

import edgelift
from edgelift.cli import main

from .faults import NO_FAULT, Call, Fault, arm, counts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LONGEST = 180.0
"""Seconds after which a command hangs."""

_TRACE, _COUNTS = 300, 301
"""Descriptors, out of the way of those of the command."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Ended:
    """A command that has ended.

    Attributes:
        code: its exit code; minus the signal that ended it.
        trace: its calls: seconds, name, path, and the second path of a rename.
        calls: how many of each kind, or nothing if it was killed.

    """

    words: list[str]
    fault: Fault
    code: int
    out: str
    err: str
    seconds: float
    trace: list[tuple[float, str, str, str]] = field(repr=False)
    calls: Mapping[Call, int] = field(repr=False)


def warm_up() -> None:
    """Import all that commands import."""
    for module in pkgutil.walk_packages(edgelift.__path__, "edgelift."):
        if not module.name.endswith(("__main__", "_core")):
            # pyarrow and zstandard are extras.
            with contextlib.suppress(ModuleNotFoundError):
                importlib.import_module(module.name)
    for name in "boto3.session", "boto3.s3.transfer", "s3transfer.manager", "opensearchpy", "rich.progress":
        importlib.import_module(name)
    _shorten_pauses()


def _shorten_pauses() -> None:
    # Storms would take hours with the pauses that real servers need.
    backoff = importlib.import_module("edgelift.reprocess.sinks.backoff")
    assert backoff.FIRST_PAUSE
    backoff.__dict__["FIRST_PAUSE"] = 0.001


class Command:
    """A command that runs: ``edgelift`` with some words.

    Args:
        root: its working directory, below which its file calls are counted.
        notes: a folder for what is noted of it.

    """

    def __init__(
        self, root: Path, notes: Path, words: Sequence[str], fault: Fault = NO_FAULT, delay: float = 0
    ) -> None:
        self._words, self._fault, self._notes = list(words), fault, notes
        self._began = time.monotonic()
        notes.mkdir(exist_ok=True)
        for name in "out", "err", "trace", "counts":
            # It may be killed before it opens them.
            (notes / name).write_bytes(b"")
        sys.stdout.flush()
        sys.stderr.flush()
        # A signal that comes too early must not run what the parent does at its end.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        self._process = os.fork()
        if not self._process:
            _run(root, notes, self._words, fault, delay)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        self._descriptor = os.pidfd_open(self._process)

    def end(self) -> Ended:
        """Wait for its end, and kill it at the moment that its fault says."""
        try:
            if self._fault.seconds is not None and not self._has_ended(self._fault.seconds):
                os.kill(self._process, self._fault.number)
            hangs = not self._has_ended(LONGEST)
            if hangs:
                os.kill(self._process, signal.SIGKILL)
            _, status = os.waitpid(self._process, 0)
        finally:
            os.close(self._descriptor)
        code = os.waitstatus_to_exitcode(status)
        out, err = (self._read(name) for name in ("out", "err"))
        if hangs:
            err += f"\nit hung for {LONGEST} seconds\nTraceback"
        called = json.loads(self._read("counts") or "{}")
        return Ended(
            self._words,
            self._fault,
            code,
            out,
            err,
            time.monotonic() - self._began,
            self._trace(),
            {call: called[str(int(call))] for call in Call} if called else {},
        )

    def _has_ended(self, seconds: float) -> bool:
        return bool(select.select([self._descriptor], [], [], seconds)[0])

    def _read(self, name: str) -> str:
        return (self._notes / name).read_text(errors="backslashreplace")

    def _trace(self) -> list[tuple[float, str, str, str]]:
        rows = (line.split("\t") for line in self._read("trace").split("\n")[:-1])
        return [(float(row[0]), row[1], row[2], row[3]) for row in rows]


def run(root: Path, notes: Path, words: Sequence[str], fault: Fault = NO_FAULT) -> Ended:
    """Run a command to its end."""
    return Command(root, notes, words, fault).end()


def _run(root: Path, notes: Path, words: list[str], fault: Fault, delay: float) -> NoReturn:
    """Become the command, in the child."""
    code = 1
    try:
        _redirect(notes)
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        os.chdir(root)
        time.sleep(delay)
        if fault.file_size is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (fault.file_size, resource.RLIM_INFINITY))
        sys.argv = ["edgelift", *words]
        arm(root, fault, _TRACE)
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - what the interpreter does at its end
        traceback.print_exc()
    with contextlib.suppress(BaseException):
        # As at the end of an interpreter: threads of pools are waited for.
        threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    # Not through a limit of file sizes.
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    os.write(_COUNTS, json.dumps({int(call): number for call, number in counts().items()}).encode())
    os._exit(code)


def _redirect(notes: Path) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    names = {1: "out", 2: "err", _TRACE: "trace", _COUNTS: "counts"}
    for descriptor, name in {0: os.devnull, **{at: str(notes / name) for at, name in names.items()}}.items():
        opened = os.open(name, flags if descriptor else os.O_RDONLY, 0o600)
        os.dup2(opened, descriptor, inheritable=descriptor < _TRACE)
        os.close(opened)
    # What Python has of the parent's may hold anything.
    sys.stdin, sys.stdout, sys.stderr = (
        open(at, mode, closefd=False, buffering=1)  # noqa: SIM115 - as long as the process
        for at, mode in ((0, "r"), (1, "w"), (2, "w"))
    )

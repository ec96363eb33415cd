"""Unexpected errors in one line: the problem, how far the work got, and what to do."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Self

from edgelift.cli.console import CliExit, ExitCode, SignalExit, eprint, shown_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

DEBUG = "EDGELIFT_DEBUG"
"""Environment variable that, set to anything, shows tracebacks."""

_UNKNOWN = "unexpected error"

_IN_WORDS = {MemoryError: "out of memory", RecursionError: "data is nested too deeply to be read"}

_MAX_CHARS = 300
"""Characters shown of a message that may hold a whole server answer."""


class UnexpectedError(CliExit):
    """Ends the process with `ExitCode.STOPPED` and one message; its cause is the error itself."""


class Unexpected:
    """A context that raises unexpected errors as `UnexpectedError`; expected ones pass through.

    Args:
        foreseen: exceptions that the caller handles.
        done: returns how far the work got.
        hint: what the user should do.

    Raises:
        UnexpectedError: the block raised anything but `foreseen`, `CliExit`, or what a signal raises.

    """

    def __init__(
        self, *foreseen: type[BaseException], done: Callable[[], str] | None = None, hint: str = ""
    ) -> None:
        self._foreseen = (*foreseen, CliExit, SignalExit, KeyboardInterrupt)
        self._done = done
        self._hint = hint

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        if error is None or isinstance(error, self._foreseen):
            return
        if not is_debug():
            # Frames keep blocks of data alive, and memory may be what is missing.
            _forget_frames(error)
        raise UnexpectedError(ExitCode.STOPPED, self._message(error)) from error

    def _message(self, error: BaseException) -> str:
        parts = [describe(error)]
        if self._done is not None:
            try:
                parts.append(self._done())
            except Exception:  # noqa: BLE001 - a broken journal, no memory: the first error is what matters
                parts.append("how far it got is unknown")
        parts.append(self._hint)
        if parts[0].startswith(_UNKNOWN) and not is_debug():
            parts.append(f"{DEBUG}=1 shows where it happened")
        return "; ".join(part for part in parts if part)


def describe(error: BaseException) -> str:
    """Return a description of an error in one line."""
    for foreseen, words in _IN_WORDS.items():
        if isinstance(error, foreseen):
            return words
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        return "cannot start a thread: the system's limit of threads or memory is reached"
    if isinstance(error, OSError) and error.errno is not None:
        name = f"{shown_name(error.filename)}: " if isinstance(error.filename, str) else ""
        reason = error.strerror or errno.errorcode.get(error.errno, str(error.errno))
        return f"{name}{reason}"
    if isinstance(error, ImportError) and is_stale_engine(error):
        place = shown_name(error.path or "edgelift._core")
        return (
            f"the engine {place} is of another version than the package; install edgelift again, or in a "
            "clone run make setup"
        )
    if type(error).__module__ == "sqlite3":
        return f"cannot use the journal: {error}"
    text = " ".join(str(error).split())
    text = f"{text[:_MAX_CHARS]}…" if len(text) > _MAX_CHARS else text
    kind = type(error).__name__
    return f"{_UNKNOWN}: {kind}: {text}" if text else f"{_UNKNOWN}: {kind}"


def is_stale_engine(error: ImportError) -> bool:
    """Return True if the engine was imported and lacks a name, as one of another version does."""
    return error.name == "edgelift._core" and not isinstance(error, ModuleNotFoundError)


def is_debug() -> bool:
    """Return True if tracebacks are wanted."""
    return bool(os.environ.get(DEBUG))


def show(stop: CliExit) -> None:
    """Show the message of a stop, and the traceback of its cause if that is wanted."""
    if stop.message:
        eprint(f"edgelift: {stop.message}")
    if isinstance(stop, UnexpectedError) and is_debug():
        import traceback  # 5 ms, seldom wanted

        for lines in traceback.format_exception(stop.__cause__):
            for line in lines.splitlines():
                eprint(line)


def _forget_frames(error: BaseException) -> None:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        link.__traceback__ = None
        link = link.__cause__ or link.__context__

"""Shared by all verbs: exit codes, how to exit, and output to standard error."""

from __future__ import annotations

import contextlib
import os
import sys
from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the process; signals give 128 + their number."""

    DONE = 0
    """All done."""
    SOME_FAILED = 1
    """Done, but some records failed, a gzip or Parquet file was damaged, a file was not a log, or an object
    could not be read; or there was nothing to read."""
    USAGE = 2
    """Wrong usage or configuration; nothing was written."""
    STOPPED = 3
    """Stopped by input or output (gone, full, refused), or by an error that nobody foresaw."""
    BROKEN_PIPE = 141
    """The reader of the output went away."""


EXIT_CODES = """\
Exit codes: 0 done; 1 done, but some records or files failed; 2 wrong usage;
3 stopped. More: docs/cli.md in the repository.
"""
"""The last lines of every help."""

_MIN_WIDTH, _DEFAULT_WIDTH, _MAX_WIDTH = 40, 80, 100
"""Columns of help and lists: at least, without a terminal, and on a wider one."""


class CliExit(Exception):  # noqa: N818 - not every stop is an error: a reader may have had enough
    """End the process with a code and, unless it is None, one message on standard error."""

    def __init__(self, code: int, message: str | None = None) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


class SignalExit(SystemExit):
    """Ends the process after a signal; it stops the progress bar on its way."""


def eprint(line: str) -> None:
    """Write one line to standard error, with control characters escaped and queries of URLs cut.

    A closed or full standard error is ignored.
    """
    if sys.stderr is None:
        return
    try:
        # Looked up each time: while a progress bar is shown, rich replaces the stream to print above the bar.
        sys.stderr.write(printable(without_queries(line)) + "\n")
    except (OSError, ValueError):
        # ValueError: the stream is closed.
        silence(2)


def without_queries(text: str) -> str:
    """Cut the queries of URLs in a message, which may hold a signature, as good as a password."""
    if "?" not in text or "http" not in text.lower():
        return text
    import re  # seldom wanted

    return re.sub(r"(?i)(https?:[^\s?]*)\?[^\s\"']*", r"\1", text)


def printable(text: str) -> str:
    r"""Escape every character that is not printable, as JSON does (``\u001b``).

    Log lines are written by whoever sends requests; an escape sequence in one must not reach the terminal.
    """
    if text.isprintable():
        return text
    import json  # 5 ms, seldom wanted

    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def text_width() -> int:
    """Return the columns that help and lists may have: those of the terminal, within limits."""
    named = os.environ.get("COLUMNS", "")
    width = int(named) if named.isdecimal() else 0
    if not width and sys.stdout is not None:
        with contextlib.suppress(ValueError, OSError):
            width = os.get_terminal_size(sys.stdout.fileno()).columns
    # A terminal that does not know its size has 0.
    return max(_MIN_WIDTH, min(width or _DEFAULT_WIDTH, _MAX_WIDTH))


def shown_name(name: str) -> str:
    r"""Name of a file for messages and JSON: bytes that are not UTF-8 as ``\xff``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def has_rich() -> bool:
    """Return true if rich is installed, which is in the extra ``edgelift[progress]``."""
    from importlib.util import find_spec  # for terminals only

    return find_spec("rich") is not None


def silence(descriptor: int) -> None:
    """Redirect a broken standard stream to the null device: Python would fail to flush it at exit."""
    with contextlib.suppress(OSError):
        null = os.open(os.devnull, os.O_WRONLY)
        # The same one if the stream was closed from the beginning.
        if null != descriptor:
            os.dup2(null, descriptor)
            os.close(null)

"""Signals that wait while something is done that must not be left half done."""

from __future__ import annotations

import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals that end a command in order: ^C, the wish of another process, and the end of the terminal."""


@contextmanager
def signals_held() -> Iterator[None]:
    """Block the signals that end a command; processes that the block starts would inherit that."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def import_orjson() -> None:
    """Import orjson, if it is installed, while signals wait: an exception during its import crashes Python.

    Verbs that need it call this first; what imports it later finds it.
    """
    with signals_held(), suppress(ImportError):
        import orjson  # noqa: F401 - for those that import it later

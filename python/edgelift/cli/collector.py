"""Garbage collection of the command line: rare while a verb imports its modules, as usual while it works."""

from __future__ import annotations

import gc

_USUAL = gc.get_threshold()


def collect_rarely() -> None:
    """Raise the threshold for imports: they make many objects that stay, which the collector would search."""
    gc.set_threshold(50_000, 20, 100)


def collect_as_usual() -> None:
    """Set the interpreter's own threshold again, so that reference cycles do not add up to megabytes.

    What is there now stays to the end of the process, so the collector no longer searches it.
    """
    gc.freeze()
    gc.set_threshold(*_USUAL)

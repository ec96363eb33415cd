"""A notice while a server does not answer the first request."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from edgelift.cli.console import SignalExit, eprint, shown_name

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTICE_AFTER: Final = 5.0
"""Seconds without an answer after which the notice is printed."""


@contextmanager
def waiting_for(place: str, *, wanted: bool = True) -> Iterator[None]:
    """Print a notice if the block, which waits for a server, takes long, and another if a signal ends it.

    Args:
        place: name or URL of the server.
        wanted: False prints no notice.

    """
    name = shown_name(place)
    timer = threading.Timer(
        NOTICE_AFTER, eprint, [f"edgelift: waiting for {name}, which has not answered yet"]
    )
    timer.daemon = True
    if wanted:
        timer.start()
    try:
        yield
    except SignalExit as end:
        number = signal.Signals(int(end.code or 0) - 128)
        eprint(f"edgelift: {number.name}: stopped while waiting for {name}; nothing is done")
        raise
    finally:
        timer.cancel()

"""The view of a running simulation: a table on a terminal with rich, now and then a line anywhere else."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from edgelift.cli.console import eprint, has_rich

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.table import Table

DRAWN_EVERY: Final = 0.1
"""Seconds between two drawings."""

LINE_EVERY: Final = 10.0
"""Seconds between two lines without a terminal."""

Facts = list[tuple[str, str]]
"""Labels and values."""


@contextmanager
def live_view(facts: Callable[[], Facts]) -> Iterator[Callable[[], None]]:
    """Show facts while the block runs; yield what to call as often as one likes."""
    if not (sys.stderr is not None and sys.stderr.isatty() and has_rich()):
        yield _at_most_every(LINE_EVERY, lambda: eprint(_line(facts())), at_once=False)
        return
    from rich.console import Console  # 60 ms, which a pipe must not pay
    from rich.live import Live

    # Without rich's refresh thread, which would draw while nothing happens.
    with Live(_table(facts()), console=Console(stderr=True), auto_refresh=False, transient=True) as live:
        yield _at_most_every(DRAWN_EVERY, lambda: live.update(_table(facts()), refresh=True), at_once=True)


def _at_most_every(seconds: float, show: Callable[[], object], *, at_once: bool) -> Callable[[], None]:
    last = 0.0 if at_once else time.monotonic()

    def limited() -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= seconds:
            last = now
            show()

    return limited


def _line(facts: Facts) -> str:
    return f"edgelift: {'; '.join(f'{label}: {value}' for label, value in facts if value)}"


def _table(facts: Facts) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, box=None)
    for label, value in facts:
        if value:
            table.add_row(Text(label, "dim"), Text(value))
    return table


def pace(speed: float | None, started: float) -> Callable[[float], None]:
    """Return a function that waits until a virtual time in seconds, at `speed` of them per second."""
    began = time.monotonic()

    def wait(when: float) -> None:
        if speed is not None:
            time.sleep(max(0.0, began + (when - started) / speed - time.monotonic()))

    return wait


def shown_time(seconds: float) -> str:
    """Return a virtual time as text."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")

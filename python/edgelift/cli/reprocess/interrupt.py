"""Signals while a job runs: the first one lets it stop in order, a second one ends the process."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType


@contextmanager
def stop_on_signals(stop: Callable[[], None]) -> Iterator[list[int]]:
    """Let SIGINT and SIGTERM call ``stop``; yield the list of those that came. A second one ends at once."""
    received: list[int] = []

    def answer(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        stop()
        for kept in before:
            signal.signal(kept, signal.SIG_DFL)

    wanted = (signal.SIGINT, signal.SIGTERM)
    # nohup hands signals down as ignored: leave them so.
    before = {number: signal.getsignal(number) for number in wanted}
    before = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, answer)
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

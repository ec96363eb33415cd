"""Signals while a job runs: the first one lets it stop in order, a second one ends the process."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from edgelift.cli.console import eprint
from edgelift.cli.signals import ENDING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType


class StopNotice:
    """Says once, after the first signal, what the job waits for.

    Not in the handler of the signal, which may interrupt another message.
    """

    def __init__(self, received: list[int]) -> None:
        self._received = received
        self._is_said = False

    def __call__(self, running: int) -> None:
        """Print the notice if a signal has come; ``running`` is the number of objects in progress."""
        if not self._received or self._is_said or not running:
            return
        self._is_said = True
        name = signal.Signals(self._received[0]).name
        objects = "1 object that is" if running == 1 else f"{running} objects that are"
        again = "Ctrl-C again" if name == "SIGINT" else "a second signal"
        eprint(f"edgelift: {name}: waiting for {objects} being processed; {again} stops now")


@contextmanager
def stop_on_signals(stop: Callable[[], None], received: list[int]) -> Iterator[None]:
    """Let signals call ``stop``, and add them to a list. A second one ends the process at once."""

    def answer(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        stop()
        for kept in before:
            signal.signal(kept, signal.SIG_DFL)

    # nohup hands signals down as ignored: leave them so.
    before = {number: signal.getsignal(number) for number in ENDING}
    before = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, answer)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

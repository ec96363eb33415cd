"""Signals while a job runs: the first one lets it stop in order, a second one ends the process."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, NoReturn

from edgelift.cli.console import eprint
from edgelift.cli.signals import ENDING
from edgelift.reprocess.job import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from edgelift.reprocess.job import Progress

_CLEAR_LINE: Final = "\r\x1b[2K\x1b[?25h"
"""Removes a progress bar from its line and shows the cursor, which the bar hides."""


class StopNotice:
    """Says once, after the first signal, what the job waits for and how far it is.

    Not in the handler of the signal, which may interrupt another message.
    """

    def __init__(self, received: list[int]) -> None:
        self._received = received
        self._is_said = False

    def __call__(self, progress: Progress) -> None:
        """Print the notice if a signal has come and objects are being processed."""
        if not self._received or self._is_said or not progress.running:
            return
        self._is_said = True
        name = signal.Signals(self._received[0]).name
        running = progress.running
        objects = "1 object that is" if running == 1 else f"{running} objects that are"
        again = "Ctrl-C again" if name == "SIGINT" else "a second signal"
        eprint(f"edgelift: {name}: {describe_account(progress)}")
        eprint(
            f"edgelift: waiting for {objects} being processed, {PATIENCE} seconds at most for an answer; "
            f"{again} stops now"
        )


def describe_account(progress: Progress) -> str:
    """Return what is done of a job, in words."""
    return f"objects {progress.done} done, {progress.left} not; records {progress.records} read"


@contextmanager
def stop_on_signals(
    stop: Callable[[], None], received: list[int], last_words: Callable[[], list[str]]
) -> Iterator[None]:
    """Let signals call ``stop``, and add them to a list. A second one ends the process at once.

    Args:
        stop: stops the job in order.
        received: takes the signals.
        last_words: returns the lines that the second one prints.

    """

    def answer(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        if len(received) > 1:
            end_now(number, last_words())
        stop()

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


def end_now(number: int, lines: list[str]) -> NoReturn:
    """End the process by the exit code of a signal, whatever its threads wait for."""
    with suppress(OSError):
        # Not by eprint: another message may just be written, or the bar be drawn.
        clear = _CLEAR_LINE if os.isatty(2) else ""
        text = "".join(f"edgelift: {line}\n" for line in lines)
        os.write(2, f"{clear}{text}".encode(errors="backslashreplace"))
    os._exit(128 + number)

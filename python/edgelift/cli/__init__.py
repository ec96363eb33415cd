"""The command line: one file per verb, and nothing heavy is imported before its verb runs."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from edgelift.cli.collector import collect_rarely
from edgelift.cli.console import CliExit, ExitCode, SignalExit, silence
from edgelift.cli.signals import ENDING

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["main"]


def main() -> NoReturn:
    """Run the command line on ``sys.argv`` and exit.

    Raises:
        SystemExit: always, with one of the codes of `ExitCode`, or 128 plus the number of a signal.

    """
    collect_rarely()
    try:
        _answer_signals()
        _hide_ignored_errors()
        if sys.stderr is None:
            # Else the next file that is opened would get the number of standard error, and its messages.
            silence(2)
        code = _flush(_run())
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
    except SignalExit as end:
        code = int(end.code or 0)
        _close_outputs()
    except BaseException:  # noqa: BLE001 - no memory even for the message: anything but 0 and 1
        _write_last_words()
        code = ExitCode.STOPPED
    _default_signals()
    sys.exit(code)


def _run() -> int:
    """Run a verb; return the exit code and leave no exception but those of signals."""
    # After the signal handlers, so that ^C while they are imported is quiet, too.
    from edgelift.cli.unexpected import Unexpected, show

    try:
        with Unexpected(hint="run the same command again"):
            from edgelift.cli.verbs import run

            return run(sys.argv[1:])
    except CliExit as stop:
        show(stop)
        return stop.code


def _close_outputs() -> None:
    if "edgelift.cli.sink" in sys.modules:
        from edgelift.cli.sink import close_all

        close_all()


def _flush(code: int) -> int:
    """Write what Python still holds of standard output: at its exit a failure would change the code."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        silence(1)
        return ExitCode.BROKEN_PIPE
    except (OSError, ValueError):
        silence(1)
        return ExitCode.STOPPED
    return code


def _write_last_words() -> None:
    with contextlib.suppress(OSError):
        os.write(
            2, b"edgelift: stopped by an error that cannot even be described; run the same command again\n"
        )


def _answer_signals() -> None:
    for number in ENDING:
        # nohup and `command &` of a shell without job control hand signals down as ignored: leave them so.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)


def _default_signals() -> None:
    """Let signals end the process while Python shuts down, when exceptions end nothing and are shown."""
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def _leave(number: int, _frame: FrameType | None) -> None:
    # 129 for SIGHUP, 130 for SIGINT, 143 for SIGTERM.
    raise SignalExit(128 + number)


def _hide_ignored_errors() -> None:
    """Show no traceback of errors in threads and finalizers, which end nothing, unless somebody debugs."""
    import threading  # 1 ms

    shown = sys.unraisablehook

    def ignore(unraisable: sys.UnraisableHookArgs) -> None:
        if isinstance(unraisable.exc_value, SignalExit):
            # The handler ran inside a finalizer, which swallows exceptions: end as without a handler.
            _default_signals()
            signal.raise_signal(int(unraisable.exc_value.code or 0) - 128)
        elif os.environ.get("EDGELIFT_DEBUG"):
            shown(unraisable)

    sys.unraisablehook = ignore
    if not os.environ.get("EDGELIFT_DEBUG"):
        threading.excepthook = lambda _: None

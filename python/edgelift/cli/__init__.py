"""The command line: one file a verb, and nothing heavy is imported before its verb runs."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

from edgelift.cli.console import ExitCode, Stop, say, silence
from edgelift.cli.sink import write_standard_output
from edgelift.cli.usage import ANSWERS

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["main"]


def main() -> None:
    """Run the command line on ``sys.argv`` and exit.

    Raises:
        SystemExit: always, with one of the codes of `ExitCode`.

    """
    _answer_signals()
    try:
        if answer := ANSWERS.get(tuple(sys.argv[1:])):
            write_standard_output(answer)
            sys.exit(ExitCode.DONE)
        # Typer takes 40 ms to import: after the signal handlers, so that ^C in that time is quiet, too.
        from edgelift.cli.app import app  # noqa: PLC0415

        app(prog_name="edgelift")
    except Stop as stop:
        if stop.message:
            say(f"edgelift: {stop.message}")
        sys.exit(stop.code)
    except SystemExit as end:
        # Help goes out by way of typer, which turns a broken pipe into exit code 1.
        if isinstance(end.__context__, BrokenPipeError):
            sys.exit(ExitCode.BROKEN_PIPE)
        raise
    except OSError as error:
        # Typer's own output only (the verbs turn their OSErrors into Stop), so this is standard output.
        silence(1)
        say(f"edgelift: cannot write standard output: {error.strerror}")
        sys.exit(ExitCode.STOPPED)


def _answer_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        # nohup and `command &` of a shell without job control hand signals down as ignored: leave them so.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)


def _leave(number: int, _frame: FrameType | None) -> None:
    # 130 for SIGINT, 143 for SIGTERM. SystemExit passes through typer and stops the progress bar on its way.
    raise SystemExit(128 + number)

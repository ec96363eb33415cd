"""An engine that cannot be imported: what the command line says of it.

The package imports its engine before any module of the command line, so `main` cannot catch this error.
"""

from __future__ import annotations

import sys
from pathlib import PurePath


def exit_if_command_line(error: ImportError) -> None:
    """End the process if it runs the command line; any other program gets the error itself.

    Raises:
        SystemExit: with `ExitCode.STOPPED`, after one line on standard error.

    """
    if not _is_command_line():
        return
    # Here, not above: the Lambda layer has no command line.
    from edgelift.cli.console import CliExit
    from edgelift.cli.unexpected import Unexpected, is_stale_engine, show

    hint = "" if is_stale_engine(error) else "install edgelift again, or in a clone run make setup"
    try:
        with Unexpected(hint=hint):
            raise error
    except CliExit as stop:
        show(stop)
        raise SystemExit(stop.code) from None


def _is_command_line() -> bool:
    """Return True in ``edgelift …`` and ``python -m edgelift …``."""
    if not sys.argv:
        return False
    if sys.argv[0] == "-m":
        # Python has not found the file of the module yet.
        return sys.orig_argv[-len(sys.argv)].removeprefix("-m") == "edgelift"
    return PurePath(sys.argv[0]).stem == "edgelift"

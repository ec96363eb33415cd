"""Generates the table of exit codes; their meaning is written by hand."""

from __future__ import annotations

import signal

from docs.generator.tables import Block, table
from edgelift.cli.console import ExitCode


def exit_codes(block: Block) -> str:
    """Return the table of exit codes."""
    codes = sorted({*ExitCode, 128 + signal.SIGINT, 128 + signal.SIGTERM})
    return table(("code", "meaning"), ([f"{code:d}", block.prose(f"{code:d}")] for code in codes))

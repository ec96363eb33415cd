"""Generates the table of exit codes; their meaning is written by hand."""

from __future__ import annotations

from docs.generator.tables import Block, table
from edgelift.cli.console import ExitCode
from edgelift.cli.signals import ENDING


def exit_codes(block: Block) -> str:
    """Return the table of exit codes."""
    codes = sorted({*ExitCode, *(128 + number for number in ENDING)})
    return table(("code", "meaning"), ([f"{code:d}", block.prose(f"{code:d}")] for code in codes))

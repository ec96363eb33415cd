"""Hints for people who read a standard log with the columns of real-time rows, or without its header."""

from __future__ import annotations

from typing import Final

from edgelift.cli.source import Source
from edgelift.inputs.damage import DamagedFile
from edgelift.inputs.sniff import is_header

_DATE: Final = len(b"2024-11-15")

NOT_FOR_SIZE: Final = (
    "a standard log; size needs the rows that Firehose passes to the function, without a header, "
    "and --fields or --config with their columns"
)

ROW_WITHOUT_HEADER: Final = "a row of a standard log needs its #Fields: line before it; "


def has_header(path: str) -> bool:
    """Return true if a file begins with the header of a standard log.

    Raises:
        CliExit: it cannot be read.

    """
    with Source(path) as source:
        try:
            return is_header(next(source.blocks(), b""))
        except DamagedFile:
            return False


def is_standard_row(line: bytes) -> bool:
    """Return true for a row that begins with a date, as those of standard logs do."""
    date, tab, _ = line.partition(b"\t")
    return bool(tab) and len(date) == _DATE and date.replace(b"-", b"").isdigit()

"""Hints for people who read a standard log with the columns of real-time rows."""

from __future__ import annotations

from typing import Final

from edgelift.cli.source import Source
from edgelift.inputs.damage import DamagedFile
from edgelift.inputs.sniff import is_header

NOT_FOR_SIZE: Final = (
    "a standard log; size needs the rows that Firehose passes to the function, without a header, "
    "and --fields or --config with their columns"
)


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

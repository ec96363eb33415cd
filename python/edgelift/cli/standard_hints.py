"""Hints for people who read a standard log with the columns of real-time rows."""

from __future__ import annotations

from typing import Final

from edgelift.cli.source import Source
from edgelift.inputs.damage import DamagedFile

NOT_FOR_SIZE: Final = (
    "a standard log; size needs the rows that Firehose passes to the function, without a header, "
    "and --fields or --config with their columns"
)


def beginning(path: str) -> bytes:
    """Return the first block of a file, or nothing if it is damaged.

    Raises:
        CliExit: it cannot be read.

    """
    with Source(path) as source:
        try:
            return next(source.blocks(), b"")
        except DamagedFile:
            return b""

"""Detects by its first lines what a file is that cannot be read. Never asked for files that can be read."""

import re
from typing import Final

MOST_LINES: Final = 100
"""Lines in which the first row is looked for."""

LEAST_COLUMNS: Final = 3

_TIME: Final = re.compile(rb"\s*(\d{4}-\d\d-\d\d\s+\d\d:\d\d:\d\d|\d{10}(\.\d{1,9})?)\s")
"""Beginning of a row: date and time, or the seconds since 1970."""

_HEADER: Final = re.compile(rb"#Version: \d|#Fields:[ \t]")
"""The beginning of a header, where a viewer may have written the first column of a row."""


_ARRAY: Final = re.compile(rb"\s*\[\s*\{\s*\"")


def is_json_array(block: bytes) -> bool:
    """Return true if a block is the beginning of an array of JSON records."""
    return _ARRAY.match(block) is not None


def is_separated_by_blanks(block: bytes) -> bool:
    """Return true if a block has the rows of a log, and blanks where a log has tabs."""
    names = None
    for line in block.splitlines()[:MOST_LINES]:
        if line.startswith(b"#"):
            directive, _, values = line.partition(b":")
            names = len(values.split()) if directive.lower() == b"#fields" else names
        elif line.strip():
            columns = len(line.split())
            is_row = columns == names if names else _TIME.match(line) is not None
            return b"\t" not in line and columns >= LEAST_COLUMNS and is_row
    return False


def is_separated_by_commas(block: bytes) -> bool:
    """Return true if the first lines of a block have no tabs, and each as many commas as the others."""
    lines = [line for line in block.splitlines()[:MOST_LINES] if line.strip() and not line.startswith(b"#")]
    if len(lines) > 1 and not block.endswith(b"\n"):
        # It may be incomplete.
        del lines[-1]
    counts = {line.count(b",") for line in lines}
    is_text = b"\t" not in block and not block.lstrip().startswith((b"{", b"[", b"<"))
    return is_text and len(counts) == 1 and min(counts) >= LEAST_COLUMNS - 1


def rows_of(block: bytes) -> str:
    """Say what rows are of which nothing is known."""
    columns = block.partition(b"\n")[0].count(b"\t") + 1
    return f"rows of {columns} column{'' if columns == 1 else 's'} without a header"


def is_header(line: bytes) -> bool:
    """Return true for a line of the header of a standard log."""
    return _HEADER.match(line) is not None

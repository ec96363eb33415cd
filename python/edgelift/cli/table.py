"""Tables: drawn by rich on a terminal, plain text in a pipe or without rich."""

from __future__ import annotations

import sys
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from edgelift.cli.console import has_rich, printable, text_width
from edgelift.cli.sink import write_standard_output

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Rows = list[tuple[str, ...]]

MIN_CELL: Final = 20
"""Columns of a wrapped cell at least, even if the table is wider than the terminal then."""


def write_table(head: Sequence[str], rows: Iterable[Sequence[str]], *, aligned: bool) -> None:
    """Write a table to standard output.

    Args:
        head: the names of the columns.
        rows: their cells; what is not printable is escaped.
        aligned: in a pipe, True pads the columns with blanks, False separates them by one tab.

    Raises:
        CliExit: standard output cannot be written.

    """
    lines: Rows = [tuple(head), *(tuple(printable(cell) for cell in row) for row in rows)]
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    if is_terminal and has_rich():
        text = _drawn(lines)
    elif aligned or is_terminal:
        text = _aligned(lines)
    else:
        text = "".join("\t".join(line) + "\n" for line in lines)
    write_standard_output(text)


def write_list(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table to standard output whose last column is wrapped, so that it fits the terminal.

    Raises:
        CliExit: standard output cannot be written.

    """
    import textwrap  # 2 ms

    lines: Rows = [tuple(head), *(tuple(printable(cell) for cell in row) for row in rows)]
    left = _aligned([line[:-1] for line in lines]).splitlines()
    indent = max(map(len, left)) + 2
    width = max(text_width() - indent, MIN_CELL)
    text = ""
    for first, line in zip(left, lines, strict=True):
        wrapped = textwrap.wrap(line[-1], width, break_on_hyphens=False) or [""]
        text += "".join(
            f"{start:<{indent}}{part}\n" for start, part in zip_longest([first], wrapped, fillvalue="")
        )
    write_standard_output(text)


def _aligned(lines: Rows) -> str:
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    cells = ([cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines)
    return "".join("  ".join(line).rstrip() + "\n" for line in cells)


def _drawn(lines: Rows) -> str:
    from rich.console import Console  # 60 ms, which a pipe must not pay
    from rich.table import Table
    from rich.text import Text

    head, *rows = lines
    table = Table(*head)
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        # As Text, since log data is full of square brackets and must not be read as markup.
        table.add_row(*(Text(cell) for cell in row))
    console = Console()
    with console.capture() as capture:
        console.print(table)
    return capture.get()

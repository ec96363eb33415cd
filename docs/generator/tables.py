"""Formats Markdown tables and paragraphs; the input of a generator."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Block:
    """A generated part of a page before its update."""

    name: str
    argument: str
    """The word after the name, or ``""``."""
    text: str

    def prose(self, key: str) -> str:
        """Return the last cell of the row of ``key``, which is written by hand and kept.

        Raises `LookupError` if the table has no such row yet.
        """
        for first, *_, last in rows(self.text):
            if first == key:
                return last
        missing = f"{self.name} {self.argument}".strip()
        raise LookupError(f"the table {missing!r} has no row for {key}: write one, with its last cell")


def table(head: Sequence[str], body: Iterable[Sequence[str]], rule: str | None = None) -> str:
    """Return a table; ``rule`` replaces the line below the head."""
    lines = [_line(head), rule or f"|{'---|' * len(head)}", *map(_line, body)]
    return "".join(f"{line}\n" for line in lines)


def rows(text: str) -> list[list[str]]:
    """Read the rows of the first table in a text, without its head."""
    lines = re.findall(r"^\|.*\|$", text.partition("\n\n")[0], re.MULTILINE)
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line[1:-1])] for line in lines[2:]]


def paragraph(text: str) -> str:
    """Return a text wrapped at 120 characters."""
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False) + "\n"


def code(text: str) -> str:
    """Return a text in back quotes."""
    return f"`{text}`"


def _line(cells: Sequence[str]) -> str:
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"

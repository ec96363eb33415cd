"""Generates the table of fields from the table in the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docs.generator.tables import Block, code, table
from edgelift import FIELDS
from edgelift._core import CONNECTION_FIELDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgelift import Field


def fields(block: Block) -> str:
    """Return the table of all fields of real-time logs, or of another kind of log that the block names."""
    head = ("#", "field", "kind", "ecs", "otel", "standard", "meaning")
    if block.argument == "connection":
        rows = map(_row, CONNECTION_FIELDS.values())
        return table(_without_standard(head), map(_without_standard, rows), "|--:|---|---|---|---|---|")
    return table(head, map(_row, FIELDS.values()), "|--:|---|---|---|---|---|---|")


def _without_standard(row: Sequence[str]) -> list[str]:
    return [*row[:5], row[6]]


def _row(field: Field) -> list[str]:
    return [
        str(field.position),
        code(field.name),
        field.kind + r"\*" * field.unproven,
        code(field.keys["ecs"]),
        code(field.keys["otel"]),
        code(field.standard) if field.standard else "",
        field.meaning.replace("|", r"\|"),
    ]

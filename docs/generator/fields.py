"""Generates the table of fields from the table in the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docs.generator.tables import Block, code, table
from edgelift import FIELDS

if TYPE_CHECKING:
    from edgelift import Field


def fields(_block: Block) -> str:
    """Return the table of all fields."""
    head = ("#", "field", "kind", "ecs", "otel", "standard", "meaning")
    return table(head, map(_row, FIELDS.values()), "|--:|---|---|---|---|---|---|")


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

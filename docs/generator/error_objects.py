"""Generates the messages for the invalid error objects in the table of the page."""

from __future__ import annotations

from docs.generator.tables import Block, code, rows, table
from edgelift import Transformer


def messages(block: Block) -> str:
    """Return the table of lines with reason and message of each."""
    transformer = Transformer.from_fields(["sc-status"])
    body = []
    for line, *_ in rows(block.text):
        (failure,) = transformer.transform_lines(line.strip("`").encode()).failures
        body.append([line, code(failure.reason), code(failure.message)])
    return table(("line", "reason", "message"), body)

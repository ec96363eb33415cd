"""Generates the lists of charts from the table of charts."""

from __future__ import annotations

from docs.generator.tables import Block, table
from edgelift.charts.table import CHARTS, DASHBOARDS, LISTINGS


def charts(block: Block) -> str:
    """Return the charts of the dashboard in the block's argument, from its top to its bottom."""
    known = {found.name: found for found in (*CHARTS, *LISTINGS)}
    [dashboard] = [found for found in DASHBOARDS if found.name == block.argument]
    shown = [known[name] for row in dashboard.rows for name in row]
    return table(("chart", "what it shows"), [[found.title, found.explanation] for found in shown])

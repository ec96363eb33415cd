"""The panels of a dashboard: where each chart is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from edgelift.charts.model import Form
from edgelift.charts.table import CHARTS, LISTINGS

if TYPE_CHECKING:
    from edgelift.charts.model import Dashboard

COLUMNS: Final = 48
"""Width of the grid of a dashboard."""

VERSION: Final = "2.19.4"
"""Version of Dashboards that the panels are written as."""

_HEIGHTS: Final = {Form.NUMBER: 7, Form.BARS: 14, Form.LINES: 14, Form.PIE: 16, Form.TABLE: 16}
_LISTING_HEIGHT: Final = 24


def panels(dashboard: Dashboard) -> list[dict[str, Any]]:
    """Return the panels, each with the name of a reference to its chart."""
    heights = {chart.name: _HEIGHTS[chart.form] for chart in CHARTS}
    heights |= {listing.name: _LISTING_HEIGHT for listing in LISTINGS}
    found: list[dict[str, Any]] = []
    y = 0
    for row in dashboard.rows:
        width, height = COLUMNS // len(row), max(heights[name] for name in row)
        for place in range(len(row)):
            number = str(len(found))
            grid = {"x": place * width, "y": y, "w": width, "h": height, "i": number}
            reference = {"panelRefName": f"panel_{number}", "panelIndex": number}
            found.append({"version": VERSION, "gridData": grid, "embeddableConfig": {}} | reference)
        y += height
    return found

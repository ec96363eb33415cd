from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING

import edgelift
from edgelift.charts.table import CHARTS, DASHBOARDS, LISTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator


def names_of_fields(part: object) -> Iterator[str]:
    """Yield the names of all fields that a part of a chart mentions."""
    if isinstance(part, tuple):
        for inner in part:
            yield from names_of_fields(inner)
    elif is_dataclass(part):
        for attribute in fields(part):
            value = getattr(part, attribute.name)
            if isinstance(value, str) and attribute.name in {"field", "weight"}:
                yield value
            else:
                yield from names_of_fields(value)


def test_charts_mention_fields_of_real_time_logs_only() -> None:
    mentioned = {name for chart in CHARTS for name in names_of_fields(chart)}
    mentioned |= {name for listing in LISTINGS for name in (*listing.fields, listing.where.field)}
    assert mentioned <= edgelift.FIELDS.keys()
    assert {"sc-status", "sc-bytes", "x-edge-result-type", "c-ip", "origin-fbl"} <= mentioned


def test_every_chart_is_on_one_dashboard() -> None:
    placed = [name for dashboard in DASHBOARDS for row in dashboard.rows for name in row]
    known = [*(chart.name for chart in CHARTS), *(listing.name for listing in LISTINGS)]
    assert sorted(placed) == sorted(known)
    assert len(set(known)) == len(known)


def test_every_chart_has_an_explanation() -> None:
    for found in (*CHARTS, *LISTINGS, *DASHBOARDS):
        assert found.explanation.endswith("."), found.name
        assert found.title

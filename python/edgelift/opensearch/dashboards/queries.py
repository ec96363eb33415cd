"""Filters of charts as queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgelift.charts.model import Filter, OneOf

if TYPE_CHECKING:
    from edgelift.opensearch.dashboards.keys import Keys


def lucene(where: Filter | None, keys: Keys) -> dict[str, str]:
    """Return a filter as users write it in the search bar, which becomes a `query_string`.

    Lucene's language, not Dashboards' own, so that OpenSearch itself reads it.
    """
    match where:
        case None:
            text = ""
        case OneOf(field, values):
            choices = " OR ".join(f'"{value}"' for value in values)
            text = f"{keys[field]}:({choices})"
        case _:
            text = f"{keys[where.field]}:[{where.low} TO {where.high}}}"
    return {"query": text, "language": "lucene"}


def dsl(where: Filter, keys: Keys) -> dict[str, Any]:
    """Return a filter as OpenSearch's API has it."""
    if isinstance(where, OneOf):
        return {"terms": {keys[where.field]: list(where.values)}}
    return {"range": {keys[where.field]: {"gte": where.low, "lt": where.high}}}

"""Index pattern, visualizations, saved searches and dashboards, as Dashboards imports them.

Sources: OpenSearch documentation, "OpenSearch Dashboards"; Elastic documentation of version 7.10, from which
API and objects come, "Import objects API"; objects that users of Dashboards 2.x have exported.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from edgelift.charts.model import Form
from edgelift.charts.table import CHARTS, DASHBOARDS, LISTINGS
from edgelift.opensearch.dashboards.aggregated import aggregated
from edgelift.opensearch.dashboards.index_pattern import index_pattern
from edgelift.opensearch.dashboards.keys import Keys
from edgelift.opensearch.dashboards.panels import panels
from edgelift.opensearch.dashboards.queries import lucene
from edgelift.opensearch.dashboards.vega import vega

if TYPE_CHECKING:
    from edgelift._core import Transformer
    from edgelift.charts.model import Chart, Dashboard, Listing

Object = dict[str, Any]
"""A saved object."""

MIGRATED: Final = {
    "index-pattern": "7.6.0",
    "visualization": "7.10.0",
    "search": "7.9.3",
    "dashboard": "7.9.3",
}
"""Last version that changed each type: Dashboards changes objects from before it, and refuses later ones."""

_META: Final = "kibanaSavedObjectMeta"
_INDEX: Final = f"{_META}.searchSourceJSON.index"


def ndjson(transformer: Transformer) -> str:
    """Return the saved objects as JSON lines.

    Raises:
        ConfigError: as for `saved_objects`.

    """
    return "".join(json.dumps(found, ensure_ascii=False) + "\n" for found in saved_objects(transformer))


def saved_objects(transformer: Transformer) -> list[Object]:
    """Return the saved objects of a configuration; their ids begin with the prefix of its indices.

    Raises:
        ConfigError: the configuration has no times that can be indexed, or cannot be indexed at all.

    """
    keys = Keys(transformer)
    found = [_object("index-pattern", keys.prefix, index_pattern(keys))]
    found += [_visualization(chart, keys) for chart in CHARTS]
    found += [_search(listing, keys) for listing in LISTINGS]
    types = {found["id"]: found["type"] for found in found}
    return found + [_dashboard(dashboard, keys, types) for dashboard in DASHBOARDS]


def _object(type_: str, name: str, attributes: Object, references: list[Object] | None = None) -> Object:
    return {
        "id": name,
        "type": type_,
        "attributes": attributes,
        "references": references or [],
        "migrationVersion": {type_: MIGRATED[type_]},
    }


def _visualization(chart: Chart, keys: Keys) -> Object:
    title = _title(chart.title, keys)
    if chart.form is Form.LINES:
        # It names its indices itself.
        state, source, references = vega(chart, keys), _source(lucene(None, keys)), []
    else:
        state = aggregated(chart, keys)
        source, references = _source(lucene(chart.where, keys), indexRefName=_INDEX), [_index_reference(keys)]
    attributes = {
        "title": title,
        "description": chart.explanation,
        "version": 1,
        "visState": json.dumps(state | {"title": title}),
        "uiStateJSON": "{}",
        _META: source,
    }
    return _object("visualization", _id(chart.name, keys), attributes, references)


def _search(listing: Listing, keys: Keys) -> Object:
    query = lucene(listing.where, keys)
    attributes = {
        "title": _title(listing.title, keys),
        "description": listing.explanation,
        "hits": 0,
        "version": 1,
        "columns": [keys[field] for field in listing.fields],
        "sort": [[keys.time, "desc"]],
        _META: _source(query, highlightAll=True, version=True, indexRefName=_INDEX),
    }
    return _object("search", _id(listing.name, keys), attributes, [_index_reference(keys)])


def _dashboard(dashboard: Dashboard, keys: Keys, types: dict[str, str]) -> Object:
    names = [name for row in dashboard.rows for name in row]
    references = [
        {"name": f"panel_{place}", "type": types[_id(name, keys)], "id": _id(name, keys)}
        for place, name in enumerate(names)
    ]
    attributes = {
        "title": _title(dashboard.title, keys),
        "description": dashboard.explanation,
        "hits": 0,
        "version": 1,
        "timeRestore": False,
        "optionsJSON": json.dumps({"useMargins": True, "hidePanelTitles": False}),
        "panelsJSON": json.dumps(panels(dashboard)),
        _META: _source(lucene(None, keys)),
    }
    return _object("dashboard", _id(dashboard.name, keys), attributes, references)


def _source(query: dict[str, str], **more: object) -> dict[str, str]:
    return {"searchSourceJSON": json.dumps({"query": query, "filter": [], **more})}


def _index_reference(keys: Keys) -> Object:
    return {"name": _INDEX, "type": "index-pattern", "id": keys.prefix}


def _id(name: str, keys: Keys) -> str:
    return f"{keys.prefix}-{name}"


def _title(title: str, keys: Keys) -> str:
    return f"[{keys.prefix}] {title}"

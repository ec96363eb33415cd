"""Reads saved objects as OpenSearch Dashboards does: into requests, and their responses into what is drawn.

Source: OpenSearch documentation, "Building data visualizations", "Using Vega", "Aggregations".
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Object = dict[str, Any]

INTERVAL = "1h"
"""In place of what Dashboards chooses by the length of the selected time."""


class Reader:
    """Runs what saved objects ask for.

    Args:
        objects: all saved objects by type and id.
        search: sends a request to some indices, and returns the response.
        begin: begin of the selected time, in milliseconds.
        end: end of the selected time, which is included.

    """

    def __init__(
        self,
        objects: Mapping[tuple[str, str], Object],
        search: Callable[[str, Object], Object],
        begin: int,
        end: int,
    ) -> None:
        self._objects = objects
        self._search = search
        self._bounds = {"min": begin, "max": end}

    def visualization(self, found: Object) -> Any:  # noqa: ANN401 -- each chart has its own
        """Return what a visualization draws."""
        state = json.loads(found["attributes"]["visState"])
        if state["type"] == "vega":
            return self._vega(json.loads(state["params"]["spec"]))
        index, query = self._source(found)
        body = {"size": 0, "query": query, "track_total_hits": True, **_nested(_buckets(state), state)}
        response = self._search(index, body)
        rows = [*_rows(response, _buckets(state), _metrics(state), ())]
        if not _buckets(state):
            return rows[0][0]
        if state["type"] in {"pie", "table"}:
            return rows
        # A bar without height is not drawn.
        return {row[:2]: row[2] for row in rows if row[2] or state["type"] != "histogram"}

    def listing(self, found: Object) -> list[Object]:
        """Return the documents of a saved search, in its order."""
        index, query = self._source(found)
        attributes = found["attributes"]
        sort = [{key: order} for key, order in attributes["sort"]]
        hits = self._search(index, {"size": 10_000, "query": query, "sort": sort})["hits"]["hits"]
        return [hit["_source"] for hit in hits]

    def _source(self, found: Object) -> tuple[str, Object]:
        """Return indices and query of the source of a saved object."""
        source = json.loads(found["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
        [reference] = [ref for ref in found["references"] if ref["name"] == source["indexRefName"]]
        pattern = self._objects[reference["type"], reference["id"]]["attributes"]
        filters = [self._range(pattern["timeFieldName"]), *_query(source["query"])]
        assert source["filter"] == []
        return pattern["title"], {"bool": {"filter": filters}}

    def _range(self, field: str) -> Object:
        bounds = {
            name: f"{datetime.fromtimestamp(value / 1000, UTC):%Y-%m-%dT%H:%M:%S}.{value % 1000:03}Z"
            for name, value in (("gte", self._bounds["min"]), ("lte", self._bounds["max"]))
        }
        return {"range": {field: {**bounds, "format": "strict_date_optional_time"}}}

    def _vega(self, spec: Object) -> dict[tuple[int, str], float]:
        url = spec["data"]["url"]
        assert url["%context%"] is True
        body = self._replaced(url["body"])
        assert "query" not in body
        body["query"] = {"bool": {"must": [self._range(url["%timefield%"])]}}
        found: Any = self._search(url["index"], body)
        for name in spec["data"]["format"]["property"].split("."):
            found = found[name]
        for transform in spec["transform"]:
            found = [*_transformed(found, transform)]
        encoding = spec["encoding"]
        x, y, color = (encoding[name]["field"] for name in ("x", "y", "color"))
        return {(row[x], row[color]): row[y] for row in found}

    def _replaced(self, part: Any) -> Any:  # noqa: ANN401 -- of JSON
        """Replace the names in percent signs."""
        if not isinstance(part, dict):
            return part
        if "%timefilter%" in part:
            return self._bounds[part["%timefilter%"]]
        if "%autointerval%" in part:
            return INTERVAL
        return {name: self._replaced(inner) for name, inner in part.items()}


def _query(query: Object) -> list[Object]:
    """Return a query of the search bar as OpenSearch gets it."""
    assert query["language"] == "lucene"
    text = query["query"]
    return [{"query_string": {"query": text, "analyze_wildcard": True}}] if text else []


def _buckets(state: Object) -> list[Object]:
    return [aggregation for aggregation in state["aggs"] if aggregation["schema"] != "metric"]


def _metrics(state: Object) -> list[Object]:
    return [aggregation for aggregation in state["aggs"] if aggregation["schema"] == "metric"]


def _nested(buckets: list[Object], state: Object) -> Object:
    """Return the aggregations: each in the one before, and the metrics in all."""
    metrics = {
        metric["id"]: {metric["type"]: _parameters(metric)}
        for metric in _metrics(state)
        if metric["type"] != "count"
    }
    if not buckets:
        return {"aggs": metrics}
    bucket = buckets[0]
    inner = {bucket["type"]: _parameters(bucket), **_nested(buckets[1:], state)}
    return {"aggs": {**metrics, bucket["id"]: inner}}


def _parameters(aggregation: Object) -> Object:
    params = aggregation["params"]
    more = json.loads(params.get("json", "{}"))
    match aggregation["type"]:
        case "sum" | "cardinality":
            return {"field": params["field"], **more}
        case "terms":
            assert params["orderBy"] == "1"
            wanted = {name: params[name] for name in ("field", "size", "exclude") if name in params}
            return {**wanted, "order": {"_count": params["order"]}, **more}
        case "date_histogram":
            assert params["interval"] == "auto"
            return {"field": params["field"], "fixed_interval": INTERVAL, "min_doc_count": 1}
        case "filters":
            return {"filters": {group["label"]: _query(group["input"])[0] for group in params["filters"]}}
    raise AssertionError(aggregation)


def _rows(
    level: Object, buckets: list[Object], metrics: list[Object], keys: tuple[Any, ...]
) -> Iterator[Any]:
    """Yield keys and values of each innermost bucket."""
    aggregations = level.get("aggregations", level)
    if not buckets:
        count = level["hits"]["total"]["value"] if "hits" in level else level["doc_count"]
        yield (*keys, *(count if m["type"] == "count" else aggregations[m["id"]]["value"] for m in metrics))
        return
    found = aggregations[buckets[0]["id"]]["buckets"]
    named = found.items() if isinstance(found, dict) else ((bucket["key"], bucket) for bucket in found)
    for key, bucket in named:
        yield from _rows(bucket, buckets[1:], metrics, (*keys, key))


_PATH = re.compile(r"\.(\w+)|\['([^']+)'\]")
_SHARE = re.compile(r"(?P<whole>\S+) > 0 \? (?P<part>\S+) / (?P=whole) : null")


def _transformed(rows: list[Object], transform: Object) -> Iterator[Object]:
    """Yield the rows after a transform of Vega-Lite; of its expressions, those that are used."""
    for row in rows:
        match transform:
            case {"calculate": expression, "as": name}:
                yield {**row, name: _evaluated(expression, row)}
            case {"fold": names, "as": [key, value]}:
                yield from ({**row, key: name, value: row[name]} for name in names)
            case {"filter": "isValid(datum.value)"}:
                # OpenSearch writes null for a percentile of nothing.
                if row["value"] is not None:
                    yield row
            case _:
                raise AssertionError(transform)


def _evaluated(expression: str, row: Object) -> float | None:
    share = _SHARE.fullmatch(expression)
    if share is None:
        return _at(expression, row)
    part, whole = _at(share["part"], row), _at(share["whole"], row)
    assert part is not None
    return part / whole if whole is not None and whole > 0 else None


def _at(expression: str, row: Object) -> float | None:
    found: Any = row
    assert re.fullmatch(rf"datum({_PATH.pattern})+", expression), expression
    for name, quoted in _PATH.findall(expression.removeprefix("datum")):
        found = found[name or quoted]
    value: float | None = found
    return value

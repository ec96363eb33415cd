"""Charts as Vega-Lite specifications: ratios and percentiles, which Dashboards' own charts cannot show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from edgelift.charts.model import Percentiles, Share
from edgelift.opensearch.dashboards.queries import dsl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgelift.charts.model import Chart
    from edgelift.opensearch.dashboards.keys import Keys

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v5.json"
"""Dashboards 2.x has Vega-Lite 4.16 and, from 2.5 on, 5.6."""

DIGITS: Final = 3
"""Significant digits of percentiles, which are HDR histograms: several times as fast as t-digest."""

LONGEST_SECONDS: Final = 1_000_000_000
"""Times of this length and more are ignored: they do not fit into an HDR histogram with milliseconds."""

INTERVALS: Final = 60
"""About how many intervals the selected time is divided into."""


def vega(chart: Chart, keys: Keys) -> dict[str, Any]:
    """Return the `visState` of a chart over time."""
    return {"title": chart.title, "type": "vega", "aggs": [], "params": {"spec": specification(chart, keys)}}


def specification(chart: Chart, keys: Keys) -> str:
    """Return the specification as JSON text."""
    aggregations: dict[str, Any] = {}
    series: dict[str, str] = {}
    for number, measure in enumerate(chart.measures):
        match measure:
            case Share():
                series |= _share(measure, f"_{number}", aggregations, keys)
            case Percentiles():
                series |= _percentiles(measure, f"of_{number}", aggregations, keys)
            case _:
                raise TypeError(f"{chart.name}: lines of {measure}")
    spec = {
        "$schema": SCHEMA,
        "data": {"url": _url(chart, aggregations, keys), "format": {"property": "aggregations.time.buckets"}},
        "transform": [*_transforms(series)],
        "mark": {"type": "line", "point": True},
        "encoding": _encoding(chart, [*series]),
    }
    return json.dumps(spec, indent=2)


def _url(chart: Chart, aggregations: dict[str, Any], keys: Keys) -> dict[str, Any]:
    """Return the request, in which Dashboards replaces names in percent signs."""
    if chart.where is not None:
        raise TypeError(f"{chart.name}: Dashboards adds the query, so that the chart cannot have one")
    histogram = {
        "field": keys.time,
        # Dashboards knows this name only, not fixed_interval.
        "interval": {"%autointerval%": INTERVALS},
        "min_doc_count": 0,
        "extended_bounds": {"min": {"%timefilter%": "min"}, "max": {"%timefilter%": "max"}},
    }
    body = {"size": 0, "aggs": {"time": {"date_histogram": histogram, "aggs": aggregations}}}
    return {"%context%": True, "%timefield%": keys.time, "index": keys.pattern, "body": body}


def _share(measure: Share, suffix: str, aggregations: dict[str, Any], keys: Keys) -> dict[str, str]:
    """Add the aggregations of a share; return the expression of its series."""
    weight = {} if measure.weight is None else {"weight": {"sum": {"field": keys[measure.weight]}}}
    value = "doc_count" if measure.weight is None else "weight.value"
    part, whole = f"datum.part{suffix}.{value}", f"datum.whole{suffix}.{value}"
    everything: dict[str, Any] = {"match_all": {}}
    for name, query in (
        (f"part{suffix}", dsl(measure.part, keys)),
        (f"whole{suffix}", everything if measure.whole is None else dsl(measure.whole, keys)),
    ):
        aggregations[name] = {"filter": query} | ({"aggs": weight} if weight else {})
    return {measure.label: f"{whole} > 0 ? {part} / {whole} : null"}


def _percentiles(measure: Percentiles, name: str, aggregations: dict[str, Any], keys: Keys) -> dict[str, str]:
    """Add the aggregations of percentiles; return the expressions of their series."""
    key = keys[measure.field]
    # A number out of the histogram's range would make the whole request fail.
    queries = [{"range": {key: {"gte": 0, "lt": LONGEST_SECONDS}}}]
    if measure.where is not None:
        queries.append(dsl(measure.where, keys))
    percentiles = {
        "field": key,
        "percents": list(measure.percents),
        "hdr": {"number_of_significant_value_digits": DIGITS},
    }
    aggregations[name] = {
        "filter": {"bool": {"filter": queries}},
        "aggs": {"latency": {"percentiles": percentiles}},
    }
    values = f"datum.{name}.latency.values"
    return {f"{measure.label} p{percent}": f"{values}['{percent}.0']" for percent in measure.percents}


def _transforms(series: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield what makes one row per interval and series of one row per interval."""
    for label, expression in series.items():
        yield {"calculate": expression, "as": label}
    yield {"fold": [*series], "as": ["series", "value"]}
    yield {"filter": "isValid(datum.value)"}


def _encoding(chart: Chart, series: list[str]) -> dict[str, Any]:
    """Return the axes and colors, and the text under the mouse."""
    is_share = isinstance(chart.measures[0], Share)
    time = {"field": "key", "type": "temporal"}
    value = {"field": "value", "type": "quantitative"}
    color = {"field": "series", "type": "nominal"}
    return {
        "x": time | {"title": None},
        "y": value | ({"title": None, "axis": {"format": ".0%"}} if is_share else {"title": "seconds"}),
        "color": color | {"title": None, "sort": series},
        "tooltip": [
            time | {"title": "time", "format": "%Y-%m-%d %H:%M"},
            color | {"title": "series"},
            value | ({"title": "share", "format": ".2%"} if is_share else {"title": "seconds"}),
        ],
    }

"""Charts as Dashboards' own visualizations, in which a click on a value filters the dashboard by it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from edgelift.charts.model import Form, Groups, Requests, Sum, Time, Top, Unique
from edgelift.opensearch.dashboards.queries import lucene

if TYPE_CHECKING:
    from edgelift.charts.model import Chart, Dimension, Measure
    from edgelift.opensearch.dashboards.keys import Keys

PRECISION: Final = 40_000
"""Distinct values up to which their number is close to exact; the maximum of OpenSearch."""

SHARD_SIZE: Final = 1_000
"""Values that each shard reports for a top list: with few, the counts of several indices are wrong."""

_TYPES: Final = {Form.NUMBER: "metric", Form.BARS: "histogram", Form.PIE: "pie", Form.TABLE: "table"}


def aggregated(chart: Chart, keys: Keys) -> dict[str, Any]:
    """Return the `visState` of a chart of counts, sums and numbers of distinct values."""
    measures = [_measure(measure, keys) for measure in chart.measures]
    dimensions = [_dimension(dimension, keys) for dimension in chart.by]
    for place, dimension in enumerate(dimensions):
        dimension["schema"] = "bucket" if chart.form is Form.TABLE else ("segment", "group")[place]
    for measure in measures:
        measure["schema"] = "metric"
    aggregations = [
        {"id": str(number), "enabled": True} | aggregation
        for number, aggregation in enumerate(measures + dimensions, 1)
    ]
    label = measures[0]["params"]["customLabel"]
    return {
        "title": chart.title,
        "type": _TYPES[chart.form],
        "aggs": aggregations,
        "params": _PARAMS[chart.form](label),
    }


def _measure(measure: Measure, keys: Keys) -> dict[str, Any]:
    match measure:
        case Requests():
            return {"type": "count", "params": {"customLabel": "Requests"}}
        case Sum(field):
            return {"type": "sum", "params": {"field": keys[field], "customLabel": "Bytes"}}
        case Unique(field):
            precision = json.dumps({"precision_threshold": PRECISION})
            params = {"field": keys[field], "json": precision, "customLabel": "Unique clients"}
            return {"type": "cardinality", "params": params}
        case _:
            raise TypeError(f"not an aggregation of Dashboards: {measure}")


def _dimension(dimension: Dimension, keys: Keys) -> dict[str, Any]:
    match dimension:
        case Time():
            interval = {"interval": "auto", "useNormalizedOpenSearchInterval": True, "drop_partials": False}
            more = {"scaleMetricValues": False, "min_doc_count": 1, "extended_bounds": {}}
            return {"type": "date_histogram", "params": {"field": keys.time, **interval, **more}}
        case Top(field, size):
            return {"type": "terms", "params": _terms(keys[field], field, size, keys)}
        case Groups(filters):
            groups = [{"input": lucene(where, keys), "label": label} for label, where in filters]
            return {"type": "filters", "params": {"filters": groups}}


def _terms(key: str, label: str, size: int, keys: Keys) -> dict[str, Any]:
    params = {
        "field": key,
        # The first measure, which is the number of requests.
        "orderBy": "1",
        "order": "desc",
        "size": size,
        "otherBucket": False,
        "otherBucketLabel": "Other",
        "missingBucket": False,
        "missingBucketLabel": "Missing",
        "json": json.dumps({"shard_size": SHARD_SIZE}),
        "customLabel": label,
    }
    if keys.keeps_missing and keys.is_text(key):
        # The text of a missing value does not count as a value.
        params["exclude"] = "-?"
    return params


def _number(_: str) -> dict[str, Any]:
    style = {"bgFill": "#000", "bgColor": False, "labelColor": False, "subText": "", "fontSize": 40}
    metric = {
        "percentageMode": False,
        "useRanges": False,
        "colorSchema": "Green to Red",
        "metricColorMode": "None",
        "colorsRange": [{"from": 0, "to": 10_000}],
        "labels": {"show": True},
        "invertColors": False,
        "style": style,
    }
    return {"addTooltip": True, "addLegend": False, "type": "metric", "metric": metric}


def _bars(label: str) -> dict[str, Any]:
    labels = {"show": True, "filter": True, "truncate": 100}
    category = {
        "id": "CategoryAxis-1",
        "type": "category",
        "position": "bottom",
        "show": True,
        "style": {},
        "scale": {"type": "linear"},
        "labels": labels,
        "title": {},
    }
    value = {
        "id": "ValueAxis-1",
        "name": "LeftAxis-1",
        "type": "value",
        "position": "left",
        "show": True,
        "style": {},
        "scale": {"type": "linear", "mode": "normal"},
        "labels": {"show": True, "rotate": 0, "filter": False, "truncate": 100},
        "title": {"text": label},
    }
    series = {
        "show": True,
        "type": "histogram",
        "mode": "stacked",
        "data": {"label": label, "id": "1"},
        "valueAxis": "ValueAxis-1",
        "drawLinesBetweenPoints": True,
        "lineWidth": 2,
        "showCircles": True,
    }
    return {
        "type": "histogram",
        "grid": {"categoryLines": False},
        "categoryAxes": [category],
        "valueAxes": [value],
        "seriesParams": [series],
        "addTooltip": True,
        "addLegend": True,
        "legendPosition": "right",
        "times": [],
        "addTimeMarker": False,
        "labels": {"show": False},
        "thresholdLine": {"show": False, "value": 10, "width": 1, "style": "full", "color": "#E7664C"},
    }


def _pie(_: str) -> dict[str, Any]:
    return {
        "type": "pie",
        "addTooltip": True,
        "addLegend": True,
        "legendPosition": "right",
        "isDonut": True,
        "labels": {"show": True, "values": True, "last_level": True, "truncate": 100},
    }


def _table(_: str) -> dict[str, Any]:
    return {
        "perPage": 10,
        "showPartialRows": False,
        "showMetricsAtAllLevels": False,
        "showTotal": False,
        "totalFunc": "sum",
        "percentageCol": "",
    }


_PARAMS: Final = {Form.NUMBER: _number, Form.BARS: _bars, Form.PIE: _pie, Form.TABLE: _table}

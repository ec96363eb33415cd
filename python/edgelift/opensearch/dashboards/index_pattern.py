"""The index pattern, with the fields that Dashboards would otherwise ask a first index for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from edgelift.opensearch.dashboards.keys import Keys

_TYPES: Final = {
    "boolean": "boolean",
    "date": "date",
    "double": "number",
    "flat_object": "string",
    "float": "number",
    "ip": "ip",
    "keyword": "string",
    "long": "number",
    "short": "number",
}
"""Types in Dashboards by types in OpenSearch; others are objects."""

_METADATA: Final = (
    # name, type, searchable and aggregatable
    ("_id", "string", True),
    ("_index", "string", True),
    ("_score", "number", False),
    ("_source", "_source", False),
)

_PLAIN: Final = {"id": "number", "params": {"pattern": "0.[000]"}}
_SECONDS: Final = {"id": "number", "params": {"pattern": "0.000"}}
_FORMATS: Final = {
    "sc-bytes": {"id": "bytes"},
    "cs-bytes": {"id": "bytes"},
    "sc-content-len": {"id": "bytes"},
    # Without a format they would have separators of thousands.
    "sc-status": _PLAIN,
    "c-port": _PLAIN,
    "asn": _PLAIN,
    "time-to-first-byte": _SECONDS,
    "time-taken": _SECONDS,
    "origin-fbl": _SECONDS,
    "origin-lbl": _SECONDS,
}


def index_pattern(keys: Keys) -> dict[str, Any]:
    """Return the attributes of the index pattern."""
    formats = {keys[field]: format_ for field, format_ in _FORMATS.items()}
    return {
        "title": keys.pattern,
        "timeFieldName": keys.time,
        "fields": json.dumps(fields(keys)),
        "fieldFormatMap": json.dumps(formats),
    }


def fields(keys: Keys) -> list[dict[str, Any]]:
    """Return all fields, as OpenSearch's `_field_caps` would report them."""
    found = [_metadata(*row) for row in _METADATA]
    for key, type_ in keys.types.items():
        if type_["type"] in _TYPES:
            found.append(_field(key, type_["type"], keys))
    return sorted(found, key=lambda field: str(field["name"]))


def _metadata(name: str, type_: str, is_searchable: bool) -> dict[str, Any]:  # noqa: FBT001 -- a column
    return {
        "count": 0,
        "name": name,
        "type": type_,
        "esTypes": [name] if type_ != "number" else [],
        "scripted": False,
        "searchable": is_searchable,
        "aggregatable": is_searchable,
        "readFromDocValues": False,
    }


def _field(key: str, type_: str, keys: Keys) -> dict[str, Any]:
    has_values = type_ != "flat_object"
    parent = next((name for name in _parents(key) if keys.types.get(name, {}).get("type") == "nested"), None)
    field = {
        "count": 0,
        "name": key,
        "type": _TYPES[type_],
        "esTypes": [type_],
        "scripted": False,
        "searchable": True,
        "aggregatable": has_values,
        "readFromDocValues": has_values,
    }
    return field if parent is None else field | {"subType": {"nested": {"path": parent}}}


def _parents(key: str) -> list[str]:
    names = key.split(".")
    return [".".join(names[:length]) for length in range(1, len(names))]

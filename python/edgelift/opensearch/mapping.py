"""The types of all keys that a document can have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from edgelift._core import CONNECTION_FIELDS, FIELDS, STANDARD_FIELDS
from edgelift.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edgelift._core import Transformer

LONGEST_TERM: Final = 8191
"""Maximum number of characters of an indexed text; longer ones are stored, but cannot be searched.

Lucene refuses terms of more than 32,766 bytes, and a character can have four.
"""

# Not strict_date_optional_time, the default, which reads the milliseconds 1000 to 9999 as years.
_ISO: Final = "strict_date_time||strict_date_time_no_millis||strict_date||strict_year_month"
_DATE: Final[dict[str, Any]] = {"type": "date", "format": f"{_ISO}||epoch_millis"}
_SECONDS: Final[dict[str, Any]] = {"type": "date", "format": f"{_ISO}||epoch_second"}
_DAY: Final[dict[str, Any]] = {
    "type": "date",
    "format": "strict_date||strict_year_month",
    "ignore_malformed": True,
}
_KEYWORD: Final[dict[str, Any]] = {"type": "keyword", "ignore_above": LONGEST_TERM}
_ADDRESS: Final[dict[str, Any]] = {"type": "ip"}
_STORED: Final[dict[str, Any]] = {"type": "object", "enabled": False}
_CHECKED_TYPES: Final[dict[str, dict[str, Any]]] = {
    "address": _ADDRESS,
    "date": _DAY,
    "decimal": {"type": "float"},
    "integer": {"type": "long"},
    "status": {"type": "short"},
}
# Integers lose a fraction silently, and OpenSearch reads the text "NaN" as the short 0.
_TEXT_NUMBERS: Final = {"integer": {"type": "double"}, "status": {"type": "double"}}
"""Types of numbers that are unchecked texts."""
_HEADERS: Final[dict[str, dict[str, Any]]] = {
    "disabled": _STORED,
    "flat_object": {"type": "flat_object"},
    "nested": {"type": "nested", "dynamic": False, "properties": {"name": _KEYWORD, "value": _KEYWORD}},
}

_TIMES: Final = ("timestamp", "eventTimestamp")
"""Fields with the time of a record: of requests, and of connections."""

_ADDRESS_LISTS: Final = ("x-forwarded-for",)
"""Lists whose entries are addresses as a rule, but also ``unknown`` or an address with a port."""

_CHECKED: Final = {"address", "boolean", "date", "decimal", "integer", "status", "time", "timestamp"}
"""Kinds whose values may be kept in ``_unparsed``, by the names of their fields."""

_METADATA: Final = {
    *("_data_stream_timestamp", "_doc_count", "_field_names", "_id", "_ignored", "_index", "_nested_path"),
    *("_primary_term", "_routing", "_seq_no", "_source", "_type", "_version"),
}
"""Keys that OpenSearch has itself, and refuses in documents."""


class Key(NamedTuple):
    """A key that documents can have, with the name of its field and the kind of its values."""

    key: str
    field: str
    kind: str


def mapping(transformer: Transformer) -> dict[str, Any]:
    """Return the mapping of all documents that a configuration can give.

    It has all fields of CloudFront, not only the configured ones, so that a field can be added to a log
    without a new mapping. Keys that it does not know are stored, but not indexed.

    Raises:
        ConfigError: two fields or options do not fit together in a mapping.

    """
    options = transformer.options
    _check_headers(options)
    _check_kinds(transformer)
    known = keys(transformer)
    properties: dict[str, Any] = {}
    for key in known:
        _insert(properties, key, _type(key, options))
    # Not a flat_object, which refuses a document for a text of more than 32,766 bytes.
    for name in sorted({key.field for key in known if key.kind in _CHECKED}):
        _insert(properties, Key(f"_unparsed.{name}", name, "text"), _KEYWORD)
    time = time_key(transformer)
    if time != "@timestamp":
        # Dashboards, and the tools of others, look for this name.
        properties.setdefault("@timestamp", {"type": "alias", "path": time})
    return {"dynamic": False, "properties": properties}


def time_key(transformer: Transformer) -> str:
    """Return the key of the time of a record; that of requests unless only connections are configured."""
    known = {key.field: key.key for key in reversed(keys(transformer)) if key.kind == "timestamp"}
    configured = {key.field for key in _configured_keys(transformer) if key.kind == "timestamp"}
    return known[next((name for name in _TIMES if name in configured), _TIMES[0])]


def keys(transformer: Transformer) -> list[Key]:
    """Return all keys, in the order of CloudFront's tables, custom fields last."""
    found = {key.key: key for key in reversed([*_known_keys(transformer.options["output"]["names"])])}
    known = list(found.values())[::-1]
    configured = {key.key: key for key in _configured_keys(transformer)}
    # A custom field can have the key of a field in the tables, but documents have its kind.
    listed = [
        configured[key.key] if key.key in configured and configured[key.key].kind != key.kind else key
        for key in known
    ]
    return [*listed, *(key for name, key in configured.items() if name not in found)]


def _known_keys(names: str) -> Iterator[Key]:
    for table in FIELDS, STANDARD_FIELDS, CONNECTION_FIELDS:
        for field in table.values():
            yield Key(field.keys[names], field.name, field.kind)
    yield _truncated_key(names)


def _configured_keys(transformer: Transformer) -> Iterator[Key]:
    """Yield the keys that the documents of the configured layouts have, those of each layout."""
    for layout in transformer.layouts:
        yield from (Key(column.key, column.field, column.kind) for column in layout if column.selected)
        if {"cs-headers", "cs-headers-count"} <= {column.field for column in layout}:
            yield _truncated_key(transformer.options["output"]["names"])


def _truncated_key(names: str) -> Key:
    """Return the key that documents have after the count of headers, and under a similar name."""
    count = FIELDS["cs-headers-count"].keys[names]
    key = "cs-headers-truncated" if names == "cloudfront" else f"{count.removesuffix('_count')}_truncated"
    return Key(key, "cs-headers-truncated", "boolean")


def _check_kinds(transformer: Transformer) -> None:
    """Make sure that a key has one type in all layouts.

    Raises:
        ConfigError: two fields have the same key, but values of different types.

    """
    seen: dict[str, Key] = {}
    for key in _configured_keys(transformer):
        other = seen.setdefault(key.key, key)
        if _type(key, transformer.options) != _type(other, transformer.options):
            raise ConfigError(
                f'the key "{key.key}" cannot be indexed: it is that of the fields "{other.field}" '
                f'({other.kind}) and "{key.field}" ({key.kind}); give the custom field another name'
            )


def _insert(properties: dict[str, Any], key: Key, type_: Mapping[str, Any]) -> None:
    """Put a type where OpenSearch looks for it: dots in a key are objects in objects."""
    *objects, last = key.key.split(".")
    if "" in objects or not last or key.key in _METADATA:
        raise ConfigError(
            f'the key "{key.key}" (field "{key.field}") cannot be indexed by OpenSearch; give it another name'
        )
    for name in objects:
        parent = properties.setdefault(name, {"properties": {}})
        if "type" in parent:
            raise _overlap(key, name)
        properties = parent["properties"]
    if last in properties:
        raise _overlap(key, last)
    properties[last] = dict(type_)


def _overlap(key: Key, name: str) -> ConfigError:
    return ConfigError(
        f'the key "{key.key}" (field "{key.field}") cannot be indexed: "{name}" would be a value and an '
        "object; give one of the fields another name"
    )


def walk(properties: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield key and definition of each field of a mapping, those in objects by their whole path."""
    for name, field in properties.items():
        inner = field.get("properties", {})
        # An object has no type, or no properties if it is stored only; a nested one is a field, too.
        if not inner or field.get("type") == "nested":
            yield before + name, {key: value for key, value in field.items() if key != "properties"}
        yield from walk(inner, f"{before}{name}.")


def _check_headers(options: Mapping[str, Mapping[str, Any]]) -> None:
    output, headers = options["output"], options["opensearch"]["headers"]
    if headers == "disabled":
        return
    for key, value in ("values", "text"), ("missing", "keep"):
        if output[key] == value:
            raise ConfigError(
                f'opensearch.headers: "{headers}" needs lists of headers, but with {key} = "{value}" '
                "they can be a text"
            )


def _type(key: Key, options: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    output = options["output"]
    is_text = output["values"] == "text"
    # Then "-" and unchecked texts are where a number is expected: the value is stored, but not indexed.
    is_loose = is_text or output["missing"] == "keep"
    # So is a column of a log with a header, if the name is that of a field of another kind of log.
    has_header = options["input"]["format"] != "realtime"
    tolerant = {"ignore_malformed": True} if is_loose or has_header else {}
    if key.kind == "timestamp":
        return _time(options, tolerant)
    if key.kind == "list" and key.field in _ADDRESS_LISTS and not is_text:
        return _ADDRESS | {"ignore_malformed": True}
    if key.kind == "headers" and not is_text:
        return _HEADERS[options["opensearch"]["headers"]]
    if key.kind == "boolean":
        return _KEYWORD if is_loose else {"type": "boolean"}
    types = _CHECKED_TYPES | _TEXT_NUMBERS if is_text else _CHECKED_TYPES
    return types[key.kind] | tolerant if key.kind in types else _KEYWORD


def _time(options: Mapping[str, Mapping[str, Any]], tolerant: dict[str, Any]) -> dict[str, Any]:
    """Return the type of times; a keyword if no format of OpenSearch fits all of them."""
    if not has_time(options):
        return _KEYWORD
    return (_SECONDS if _is_as_written(options) else _DATE) | tolerant


def has_time(options: Mapping[str, Mapping[str, Any]]) -> bool:
    """Return true if the times of records are indexed as times.

    As they are in the log, those of real-time logs are seconds, but those of standard logs are seconds,
    milliseconds or a text: no format of OpenSearch can tell the numbers apart.
    """
    return not _is_as_written(options) or options["input"]["format"] == "realtime"


def _is_as_written(options: Mapping[str, Mapping[str, Any]]) -> bool:
    output = options["output"]
    return bool(output["timestamp"] == "verbatim" or output["values"] == "text")

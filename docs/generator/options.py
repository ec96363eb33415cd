"""Generates the tables of options with type and default; their meaning is written by hand."""

from __future__ import annotations

import json
import re
import warnings
from typing import Any

from docs.generator.tables import Block, code, table
from edgelift import ConfigError, Transformer

_LAYOUTS: dict[str, Any] = {"layouts": [{"fields": "all"}]}
_CUSTOM_FIELD = {"name": "x", "kind": "text", "after": "asn"}
_ARRAYS = {"layouts": {"fields": "all"}, "custom_fields": _CUSTOM_FIELD}
"""Tables that can be repeated, with a valid one of each."""

_TYPES = {
    "a boolean": "boolean",
    "an integer": "integer",
    "a string": "string",
    "a table": "table",
    "an array": "list of names",
    '"auto" or a boolean': '`"auto"`, boolean',
    '"all" or a list of field names': 'list of names, or `"all"`',
}


def options(block: Block) -> str:
    """Return the options of the section in the block's argument."""
    section = block.argument
    body = [
        [code(key), _type(section, key), _default(section, key), block.prose(code(key))]
        for key in _known(section)
    ]
    return table(("key", "type", "default", "meaning"), body)


def choices(section: str) -> dict[str, list[str]]:
    """Return the valid values of each option; an empty list for options that are not a choice."""
    return {key: _choices(section, key) for key in _known(section)}


def _choices(section: str, key: str) -> list[str]:
    """Return the choices of an option from the message about a wrong value."""
    listed = (_error(section, key, "?") or "").partition('"?" is not one of ')[2]
    return listed.split(", ") if listed else []


def _known(section: str) -> list[str]:
    """Return the keys in the order in which the engine lists them."""
    return (_error(section, "?", 0) or "").partition("known are ")[2].partition(";")[0].split(", ")


def _type(section: str, key: str) -> str:
    """Return the choices of an option or its type, from the message about a wrong value."""
    if found := _choices(section, key):
        return ", ".join(code(json.dumps(choice)) for choice in found)
    message = _error(section, key, "?") or ""
    if message.endswith('unknown field "?"'):
        return "name"
    # A string does not reveal the type of an option that accepts any string, or its pattern.
    expected = re.search("expected (.*)", message) or re.search(
        "expected (.*)", _error(section, key, 7) or ""
    )
    if expected is None:
        raise LookupError(f"no message states the type of {section}.{key}")
    return _TYPES[expected[1]]


def _default(section: str, key: str) -> str:
    if section in _ARRAYS:
        return "none, must be given"
    value = Transformer(_LAYOUTS).options[section][key]
    return code(json.dumps(value, default=dict))


def _error(section: str, key: str, value: object) -> str | None:
    """Return the message for an option with this value, or None if it is valid."""
    changed: Any = {key: value}
    if section in _ARRAYS:
        changed = [_ARRAYS[section] | changed]
    try:
        with warnings.catch_warnings(action="ignore"):
            Transformer(_LAYOUTS | {section: changed})
    except ConfigError as error:
        return str(error)
    return None

"""Compares the fields of live indices with those of the template."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from edgelift.opensearch.finding import Finding, some
from edgelift.opensearch.mapping import mapping, time_key, walk
from edgelift.opensearch.settings import normalized

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgelift._core import Transformer

_REINDEX: Final = (
    "new indices have the types of the template; for this one: delete it and run edgelift reprocess again"
)

_Definitions = dict[str, dict[str, Any]]
_Groups = defaultdict[tuple[str, ...], tuple[dict[str, None], dict[str, None]]]


def definitions_of(mappings: dict[str, Any]) -> _Definitions:
    """Return the normalized definition of each key, those in objects by their whole path."""
    return {
        key: {"type": "object"} | normalized({"field": field}).get("field", {})
        for key, field in walk(mappings.get("properties", {}))
    }


def types_of(mappings: dict[str, Any]) -> dict[str, str]:
    """Return the type of each key, those in objects by their whole path."""
    return {key: definition["type"] for key, definition in definitions_of(mappings).items()}


def check_fields(live: dict[str, Any], transformer: Transformer) -> Iterator[Finding]:
    """Yield a finding for each kind of difference, with the keys and indices that have it."""
    wanted = definitions_of(mapping(transformer))
    found = {index: definitions_of(body["mappings"]) for index, body in sorted(live.items())}
    # The keys and indices of each kind.
    groups: _Groups = defaultdict(lambda: ({}, {}))
    for index, fields in found.items():
        for key in fields.keys() & wanted.keys():
            for kind in _differences(fields[key], wanted[key]):
                groups[kind][0][key] = None
                groups[kind][1][index] = None
    wrong = {index for kind, (_, indices) in groups.items() if kind[0] == "type" for index in indices}
    for (parameter, value, expected), (keys, indices) in sorted(groups.items()):
        said = "" if parameter == "type" else f"{parameter} "
        cause = f"{said}{value} in {some([*indices])}, but {expected} in the template"
        if (parameter, expected) == ("type", "alias"):
            cause += f": documents have this key beside {time_key(transformer)}"
        yield Finding(some(sorted(keys)), cause, _REINDEX)
    yield from _dynamic(live)
    yield from _varying(found, wanted)
    older = [index for index in found if index not in wrong and wanted.keys() - found[index].keys()]
    if older:
        lacking = some(sorted(wanted.keys() - found[older[0]].keys()))
        cause = f"no {lacking} in {some(older)}, but fields of the template: it is older"
        yield Finding("index", cause, _REINDEX)


def _differences(live: dict[str, Any], wanted: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield name, live value and wanted value of each parameter; only the type if that differs."""
    names = ["type"] if live["type"] != wanted["type"] else sorted(live.keys() | wanted.keys())
    for name in names:
        if live.get(name) != wanted.get(name):
            yield name, _written(live.get(name)), _written(wanted.get(name))


def _written(value: Any) -> str:  # noqa: ANN401 - of JSON
    if value is None:
        return "not set"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _dynamic(live: dict[str, Any]) -> Iterator[Finding]:
    indices: dict[str, list[str]] = {}
    for index, body in sorted(live.items()):
        value = str(body["mappings"].get("dynamic", True)).lower()
        if value != "false":
            indices.setdefault(value, []).append(index)
    for value, names in indices.items():
        cause = f"{value} in {some(names)}, but false in the template: keys of documents become fields"
        yield Finding("dynamic", cause, _REINDEX)


def _varying(found: dict[str, _Definitions], wanted: _Definitions) -> Iterator[Finding]:
    """Yield the keys beyond those of the template whose types differ between indices."""
    indices: dict[str, dict[str, list[str]]] = {}
    for index, fields in found.items():
        for key in sorted(fields.keys() - wanted.keys()):
            indices.setdefault(key, {}).setdefault(fields[key]["type"], []).append(index)
    kinds: dict[str, list[str]] = {}
    for key, by_type in indices.items():
        if len(by_type) > 1:
            where = ", ".join(f"{type_} in {some(names)}" for type_, names in sorted(by_type.items()))
            kinds.setdefault(where, []).append(key)
    for where, keys in kinds.items():
        yield Finding(some(keys), f"types differ: {where}", _REINDEX)

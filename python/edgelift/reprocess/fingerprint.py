"""The fingerprint of a job: a journal is resumed only by a job with an equal one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edgelift._core import Transformer


MOST_WORKERS = 64
"""Objects that are worked on at once at most."""


def transformer_fingerprint(transformer: Transformer) -> dict[str, Any]:
    """Return what decides about documents: options, and the columns of each layout with their keys."""
    options: dict[str, Any] = json.loads(json.dumps(dict(transformer.options), default=dict))
    layouts = [[f"{column.field} as {column.key}" for column in layout] for layout in transformer.layouts]
    return {**options, "layouts": layouts}


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Say in which settings two jobs differ, one line each."""
    old, new = dict(_flat(before)), dict(_flat(now))
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return [f"{key} was {old.get(key, 'not set')}, now {new.get(key, 'not set')}" for key in keys]


def _flat(settings: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    flat = []
    for key, value in settings.items():
        if isinstance(value, Mapping):
            flat += _flat(value, f"{before}{key}.")
        else:
            flat.append((before + key, json.dumps(value, ensure_ascii=False)))
    return flat

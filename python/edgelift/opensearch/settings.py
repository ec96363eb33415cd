"""Settings of a live cluster beside ours: what servers add and how they write values makes no difference."""

from __future__ import annotations

import difflib
import json
from typing import Any, Final

_ACTION: Final = ("states", "*", "actions", "*")
_ADDED: Final = {
    # Of policies.
    ("error_notification",),
    ("last_updated_time",),
    ("policy_id",),
    ("schema_version",),
    ("user",),
    ("ism_template", "*", "last_updated_time"),
    (*_ACTION, "retry"),
    # Of roles and their mappings.
    ("hidden",),
    ("reserved",),
    ("static",),
    # Not a setting.
    ("description",),
}
"""Paths of keys that servers add. The same key elsewhere is a setting, or a field of a mapping."""

_DEFAULTS: Final = {
    (*_ACTION, "rollover", "copy_alias"): "false",
    (*_ACTION, "rollover", "prevent_empty_rollover"): "false",
}
"""Values that servers write where there was none."""


def normalized(value: Any, path: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - of JSON
    """Return a value without what servers add; scalars are texts, as servers return numbers as texts."""
    if isinstance(value, dict):
        below = {key: (*path, key) for key in value}
        kept = {key: normalized(value[key], at) for key, at in below.items() if at not in _ADDED}
        return {
            key: each
            for key, each in kept.items()
            if each not in (None, {}, []) and _DEFAULTS.get(below[key]) != each
        }
    if isinstance(value, list):
        return [normalized(each, (*path, "*")) for each in value]
    if isinstance(value, bool):
        return str(value).lower()
    return value if value is None else str(value)


def difference(live: Any, wanted: Any) -> list[str]:  # noqa: ANN401 - of JSON
    """Return the lines in which normalized settings differ, with three lines around, or none."""
    before, after = (
        json.dumps(normalized(value), indent=2, sort_keys=True, ensure_ascii=False).splitlines()
        for value in (live, wanted)
    )
    return list(difflib.unified_diff(before, after, "live", "configured", lineterm=""))

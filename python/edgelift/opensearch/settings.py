"""Settings of a live cluster beside ours: what servers add and how they write values makes no difference."""

from __future__ import annotations

import difflib
import json
from typing import Any, Final

_ADDED: Final = {
    *("last_updated_time", "schema_version", "policy_id", "error_notification", "user", "retry"),
    *("reserved", "hidden", "static", "description", "composed_of", "version"),
}
"""Keys that servers add. A description is not a setting."""


def normalized(value: Any) -> Any:  # noqa: ANN401 - of JSON
    """Return a value without what servers add; scalars are texts, as servers return numbers as texts."""
    if isinstance(value, dict):
        kept = {key: normalized(each) for key, each in value.items() if key not in _ADDED}
        return {key: each for key, each in kept.items() if each not in (None, {}, [])}
    if isinstance(value, list):
        return [normalized(each) for each in value]
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

"""The policy of Index State Management: when indices are deleted.

Source: OpenSearch documentation, "Index State Management", "Policies".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from edgelift.opensearch.template import PRIORITY, index_patterns, template_name

if TYPE_CHECKING:
    from edgelift._core import Transformer

POLICIES: Final = "/_plugins/_ism/policies/"

ROLLOVER_DAYS: Final = 1
"""Age in days at which an alias or data stream begins a new index."""

ROLLOVER_SIZE: Final = "50gb"
"""Size of a primary shard at which an alias or data stream begins a new index."""

_DAYS: Final = {"hour": 1, "day": 1, "week": 7, "month": 31}
"""Days whose documents an index can have, by Firehose's rotation."""


def policy_name(transformer: Transformer) -> str:
    """Return the name of the policy: that of the template."""
    return template_name(transformer)


def has_rollover(transformer: Transformer) -> bool:
    """Return true if the policy rolls an alias or data stream over.

    Indices whose names have the time cannot: "Missing alias or not the write index when rollover".
    """
    return bool(transformer.options["opensearch"]["rotation"] == "none")


def policy(transformer: Transformer) -> dict[str, Any] | None:
    """Return the body of the policy; None if indices are kept forever."""
    days = transformer.options["opensearch"]["retention_days"]
    if not days:
        return None
    rolls = has_rollover(transformer)
    rollover = {"min_index_age": f"{ROLLOVER_DAYS}d", "min_primary_shard_size": ROLLOVER_SIZE}
    # An index that was rolled over has documents that are younger than itself.
    age = "min_rollover_age" if rolls else "min_index_age"
    written = {
        "name": "written",
        "actions": [{"rollover": rollover}] if rolls else [],
        "transitions": [{"state_name": "deleted", "conditions": {age: f"{days}d"}}],
    }
    deleted = {"name": "deleted", "actions": [{"delete": {}}], "transitions": []}
    return {
        "policy": {
            "description": f"CloudFront logs of edgelift: deleted after {days} days",
            "default_state": "written",
            "states": [written, deleted],
            "ism_template": [{"index_patterns": index_patterns(transformer), "priority": PRIORITY}],
        }
    }


def policy_warnings(transformer: Transformer) -> list[str]:
    """Return what should be known about the policy: an index is older than its latest documents."""
    options = transformer.options["opensearch"]
    retention, name = options["retention_days"], template_name(transformer)
    index = transformer.options["bulk"].get("index", "{dd}")
    if not retention:
        return []
    if has_rollover(transformer):
        if index == name:
            return []
        problem = f"the policy rolls over {name}, but bulk bodies go to {index}, which it never deletes"
        return [f'{problem}; write no [bulk] index, or another rotation than "none"']
    if "{" not in index:
        problem = f"the policy deletes the index {index} after {retention} days with its latest documents"
        return [f"{problem}; write a time into [bulk] index"]
    in_bulk = 1 if "{dd}" in index else 31 if "{MM}" in index else 366
    days = max(in_bulk, _DAYS[options["rotation"]])
    if days == 1 or retention >= 2 * days:
        return []
    problem = (
        f"an index has documents of up to {days} days, and is deleted {retention} days after its creation"
    )
    return [f"{problem}; choose a shorter rotation, or retention_days of at least {2 * days}"]

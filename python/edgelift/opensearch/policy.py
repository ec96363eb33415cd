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

"""Finds policies and templates of others that are for the same indices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from edgelift.opensearch.finding import Finding
from edgelift.opensearch.policy import POLICIES, policy_name
from edgelift.opensearch.template import PRIORITY, index_patterns, template_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgelift._core import Transformer
    from edgelift.opensearch.cluster import Cluster

_PAGE: Final = 100
"""Policies in an answer."""


def check_templates(cluster: Cluster, transformer: Transformer, body: dict[str, Any]) -> Iterator[Finding]:
    """Yield a finding if templates of others come before one of ours for some of its indices.

    OpenSearch refuses a template of the same priority, but keeps both if ours was changed later.
    """
    ours = {template_name(transformer), template_name(transformer, data_stream=True)}
    patterns, least = body["index_patterns"], body["priority"]
    listed = (cluster.get("/_index_template") or {}).get("index_templates", [])
    others = [
        f"{entry['name']} (priority {priority}, {', '.join(theirs['index_patterns'])})"
        for entry in listed
        if entry["name"] not in ours
        and (priority := int((theirs := entry["index_template"]).get("priority") or 0)) >= least
        and _overlap_any(theirs["index_patterns"], patterns)
    ]
    if others:
        yield Finding(
            "index template",
            f"indices of {', '.join(patterns)} get the types of other index templates instead, whose "
            f"priority is not below {least}: {', '.join(sorted(others))}",
            f"delete them, give them a priority below {least}, or choose another [opensearch] index_prefix",
        )


def check_policies(cluster: Cluster, transformer: Transformer) -> Iterator[Finding]:
    """Yield a finding for each policy that clashes with ours."""
    for entry in _all_policies(cluster):
        # There may be one, several or none.
        templates = entry["policy"].get("ism_template") or []
        clashing = [
            template
            for template in (templates if isinstance(templates, list) else [templates])
            if int(template.get("priority") or 0) >= PRIORITY
            and _overlap_any(template["index_patterns"], index_patterns(transformer))
        ]
        if entry["_id"] != policy_name(transformer) and clashing:
            priority = max(int(template["priority"]) for template in clashing)
            yield Finding(
                "policy",
                f"the policy {entry['_id']} is for some of the same indices with the priority {priority}",
                f"delete one of both, or give it a priority below {PRIORITY}",
            )


def _all_policies(cluster: Cluster) -> Iterator[Any]:
    """Yield the policies of all pages."""
    start, total = 0, 1
    while start < total:
        params = {"size": _PAGE, "from": start}
        answer = cluster.get(POLICIES.rstrip("/"), params=params) or {}
        page = answer.get("policies", [])
        yield from page
        start += len(page)
        total = answer.get("total_policies", 0) if page else 0


def _overlap_any(theirs: list[str], ours: list[str]) -> bool:
    return any(overlap(one, other) for one in theirs for other in ours)


def overlap(one: str, other: str) -> bool:
    """Return true if a name can match both patterns, in which ``*`` stands for any text."""
    # row[n]: the part of `one` so far and the first n characters of `other` overlap.
    row = [True]
    for another in other:
        row.append(row[-1] and another == "*")
    for letter in one:
        before, row = row, [row[0] and letter == "*"]
        for place, another in enumerate(other):
            if "*" in {letter, another}:
                row.append(before[place + 1] or row[place])
            else:
                row.append(letter == another and before[place])
    return row[-1]

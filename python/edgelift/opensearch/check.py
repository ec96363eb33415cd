"""Compares a live cluster with the configuration: each finding says the field, the cause and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from edgelift.opensearch.apply import POLICIES, plan
from edgelift.opensearch.attach import existing
from edgelift.opensearch.coverage import missing_rollover_target, names_of_rotation, sample_index
from edgelift.opensearch.fields import check_fields
from edgelift.opensearch.finding import Finding, Report, some
from edgelift.opensearch.policy import policy_name
from edgelift.opensearch.probe import probe, probe_target
from edgelift.opensearch.template import PRIORITY, index_patterns, template_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgelift._core import Transformer
    from edgelift.opensearch.cluster import Cluster
    from edgelift.opensearch.roles import Role

APPLY: Final = "edgelift opensearch apply"

ENOUGH_DAYS: Final = 90
"""Days for which there should be shards, if indices are kept forever."""

_INDICES_A_DAY: Final = {"none": 0.0, "hour": 24.0, "day": 1.0, "week": 1 / 7, "month": 1 / 30}


def check(
    cluster: Cluster, transformer: Transformer, variant: Role | None, *, data_stream: bool = False
) -> Report:
    """Return what differs; a probe document is written into an existing index and removed again.

    Without a variant of the role, each of them is right.

    Raises:
        JobError: the cluster cannot be used.
        ConfigError: the configuration has no template.

    """
    found = plan(cluster, transformer, variant, data_stream=data_stream)
    report = Report(not_checked=found.skipped)
    for step in found.steps:
        if step.needed:
            cause = (
                f"{step.title} differs from the configuration" if step.exists else f"there is no {step.title}"
            )
            report.findings.append(Finding(step.title.rpartition(" ")[0], cause, APPLY))
    live = _live_mappings(cluster, transformer)
    findings = report.findings
    findings += _shadowed(cluster, template_name(transformer, data_stream=data_stream), transformer)
    findings += check_fields(live, transformer)
    findings += _names(list(live), transformer)
    if not cluster.is_serverless:
        findings += _shards(cluster, transformer)
        findings += _rollover(cluster, transformer)
        if any(step.title.startswith("policy ") for step in found.steps):
            findings += _policies(cluster, transformer)
    target = probe_target(live, transformer)
    if target:
        findings += probe(cluster, transformer, target)
    else:
        report.not_checked.append(
            "writing skipped: no index has the name and the fields of the configuration yet"
        )
    return report


def _live_mappings(cluster: Cluster, transformer: Transformer) -> dict[str, Any]:
    patterns = quote(",".join(index_patterns(transformer)), safe=",*")
    params = {"ignore_unavailable": "true"}
    return cluster.get(f"/{patterns}/_mapping", params=params) or {}


def _shadowed(cluster: Cluster, ours: str, transformer: Transformer) -> Iterator[Finding]:
    index = sample_index(transformer)
    answer = cluster.request("POST", f"/_index_template/_simulate_index/{quote(index, safe='')}")
    overlapping = answer.body.get("overlapping", []) if answer.is_ok else []
    if any(template["name"] == ours for template in overlapping):
        yield Finding(
            "index template",
            f"another template of a priority above {PRIORITY} replaces it for {index}",
            f"delete that template, or give it a priority below {PRIORITY}: GET _index_template",
        )


def _names(indices: list[str], transformer: Transformer) -> Iterator[Finding]:
    rotation = transformer.options["opensearch"]["rotation"]
    ours = names_of_rotation(transformer)
    # A data stream names its indices itself.
    others = [name for name in sorted(indices) if not name.startswith(".ds-") and not ours.fullmatch(name)]
    if others:
        yield Finding(
            "rotation",
            f'the name of {some(others)} is not that of the rotation "{rotation}"',
            "set [opensearch] rotation to the index rotation of the Firehose stream",
        )


def _shards(cluster: Cluster, transformer: Transformer) -> Iterator[Finding]:
    options = transformer.options["opensearch"]
    health = cluster.get("/_cluster/health")
    params = {"include_defaults": "true", "filter_path": "*.cluster.max_shards_per_node"}
    settings = cluster.get("/_cluster/settings", params=params) or {}
    groups = [settings[name] for name in ("transient", "persistent", "defaults") if settings.get(name)]
    limits = [group["cluster"]["max_shards_per_node"] for group in groups]
    # An index has one replica unless the template says otherwise.
    a_day = 2 * options["shards"] * _INDICES_A_DAY[options["rotation"]]
    if health is None or not limits or not a_day:
        return
    used = health["active_shards"] + health["unassigned_shards"]
    left = int(limits[0]) * health["number_of_data_nodes"] - used
    days = int(left / a_day)
    wanted = options["retention_days"] or ENOUGH_DAYS
    if days < wanted:
        yield Finding(
            "shards",
            f"the cluster can have {left} more shards, which is {days} days, fewer than {wanted}",
            "add nodes, choose fewer shards or a longer rotation, or set [opensearch] retention_days",
        )


def _rollover(cluster: Cluster, transformer: Transformer) -> Iterator[Finding]:
    first = missing_rollover_target(cluster, transformer)
    if first is not None:
        cause = f"{template_name(transformer)} is neither an alias nor a data stream"
        yield Finding("rollover", cause, first)


def _policies(cluster: Cluster, transformer: Transformer) -> Iterator[Finding]:
    ours, patterns = policy_name(transformer), set(index_patterns(transformer))
    listed = (cluster.get(POLICIES.rstrip("/")) or {}).get("policies", [])
    for entry in listed:
        templates = entry["policy"].get("ism_template") or []
        same = [t for t in templates if t["priority"] == PRIORITY and patterns & set(t["index_patterns"])]
        if entry["_id"] != ours and same:
            yield Finding(
                "policy",
                f"the policy {entry['_id']} is for the same indices with the same priority",
                "delete one of both, or change its priority",
            )
    without = [index.name for index in existing(cluster, transformer) if index.policy is None]
    if without:
        yield Finding("policy", f"no policy for {some(without)}", f"{APPLY} --attach-existing --dry-run")

"""Compares a live cluster with the configuration: each finding says the field, the cause and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from edgelift.opensearch.apply import plan
from edgelift.opensearch.attach import existing
from edgelift.opensearch.clashes import check_policies
from edgelift.opensearch.coverage import names_of_rotation, own_names
from edgelift.opensearch.errors import RefusedError
from edgelift.opensearch.fields import check_fields
from edgelift.opensearch.finding import Finding, Report, some
from edgelift.opensearch.policy import policy_name
from edgelift.opensearch.probe import probe, probe_target
from edgelift.opensearch.shards import check_shards
from edgelift.opensearch.template import index_patterns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edgelift._core import Transformer
    from edgelift.opensearch.apply import Plan
    from edgelift.opensearch.cluster import Cluster
    from edgelift.opensearch.roles import Role


def check(
    cluster: Cluster,
    transformer: Transformer,
    variant: Role | None,
    *,
    data_stream: bool = False,
    command: str,
) -> Report:
    """Return what differs; a probe document is written into an existing index and removed again.

    What the user may not read is not checked. Without a variant of the role, each of them is right.
    `command` is how ``apply`` is called, for the findings.

    Raises:
        JobError: the cluster cannot be used.
        ConfigError: the configuration has no template.

    """
    report = Report()

    def refused(error: RefusedError) -> None:
        if error.remedy:
            report.findings.append(Finding("index template", error.cause, error.remedy))
        elif error.cause not in report.not_checked:
            report.not_checked.append(error.cause)

    def add(findings: Iterable[Finding]) -> None:
        try:
            report.findings.extend(findings)
        except RefusedError as error:
            refused(error)

    found = plan(cluster, transformer, variant, data_stream=data_stream, refused=refused)
    report.not_checked.extend(found.skipped)
    add(_settings(found, command))
    add(found.findings)
    live: dict[str, Any] = {}
    try:
        live = _live_mappings(cluster, transformer)
    except RefusedError as error:
        refused(error)
    add(_names(list(live), transformer))
    ours = own_names(transformer)
    live = {index: body for index, body in live.items() if ours.fullmatch(index)}
    add(check_fields(live, transformer))
    if not cluster.is_serverless:
        add(check_shards(cluster, transformer))
        if found.has_policy:
            add(check_policies(cluster, transformer))
            add(_attached(cluster, transformer, command))
    if target := probe_target(cluster, live, transformer):
        add(probe(cluster, transformer, target))
    else:
        report.not_checked.append(
            "writing skipped: no index has the name and the fields of the configuration yet"
        )
    return report


def _settings(found: Plan, command: str) -> Iterator[Finding]:
    for step in found.steps:
        if step.needed:
            cause = (
                f"{step.title} differs from the configuration" if step.exists else f"there is no {step.title}"
            )
            yield Finding(step.title.rpartition(" ")[0], cause, command)


def _live_mappings(cluster: Cluster, transformer: Transformer) -> dict[str, Any]:
    patterns = quote(",".join(index_patterns(transformer)), safe=",*")
    params = {"ignore_unavailable": "true"}
    return cluster.get(f"/{patterns}/_mapping", params=params) or {}


def _names(indices: list[str], transformer: Transformer) -> Iterator[Finding]:
    rotation = transformer.options["opensearch"]["rotation"]
    of_rotation, ours = names_of_rotation(transformer), own_names(transformer)
    # Indices of systems can be those of an alias; those of data streams have such names, too.
    named = [name for name in sorted(indices) if not name.startswith(".") or name.startswith(".ds-")]
    foreign = [name for name in named if not ours.fullmatch(name)]
    patterns = ", ".join(index_patterns(transformer))
    if foreign:
        yield Finding(
            "indices",
            f"{patterns} matches {some(foreign)}, too, but neither edgelift nor Firehose names indices so: "
            "template, policy and charts are also for such an index",
            "rename it, or choose another [opensearch] index_prefix",
        )
    # A data stream names its indices itself.
    dated = [name for name in named if ours.fullmatch(name) and not name.startswith(".ds-")]
    others = [name for name in dated if not of_rotation.fullmatch(name)]
    if others:
        yield Finding(
            "rotation",
            f'the name of {some(others)} is not that of the rotation "{rotation}"',
            "set [opensearch] rotation to the index rotation of the Firehose stream",
        )


def _attached(cluster: Cluster, transformer: Transformer, command: str) -> Iterator[Finding]:
    name = policy_name(transformer)
    causes: dict[str, list[str]] = {}
    for index in existing(cluster, transformer):
        if not index.is_ours or (index.policy == name and not index.is_outdated):
            continue
        cause = "no policy for" if index.policy is None else f"{index.version} is that of"
        causes.setdefault(cause, []).append(index.name)
    for cause, names in causes.items():
        yield Finding("policy", f"{cause} {some(names)}", f"{command} --attach-existing --dry-run")

"""Compares a live cluster with the configuration: each finding says the field, the cause and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from edgelift.opensearch.apply import plan
from edgelift.opensearch.attach import existing
from edgelift.opensearch.clashes import check_policies, check_templates
from edgelift.opensearch.coverage import missing_rollover_target, names_of_rotation
from edgelift.opensearch.errors import RefusedError
from edgelift.opensearch.fields import check_fields
from edgelift.opensearch.finding import Finding, Report, some
from edgelift.opensearch.probe import probe, probe_target
from edgelift.opensearch.shards import check_shards
from edgelift.opensearch.template import index_patterns, template_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edgelift._core import Transformer
    from edgelift.opensearch.apply import Plan
    from edgelift.opensearch.cluster import Cluster
    from edgelift.opensearch.roles import Role

APPLY: Final = "edgelift opensearch apply"


def check(
    cluster: Cluster, transformer: Transformer, variant: Role | None, *, data_stream: bool = False
) -> Report:
    """Return what differs; a probe document is written into an existing index and removed again.

    What the user may not read is not checked. Without a variant of the role, each of them is right.

    Raises:
        JobError: the cluster cannot be used.
        ConfigError: the configuration has no template.

    """
    report = Report()

    def refused(error: RefusedError) -> None:
        if error.remedy:
            report.findings.append(Finding("index template", error.cause, error.remedy))
        elif str(error) not in report.not_checked:
            report.not_checked.append(str(error))

    def add(findings: Iterable[Finding]) -> None:
        try:
            report.findings.extend(findings)
        except RefusedError as error:
            refused(error)

    found = plan(cluster, transformer, variant, data_stream=data_stream, refused=refused)
    report.not_checked.extend(found.skipped)
    add(_settings(found))
    add(check_templates(cluster, transformer))
    live: dict[str, Any] = {}
    try:
        live = _live_mappings(cluster, transformer)
    except RefusedError as error:
        refused(error)
    add(check_fields(live, transformer))
    add(_names(list(live), transformer))
    if not cluster.is_serverless:
        add(check_shards(cluster, transformer))
        add(_rollover(cluster, transformer))
        if any(step.title.startswith("policy ") for step in found.steps):
            add(check_policies(cluster, transformer))
            add(_attached(cluster, transformer))
    if target := probe_target(live, transformer):
        add(probe(cluster, transformer, target))
    else:
        report.not_checked.append(
            "writing skipped: no index has the name and the fields of the configuration yet"
        )
    return report


def _settings(found: Plan) -> Iterator[Finding]:
    for step in found.steps:
        if step.needed:
            cause = (
                f"{step.title} differs from the configuration" if step.exists else f"there is no {step.title}"
            )
            yield Finding(step.title.rpartition(" ")[0], cause, APPLY)


def _live_mappings(cluster: Cluster, transformer: Transformer) -> dict[str, Any]:
    patterns = quote(",".join(index_patterns(transformer)), safe=",*")
    params = {"ignore_unavailable": "true"}
    return cluster.get(f"/{patterns}/_mapping", params=params) or {}


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


def _rollover(cluster: Cluster, transformer: Transformer) -> Iterator[Finding]:
    first = missing_rollover_target(cluster, transformer)
    if first is not None:
        cause = f"{template_name(transformer)} is neither an alias nor a data stream"
        yield Finding("rollover", cause, first)


def _attached(cluster: Cluster, transformer: Transformer) -> Iterator[Finding]:
    without = [index.name for index in existing(cluster, transformer) if index.policy is None]
    if without:
        yield Finding("policy", f"no policy for {some(without)}", f"{APPLY} --attach-existing --dry-run")

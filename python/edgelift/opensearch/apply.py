"""Creates and updates what a cluster needs: first everything is read and compared, then each step is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from edgelift.opensearch.clashes import check_templates
from edgelift.opensearch.errors import RefusedError, interrupted
from edgelift.opensearch.finding import Finding
from edgelift.opensearch.policy import POLICIES, has_rollover, policy, policy_name
from edgelift.opensearch.roles import Role, role, role_name, roles
from edgelift.opensearch.settings import difference
from edgelift.opensearch.template import template, template_name
from edgelift.reprocess.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgelift._core import Transformer
    from edgelift.opensearch.cluster import Cluster

SECURITY: Final = "/_plugins/_security/api/"

# "Update managed index policy" of the ISM API: the policy of an index is the version that it was given.
_KEPT: Final = "indices that are under it keep its earlier version, which --attach-existing changes"


@dataclass(frozen=True, slots=True)
class Step:
    """Something to create or update.

    Attributes:
        title: what it is, with its name.
        path: where its body is sent.
        body: its body.
        exists: whether there is one already.
        diff: lines in which the live one differs; none if it does not.
        params: parameters of the request.
        note: what should be known about it, or an empty text.

    """

    title: str
    path: str
    body: dict[str, Any]
    exists: bool
    diff: list[str] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)
    note: str = ""

    @property
    def needed(self) -> str:
        """Return what is to be done, or an empty text."""
        if not self.exists:
            return "create"
        return "update" if self.diff else ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps in their order, the skipped parts with their reasons, and what is in the way."""

    steps: list[Step]
    skipped: list[str]
    findings: list[Finding] = field(default_factory=list)

    @property
    def has_policy(self) -> bool:
        """Return true if a step is that of the policy."""
        return any(step.path.startswith(POLICIES) for step in self.steps)


def plan(
    cluster: Cluster,
    transformer: Transformer,
    variant: Role | None,
    *,
    data_stream: bool = False,
    refused: Callable[[RefusedError], None] | None = None,
) -> Plan:
    """Read the live settings and compare them; change nothing.

    Without a variant of the role, that of a live one stays: an update must not silently grant more. A role
    that is to be created is that of the recipes. `refused` is called with what the cluster refuses to show,
    which is left out then; without it, that is an error.

    Raises:
        JobError: the cluster cannot be used.
        ConfigError: the configuration has no template.

    """
    name = template_name(transformer, data_stream=data_stream)
    body = template(transformer, data_stream=data_stream)
    cluster.check_version()
    found, policies = Plan([], []), Plan([], [])

    def add_template() -> None:
        body = template(transformer, data_stream=data_stream, has_policies=not policies.skipped)
        _plan_template(cluster, name, body, found)

    def add_clashes() -> None:
        try:
            found.findings.extend(check_templates(cluster, transformer, body))
        except RefusedError:
            # Not a reason to do nothing.
            if refused is not None:
                raise

    def add_policies() -> None:
        found.steps.extend(policies.steps)
        found.skipped.extend(policies.skipped)
        found.findings.extend(policies.findings)
        _plan_target(cluster, transformer, found, data_stream=data_stream)

    parts: list[Callable[[], None]] = [
        lambda: _plan_policy(cluster, transformer, policies),
        add_template,
        add_clashes,
        add_policies,
        lambda: _plan_roles(cluster, transformer, variant, found),
    ]
    for part in parts:
        try:
            part()
        except RefusedError as error:
            if refused is None:
                raise
            refused(error)
    return found


def apply(cluster: Cluster, steps: list[Step]) -> list[str]:
    """Do the steps that are needed; return what was done.

    Raises:
        JobError: one fails; the message says what was done before and what was not.

    """
    done: list[str] = []
    needed = [step for step in steps if step.needed]
    for place, step in enumerate(needed):
        try:
            answer = cluster.request("PUT", step.path, step.body, params=step.params)
            if not answer.is_ok:
                raise cluster.refused(step.title, answer)
        except JobError as error:
            raise interrupted(error, done, [later.title for later in needed[place:]]) from None
        done.append(f"{step.title} {step.needed}d")
    return done


def _plan_template(cluster: Cluster, name: str, body: dict[str, Any], found: Plan) -> None:
    title = f"index template {name}"
    path = f"/_index_template/{quote(name, safe='')}"
    live = cluster.get(path)
    current = live["index_templates"][0]["index_template"] if live else None
    if not cluster.is_serverless:
        # Two templates of the same priority for the same indices are refused: say so before anything is done.
        simulated = cluster.request("POST", f"/_index_template/_simulate/{quote(name, safe='')}", body)
        if not simulated.is_ok:
            error = cluster.refused(title, simulated)
            is_wrong = simulated.status == HTTPStatus.BAD_REQUEST
            remedy = error.remedy or ("correct the configuration" if is_wrong else "")
            raise RefusedError(error.cause, remedy, "nothing was done")
    diff = difference(current, body) if current else []
    found.steps.append(Step(title, path, body, current is not None, diff))


def _plan_policy(cluster: Cluster, transformer: Transformer, found: Plan) -> None:
    body = policy(transformer)
    if body is None:
        if not cluster.is_serverless:
            _find_policy(cluster, transformer, found)
        return
    if cluster.is_serverless:
        found.skipped.append("policy skipped: Serverless has data lifecycle policies, see docs/opensearch.md")
        return
    name = policy_name(transformer)
    path = POLICIES + quote(name, safe="")
    live = cluster.request("GET", path)
    if live.lacks_api:
        found.skipped.append("policy skipped: no Index State Management")
        return
    if live.is_ok:
        params = {"if_seq_no": live.body["_seq_no"], "if_primary_term": live.body["_primary_term"]}
        diff = difference(live.body["policy"], body["policy"])
        note = _KEPT if diff else ""
        step = Step(f"policy {name}", path, body, exists=True, diff=diff, params=params, note=note)
        found.steps.append(step)
    elif live.status == HTTPStatus.NOT_FOUND:
        found.steps.append(Step(f"policy {name}", path, body, exists=False))
    else:
        raise cluster.refused(f"policy {name}", live)


def _find_policy(cluster: Cluster, transformer: Transformer, found: Plan) -> None:
    """Find a policy of ours that deletes indices although the configuration keeps them forever."""
    name = policy_name(transformer)
    path = POLICIES + quote(name, safe="")
    if cluster.request("GET", path).is_ok:
        cause = f"the policy {name} deletes indices, but [opensearch] retention_days is not set"
        command = f"set it; or POST /_plugins/_ism/remove/INDEX for each index under it, then DELETE {path}"
        found.findings.append(Finding("policy", cause, command))


def _plan_target(cluster: Cluster, transformer: Transformer, found: Plan, *, data_stream: bool) -> None:
    """Plan what the policy rolls over: the first document makes a data stream, but no alias."""
    if data_stream:
        _check_stream(cluster, transformer, found)
    elif found.has_policy and has_rollover(transformer):
        plan_alias(cluster, transformer, found)


def plan_alias(cluster: Cluster, transformer: Transformer, found: Plan) -> None:
    """Plan the alias that the policy rolls over, with its first index.

    Raises:
        JobError: the cluster does not say what has its name.

    """
    name = template_name(transformer)
    first = f"{name}-000001"
    live = _resolved(cluster, name)
    if live.get("indices"):
        cause = f"{name} is an index, but the policy rolls over only an alias or a data stream"
        command = f"delete the index {name}, then run edgelift opensearch apply and edgelift reprocess"
        found.findings.append(Finding("rollover", cause, command))
        return
    path, alias = f"/{quote(first, safe='')}", {"is_write_index": True}
    body: dict[str, Any] = {"aliases": {name: alias}}
    if _resolved(cluster, first).get("indices"):
        path, body = f"{path}/_alias/{quote(name, safe='')}", alias
    exists = bool(live.get("aliases") or live.get("data_streams"))
    note = "" if exists else f"of the index {first}"
    found.steps.append(Step(f"alias {name}", path, body, exists, note=note))


def _check_stream(cluster: Cluster, transformer: Transformer, found: Plan) -> None:
    """Find an index or alias in the place of the data stream."""
    name = template_name(transformer)
    live = _resolved(cluster, name)
    for kind, group in ("index", "indices"), ("alias", "aliases"):
        if live.get(group):
            cause = (
                f"{name} is an {kind}, and stays one: only the first document for a name makes a data stream"
            )
            command = f"delete the {kind} {name}, then run edgelift reprocess"
            found.findings.append(Finding("data stream", cause, command))


def _resolved(cluster: Cluster, name: str) -> dict[str, Any]:
    """Return what has a name: indices, aliases or data streams."""
    return cluster.get(f"/_resolve/index/{quote(name, safe='')}") or {}


def _plan_roles(cluster: Cluster, transformer: Transformer, variant: Role | None, found: Plan) -> None:
    if cluster.is_serverless:
        found.skipped.append("roles skipped: Serverless has data access policies, see docs/opensearch.md")
        return
    if not transformer.options["opensearch"]["firehose_role_arn"]:
        found.skipped.append("roles skipped: [opensearch] firehose_role_arn is not set")
        return
    name = role_name(transformer)
    titles = {"roles": f"role {name}", "rolesmapping": f"role mapping {name}"}
    for relative, wanted in roles(transformer, variant or Role.RECIPE).items():
        title = titles[relative.partition("/")[0]]
        path = SECURITY + quote(relative)
        live = cluster.request("GET", path)
        if live.lacks_api:
            found.skipped.append("roles skipped: no security plugin")
            return
        if not live.is_ok and live.status != HTTPStatus.NOT_FOUND:
            raise cluster.refused(title, live)
        current = live.body[name] if live.is_ok else None
        body, note = wanted, ""
        if current and variant is None and relative.startswith("roles/"):
            kept = _live_variant(transformer, current)
            if kept is None:
                cause = f"the role {name} is none of the variants {', '.join(Role)}, and stays as it is"
                found.findings.append(Finding("role", cause, "choose one with --role"))
                continue
            body = role(transformer, kept)
            note = "" if kept is Role.RECIPE else f"the variant {kept}; --role changes it"
        found.steps.append(
            Step(
                title,
                path,
                body,
                current is not None,
                difference(current, body) if current else [],
                note=note,
            )
        )


def _live_variant(transformer: Transformer, live: dict[str, Any]) -> Role | None:
    """Return the variant of a live role by what it may do; the configuration says for which indices."""
    permissions = _permissions(live)
    same = (each for each in Role if not difference(permissions, _permissions(role(transformer, each))))
    return next(same, None)


def _permissions(body: dict[str, Any]) -> list[Any]:
    of_indices = [each.get("allowed_actions") for each in body.get("index_permissions") or []]
    return [body.get("cluster_permissions"), *of_indices]

"""Puts indices that exist under the policy: a policy attaches itself to new indices only."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote

from edgelift.opensearch.coverage import own_names, stream_names
from edgelift.opensearch.errors import interrupted
from edgelift.opensearch.policy import has_rollover, policy, policy_name
from edgelift.opensearch.settings import difference
from edgelift.opensearch.template import index_patterns
from edgelift.reprocess.errors import JobError, UsageError

if TYPE_CHECKING:
    from edgelift._core import Transformer
    from edgelift.opensearch.cluster import Cluster

_DAY: Final = 86_400_000
"""Milliseconds."""

_AT_ONCE: Final = 15
"""Indices in a request: a name has at most 255 bytes, and a request line 4,096."""


class Index(NamedTuple):
    """An index that exists."""

    name: str
    policy: str | None
    """The policy that it is under, or None."""
    days: int
    """Its age."""
    expired: bool
    """True if the policy deletes it at once."""
    is_ours: bool
    """True if edgelift or Firehose names indices so; the patterns match those of others, too."""
    is_outdated: bool
    """True if our policy was changed since: an index keeps the version with which it was put under it."""

    @property
    def version(self) -> str:
        """Return its policy in words; an earlier version is said to be one."""
        return f"{'an earlier version of ' if self.is_outdated else ''}the policy {self.policy}"

    @property
    def line(self) -> str:
        """Return a line for people."""
        under = f"under {self.version}" if self.policy else "under no policy"
        end = "; would be DELETED at once" if self.expired else ""
        if not self.is_ours:
            end = (
                "; NOT attached: the index pattern matches it, but neither edgelift nor Firehose names one so"
            )
        return f"{self.name}: {self.days} days old, {under}{end}"


def existing(cluster: Cluster, transformer: Transformer) -> list[Index]:
    """Return the indices of a configuration with their policies: those of others, then those deleted at once.

    Raises:
        JobError: they cannot be listed.
        UsageError: the configuration has no policy.

    """
    retention, wanted = transformer.options["opensearch"]["retention_days"], policy(transformer)
    if wanted is None:
        raise UsageError("--attach-existing needs a policy: set [opensearch] retention_days")
    rows = listed(cluster, transformer)
    policies = _explained(cluster, [row["index"] for row in rows])
    now = time.time() * 1000
    ours = own_names(transformer)
    indices = []
    for row in rows:
        under = policies.get(row["index"]) or {}
        name = under.get("policy_id")
        days = int((now - int(row["creation.date"])) // _DAY)
        # A rollover comes before the deletion.
        expired = days >= retention and not has_rollover(transformer)
        is_ours = bool(ours.fullmatch(row["index"]))
        is_outdated = name == policy_name(transformer) and _differs(under.get("policy"), wanted["policy"])
        indices.append(Index(row["index"], name, days, expired, is_ours, is_outdated))
    return sorted(indices, key=lambda index: (index.is_ours, not index.expired, index.name))


def _differs(live: dict[str, Any] | None, wanted: dict[str, Any]) -> bool:
    """Return true if an index is deleted by other rules; false if it has none yet and gets the latest."""
    rules = [{key: body.get(key) for key in ("default_state", "states")} for body in (live or wanted, wanted)]
    return bool(difference(*rules))


def listed(cluster: Cluster, transformer: Transformer) -> list[dict[str, Any]]:
    """Return name, creation and shards of the indices that the patterns match, but not those of systems.

    Raises:
        JobError: they cannot be listed.

    """
    patterns = quote(",".join(index_patterns(transformer)), safe=",*")
    # Without rotation the prefix itself is a pattern, and as a rule no index.
    params = {"format": "json", "h": "index,creation.date,pri,rep", "ignore_unavailable": "true"}
    rows: list[dict[str, Any]] = cluster.get(f"/_cat/indices/{patterns}", params=params) or []
    # Indices of systems, whatever the patterns are; those of data streams have such names, too.
    stream = re.compile(stream_names(transformer))
    return [row for row in rows if not row["index"].startswith(".") or stream.fullmatch(row["index"])]


def _explained(cluster: Cluster, names: list[str]) -> dict[str, Any]:
    """Return what the plugin says of indices, by their names, of which each has to exist."""
    found: dict[str, Any] = {}
    for start in range(0, len(names), _AT_ONCE):
        some = quote(",".join(names[start : start + _AT_ONCE]), safe=",")
        params = {"show_policy": "true"}
        answer = cluster.request("GET", f"/_plugins/_ism/explain/{some}", params=params)
        if answer.lacks_api:
            raise JobError(
                "indices cannot be put under the policy: the cluster has no Index State Management; leave "
                "out --attach-existing, or install the plugin opensearch-index-management"
            )
        if not answer.is_ok:
            raise cluster.refused("reading the policies of indices", answer)
        found |= answer.body
    return found


def attach(cluster: Cluster, transformer: Transformer, indices: list[Index]) -> str:
    """Put indices under the policy, but not those of others; return what was done.

    Raises:
        JobError: the cluster refuses one; the message says which were done before and which were not.

    """
    name = policy_name(transformer)
    ours = [index for index in indices if index.is_ours]
    new = [index.name for index in ours if index.policy is None]
    changed = [index.name for index in ours if index.is_outdated or index.policy not in {None, name}]
    todo = [*(("add", index) for index in new), *(("change_policy", index) for index in changed)]
    for place, (action, index) in enumerate(todo):
        try:
            _attach(cluster, action, index, name)
        except JobError as error:
            names = [each for _, each in todo]
            raise interrupted(error, names[:place], names[place:]) from None
    return f"indices under the policy {name}: {len(new)} new, {len(changed)} changed"


def _attach(cluster: Cluster, action: str, index: str, policy: str) -> None:
    path = f"/_plugins/_ism/{action}/{quote(index, safe='')}"
    answer = cluster.request("POST", path, {"policy_id": policy})
    if not answer.is_ok:
        raise cluster.refused(f"putting {index} under the policy {policy}", answer)
    if answer.body.get("failures"):
        raise JobError(
            f"{index} cannot be put under the policy {policy}: {answer.body.get('failed_indices')}"
        )

"""Says how many days of indices a cluster has room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edgelift.opensearch.attach import listed
from edgelift.opensearch.coverage import names_of_rotation
from edgelift.opensearch.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgelift._core import Transformer
    from edgelift.opensearch.cluster import Cluster

ENOUGH_DAYS: Final = 90
"""Days for which there should be shards, if indices are kept forever."""

_INDICES_A_DAY: Final = {"none": 0.0, "hour": 24.0, "day": 1.0, "week": 1 / 7, "month": 1 / 30}


def check_shards(cluster: Cluster, transformer: Transformer) -> Iterator[Finding]:
    """Yield a finding if the cluster's limit of shards is near.

    With a retention, the indices of today are gone when its days are over: their shards are free then.
    """
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
    room = int(limits[0]) * health["number_of_data_nodes"] - used
    retention, more = options["retention_days"], "more shards"
    advice = "add nodes, choose fewer shards or a longer rotation"
    if retention:
        room += _shards_of_ours(cluster, transformer)
        more = "shards of these indices"
    else:
        advice = "add nodes, choose fewer shards or a longer rotation, or set [opensearch] retention_days"
    days = int(room / a_day)
    wanted = retention or ENOUGH_DAYS
    if days < wanted:
        cause = f"the cluster can have {room} {more}, which is {days} days, fewer than {wanted}"
        yield Finding("shards", cause, advice)


def _shards_of_ours(cluster: Cluster, transformer: Transformer) -> int:
    ours = names_of_rotation(transformer)
    rows = [row for row in listed(cluster, transformer) if ours.fullmatch(row["index"])]
    return sum(int(row.get("pri") or 0) * (1 + int(row.get("rep") or 0)) for row in rows)

"""The role with which Firehose writes, and its mapping to the IAM role of the delivery stream.

Sources: OpenSearch documentation, "Access control API", "Permissions"; Amazon Data Firehose Developer Guide,
"Controlling access".
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from edgelift.opensearch.template import index_patterns, template_name

if TYPE_CHECKING:
    from edgelift._core import Transformer

PLACEHOLDER: Final = "arn:aws:iam::111122223333:role/firehose"
"""Stands for the IAM role if the configuration does not have it."""


class Role(StrEnum):
    """Variants of the role."""

    RECIPE = "recipe"
    """As AWS's recipes have it: it can also read and delete the indices."""
    LEAST = "least"
    """It creates indices and writes documents; it can overwrite by id, but neither read nor delete."""
    MONITOR = "monitor"
    """`LEAST`, and statistics and settings of all indices, which Firehose's documentation lists."""


_WRITE: Final = ["indices:data/write/bulk*", "indices:data/write/index", "indices:admin/create"]
# Not indices:admin/mapping/put: the mapping of the template does not grow.
_PERMISSIONS: Final[dict[Role, tuple[list[str], list[str]]]] = {
    Role.RECIPE: (["cluster_composite_ops", "cluster_monitor"], ["crud", "create_index", "manage"]),
    Role.LEAST: (["indices:data/write/bulk"], _WRITE),
    Role.MONITOR: (["indices:data/write/bulk"], _WRITE),
}
_MONITOR: Final = {
    "index_patterns": ["*"],
    "allowed_actions": ["indices:monitor/settings/get", "indices:monitor/stats"],
}


def role_name(transformer: Transformer) -> str:
    """Return the name of the role."""
    return f"{template_name(transformer)}-firehose"


def role(transformer: Transformer, variant: Role) -> dict[str, Any]:
    """Return the body of the role."""
    cluster, index = _PERMISSIONS[variant]
    permissions: list[dict[str, Any]] = [
        {"index_patterns": index_patterns(transformer), "allowed_actions": index}
    ]
    if variant is Role.MONITOR:
        permissions.append(_MONITOR)
    return {"cluster_permissions": cluster, "index_permissions": permissions}


def role_mapping(transformer: Transformer) -> dict[str, Any]:
    """Return the body of the mapping: whoever has the IAM role has this role."""
    return {"backend_roles": [transformer.options["opensearch"]["firehose_role_arn"] or PLACEHOLDER]}


def roles(transformer: Transformer, variant: Role) -> dict[str, Any]:
    """Return role and mapping by their paths below ``_plugins/_security/api/``."""
    name = role_name(transformer)
    return {f"roles/{name}": role(transformer, variant), f"rolesmapping/{name}": role_mapping(transformer)}

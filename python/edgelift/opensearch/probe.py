"""Writes a document into an index as `reprocess` and Firehose do, and removes it."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from edgelift.opensearch.coverage import names_of_rotation, stream_names
from edgelift.opensearch.errors import RefusedError
from edgelift.opensearch.fields import types_of
from edgelift.opensearch.finding import Finding
from edgelift.opensearch.mapping import mapping, time_key
from edgelift.opensearch.template import template_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgelift._core import Transformer
    from edgelift.opensearch.cluster import Cluster

PROBE: Final = "edgelift-check"
"""Id of the probe document."""

_NO_WRITE_INDEX: Final = "no write index is defined"
"""Part of the reason if an alias has several indices, but none for writing."""


def probe_target(cluster: Cluster, live: dict[str, Any], transformer: Transformer) -> str | None:
    """Return the newest index, the alias or data stream that a probe cannot damage; None if there is none.

    Patterns match indices of others, too, and those of aliases. Where the time is a field and others are
    not added, a document changes no mapping.
    """
    ours = names_of_rotation(transformer)
    stream = re.compile(stream_names(transformer))
    key = time_key(transformer)
    type_ = types_of(mapping(transformer))[key]
    fitting = [
        index
        for index, body in live.items()
        if (ours.fullmatch(index) or stream.fullmatch(index))
        and str(body["mappings"].get("dynamic")).lower() == "false"
        and types_of(body["mappings"]).get(key) == type_
    ]
    if not fitting:
        return None
    newest, name = max(fitting), template_name(transformer)
    # The indices of a data stream are written through it, and those of an alias.
    if stream.fullmatch(newest):
        return name
    if aliased := _aliased(cluster, transformer):
        return name if aliased <= set(fitting) else None
    return newest


def _aliased(cluster: Cluster, transformer: Transformer) -> set[str]:
    """Return the indices of the alias that documents go to; none if it may not be read or does not exist."""
    name = template_name(transformer)
    if transformer.options["bulk"].get("index") != name:
        return set()
    try:
        return set(cluster.get(f"/_alias/{quote(name, safe='')}") or {})
    except RefusedError:
        return set()


def probe(cluster: Cluster, transformer: Transformer, target: str) -> Iterator[Finding]:
    """Write a document in a bulk request: a refusal is in the item, and not the status of the answer."""
    lines = [{"create": {"_index": target, "_id": PROBE}}, {time_key(transformer): 0}]
    answer = cluster.request("POST", "/_bulk", "".join(f"{json.dumps(line)}\n" for line in lines))
    command = "if the cause is a missing permission: use a user with the role of the indices, see apply"
    if not answer.is_ok:
        yield Finding("writing", f"{target} does not take a document: {answer.words}", command)
        return
    item = answer.body["items"][0]["create"]
    # One that an interrupted check has left is a conflict.
    if item["status"] not in {HTTPStatus.CREATED, HTTPStatus.CONFLICT}:
        reason = f"{item['status']} {item['error']['type']}: {item['error']['reason']}"
        if _NO_WRITE_INDEX in reason:
            command = f"let the latest index of the alias {target} be its write index: POST /_aliases"
        yield Finding("writing", f"{target} does not take a document: {reason}", command)
        return
    path = f"/{quote(item['_index'], safe='')}/_doc/{PROBE}"
    removed = cluster.request("DELETE", path)
    if not removed.is_ok and removed.status != HTTPStatus.NOT_FOUND:
        cause = f"the document {PROBE} in {item['_index']} cannot be removed: {removed.words}"
        yield Finding("writing", cause, f"as a user who may delete documents: DELETE {path}")

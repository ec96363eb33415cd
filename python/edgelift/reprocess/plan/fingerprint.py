"""The fingerprint of a job: a journal is resumed only by a job with an equal one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from edgelift.reprocess.objects import display_path
from edgelift.reprocess.plan.places import absolute, is_local, is_one_file

if TYPE_CHECKING:
    from edgelift._core import Transformer
    from edgelift.reprocess.plan.compression import Compression
    from edgelift.reprocess.plan.request import Request


def request_fingerprint(request: Request, compression: Compression) -> dict[str, Any]:
    """Return what makes a job the same: what it reads, what it makes of it, and where that goes."""
    chosen = request.filter
    return {
        "source": None if request.source is None else display_path(absolute(request.source)),
        "destination": None if request.destination is None else _kept(request.destination),
        "compression": compression,
        "failed": None if request.failed is None else display_path(absolute(request.failed)),
        "suffix": chosen.suffix,
        "since": None if chosen.since is None else chosen.since.isoformat(),
        "until": None if chosen.until is None else chosen.until.isoformat(),
        "limit": request.limit,
        "raw_data": request.raw_data,
        "index": request.index,
        "existing": request.existing,
        "configuration": _transformer_fingerprint(request.transformer),
    }


def _kept(destination: str) -> str:
    """Return a destination for the journal: a folder and a file of the same name are two."""
    place = display_path(absolute(destination))
    return f"{place}/" if is_local(destination) and not is_one_file(destination) else place


def _transformer_fingerprint(transformer: Transformer) -> dict[str, Any]:
    """Return what decides about documents: options, and the columns of each layout with their keys."""
    options: dict[str, Any] = json.loads(json.dumps(dict(transformer.options), default=dict))
    layouts = [[f"{column.field} as {column.key}" for column in layout] for layout in transformer.layouts]
    return {**options, "layouts": layouts}

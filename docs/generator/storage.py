"""Generates the table of measured index templates from a result."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks import storage
from docs.generator.tables import Block, paragraph

_RESULTS = Path(storage.__file__).parent / "results"


def measured(block: Block) -> str:
    """Return the table of the result whose commit the block names."""
    (path,) = _RESULTS.glob(f"*-{block.argument}-storage.json")
    result = json.loads(path.read_text("utf-8"))
    rows, machine, version = result["storage"], result["machine"], result["versions"]["opensearch"]
    source = paragraph(
        f"{rows[0]['documents']:,} distinct rows each in OpenSearch {version}, in one shard that was merged"
        " into one segment, without replicas. CPU time is that of the server. Measured by"
        f" `make bench-opensearch` on {result['date']} at commit {block.argument} with"
        f" {machine['cores']} cores of {machine['cpu']}."
    )
    return f"{storage.table(rows)}\n\n{source}"

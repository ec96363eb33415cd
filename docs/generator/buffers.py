"""Generates the table of measured buffers from a result."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks import buffers
from docs.generator.tables import Block, paragraph

_RESULTS = Path(buffers.__file__).parent / "results"


def measured(block: Block) -> str:
    """Return the table of the result whose commit the block names."""
    (path,) = _RESULTS.glob(f"*-{block.argument}.json")
    rows = json.loads(path.read_text("utf-8"))["buffers"]
    source = paragraph(
        f"Measured by `make bench` at commit {block.argument}; see the result file in `benchmarks/results/`."
    )
    return f"{buffers.table(rows)}\n\n{source}"

"""Compares index templates on a real OpenSearch: bytes and CPU time for each document.

``python -m benchmarks.storage [--documents N]`` → ``benchmarks/results/YYYY-MM-DD-COMMIT-storage.json``
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import edgelift
from benchmarks import bench, corpus, machine, naive
from benchmarks.contenders import check
from edgelift.opensearch.template import template
from tests.opensearch.install import VERSION
from tests.opensearch.server import running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.opensearch.server import Server

DOCUMENTS: Final = 200_000
ROUND: Final = corpus.BLOCK
"""Documents of each variant in turn, so that a slow minute of the machine costs all of them the same."""

_BODY: Final = 1000
"""Documents of a bulk request: about 1 MB."""


@dataclass(frozen=True)
class Variant:
    """One way to index the rows of a corpus.

    Attributes:
        corpus: its name.
        headers: `[opensearch] headers`; None means the documents of the naive handler without a template.

    """

    corpus: str
    headers: str | None

    @property
    def index(self) -> str:
        """Name of the index."""
        return f"storage-{self.corpus}-{self.headers or 'naive'}"

    def transformer(self) -> edgelift.Transformer:
        """Return the transformer with the index template of this variant."""
        return edgelift.Transformer(
            {
                "layouts": [{"fields": list(corpus.LAYOUTS[self.corpus])}],
                "opensearch": {
                    "index_prefix": self.index,
                    "rotation": "none",
                    "headers": self.headers or "disabled",
                },
            }
        )


VARIANTS: Final = (
    Variant("c14", None),
    Variant("c14", "disabled"),
    Variant("c45", None),
    Variant("c45", "disabled"),
    Variant("c45", "flat_object"),
    Variant("c45", "nested"),
)


@dataclass(frozen=True)
class Measured:
    """Size and time of a variant.

    Attributes:
        corpus: name of the corpus.
        headers: as in `Variant`.
        documents: number of documents.
        bytes_a_document: bytes on disk after a merge into one segment.
        cpu_us_a_document: CPU time of the server in microseconds, refreshes and background merges included.

    """

    corpus: str
    headers: str | None
    documents: int
    bytes_a_document: float
    cpu_us_a_document: float


def measure(server: Server, documents: int, variants: Sequence[Variant] = VARIANTS) -> list[Measured]:
    """Index ``documents`` distinct rows in each variant and measure them.

    The ids are the server's own, as with Firehose, so that variants differ in documents and template only.
    The first `ROUND` of each variant warms the server up: its time does not count if there are others.
    """
    seconds = dict.fromkeys(variants, 0.0)
    timed = max(documents - ROUND, 0) or documents
    for variant in variants:
        _prepare(server, variant)
    for start in range(0, documents, ROUND):
        for variant in variants:
            count = min(ROUND, documents - start)
            bodies = list(_bodies(variant, corpus.SEED + start, count))
            began = _cpu_seconds(server)
            for body in bodies:
                answer = server.ask("POST", f"/{variant.index}/_bulk?filter_path=errors", body)
                check(answer == {"errors": False}, "a document was refused")
            server.ask("POST", f"/{variant.index}/_flush")
            if start or documents <= ROUND:
                seconds[variant] += _cpu_seconds(server) - began
    return [
        Measured(
            variant.corpus,
            variant.headers,
            documents,
            round(_bytes_on_disk(server, variant, documents) / documents, 1),
            round(seconds[variant] * 1e6 / timed, 1),
        )
        for variant in variants
    ]


def _prepare(server: Server, variant: Variant) -> None:
    settings = {"number_of_shards": 1, "number_of_replicas": 0}
    if variant.headers is None:
        server.ask("PUT", f"/{variant.index}", {"settings": settings})
        return
    body = template(variant.transformer())
    server.ask("PUT", f"/_index_template/{variant.index}", body)
    server.ask("PUT", f"/{variant.index}", {"settings": {"number_of_replicas": 0}})


def _bodies(variant: Variant, seed: int, count: int) -> Iterator[bytes]:
    """Render bulk requests of ``count`` rows, which another seed makes other rows."""
    rows = corpus.block(variant.corpus, with_bad=False, seed=seed).lines[:count]
    if variant.headers is None:
        documents = [naive.transform(corpus.LAYOUTS[variant.corpus], row) for row in rows]
    else:
        transformed = variant.transformer().transform_lines(b"".join(rows))
        check(transformed.counts.ok == len(rows), "a row has no document")
        documents = transformed.output.splitlines()
    for start in range(0, len(documents), _BODY):
        part = documents[start : start + _BODY]
        yield b"".join(b'{"create":{}}\n' + document + b"\n" for document in part)


def _bytes_on_disk(server: Server, variant: Variant, documents: int) -> int:
    server.ask("POST", f"/{variant.index}/_forcemerge?max_num_segments=1")
    server.ask("POST", f"/{variant.index}/_flush")
    server.ask("POST", f"/{variant.index}/_refresh")
    # The files of the segments that were merged are deleted a moment later.
    end = time.monotonic() + 60
    while True:
        stats = server.ask("GET", f"/{variant.index}/_stats/store,docs,segments")["_all"]["primaries"]
        if stats["segments"]["count"] == 1 or time.monotonic() > end:
            break
        time.sleep(0.2)
    found = server.ask("GET", f"/{variant.index}/_count")["count"]
    check(found == documents, f"{variant.index} has {found} documents")
    return int(stats["store"]["size_in_bytes"])


def _cpu_seconds(server: Server) -> float:
    """Return the CPU time of the server's process."""
    assert server.process is not None
    text = Path(f"/proc/{server.process.pid}/stat").read_text()
    # After the name, which is in parentheses: user and system time are fields 14 and 15.
    user, system = text.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


_INDEXED: Final = {
    None: "naive handler, no template",
    "disabled": "edgelift and its template",
    "flat_object": '`headers = "flat_object"`',
    "nested": '`headers = "nested"`',
}


def table(rows: list[dict[str, Any]]) -> str:
    """Lay measured variants out as a table of a page, with the share of the naive handler's documents."""
    lines = [
        ["corpus", "indexed", "bytes per document", "CPU time per document"],
        ["---", "---", "--:", "--:"],
    ]
    base: dict[str, Any] = {}
    for row in rows:
        if row["headers"] is None:
            base = row
        size, cpu = row["bytes_a_document"], row["cpu_us_a_document"]
        shares = [size / base["bytes_a_document"], cpu / base["cpu_us_a_document"]]
        cells = [f"{size:,.0f} ({shares[0]:.0%})", f"{cpu:,.0f} µs ({shares[1]:.0%})"]
        lines.append([row["corpus"], _INDEXED[row["headers"]], *cells])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main() -> int:
    """Measure, print, and write the result."""
    parser = argparse.ArgumentParser(prog="storage", description="Compare index templates on OpenSearch.")
    parser.add_argument("--documents", type=int, default=DOCUMENTS, help="rows of each variant")
    documents: int = parser.parse_args().documents
    commit, now = machine.commit(), datetime.now(UTC).date().isoformat()
    with running(optimized=True) as server:
        rows = [asdict(row) for row in measure(server, documents)]
    result = {
        "date": now,
        "commit": commit,
        "command": f"python -m benchmarks.storage --documents {documents}",
        "seed": corpus.SEED,
        "machine": machine.machine(),
        "versions": machine.versions() | {"opensearch": VERSION},
        "storage": rows,
    }
    path = bench.RESULTS / f"{now}-{commit}-storage.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    print(f"{table(rows)}\n\nwritten to {path.relative_to(machine.ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

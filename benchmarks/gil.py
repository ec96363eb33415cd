"""Shows from which size on giving up the GIL pays: ``python -m benchmarks.gil``.

Two threads transform blocks of lines of one size, as fast as they can; one thread does the same alone. Where
the core keeps the GIL, two are no faster than one. ``GIL_BYTES`` in the binding stands where
they begin to be.
"""

from __future__ import annotations

import threading
import time

import edgelift
from benchmarks import corpus as corpora

SIZES = tuple(1 << power for power in range(11, 21))
BYTES = 100_000_000
"""Bytes that each thread transforms."""


def seconds(transformer: edgelift.Transformer, block: bytes, threads: int) -> float:
    """Time ``threads`` threads, each of which transforms ``BYTES`` bytes in blocks; wall time."""
    calls = BYTES // len(block)

    def work() -> None:
        for _ in range(calls):
            transformer.transform_lines(block)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return time.perf_counter() - start


def main() -> None:
    corpus = corpora.block("c45")
    transformer = edgelift.Transformer.from_fields(corpus.fields)
    print("block bytes  two threads against one")
    for size in SIZES:
        # Whole lines, as many as come near the size.
        end = corpus.data.index(b"\n", size) + 1
        block = corpus.data[:end]
        alone = min(seconds(transformer, block, 1) for _ in range(3))
        together = min(seconds(transformer, block, 2) for _ in range(3))
        print(f"{len(block):11,}  {2 * alone / together:.2f} x")


if __name__ == "__main__":
    main()

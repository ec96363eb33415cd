"""Run cases of consecutive seeds."""

# ruff: noqa: T201 - a report is what it is for

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from .case import choose
from .run import run

MOST_FINDINGS = 10


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, help="of the first run; random, if not given")
    options = parser.parse_args()
    first = random.randrange(10**9) if options.seed is None else options.seed  # noqa: S311 - no secret
    print(f"{options.runs} runs from seed {first}", flush=True)
    totals, found, began, done = Counter[str](), 0, time.monotonic(), 0
    # On a disk each object of the backup would take milliseconds.
    memory = Path("/dev/shm")  # noqa: S108 - a folder below it
    for seed in range(first, first + options.runs):
        with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
            try:
                account = run(choose(seed), Path(folder))
            except Exception as error:  # noqa: BLE001 - each is a finding
                found += 1
                _report(seed, error)
            else:
                totals.update(
                    records=account.source,
                    indexed=account.indexed,
                    in_backup=account.in_backup,
                    twice=account.repeated,
                )
        done += 1
        if found == MOST_FINDINGS:
            break
    said = ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in totals.items())
    seconds = time.monotonic() - began
    print(f"{done} runs in {seconds:.0f} s ({said}): {found or 'no'} findings", flush=True)
    return int(found > 0)


def _report(seed: int, error: Exception) -> None:
    frames = traceback.extract_tb(error.__traceback__)
    where = "" if isinstance(error, AssertionError) else f"\n  at {frames[-1].filename}:{frames[-1].lineno}"
    print(f"\nFOUND: {type(error).__name__}: {error}{where}\n  again: make chaos N=1 SEED={seed}", flush=True)


if __name__ == "__main__":
    sys.exit(main())

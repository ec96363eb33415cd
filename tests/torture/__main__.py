"""Run cases until the time is over."""

# ruff: noqa: T201 - a report is what it is for

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from . import process
from .faults import build
from .interrupted import Case, interrupt_files
from .invariants import FoundError
from .services import Services
from .transform import transform
from .two_jobs import two_jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KINDS = ("files", "opensearch", "s3", "transform", "two_jobs")

MOST_FINDINGS = 10


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--cases", type=int, help="end after so many cases, whatever time they take")
    parser.add_argument(
        "--repeats", action="store_true", help="without faults at moments, which differ each time"
    )
    parser.add_argument("--seed", type=int, help="of the first case; random, if not given")
    parser.add_argument("--only", action="append", choices=KINDS, help="kinds of cases; all, if not given")
    parser.add_argument("--case", type=int, help="seed of the one case to run, as a finding says it")
    options = parser.parse_args()
    # On a disk each fsync would take milliseconds; order is checked by the calls.
    memory = Path("/dev/shm")  # noqa: S108 - a folder below it
    with ExitStack() as stack:
        chosen = memory if os.access(memory, os.W_OK) else None
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=chosen))
        return _torture(options, Path(folder), stack)


def _torture(options: argparse.Namespace, folder: Path, stack: ExitStack) -> int:
    process.warm_up()
    services = Services(stack)
    run: Mapping[str, Callable[[Case], int]] = {
        "files": interrupt_files,
        "opensearch": services.opensearch,
        "s3": services.s3,
        "transform": transform,
        "two_jobs": two_jobs,
    }
    seed = random.randrange(10**9) if options.seed is None else options.seed  # noqa: S311 - no secret
    kinds = options.only or KINDS
    length = f"{options.seconds:g} seconds" if options.cases is None else f"{options.cases} cases"
    print(f"seed {seed}, {length}, kinds {', '.join(kinds)}", flush=True)
    cases, jobs, found = Counter[str](), 0, 0
    end = time.monotonic() + options.seconds
    number = -1
    while found < MOST_FINDINGS:
        number += 1
        if time.monotonic() > end if options.cases is None else number == options.cases:
            break
        kind = kinds[number % len(kinds)]
        chosen = options.case if options.case is not None else seed * 1_000_000 + number
        case = Case(folder / "case", random.Random(f"{kind} {chosen}"), options.repeats)  # noqa: S311 - no secret
        try:
            jobs += run[kind](case)
        except FoundError as error:
            found += 1
            _report(kind, chosen, case, error)
        cases[kind] += 1
        if options.case is not None:
            break
    counted = ", ".join(f"{kind} {number}" for kind, number in sorted(cases.items()))
    print(f"{sum(cases.values())} cases ({counted}), {jobs} jobs: {found or 'no'} findings", flush=True)
    return int(found > 0)


def _report(kind: str, seed: int, case: Case, error: FoundError) -> None:
    kept = Path(tempfile.mkdtemp(prefix="edgelift-torture-"))
    shutil.copytree(case.root, kept / "case", symlinks=True)
    print(f"\nFOUND: {error}\n  again: python -m tests.torture --only {kind} --case {seed}\n  files: {kept}")
    for ended in case.done:
        words = " ".join(word for word in ended.words)
        print(f"  exit code {ended.code} ({ended.fault}): edgelift {words}")
        for line in ended.err.splitlines()[-6:]:
            print(f"    {line}")
    sys.stdout.flush()


if __name__ == "__main__":
    if "EDGELIFT_TORTURE" not in os.environ:
        # Again, with the calls interposed from the beginning.
        with ExitStack() as stack:
            built = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            environment = os.environ | {"LD_PRELOAD": str(build(built)), "EDGELIFT_TORTURE": "1"}
            words = [sys.executable, "-m", "tests.torture", *sys.argv[1:]]
            sys.exit(subprocess.run(words, env=environment, check=False).returncode)
    sys.exit(main())

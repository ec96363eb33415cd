"""Fuzzes all ways in for some time: ``python -m tests.fuzz [--seconds N] [--seed N] [--reference PATH]``."""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
import time

from .reference import Reference
from .run import Fuzz

MOST_FINDINGS = 10


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long (default: 60)")
    parser.add_argument("--seed", type=int, help="first seed (default: a random one, which is printed)")
    parser.add_argument(
        "--reference", help="the built example `reference` of the engine, to be compared, too"
    )
    arguments = parser.parse_args()
    seed = random.SystemRandom().randrange(10**9) if arguments.seed is None else arguments.seed
    print(f"fuzz: seed {seed}, {arguments.seconds:g} seconds", flush=True)  # noqa: T201
    began = time.monotonic()
    findings, cases = 0, 0
    with contextlib.ExitStack() as stack:
        reference = stack.enter_context(Reference(arguments.reference)) if arguments.reference else None
        fuzz = Fuzz(reference)
        while time.monotonic() - began < arguments.seconds and findings < MOST_FINDINGS:
            for finding in fuzz.run(seed + cases):
                findings += 1
                print(finding, flush=True)  # noqa: T201
            cases += 1
    took = time.monotonic() - began
    print(  # noqa: T201
        f"fuzz: seeds {seed} to {seed + cases - 1}: {fuzz.records} records, "
        f"{fuzz.refused} configurations refused, {fuzz.events} events in {took:.0f} s; {findings} findings"
    )
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())

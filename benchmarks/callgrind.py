"""Runs an example of the engine, alone or counted by callgrind, and checks what it prints."""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache
from typing import TYPE_CHECKING

from benchmarks.contenders import check

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PASSES = 11
"""Passes of the longer run; the shorter has one, and what both share (start, reading, plan) cancels out."""


def instructions(command: Callable[[int], Sequence[str]], expected: str, records: int) -> float:
    """Count the instructions a record: ``command`` makes so many passes over ``records``."""
    one, many = (_collected(command(passes), expected) for passes in (1, PASSES))
    return (many - one) / ((PASSES - 1) * records)


def _collected(command: Sequence[str], expected: str) -> int:
    counted = run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command])
    check_printed(command, counted, expected)
    collected = re.search(r"Collected\s*:\s*(\d+)", counted.stderr)
    check(collected, f"callgrind printed no count: {counted.stderr}")
    return int(collected[1]) if collected else 0


def check_printed(command: Sequence[str], finished: subprocess.CompletedProcess[str], expected: str) -> None:
    """Stop if an example made other documents."""
    printed = finished.stdout.strip()
    check(printed == expected, f"{' '.join(command[:2])} … printed {printed!r}, not {expected!r}")


@cache
def checksum(data: bytes) -> int:
    """Compute the checksum of 64 bits that the examples print: rotate left by five, then exclusive or."""
    value = 0
    for byte in data:
        value = ((value << 5 | value >> 59) & 0xFFFF_FFFF_FFFF_FFFF) ^ byte
    return value


@cache
def binary(example: str) -> str:
    """Build an example, optimised, and say where it lies."""
    command = ["cargo", "build", "--locked", "--release", "--package=edgelift", f"--example={example}"]
    for line in run([*command, "--message-format=json"]).stdout.splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == example:
            return str(message["executable"])
    raise FileNotFoundError(f"cargo built no example named {example}")


def run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a command; stop if it ends with an error."""
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    complaint = f"{' '.join(command[:4])} … ended with {finished.returncode}: {finished.stderr}"
    check(finished.returncode == 0, complaint)
    return finished

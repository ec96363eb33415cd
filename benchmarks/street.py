"""Runs the engine's example ``street``: instructions by callgrind, times against memchr and reference."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from benchmarks import corpus as corpora
from benchmarks.contenders import Transformers, check, check_lines
from benchmarks.verdict import Ratio

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ROUNDS = 31
PASSES = 11
"""Passes of the longer run; the shorter has one, and what both share (start, reading, plan) cancels out."""


@dataclass(frozen=True)
class Street:
    """One corpus on disk, checked, and the arguments with which ``street`` reads it."""

    path: Path
    corpus: corpora.Corpus
    expected: str
    """What ``street rows`` must print: documents, failures, bytes and checksum of one pass."""

    @classmethod
    def checked(cls, folder: Path, name: str) -> Street:
        """Write corpus ``name`` to ``folder`` and check what the core makes of it."""
        corpus = corpora.block(name)
        corpora.write(folder, corpus)
        output = check_lines(Transformers.of(corpus.fields), corpus)
        failures = len(corpus.lines) - corpus.good
        expected = f"{corpus.good} {failures} {len(output)} {checksum(output):016x}"
        return cls(folder / f"{name}.tsv", corpus, expected)

    def instructions(self) -> float:
        """Count the instructions a record of the engine alone."""
        one, many = self._callgrind(1), self._callgrind(PASSES)
        return (many - one) / ((PASSES - 1) * len(self.corpus.lines))

    def ratios(self) -> tuple[Ratio, Ratio]:
        """Time the engine, memchr over the tabs, and the reference, in turns in one process.

        Returns:
            engine / memchr, and reference / engine.

        """
        self._check_rows(self._rows(1))
        output = _run([binary(), "ratio", str(ROUNDS), *self._input()]).stdout
        rounds = [json.loads(line) for line in output.splitlines()]
        check(len(rounds) == ROUNDS, f"street timed {len(rounds)} rounds, not {ROUNDS}")
        engine, memchr, reference = (
            [float(turn[name]) for turn in rounds] for name in ("engine", "memchr", "reference")
        )
        return Ratio.of(engine, memchr), Ratio.of(reference, engine)

    def _input(self) -> tuple[str, str]:
        return str(self.path), ",".join(self.corpus.fields)

    def _rows(self, passes: int, *tool: str) -> subprocess.CompletedProcess[str]:
        return _run([*tool, binary(), "rows", str(passes), *self._input()])

    def _check_rows(self, run: subprocess.CompletedProcess[str]) -> None:
        check(run.stdout.strip() == self.expected, f"street printed {run.stdout!r}, not {self.expected!r}")

    def _callgrind(self, passes: int) -> int:
        run = self._rows(passes, "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
        self._check_rows(run)
        collected = re.search(r"Collected\s*:\s*(\d+)", run.stderr)
        check(collected, f"callgrind printed no count: {run.stderr}")
        return int(collected[1]) if collected else 0


@cache
def checksum(data: bytes) -> int:
    """Compute the checksum of 64 bits that ``street`` prints: rotate left by five, then exclusive or."""
    value = 0
    for byte in data:
        value = ((value << 5 | value >> 59) & 0xFFFF_FFFF_FFFF_FFFF) ^ byte
    return value


@cache
def binary() -> str:
    """Build the example, optimised, and say where it lies."""
    messages = _run(
        [
            "cargo",
            "build",
            "--locked",
            "--release",
            "--package=edgelift",
            "--example=street",
            "--message-format=json",
        ]
    ).stdout
    for line in messages.splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == "street":
            return str(message["executable"])
    raise FileNotFoundError("cargo built no example named street")


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    check(run.returncode == 0, f"{' '.join(command[:4])} … ended with {run.returncode}: {run.stderr}")
    return run

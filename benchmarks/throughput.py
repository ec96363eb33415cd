"""Runs the engine's example ``throughput``: instructions by callgrind, times against memchr and reference."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks import callgrind, standard
from benchmarks import corpus as corpora
from benchmarks.contenders import Transformers, check, check_lines
from benchmarks.verdict import Ratio

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 31
BATCH_ROWS = 8192
"""Rows of a batch of ``throughput columns``."""


@dataclass(frozen=True)
class Throughput:
    """One corpus on disk, checked, and the arguments with which ``throughput`` reads it."""

    path: Path
    corpus: corpora.Corpus
    fields: str
    """Names of the columns, with commas between them, or ``auto`` where the log tells them."""
    expected: str
    """Expected output of ``throughput rows``: documents, failures, bytes and checksum of one pass."""

    @classmethod
    def checked(cls, folder: Path, name: str) -> Throughput:
        """Write corpus ``name`` to ``folder`` and check what the core makes of it."""
        is_standard = name in standard.NAMES
        corpus = standard.block(name) if is_standard else corpora.block(name)
        corpora.write(folder, corpus)
        if is_standard and corpus.fields == standard.FIELDS:
            fields, output = "auto", standard.documents()
        else:
            fields, output = ",".join(corpus.fields), check_lines(Transformers.of(corpus.fields), corpus)
        failures = len(corpus.lines) - corpus.good
        expected = f"{corpus.good} {failures} {len(output)} {callgrind.checksum(output):016x}"
        return cls(folder / f"{name}.tsv", corpus, fields, expected)

    def instructions(self) -> float:
        """Count the instructions a record of the engine alone."""
        return callgrind.instructions(self._rows, self.expected, len(self.corpus.lines))

    def column_instructions(self) -> float:
        """Count the instructions a record of the engine into columns."""
        batches = -(-self.corpus.good // BATCH_ROWS)
        expected = f"{self.corpus.good} {len(self.corpus.lines) - self.corpus.good} {batches}"
        return callgrind.instructions(self._columns, expected, len(self.corpus.lines))

    def ratios(self) -> tuple[Ratio, Ratio]:
        """Time the engine, memchr over the tabs, and the reference, in turns in one process.

        Returns:
            engine / memchr, and reference / engine.

        """
        once = self._rows(1)
        callgrind.check_printed(once, callgrind.run(once), self.expected)
        command = [callgrind.binary("throughput"), "ratio", str(ROUNDS), *self._input()]
        rounds = [json.loads(line) for line in callgrind.run(command).stdout.splitlines()]
        check(len(rounds) == ROUNDS, f"throughput timed {len(rounds)} rounds, not {ROUNDS}")
        engine, memchr, reference = (
            [float(turn[name]) for turn in rounds] for name in ("engine", "memchr", "reference")
        )
        return Ratio.of(engine, memchr), Ratio.of(reference, engine)

    def _input(self) -> tuple[str, str]:
        return str(self.path), self.fields

    def _columns(self, passes: int) -> list[str]:
        return [callgrind.binary("throughput"), "columns", str(passes), *self._input()]

    def _rows(self, passes: int) -> list[str]:
        return [callgrind.binary("throughput"), "rows", str(passes), *self._input()]

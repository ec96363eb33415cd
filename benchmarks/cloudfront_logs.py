"""Runs ``cloudfront-logs/``, which has the Rust crate of that name beside the engine in one process."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import TYPE_CHECKING

from benchmarks import callgrind, standard
from benchmarks import corpus as corpora
from benchmarks.contenders import check
from benchmarks.machine import ROOT
from benchmarks.verdict import Ratio

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 31
CRATE = ROOT / "benchmarks" / "cloudfront-logs"


def against_typed_parse(folder: Path) -> Ratio:
    """Compare the typed parse alone with all that the engine does, on the rows of v1.

    Returns:
        Typed parse / engine.

    """
    corpus = standard.block("v1")
    corpora.write(folder, corpus)
    run = callgrind.run([binary(folder), str(ROUNDS), str(folder / "v1.tsv")])
    found, *rounds = [json.loads(line) for line in run.stdout.splitlines()]
    check(found == _expected(corpus), f"cloudfront-logs and the engine found {found}")
    check(len(rounds) == ROUNDS, f"{len(rounds)} rounds were timed, not {ROUNDS}")
    return Ratio.of([turn["typed"] for turn in rounds], [turn["edgelift"] for turn in rounds])


def _expected(corpus: corpora.Corpus) -> dict[str, int]:
    rows = [dict(zip(corpus.fields, line.decode().split("\t"), strict=True)) for line in corpus.lines]
    lists = [row["x-forwarded-for"] for row in rows]
    return {
        "documents": len(rows),
        "bytes": len(standard.documents()),
        "rows": len(rows),
        "sc_bytes": sum(int(row["sc-bytes"]) for row in rows),
        "addresses": sum(addresses.count(",") + 1 for addresses in lists if addresses != "-"),
    }


@cache
def binary(folder: Path) -> str:
    """Build it, optimised, and say where it lies. The first time takes some minutes."""
    target = folder / "cloudfront-logs"
    manifest = CRATE / "Cargo.toml"
    command = ["cargo", "build", "--locked", "--quiet", "--release"]
    callgrind.run([*command, f"--manifest-path={manifest}", f"--target-dir={target}"])
    return os.fspath(target / "release" / "beside-cloudfront-logs")

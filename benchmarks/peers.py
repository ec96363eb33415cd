"""Whole processes: ``edgelift transform`` and polars on the same file of 250 MB."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks import corpus as corpora
from benchmarks import interleaved
from benchmarks.contenders import check
from benchmarks.verdict import Ratio

ROUNDS = 7
REPEATS = 19
"""Blocks of c45 in the file: the least that give 250 MB."""
REQUIREMENTS = Path(__file__).with_name("requirements-peers.txt")


def environment(folder: Path) -> str:
    """Install the pinned peers into an environment of their own below ``folder``, unless they are there.

    Returns:
        Its Python.

    """
    home = folder / "peers"
    python, stamp = home / "bin" / "python", home / "requirements.txt"
    wanted = REQUIREMENTS.read_text()
    if not (python.exists() and stamp.exists() and stamp.read_text() == wanted):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "-r", str(REQUIREMENTS)], check=True)
        stamp.write_text(wanted)
    return str(python)


def pinned() -> str:
    """Give the peers and their versions, as they are pinned."""
    lines = REQUIREMENTS.read_text().splitlines()
    return " ".join(line for line in lines if line and not line.startswith("#"))


def against_polars(folder: Path) -> Ratio:
    """Compare the CPU time of polars with that of ``edgelift transform``.

    Both write a file once, whose lines are counted; then both are timed with their output to nowhere, since
    what the kernel takes to write 400 MB differs more from run to run than the two programs do. The input
    has no bad rows: polars would stop at the first.
    """
    corpus = corpora.block("c45", with_bad=False)
    facts = corpora.write(folder, corpus, repeats=REPEATS, stem="c45-250MB")
    source, target = folder / "c45-250MB.tsv", folder / "c45-250MB.ndjson"
    fields = ",".join(corpus.fields)
    python = environment(folder)

    def polars(output: Path) -> float:
        script = Path(__file__).with_name("peer_polars.py")
        return interleaved.process([python, str(script), str(source), str(output), fields])

    def edgelift(output: Path) -> float:
        program = Path(sys.executable).with_name("edgelift")
        return interleaved.process(
            [str(program), "transform", str(source), "--fields", fields, "--jobs", "1"], output
        )

    try:
        for run in (polars, edgelift):
            run(target)
            documents = _lines(target)
            check(documents == facts.rows, f"{run.__name__}: {documents} documents of {facts.rows} rows")
            target.unlink()
        times = [(polars(interleaved.NOWHERE), edgelift(interleaved.NOWHERE)) for _ in range(ROUNDS)]
    finally:
        source.unlink()
        target.unlink(missing_ok=True)
    return Ratio.of(*zip(*times, strict=True))


def _lines(path: Path) -> int:
    count = 0
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            count += chunk.count(b"\n")
    return count

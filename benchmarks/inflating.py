"""Whole processes: a gzip file to JSON lines with ``edgelift transform``, and through ``gzip -dc``."""

from __future__ import annotations

import subprocess
import sys
import zlib
from pathlib import Path

from benchmarks import interleaved, standard
from benchmarks.contenders import check
from benchmarks.corpus import BLOCK
from benchmarks.verdict import Ratio

ROUNDS = 5
REPEATS = 61
"""Blocks of v1 in the file: the least that give 300 MB of lines."""
PROGRAM = Path(sys.executable).with_name("edgelift")


def against_gzip(folder: Path) -> Ratio:
    """Compare the CPU time of both on one file, in turns.

    The documents go to nowhere, but for one run before, whose lines are counted.

    Returns:
        ``gzip -dc`` / the command.

    """
    source, target = folder / "v1.log.gz", folder / "v1.ndjson"
    size = write(source)
    command = [str(PROGRAM), "transform", "--quiet", "--jobs", "1", str(source)]
    unpack = ["gzip", "-dc", str(source)]
    try:
        content = subprocess.run(unpack, check=True, capture_output=True).stdout
        check(len(content) == size, "inflating gives another number of bytes")
        interleaved.process(command, target)
        with target.open("rb") as file:
            documents = sum(1 for _ in file)
        check(documents == BLOCK * REPEATS, f"{documents} documents of {BLOCK * REPEATS} rows")
        times = [(interleaved.process(unpack), interleaved.process(command)) for _ in range(ROUNDS)]
    finally:
        source.unlink()
        target.unlink(missing_ok=True)
    return Ratio.of(*zip(*times, strict=True))


def write(path: Path) -> int:
    """Write the file, one member at the level of gzip itself; return the bytes of its content."""
    block, packer = standard.block("v1").data, zlib.compressobj(6, wbits=31)
    with path.open("wb") as file:
        for _ in range(REPEATS):
            file.write(packer.compress(block))
        file.write(packer.flush())
    return len(block) * REPEATS

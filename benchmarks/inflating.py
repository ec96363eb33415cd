"""A gzip file to JSON lines with ``edgelift transform``, and inflating it alone with the same zlib."""

from __future__ import annotations

import contextlib
import gzip
import zlib
from typing import TYPE_CHECKING

from benchmarks import interleaved, standard
from benchmarks.contenders import check
from benchmarks.corpus import BLOCK
from benchmarks.verdict import Ratio
from edgelift.cli.transform import Options, transform
from edgelift.inputs.codecs.compressed_input import OUTPUT_BLOCK
from edgelift.inputs.codecs.gzip import WRAPPER

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 15
REPEATS = 10
"""Blocks of v1 in the file: some 50 MB of lines."""


def against_zlib(folder: Path) -> Ratio:
    """Compare the CPU time of both on one file, in turns in one process.

    The documents go to nowhere, but for one run before, whose lines are counted.

    Returns:
        Inflating alone / the command.

    """
    data = standard.block("v1").data * REPEATS
    source, target = folder / "v1.log.gz", folder / "v1.ndjson"
    # The level of gzip itself, and of most that writes such files.
    source.write_bytes(gzip.compress(data, 6, mtime=0))
    check(inflate(source) == len(data), "inflating gives another number of bytes")
    command(source, target)
    with target.open("rb") as file:
        documents = sum(1 for _ in file)
    target.unlink()
    check(documents == BLOCK * REPEATS, f"{documents} documents of {BLOCK * REPEATS} rows")
    times = interleaved.calls(
        {"inflate": lambda: inflate(source), "transform": lambda: command(source, interleaved.NOWHERE)},
        ROUNDS,
    )
    source.unlink()
    return Ratio.of(times["inflate"], times["transform"])


def inflate(path: Path) -> int:
    """Inflate a file of one member as the command does, and do nothing with it; how many bytes came out."""
    inflater, size = zlib.decompressobj(wbits=WRAPPER), 0
    with path.open("rb", buffering=0) as file:
        while not inflater.eof:
            size += len(
                inflater.decompress(inflater.unconsumed_tail or file.read(OUTPUT_BLOCK), OUTPUT_BLOCK)
            )
    return size


def command(source: Path, target: Path) -> None:
    """Run ``edgelift transform`` in this process; its summary goes nowhere."""
    with interleaved.NOWHERE.open("w") as nowhere, contextlib.redirect_stderr(nowhere):
        code = transform(Options(files=[str(source)], output=str(target)))
        check(code == 0, f"the command ended with {code}")

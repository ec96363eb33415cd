"""The start of the command line, as whole processes: the help, and two lines of a log."""

from __future__ import annotations

import compileall
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import edgelift
from benchmarks import interleaved, standard
from benchmarks.contenders import check
from benchmarks.verdict import Ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

RUNS = 20
PROGRAM = str(Path(sys.executable).with_name("edgelift"))
LINES = 4
"""Two directives and two rows."""


def against_nothing(folder: Path) -> dict[str, Ratio]:
    """Compare the CPU time of commands with that of a Python that does nothing, run in turns.

    Returns:
        By the names of the limits, command / nothing.

    """
    # pip compiles what it installs; in a checkout with PYTHONDONTWRITEBYTECODE nobody would.
    compileall.compile_dir(Path(edgelift.__file__).parent, quiet=1)
    with tempfile.TemporaryDirectory(prefix="startup-", dir=folder) as scratch:
        log, documents = Path(scratch, "v1.log"), Path(scratch, "v1.ndjson")
        log.write_bytes(b"".join(standard.block("v1").data.splitlines(keepends=True)[:LINES]))
        commands: dict[str, Sequence[str]] = {
            "help": (PROGRAM, "--help"),
            "transform": (PROGRAM, "transform", str(log), "-o", str(documents)),
            "nothing": (sys.executable, "-I", "-c", "pass"),
        }
        times = [[interleaved.process(command) for command in commands.values()] for _ in range(RUNS)]
        written = documents.read_bytes().count(b"\n")
        check(written == LINES - 2, f"{written} documents were written")
    *measured, nothing = map(tuple, zip(*times, strict=True))
    return {name: Ratio.of(seconds, nothing) for name, seconds in zip(commands, measured, strict=False)}

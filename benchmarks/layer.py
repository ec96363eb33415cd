"""The layer as `make layer` built it: its size, and what the import of its handler costs a bare Python."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks import interleaved
from benchmarks.machine import ROOT
from benchmarks.verdict import Ratio

if TYPE_CHECKING:
    from pathlib import Path

ZIP = ROOT / "dist" / "edgelift-layer-x86_64.zip"
TOOLS = ROOT / "dist" / "edgelift-tools-x86_64.zip"
ROUNDS = 20

IMPORT = "import sys; sys.path.insert(0, sys.argv[1]); import edgelift.firehose"

MODULES = f"""
{IMPORT}
import json
# Python 3.11 does not list the module that tells subinterpreters apart.
standard = sys.stdlib_module_names | {{"_xxsubinterpreters"}}
print(json.dumps([sorted(set(sys.modules) - {{"__main__"}}), sorted(standard)]))
"""


@dataclass(frozen=True)
class Imported:
    """Cost of importing the handler, and the modules that it loads."""

    compiled: Ratio
    """CPU time of a Python that imports it / of one that does nothing; with bytecode beside the sources."""
    uncompiled: Ratio
    """The same without bytecode, as a function's first start finds it: /opt cannot be written."""
    foreign: tuple[str, ...]
    """Modules neither of the standard library nor of edgelift."""


def size() -> int:
    """Give the bytes of the zip."""
    return _built(ZIP).stat().st_size


def tools_size() -> int:
    """Give the bytes of the zip of tools."""
    return _built(TOOLS).stat().st_size


def imported(folder: Path) -> Imported:
    """Measure the import in processes that take interleaved, below ``folder``.

    Python is one of an environment without packages: whatever the machine's own imports with its ``site``
    would be in both times, and flatter the ratio.
    """
    layer = _unpacked(folder / "layer")
    python = _bare(folder / "bare")
    names, standard = json.loads(_output(python, "-I", "-S", "-B", "-c", MODULES, layer))
    foreign = {name for name in names if name.partition(".")[0] not in {*standard, "edgelift"}}
    commands = {
        "uncompiled": (python, "-I", "-B", "-c", IMPORT, layer),
        "compiled": (python, "-I", "-c", IMPORT, _compiled(python, folder)),
        "nothing": (python, "-I", "-c", "pass"),
    }
    times = [
        {name: interleaved.process(command) for name, command in commands.items()} for _ in range(ROUNDS)
    ]
    column = {name: [row[name] for row in times] for name in commands}
    return Imported(
        Ratio.of(column["compiled"], column["nothing"]),
        Ratio.of(column["uncompiled"], column["nothing"]),
        tuple(sorted(foreign)),
    )


def _built(path: Path) -> Path:
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not built; run: make dist/{path.name}")
    return path


def _unpacked(folder: Path) -> str:
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(_built(ZIP)) as archive:
        archive.extractall(folder)
    return str(folder / "python")


def _compiled(python: str, folder: Path) -> str:
    """Unpack a second time, and import once, for the bytecode."""
    layer = _unpacked(folder / "layer-compiled")
    _output(python, "-I", "-c", IMPORT, layer)
    return layer


def _bare(folder: Path) -> str:
    command = [sys.executable, "-m", "venv", "--clear", "--without-pip", str(folder)]
    subprocess.run(command, check=True)
    return str(folder / "bin" / "python")


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout

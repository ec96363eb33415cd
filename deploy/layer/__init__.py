"""Builds the Lambda layers, one zip per architecture: ``python -m deploy.layer x86_64 aarch64``.

`wheel` compiles a manylinux2014 wheel, `debian` fetches a compiler, emulator and Python for aarch64, and
`archive` writes the zip from the wheel. `tools` builds a second layer with the packages that a function
needs for OpenSearch (``--kind tools``). Builds are reproducible: the same sources and tools give the same
bytes in any folder.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".cross"
"""Folder of the tools for aarch64, kept between runs."""

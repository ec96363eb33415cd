"""Builds the Lambda layers, one zip an architecture: ``python -m deploy.layer x86_64 aarch64``.

`wheel` compiles a manylinux2014 wheel, `debian` brings what a machine of the other architecture would have,
and `archive` makes the zip of the wheel. `tools` makes a second layer, of the packages that a function needs
for OpenSearch (``--kind tools``). The same sources and tools give the same bytes, wherever the
checkout lies.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".cross"
"""Where the tools for aarch64 are kept between runs."""

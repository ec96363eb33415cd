"""Generates the table of targets from the Makefile."""

from __future__ import annotations

import re
from pathlib import Path

from docs.generator.tables import Block, code, table

_MAKEFILE = Path(__file__).parents[2] / "Makefile"
_LEFT_OUT = {"help", "setup", "clean"}


def targets(_block: Block) -> str:
    """Return the table of targets for contributors."""
    found = re.findall(r"^([a-z-]+):.*?## (.*)$", _MAKEFILE.read_text("utf-8"), re.MULTILINE)
    body = ([code(f"make {target}"), words] for target, words in found if target not in _LEFT_OUT)
    return table(("command", "what it does"), body)

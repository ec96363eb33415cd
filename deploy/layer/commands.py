"""Runs the programs that the builder needs."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class LayerError(Exception):
    """The layer cannot be built; the message says what to do."""


def run(
    command: Sequence[str],
    hint: str,
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run ``command`` in ``folder``; its output is not captured.

    Raises:
        LayerError: the program is missing, or it failed; the message ends with ``hint``.

    """
    try:
        done = subprocess.run(command, cwd=folder, env=environment, check=False)  # noqa: S603 -- fixed commands
    except FileNotFoundError:
        raise LayerError(f"there is no program {command[0]} here; {hint}") from None
    if done.returncode:
        raise LayerError(f"{' '.join(command)} ended with {done.returncode}; {hint}")

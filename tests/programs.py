"""Programs that tests run and developers need not have."""

from __future__ import annotations

import os
import shutil

import pytest


def installed(name: str) -> str:
    """Return the path of a program. CI has all of them; elsewhere a test without its program is skipped."""
    path = shutil.which(name)
    if path is None:
        assert "CI" not in os.environ, f"{name} is not installed"
        # Developers need not install programs that they do not use.
        pytest.skip(f"{name} is not installed")
    return path

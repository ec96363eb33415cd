"""Where the tests find the layers that `make layer` built, and interpreters to run them in."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from deploy.layer import ROOT, TOOLS, debian, wheel

if TYPE_CHECKING:
    from pathlib import Path

VERSIONS = ("3.11", "3.12", "3.13", "3.14")
"""Of Python in Lambda."""


@pytest.fixture(scope="session", params=wheel.ARCHITECTURES)
def architecture(request: pytest.FixtureRequest) -> str:
    """Give each architecture in turn."""
    return str(request.param)


@pytest.fixture(scope="session")
def layer(architecture: str) -> Path:
    """Give the zip."""
    path = ROOT / "dist" / f"edgelift-layer-{architecture}.zip"
    assert path.is_file(), f"{path} is not built; run: make layer-test"
    return path


@pytest.fixture(scope="session")
def unpacked(layer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with what Lambda would have in /opt."""
    folder = tmp_path_factory.mktemp("opt")
    with zipfile.ZipFile(layer) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="session")
def interpreters(architecture: str) -> list[tuple[str, ...]]:
    """Give commands of bare interpreters: this one's and all others that are here, or the one of aarch64."""
    if architecture == "aarch64":
        return [debian.tools(TOOLS).python]
    others = [(f"python{version}",) for version in VERSIONS]
    return [(sys.executable,), *(command for command in others if _runs(command))]


def _runs(command: tuple[str, ...]) -> bool:
    try:
        return subprocess.run([*command, "-c", ""], check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False

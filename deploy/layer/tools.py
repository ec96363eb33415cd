"""Writes the zip of tools: opensearch-py and its dependencies, for functions that also use edgelift's layer.

The zip has all files of pure-Python wheels, pinned by version and hash in ``tools.txt``, as ``pip install
--target python`` installs them, and a software bill of materials. Nothing is compiled, so both
architectures get the same bytes.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from deploy.layer import ROOT, archive
from deploy.layer.commands import LayerError, run

if TYPE_CHECKING:
    from collections.abc import Sequence

REQUIREMENTS = ROOT / "deploy" / "layer" / "tools.txt"

BILL = "edgelift-tools.cyclonedx.json"
"""Name of the software bill of materials, which Lambda unpacks into /opt."""

HINT = "pip must reach a package index that has the wheels of deploy/layer/tools.txt"


def build(target: Path) -> None:
    """Write the zip to ``target``: the same requirements give the same bytes.

    Raises:
        LayerError: a wheel cannot be downloaded, or is not pure Python.

    """
    with tempfile.TemporaryDirectory() as folder:
        _download(Path(folder))
        wheels = sorted(Path(folder).iterdir())
        files: dict[str, bytes] = {BILL: _bill(wheels)}
        for wheel in wheels:
            for name, content in _files(wheel).items():
                if files.setdefault(name, content) != content:
                    raise LayerError(f"{wheel.name} has a file that another wheel has, too: {name}")
    archive.write_files(files, target)


def _download(folder: Path) -> None:
    # Platform `any` skips compiled wheels of the same versions.
    plain = ("--only-binary", ":all:", "--platform", "any", "--implementation", "py", "--abi", "none")
    checked = ("--no-deps", "--require-hashes", "--python-version", "3.11")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download")
    run((*pip, *plain, *checked, "--dest", str(folder), "--requirement", str(REQUIREMENTS)), HINT)


def _files(wheel: Path) -> dict[str, bytes]:
    """Return name and content of every file of a wheel in the layer."""
    with zipfile.ZipFile(wheel) as opened:
        names = [entry.filename for entry in opened.infolist() if not entry.is_dir()]
        if any(name.endswith(".so") or ".data/" in name for name in names):
            raise LayerError(f"{wheel.name} is not of plain Python alone")
        return {archive.PREFIX + name: opened.read(name) for name in names}


def _bill(wheels: Sequence[Path]) -> bytes:
    text = JsonV1Dot6(Bom(components=[_component(wheel) for wheel in wheels])).output_as_string()
    return archive.settled_bom(text.encode(), ROOT)


def _component(wheel: Path) -> Component:
    with zipfile.ZipFile(wheel) as opened:
        (place,) = (name for name in opened.namelist() if name.endswith(".dist-info/METADATA"))
        reported = message_from_bytes(opened.read(place))
    license_ = reported["License-Expression"] or reported["License"]
    purl = PackageURL("pypi", name=reported["Name"].lower().replace("_", "-"), version=reported["Version"])
    return Component(
        type=ComponentType.LIBRARY,
        bom_ref=str(purl),  # the default is random
        name=reported["Name"],
        version=reported["Version"],
        purl=purl,
        licenses=[LicenseFactory().make_from_string(license_)] if license_ else (),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=hashlib.sha256(wheel.read_bytes()).hexdigest())],
    )

"""The contents of a layer, the systems that it was built for, and that a second build is identical."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_string
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy.layer import ROOT, TOOLS

UNUSED = {
    "__main__.py",
    "dataset.py",
    "reprocess/job.py",
    *(
        f"reprocess/journal/{name}.py"
        for name in ("checksums", "differences", "duplicates", "journal", "sink_state")
    ),
    "tables.py",
}
"""Modules that no function imports."""

LOCKED = {
    (package["name"], package["version"])
    for package in tomllib.loads((ROOT / "Cargo.lock").read_text("utf-8"))["package"]
}


def info(unpacked: Path) -> Path:
    (folder,) = (unpacked / "python").glob("edgelift-*.dist-info")
    return folder


def test_files_are_those_of_the_package_that_a_function_uses(layer: Path) -> None:
    names = zipfile.ZipFile(layer).namelist()
    package = ROOT / "python" / "edgelift"
    sources = [path for pattern in ("*.py", "py.typed") for path in package.rglob(pattern)]
    names_of_sources = {str(path.relative_to(package)) for path in sources}
    expected = {
        f"python/edgelift/{name}"
        for name in names_of_sources
        if name not in UNUSED
        and not name.startswith(("charts/", "cli/", "opensearch/", "pure/", "simulate/"))
    }
    found = {name for name in names if not re.match(r"python/edgelift-[\d.]+\.dist-info/", name)}
    assert found == expected | {"python/edgelift/_core.abi3.so"}
    assert len(sources) > 20


def test_licenses_of_linked_crates_are_there(unpacked: Path) -> None:
    for name in "LICENSE", "THIRD-PARTY-NOTICES.txt":
        assert (info(unpacked) / "licenses" / name).read_bytes() == (ROOT / name).read_bytes()


def test_order_times_and_modes_are_fixed(layer: Path) -> None:
    entries = zipfile.ZipFile(layer).infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in entries} == {0o100644}


def test_layer_has_no_path_of_the_build(unpacked: Path) -> None:
    homes = (ROOT, Path.home() / ".cargo", Path(os.environ.get("CARGO_HOME", ROOT)))
    for path in unpacked.rglob("*"):
        if path.is_file():
            assert not [home for home in homes if str(home).encode() in path.read_bytes()], path


def test_extension_needs_no_newer_libc_than_manylinux2014(
    unpacked: Path, architecture: str, tmp_path: Path
) -> None:
    tags = message_from_string((info(unpacked) / "WHEEL").read_text("utf-8")).get_all("Tag") or []
    assert f"cp311-abi3-manylinux2014_{architecture}" in tags
    # auditwheel reads the symbols of the extension, and believes no tag.
    wheel = tmp_path / f"edgelift-0-cp311-abi3-linux_{architecture}.whl"
    shutil.make_archive(str(wheel), "zip", unpacked / "python")
    wheel.with_name(f"{wheel.name}.zip").rename(wheel)
    command = [sys.executable, "-m", "auditwheel", "show", str(wheel)]
    said = " ".join(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
    assert f'platform tag: "manylinux_2_17_{architecture}"' in said


def test_bill_of_materials_lists_the_crates(unpacked: Path) -> None:
    (bom,) = (info(unpacked) / "sboms").iterdir()
    text = bom.read_text("utf-8")
    document = json.loads(text)
    assert document["bomFormat"] == "CycloneDX"
    version = SchemaVersion.from_version(document["specVersion"])
    assert JsonStrictValidator(version).validate_str(text) is None
    listed = {(part["name"], part["version"]) for part in document["components"]}
    assert listed <= LOCKED
    named = {name for name, _ in listed} | {document["metadata"]["component"]["name"]}
    for crate in ("edgelift", "edgelift-python"):
        manifest = tomllib.loads((ROOT / "rust_core" / crate / "Cargo.toml").read_text("utf-8"))
        linked = {
            name
            for name, wanted in manifest["dependencies"].items()
            if isinstance(wanted, str) or not wanted.get("optional")
        }
        assert {crate, *linked} <= named


@pytest.mark.timeout(3600)  # it compiles everything anew
def test_build_in_another_folder_gives_the_same_files(layer: Path, architecture: str, tmp_path: Path) -> None:
    checkout = tmp_path / "elsewhere" / "checkout"
    # Without what builds and tests leave, the extension of the editable package among it.
    left = shutil.ignore_patterns(".*", "target", "dist", "__pycache__", "*.so")
    shutil.copytree(ROOT, checkout, ignore=left)
    command = [sys.executable, "-m", "deploy.layer", architecture, "--tools", str(TOOLS)]
    subprocess.run(command, cwd=checkout, check=True)
    assert contents(checkout / "dist" / layer.name) == contents(layer)


def contents(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}

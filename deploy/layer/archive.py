"""Writes the zip of a layer from a wheel; reads and writes no other file.

The layer has the files that ``pip install --no-deps --target python`` would install, except the type stub,
which no function reads, the command line (50 kB of the zip) with its charts, jobs and journals,
`edgelift.opensearch` and `edgelift.simulate`, which a function has no terminal for, `edgelift.pure` (16 kB),
which needs orjson, which the layer does not have, and tables of columns, which its engine cannot make.
Bytecode is excluded: it would only work with one of the four versions of Python.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import zopfli

from deploy.layer.commands import LayerError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PREFIX = "python/"
"""Lambda unpacks a layer into /opt, and /opt/python is in Python's path."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can store."""

COLUMNS_NOTICES = "/THIRD-PARTY-NOTICES-columns.txt"
"""End of the name of the licenses of crates that layers do not contain."""

EXCLUDED = (
    "edgelift/__main__.py",
    "edgelift/charts/",
    "edgelift/cli/",
    "edgelift/dataset.py",
    "edgelift/opensearch/",
    "edgelift/pure/",
    "edgelift/reprocess/job.py",
    "edgelift/reprocess/journal/checksums.py",
    "edgelift/reprocess/journal/differences.py",
    "edgelift/reprocess/journal/duplicates.py",
    "edgelift/reprocess/journal/journal.py",
    "edgelift/reprocess/journal/sink_state.py",
    "edgelift/simulate/",
    "edgelift/tables.py",
)
"""Prefixes of the names of files that are excluded from a layer."""

MODE = 0o100644
"""A regular file that everyone can read: the function does not run as the owner."""


def write(wheel: Path, target: Path, root: Path) -> None:
    """Write the layer of ``wheel`` to ``target``: the same wheel gives the same bytes.

    Args:
        wheel: path of a wheel that maturin built.
        target: path of the zip; its folder is created if missing, and an old zip is replaced atomically.
        root: the checkout in which it was built, whose path is removed from the software bill of materials.

    Raises:
        LayerError: the wheel has no software bill of materials.

    """
    write_files({PREFIX + name: content for name, content in layer_files(wheel, root).items()}, target)


def write_files(files: Mapping[str, bytes], target: Path) -> None:
    """Write a zip of files by name: the same files give the same bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}.unfinished")
    # 4 % smaller than the best of zlib. Without a limit of blocks the extension is 1 % smaller; more
    # iterations save nothing.
    with zopfli.ZipFile(unfinished, "w", iterations=15, block_splitting_max=0) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # Unix, whose modes follow
            entry.external_attr = MODE << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])
    unfinished.replace(target)


def layer_files(wheel: Path, root: Path) -> dict[str, bytes]:
    """Return name and content of every file of the layer of ``wheel``, without `PREFIX`.

    Args:
        wheel: path of a wheel that maturin built.
        root: the checkout in which it was built.

    Raises:
        LayerError: the wheel has no software bill of materials.

    """
    with zipfile.ZipFile(wheel) as archive:
        names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
        left_out = [
            name for name in names if name.endswith((".pyi", COLUMNS_NOTICES)) or name.startswith(EXCLUDED)
        ]
        files = {name: archive.read(name) for name in names if name not in left_out}
    boms = [name for name in files if ".dist-info/sboms/" in name]
    if not boms:
        raise LayerError(f"{wheel.name} has no sboms in its dist-info; maturin 1.16 and later puts one there")
    for name in boms:
        files[name] = settled_bom(files[name], root)
    (record,) = (name for name in files if name.endswith(".dist-info/RECORD"))
    files[record] = _record(files, record)
    return files


def settled_bom(bom: bytes, root: Path) -> bytes:
    """Remove the parts of a CycloneDX document that differ between builds, and keep it valid.

    These are the random serial number and the time, both optional, and the path of the checkout ``root`` in
    the names of its own crates, which are references within the document.
    """
    document: dict[str, Any] = json.loads(bom.replace(root.as_uri().encode(), b"file:///edgelift"))
    document.pop("serialNumber", None)
    document.get("metadata", {}).pop("timestamp", None)
    return json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"


def _record(files: dict[str, bytes], record: str) -> bytes:
    """Return the list of installed files: name, hash and size of each; for the list itself only the name."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for name in sorted(files):
        if name != record:
            digest = base64.urlsafe_b64encode(hashlib.sha256(files[name]).digest()).rstrip(b"=").decode()
            rows.writerow((name, f"sha256={digest}", len(files[name])))
    rows.writerow((record, "", ""))
    return text.getvalue().encode()

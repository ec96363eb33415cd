"""The zip of a layer, from a wheel that was made up; `make layer-test` tests real ones."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
import zlib
from pathlib import Path

import pytest

from deploy.layer import archive
from deploy.layer.commands import LayerError, run

BOM = "edgelift-0.dist-info/sboms/edgelift-python.cyclonedx.json"
RECORD = "edgelift-0.dist-info/RECORD"
FILES = {"edgelift/b.py": b"b = 1\n", "edgelift/a.py": b"", RECORD: b"stale"}


def bom(root: str, build: int) -> bytes:
    """Give a bill as maturin writes it: with a number and a time of its own, and with paths."""
    reference = f"path+file://{root}/rust_core/edgelift#0.1.0"
    return json.dumps(
        {
            "bomFormat": "CycloneDX",
            "serialNumber": f"urn:uuid:{build}",
            "metadata": {"timestamp": f"2026-01-0{build}", "component": {"name": "edgelift-python"}},
            "components": [{"bom-ref": reference, "name": "edgelift", "description": "→"}],
            "dependencies": [{"ref": reference}],
        }
    ).encode()


def layer(folder: Path, files: dict[str, bytes], root: str = "/a") -> Path:
    folder.mkdir()
    wheel, target = folder / "edgelift-0-cp311-abi3-any.whl", folder / "dist" / "layer.zip"
    with zipfile.ZipFile(wheel, "w") as writer:
        writer.mkdir("edgelift")
        for name, content in files.items():
            writer.writestr(name, content)
    archive.write(wheel, target, Path(root))
    assert list(target.parent.iterdir()) == [target]
    return target


def test_archive_does_not_depend_on_order_time_or_folder(tmp_path: Path) -> None:
    one = layer(tmp_path / "1", FILES | {BOM: bom("/a", 1)}, "/a")
    two = layer(tmp_path / "2", {BOM: bom("/b/c", 2)} | dict(reversed(FILES.items())), "/b/c")
    assert one.read_bytes() == two.read_bytes()


def test_files_are_in_the_python_folder_of_the_layer(tmp_path: Path) -> None:
    written = zipfile.ZipFile(layer(tmp_path / "1", FILES | {BOM: bom("/a", 1)}))
    assert written.namelist() == sorted(f"python/{name}" for name in (*FILES, BOM))
    assert written.read("python/edgelift/b.py") == b"b = 1\n"


def test_type_stub_and_command_line_are_left_out(tmp_path: Path) -> None:
    more = dict.fromkeys(
        (
            "edgelift/_core.pyi",
            "edgelift/__main__.py",
            "edgelift/cli/verbs.py",
            "edgelift/dataset.py",
            "edgelift/opensearch/roles.py",
            "edgelift/pure/values.py",
            "edgelift/reprocess/job.py",
            "edgelift/reprocess/journal/journal.py",
            "edgelift/simulate/ports.py",
            "edgelift/tables.py",
        ),
        b"",
    )
    written = zipfile.ZipFile(layer(tmp_path / "1", FILES | more | {BOM: bom("/a", 1)}))
    assert written.namelist() == sorted(f"python/{name}" for name in (*FILES, BOM))


def test_bill_of_materials_loses_only_number_time_and_folder() -> None:
    assert json.loads(archive.settled_bom(bom("/a", 1), Path("/a"))) == {
        "bomFormat": "CycloneDX",
        "metadata": {"component": {"name": "edgelift-python"}},
        "components": [
            {
                "bom-ref": "path+file:///edgelift/rust_core/edgelift#0.1.0",
                "name": "edgelift",
                "description": "→",
            }
        ],
        "dependencies": [{"ref": "path+file:///edgelift/rust_core/edgelift#0.1.0"}],
    }


def test_record_lists_each_file_with_hash_and_size(tmp_path: Path) -> None:
    written = zipfile.ZipFile(layer(tmp_path / "1", FILES | {BOM: bom("/a", 1)}))
    *rows, last = written.read(f"python/{RECORD}").decode().splitlines()
    assert last == f"{RECORD},,"
    assert len(rows) == 3
    for row in rows:
        name, digest, size = row.split(",")
        content = written.read(f"python/{name}")
        hashed = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
        assert (digest, size) == (f"sha256={hashed}", str(len(content)))


def test_members_have_fixed_times_and_modes_and_are_smaller_than_zlib_makes_them(tmp_path: Path) -> None:
    content = (Path(archive.__file__).parents[2] / "LICENSE").read_bytes()
    files = {"python/z": content, "python/a": b"", "b": bytes(70_000)}
    archive.write_files(files, tmp_path / "layer.zip")
    with zipfile.ZipFile(tmp_path / "layer.zip") as written:
        assert written.testzip() is None
        entries = written.infolist()
        assert {entry.filename: written.read(entry) for entry in entries} == files
    assert [entry.filename for entry in entries] == sorted(files)
    assert {(entry.date_time, entry.external_attr >> 16, entry.create_system) for entry in entries} == {
        ((1980, 1, 1, 0, 0, 0), 0o100644, 3)
    }
    assert entries[-1].compress_size < 0.97 * len(zlib.compress(content, 9))


def test_a_wheel_without_a_bill_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match=r"edgelift-0-cp311-abi3-any\.whl has no sboms"):
        layer(tmp_path / "1", FILES)


def test_failed_program_is_reported_with_advice() -> None:
    with pytest.raises(LayerError, match="false ended with 1; do this"):
        run(("false",), "do this")
    with pytest.raises(LayerError, match="there is no program no-such-program here; do that"):
        run(("no-such-program",), "do that")

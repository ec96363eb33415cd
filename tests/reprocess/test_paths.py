"""At no path that a job writes is a link followed that nobody named, and nothing hangs."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from edgelift.reprocess.objects import file_name
from tests.reprocess.conftest import TRANSFORMER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reprocess.conftest import Reprocess

ROW = b"1700000000.000\t10.0.0.1\t200\tGET\t/\n"

KINDS = ["symbolic link", "hard link", "pipe", "device", "folder"]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "log").write_bytes(ROW + b"bad\n")
    return folder


def put(kind: str, path: Path) -> Path:
    """Put something else where a file is to be written; return a file that must stay as it is."""
    target = path.with_name("target")
    path.parent.mkdir(exist_ok=True)
    target.write_bytes(b"of somebody else")
    match kind:
        case "symbolic link":
            path.symlink_to(target)
        case "hard link":
            path.hardlink_to(target)
        case "pipe":
            os.mkfifo(path)
        case "device":
            os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        case _:
            path.mkdir()
    return target


@pytest.mark.parametrize("kind", KINDS)
def test_output_replaces_links_without_following_them(
    reprocess: Reprocess, logs: Path, tmp_path: Path, kind: str
) -> None:
    out = tmp_path / "out" / "log.ndjson"
    target = put(kind, out)
    account = reprocess.account(logs, f"{tmp_path}/out/")
    assert target.read_bytes() == b"of somebody else"
    if kind == "folder":
        assert account["objects"]["failed"] == 1
    else:
        assert not out.is_symlink()
        assert out.read_bytes() == TRANSFORMER.transform_lines(ROW).output


@pytest.mark.parametrize("ending", ["", "-wal"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_journal_is_a_regular_file(
    reprocess: Reprocess, logs: Path, tmp_path: Path, kind: str, ending: str
) -> None:
    target = put(kind, reprocess.journal.with_name(reprocess.journal.name + ending))
    done = reprocess(logs, tmp_path / "out")
    assert done.code == 2
    assert (
        f"{reprocess.journal}{ending} is a link or not a regular file; --journal names another place"
        in done.err
    )
    assert target.read_bytes() == b"of somebody else"
    assert not (tmp_path / "out").exists()


def test_a_journal_is_not_a_folder(reprocess: Reprocess, logs: Path, tmp_path: Path) -> None:
    for folder in ".", "..", "/", str(tmp_path):
        done = reprocess.run("reprocess", logs, tmp_path / "out", "--journal", folder)
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert done.err.startswith(f"edgelift: cannot use the journal {folder}: ")


def test_a_journal_is_its_owners_only(reprocess: Reprocess, logs: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assert reprocess(logs, tmp_path / "out").code == 1
        assert stat.S_IMODE(reprocess.journal.stat().st_mode) == 0o600
        # And one that was made by an earlier version.
        reprocess.journal.chmod(0o644)


def test_a_journal_of_an_earlier_version_is_refused(reprocess: Reprocess, logs: Path, tmp_path: Path) -> None:
    assert reprocess(logs, tmp_path / "out").code == 1
    base = sqlite3.connect(reprocess.journal)
    base.execute("UPDATE job SET value = 'edgelift reprocess journal 1' WHERE key = 'format'")
    base.commit()
    base.close()
    done = reprocess(logs, tmp_path / "out", "--resume")
    assert done.code == 2
    assert f"the journal {reprocess.journal} is of an earlier edgelift" in done.err


@pytest.mark.parametrize("dest", ["//localhost:9200", "//10.0.0.1:9200/", "//search.example.com:443/x"])
def test_a_url_without_its_scheme_is_not_a_path(reprocess: Reprocess, logs: Path, dest: str) -> None:
    done = reprocess(logs, dest)
    assert done.code == 2
    assert f"the destination {dest} is a URL without its scheme; a cluster is https:{dest}" in done.err


@pytest.mark.parametrize(
    ("dest", "meant"),
    [
        ("localhost:9200", "http://localhost:9200"),
        ("127.0.0.1:9200/search", "http://127.0.0.1:9200/search"),
        ("search.example.com:443/", "https://search.example.com:443/"),
    ],
)
def test_a_host_with_a_port_is_not_a_file(
    reprocess: Reprocess, logs: Path, dest: str, meant: str, tmp_path: Path
) -> None:
    done = reprocess(logs, dest)
    message = f"the destination {dest} is a URL without its scheme; a cluster is {meant}, a file is ./{dest}"
    assert (done.code, message in done.err) == (2, True)
    assert not reprocess.journal.exists()
    assert reprocess(logs, f"{tmp_path}/localhost:9200").code == 1


def test_a_rename_that_fails_is_tried_again_by_resume_only(
    reprocess: Reprocess, logs: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    (logs / "log").write_bytes(ROW)
    words = (logs, out, "--delete-source")
    out.write_bytes(b"before")
    _fail_to_finish(reprocess, words, out)
    assert (logs / "log").exists()
    out.rmdir()
    done = reprocess(*words)
    assert done.code == 2
    assert "is of an unfinished job: --resume continues it" in done.err
    assert reprocess(*words, "--resume").code == 0
    assert out.read_bytes() == TRANSFORMER.transform_lines(ROW).output
    assert not (logs / "log").exists()


def _fail_to_finish(reprocess: Reprocess, words: tuple[str | Path, ...], out: Path) -> None:
    """Run a job to the rename of its file, which fails since a folder has the name."""
    # The folder is made by the job itself, at the call that commits: no luck is needed.
    program = (
        "import sys, os\n"
        "from edgelift.reprocess.sinks.onefile import OneFile\n"
        "finish = OneFile.finish\n"
        "def late(self):\n"
        "    os.unlink(self._path)\n"
        "    os.mkdir(self._path)\n"
        "    finish(self)\n"
        "OneFile.finish = late\n"
        "from edgelift.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, reprocess.words(*words))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert f"cannot write {out}: Is a directory" in done.stderr


def test_different_names_give_different_files() -> None:
    parts = [
        "",
        ".",
        "..",
        "%",
        "%25",
        "%2525",
        "%2E",
        "%2E%2E",
        "%252E",
        "%25252E",
        "%2Ea",
        "%252Ea",
        "%2",
        "a%",
    ]
    assert len({file_name(part) for part in parts}) == len(parts)
    assert not {file_name(part) for part in parts} & {"", ".", ".."}

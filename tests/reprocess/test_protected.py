"""Outputs of a job never replace its journal, its configuration or the list of its objects."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.reprocess.conftest import Reprocess

ROW = b"1700000000.000\t10.0.0.1\t200\tGET\t/\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "log").write_bytes(ROW)
    return folder


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
def test_destination_must_not_be_a_file_of_the_journal(
    reprocess: Reprocess, source: Path, suffix: str
) -> None:
    # SQLite deletes its other files when it closes the journal, whatever is in them.
    dest = f"{reprocess.journal}{suffix}"
    done = reprocess(source, dest, "--delete-source")
    assert done.code == 2
    assert done.err.startswith(f"edgelift: {dest} would be overwritten, but the job needs it: ")
    assert (source / "log").read_bytes() == ROW
    assert not reprocess.journal.exists()


def test_destination_must_not_be_the_list_of_the_objects(
    reprocess: Reprocess, source: Path, tmp_path: Path
) -> None:
    listing = tmp_path / "list"
    listing.write_text(f"{source}/log\n")
    done = reprocess(f"list:{listing}", listing)
    assert done.code == 2
    assert listing.read_text() == f"{source}/log\n"


def test_destination_must_not_be_the_configuration(
    reprocess: Reprocess, source: Path, tmp_path: Path
) -> None:
    config = tmp_path / "edgelift.toml"
    config.write_text('[[layouts]]\nfields = ["timestamp", "c-ip"]\n')
    (tmp_path / "link").symlink_to(config)
    before = config.read_text()
    for dest in config, tmp_path / "link":
        options = ("--config", config, "--journal", reprocess.journal)
        done = reprocess.run("reprocess", source, dest, *options, env=reprocess.environment)
        assert done.code == 2
        assert config.read_text() == before


def test_object_in_a_folder_must_not_replace_the_journal(
    reprocess: Reprocess, source: Path, tmp_path: Path
) -> None:
    reprocess.journal = tmp_path / "out" / "log.ndjson"
    (tmp_path / "out").mkdir()
    done = reprocess(source, f"{tmp_path}/out/", "--delete-source")
    assert done.code == 2
    assert "would be overwritten" in done.err
    assert (source / "log").read_bytes() == ROW


@pytest.mark.parametrize("failed", ["notes", "notes/below"])
def test_failed_folder_that_is_a_file_is_refused(
    reprocess: Reprocess, source: Path, tmp_path: Path, failed: str
) -> None:
    # Without a lock on it there would be none on the destination either.
    (tmp_path / "notes").write_text("kept")
    done = reprocess(source, f"{tmp_path}/out/", "--failed", tmp_path / failed, "--delete-source")
    assert done.code == 2
    assert done.err == f"edgelift: {tmp_path / 'notes'} is not a folder; name another place\n"
    assert (source / "log").read_bytes() == ROW
    assert (tmp_path / "notes").read_text() == "kept"


@pytest.mark.parametrize("fails", [False, True])
def test_resume_keeps_a_finished_file_under_its_name_until_a_longer_one_is_complete(
    reprocess: Reprocess,
    source: Path,
    tmp_path: Path,
    inject: Callable[[str], dict[str, str]],
    *,
    fails: bool,
) -> None:
    (source / "later").write_bytes(b"\x89PNG\r\n\x1a\n")
    out = tmp_path / "out"
    assert reprocess(source, out).code == 1
    content = out.read_bytes()
    # A snapshot by hard links must not grow either.
    (tmp_path / "snapshot").hardlink_to(out)
    (source / "later").write_bytes(ROW)
    if fails:
        reprocess.environment |= inject("""
        import os
        real = os.rename
        def refuse(*arguments, **options):
            raise OSError(5, "Input/output error")
        os.rename = refuse
        """)
    done = reprocess(source, out, "--resume")
    assert done.code == (3 if fails else 0), done.err
    assert out.read_bytes() == (content if fails else content * 2)
    assert (tmp_path / "snapshot").read_bytes() == content
    if fails:
        del reprocess.environment["PYTHONPATH"]
        assert reprocess(source, out, "--resume").code == 0
        assert out.read_bytes() == content * 2
    assert not list(tmp_path.glob(".edgelift-*"))


def test_resume_with_nothing_to_do_leaves_the_file_alone(
    reprocess: Reprocess, source: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert reprocess(source, out).code == 0
    before = out.stat()
    assert reprocess(source, out, "--resume").code == 0
    assert out.stat() == before


def test_index_that_is_not_unicode_is_refused(reprocess: Reprocess, source: Path) -> None:
    done = reprocess(source, "http://127.0.0.1:1", "--index", os.fsdecode(b"\xff"))
    assert done.code == 2
    assert done.err == "edgelift: --index is not UTF-8\n"

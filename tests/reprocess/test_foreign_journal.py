"""A file of another program that --journal names is refused, and left as it is."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reprocess.conftest import Reprocess


def state(folder: Path) -> dict[str, tuple[int, int, bytes] | None]:
    """Return permissions, time and content of the files of a folder."""
    return {
        # In the shared memory of a database SQLite notes its readers.
        path.name: None
        if path.name.endswith("-shm")
        else (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.iterdir()
    }


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("text", "cannot use the journal {}: file is not a database"),
        ("one byte", "cannot use the journal {}: file is not a database"),
        ("database", "{} is an SQLite database, but not a journal of edgelift"),
        ("database with a WAL", "{} is an SQLite database, but not a journal of edgelift"),
        ("database in use", "{} is an SQLite database, but not a journal of edgelift"),
        ("database with a version only", "{} is an SQLite database, but not a journal of edgelift"),
    ],
)
def test_refused_journal_is_left_as_it_is(
    reprocess: Reprocess, source: Path, tmp_path: Path, kind: str, message: str
) -> None:
    folder = tmp_path / "of another program"
    folder.mkdir()
    file = reprocess.journal = folder / "app.db"
    with ExitStack() as opened:
        if not kind.startswith("database"):
            file.write_bytes(b"x" if kind == "one byte" else b"notes\n" * 200)
        else:
            base = sqlite3.connect(file, isolation_level=None)
            opened.callback(base.close)
            if "WAL" in kind or "use" in kind:
                base.execute("PRAGMA journal_mode = WAL")
            base.execute("PRAGMA user_version = 7")
            if "only" not in kind:
                base.execute("CREATE TABLE users (name)")
            if "use" not in kind:
                base.close()
        file.chmod(0o644)

        before = state(folder)
        for resume in [], ["--resume"]:
            done = reprocess(source, tmp_path / "out", *resume)
            assert (done.code, done.err) == (2, f"edgelift: {message.format(file)}\n")
            assert state(folder) == before
        assert not (tmp_path / "out").exists()

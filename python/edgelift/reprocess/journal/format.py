"""The format of a journal, which is checked before anything of its file is changed."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from edgelift.reprocess.errors import UsageError
from edgelift.reprocess.objects import display_path

if TYPE_CHECKING:
    from pathlib import Path

FORMAT: Final = "edgelift reprocess journal 5"
_FORMATS_BEFORE: Final = {f"edgelift reprocess journal {number}" for number in (1, 2, 3, 4)}
_TABLES: Final = {"job", "objects"}

_SMALLEST_DATABASE: Final = 512
"""Bytes of the smallest page of SQLite, which takes a smaller file for an empty database."""


def check_unchanged(path: Path) -> None:
    """Make sure that a file is a journal or empty, without changing it or its neighbors.

    Raises:
        UsageError: it is something else.
        sqlite3.Error: it is not a database, or damaged.

    """
    size = path.stat().st_size
    if not size:
        return
    if size < _SMALLEST_DATABASE:
        raise sqlite3.DatabaseError("file is not a database")
    wal, shm = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))
    has_wal = wal.exists() and wal.stat().st_size > 0
    # Without "immutable" SQLite would write these two files next to a database that uses them.
    is_shared = has_wal and shm.exists()
    # By SQLite: to open and close the file here would release the locks that this process has on it.
    uri = f"file:{quote(os.fsencode(path.absolute()))}?mode=ro{'' if is_shared else '&immutable=1'}"
    with closing(sqlite3.connect(uri, uri=True, timeout=0)) as base:
        if is_shared or not has_wal:
            has_format(base, path)
            return
        # As a killed job leaves it: only the database with its WAL is whole.
        try:
            tables = _tables(base)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
                raise
        else:
            if not tables <= _TABLES:
                raise _foreign(path)


def has_format(base: sqlite3.Connection, path: Path | None) -> bool:
    """Return true if a database is a journal, false if it is empty.

    Raises:
        UsageError: it is something else, or the journal of an earlier version.
        sqlite3.Error: it cannot be read.

    """
    tables = _tables(base)
    if not tables:
        # A journal that was discarded has nothing of this.
        marks = (
            "SELECT count(*) FROM sqlite_master",
            "PRAGMA application_id",
            "PRAGMA user_version",
        )
        if any(base.execute(mark).fetchone()[0] for mark in marks):
            raise _foreign(path)
        return False
    row = None
    if tables == _TABLES:
        row = base.execute("SELECT value FROM job WHERE key = 'format'").fetchone()
    kept = row[0] if row else None
    if kept in _FORMATS_BEFORE:
        raise UsageError(
            f"the journal {display_path(str(path))} is of an earlier edgelift: "
            "finish the job with that version, or delete the file to start over"
        )
    if kept != FORMAT:
        raise _foreign(path)
    return True


def _tables(base: sqlite3.Connection) -> set[str]:
    return {name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _foreign(path: Path | None) -> UsageError:
    return UsageError(f"{display_path(str(path))} is an SQLite database, but not a journal of edgelift")

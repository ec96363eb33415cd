"""Checksums of a journal's rows: one that was damaged or edited is refused before anything is believed."""

from __future__ import annotations

import json
import sqlite3
import zlib
from contextlib import closing

from edgelift.reprocess.errors import UsageError

CHECKSUM = "checksum INTEGER"
"""Column of each row of ``objects``, kept by `keep_checksums`."""


def keep_checksums(base: sqlite3.Connection) -> None:
    """Have this connection keep the checksums of all rows of ``objects`` that it writes."""
    base.create_function("edgelift_checksum", -1, _checksum, deterministic=True)
    columns = _columns(base)
    values = ", ".join(f"NEW.{column}" for column in columns)
    # Within the statement's own transaction; a trigger does not fire itself.
    for name, event in ("inserted", "INSERT"), ("updated", f"UPDATE OF {', '.join(columns)}"):
        base.execute(
            f"CREATE TEMP TRIGGER IF NOT EXISTS edgelift_{name} AFTER {event} ON main.objects BEGIN "  # noqa: S608
            f"UPDATE objects SET checksum = edgelift_checksum({values}) WHERE id = NEW.id; END"
        )


def check_contents(base: sqlite3.Connection, schema: str, name: str) -> None:
    """Make sure that a journal holds what was written into it.

    A checksum finds damage and careless edits; it keeps nobody out who means to forge a journal.

    Args:
        base: connection to the journal, on which `keep_checksums` has been called.
        schema: the statements that make the tables.
        name: the journal's name for people.

    Raises:
        UsageError: it does not.

    """
    try:
        problem = _problem(base, schema)
    except (sqlite3.Error, ValueError, TypeError, RecursionError) as error:
        # Text that is not UTF-8, integers that are too large, invalid JSON.
        problem = str(error)
    if problem:
        raise UsageError(
            f"the journal {name} is damaged or was changed: {problem}; "
            "delete it to start over, or name another by --journal"
        )


def _problem(base: sqlite3.Connection, schema: str) -> str | None:
    (state,) = base.execute("PRAGMA integrity_check(1)").fetchone()
    if state != "ok":
        return " ".join(str(state).split())
    with closing(sqlite3.connect(":memory:")) as fresh:
        fresh.executescript(schema)
        if _tables(base) != _tables(fresh):
            return "its tables have other columns"
    columns = ", ".join(_columns(base))
    wrong = f"SELECT id FROM objects WHERE checksum IS NOT edgelift_checksum({columns}) LIMIT 1"  # noqa: S608
    if row := base.execute(wrong).fetchone():
        return f"the checksum of object {row[0]} is wrong"
    job = dict(base.execute("SELECT key, value FROM job"))
    (count,) = base.execute("SELECT count(*) FROM objects").fetchone()
    if job.get("listed", str(count)) != str(count):
        return f"it has {count} objects, and was written with {job['listed']}"
    if not isinstance(json.loads(job.get("settings", "null")), dict):
        return "it has no settings"
    return None


def _columns(base: sqlite3.Connection) -> list[str]:
    columns = [row[1] for row in base.execute("PRAGMA main.table_info(objects)")]
    return [f'"{column}"' for column in columns if column != "checksum"]


def _tables(base: sqlite3.Connection) -> list[tuple[str, str, str]]:
    return sorted(base.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"))


def _checksum(*values: object) -> int:
    # The types are in it, too.
    return zlib.crc32(repr(values).encode())

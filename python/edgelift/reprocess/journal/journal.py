"""The journal of a job, in an SQLite file that survives the process.

The objects are listed into it first; from then on each one is done once. A row says that an object is done
only after the sink has confirmed the last of it: what dies before is done again from its beginning.
"""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Self

from edgelift.reprocess.errors import JobError, UsageError
from edgelift.reprocess.journal.checksums import CHECKSUM, check_contents, keep_checksums
from edgelift.reprocess.journal.differences import check_same
from edgelift.reprocess.journal.duplicates import refuse_equal_names
from edgelift.reprocess.journal.file import check_regular, create, delete, make_private
from edgelift.reprocess.journal.format import FORMAT, check_unchanged, has_format
from edgelift.reprocess.journal.sink_state import JournalSinkState, state_for
from edgelift.reprocess.objects import LogObject, display_path
from edgelift.reprocess.tally import COUNTED, Tally
from edgelift.reprocess.task import Entry, Task, Written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from edgelift.reprocess.sinks import SinkState

# Names are blobs: a path need not be UTF-8. "done" and "failed" are states of objects that have been tried;
# "refused" ones never can be.
_SCHEMA: Final = f"""
CREATE TABLE job (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE objects (
    id INTEGER PRIMARY KEY,
    place BLOB NOT NULL UNIQUE,
    name BLOB NOT NULL,
    size INTEGER,
    version TEXT,
    modified INTEGER,
    target BLOB UNIQUE,
    state TEXT NOT NULL DEFAULT 'to do',
    problem TEXT,
    end INTEGER,
    identity TEXT,
    failed_identity TEXT,
    deleted INTEGER NOT NULL DEFAULT 0,
    {", ".join(f"{name} INTEGER NOT NULL DEFAULT 0" for name in COUNTED)},
    by_reason TEXT NOT NULL DEFAULT '{{}}',
    shape_field TEXT,
    {CHECKSUM}
);
"""

_TALLY: Final = ("by_reason", "shape_field", *COUNTED)

# Values of "deleted"; 0: it has not been tried.
_DELETED, _IN_VAIN = 1, 2


class Journal:
    """The journal of one job, locked for as long as it is open. Only its owner may read it.

    Args:
        path: of its file, which must not be a link; None: in a file without a name, which is gone with the
            process.
        must_exist: whether there has to be one.

    Attributes:
        path: of its file, or None.
        is_discarded: whether its job has not begun, so that there is nothing to resume.
        was_empty: whether a job was to be resumed, and nothing was noted of it.

    Raises:
        UsageError: it is missing, cannot be opened, is not a journal, or another process has it open.

    """

    def __init__(self, path: Path | None, *, must_exist: bool = False) -> None:
        self.path = path
        self.is_discarded = self.was_empty = False
        self._is_new = path is not None and not path.exists()
        self._is_begun_anew = False
        if must_exist and not (path and path.exists()):
            raise UsageError(f"cannot resume: no journal at {display_path(str(path))}")
        if path is not None:
            create(path)
            check_regular(path)
        # Without a name it goes to the folder for temporary files when it gets large, and not into memory.
        name = "" if path is None else os.fspath(path)
        with ExitStack() as on_error:
            try:
                if path is not None:
                    # A file of another program is refused as it is.
                    check_unchanged(path)
                    make_private(path)
                self._base = sqlite3.connect(name, isolation_level=None, timeout=0)
                on_error.callback(self._base.close)
                # Exclusive: the lock stays until the connection is closed or the process is gone.
                self._base.executescript("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL")
                self._base.executescript("PRAGMA synchronous = FULL; BEGIN IMMEDIATE; COMMIT")
                self._known = has_format(self._base, path)
            except sqlite3.Error as error:
                raise UsageError(_unusable(path, error)) from None
            on_error.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close its file; a journal that is discarded is forgotten."""
        # While it is locked, so that no other job has it open.
        if self.is_discarded and self._is_new and self.path is not None:
            delete(self.path)
        elif self.is_discarded:
            with suppress(sqlite3.Error):
                self._base.executescript("BEGIN; DROP TABLE objects; DROP TABLE job; COMMIT")
        self._base.close()

    def discard(self) -> None:
        """Forget the job, which has not begun, unless it is one that goes on.

        When the file is closed, it is deleted if this process made it, and else emptied.
        """
        self.is_discarded = self._is_new or self._is_begun_anew

    def begin(self, settings: Mapping[str, Any], *, resume: bool) -> None:
        """Go on with the job of the journal, or begin a new one.

        A job without a completed object starts over: an option may have been corrected.

        Raises:
            UsageError: the journal is of another job, of a job that is not finished, or damaged.
            JobError: it cannot be written.

        """
        if resume and self._known:
            with self._writing():
                keep_checksums(self._base)
            check_contents(self._base, _SCHEMA, display_path(str(self.path)))
            kept = json.loads(self.get("settings") or "{}")
            now = json.loads(json.dumps(settings))
            check_same(display_path(str(self.path)), kept, now, has_done=self._has_done())
            return
        self.was_empty = resume
        if self._is_unfinished() and self._has_done():
            raise UsageError(
                f"the journal {display_path(str(self.path))} is of an unfinished job: "
                "--resume continues it; delete the file to start over, or name another by --journal"
            )
        with self._writing(), self._base:
            self._base.execute("BEGIN IMMEDIATE")
            sink_state = state_for(self._base, settings) if self._is_unfinished() else {}
            for table in "job", "objects":
                self._base.execute(f"DROP TABLE IF EXISTS {table}")
            for statement in _SCHEMA.split(";"):
                self._base.execute(statement)
            keep_checksums(self._base)
            self.put("format", FORMAT)
            self.put("settings", json.dumps(settings, sort_keys=True))
            for key, value in sink_state.items():
                self.put(key, value)
        self._known = self._is_begun_anew = True

    def _is_unfinished(self) -> bool:
        return self._known and self.is_listed and not self.is_finished

    def _has_done(self) -> bool:
        return self._base.execute("SELECT 1 FROM objects WHERE state = 'done' LIMIT 1").fetchone() is not None

    @property
    def is_listed(self) -> bool:
        """True if all objects are in it."""
        return self.get("listed") is not None

    def list(self, objects: Iterator[tuple[LogObject, str | None]]) -> None:
        """Take all objects, each with its target; all or none of them.

        An object that is listed twice is taken once. One with the target or name of another is refused.

        Raises:
            UsageError: an object would be overwritten by what another one becomes.
            JobError: as each method that writes: it cannot be written, since the disk is full, for example.

        """
        with self._writing(), self._base:
            self._base.execute("BEGIN IMMEDIATE")
            for listed, target in objects:
                self._add(listed, target)
            query = "SELECT place FROM objects WHERE place IN (SELECT target FROM objects) LIMIT 1"
            for (place,) in self._base.execute(query):
                raise UsageError(
                    f"{display_path(os.fsdecode(place))} would be overwritten: name another DEST"
                )
            refuse_equal_names(self._base)
            (count,) = self._base.execute("SELECT count(*) FROM objects").fetchone()
            self.put("listed", str(count))

    def _add(self, listed: LogObject, target: str | None) -> None:
        insert = (
            "INSERT INTO objects (place, name, size, version, modified, target, state, problem) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (place) DO NOTHING"
        )
        known = (os.fsencode(listed.place), os.fsencode(listed.name), listed.size, listed.version)
        wanted = None if target is None else os.fsencode(target)
        try:
            self._base.execute(insert, (*known, listed.modified, wanted, "to do", None))
        except sqlite3.IntegrityError:
            query = "SELECT place FROM objects WHERE target = ?"
            (other,) = self._base.execute(query, (wanted,)).fetchone()
            other_path = display_path(os.fsdecode(other))
            problem = f"it would be written to {display_path(target or '')}, as {other_path} is"
            self._base.execute(insert, (*known, listed.modified, None, "refused", problem))

    def tasks(self) -> Iterator[Task]:
        """Yield what is not done, in the order of the listing; each once, also if it fails meanwhile."""
        columns = "id, place, name, size, version, modified, target, state"
        query = (
            f"SELECT {columns} FROM objects WHERE state IN ('to do', 'failed') AND id > ? ORDER BY id LIMIT 1"  # noqa: S608
        )
        number = 0
        while row := self._base.execute(query, (number,)).fetchone():
            number, place, name, size, version, modified, target, state = row
            listed = LogObject(os.fsdecode(place), os.fsdecode(name), size, version, modified)
            yield Task(number, listed, None if target is None else os.fsdecode(target), state == "failed")

    def done(
        self, task: Task, tally: Tally, *, problem: str | None, end: int | None, written: Written
    ) -> None:
        """Note that the sink has confirmed all of an object.

        Args:
            task: the object.
            tally: what became of its records.
            problem: what is wrong with it though it is done, such as damaged gzip.
            end: bytes that the sink's one file has with this object, or None.
            written: identities of what it has become.

        """
        values = [getattr(tally.check(), name) for name in COUNTED]
        reasons = json.dumps(dict(tally.by_reason))
        assignments = ", ".join(f"{name} = ?" for name in COUNTED)
        self._write(
            f"UPDATE objects SET state = 'done', problem = ?, version = ?, end = ?, identity = ?, "  # noqa: S608
            f"failed_identity = ?, by_reason = ?, shape_field = ?, {assignments} WHERE id = ?",
            (
                problem,
                task.object.version,
                end,
                written.documents,
                written.failed,
                reasons,
                tally.shape_field,
                *values,
                task.number,
            ),
        )

    def failed(self, task: Task, problem: str) -> None:
        """Note that an object could not be done."""
        update = "UPDATE objects SET state = 'failed', problem = ? WHERE id = ?"
        self._write(update, (problem, task.number))

    def undeleted(self) -> Iterator[tuple[Task, Tally, Written]]:
        """Yield the objects that are done and not deleted, with no problem but that of a failed deletion."""
        known = "id, place, name, size, version, modified, target, identity, failed_identity"
        columns = ", ".join((known, *_TALLY))
        query = (
            f"SELECT {columns} FROM objects WHERE state = 'done' AND "  # noqa: S608
            f"(problem IS NULL AND deleted = 0 OR deleted = {_IN_VAIN}) AND id > ? ORDER BY id LIMIT 1"
        )
        number = 0
        while row := self._base.execute(query, (number,)).fetchone():
            number, place, name, size, version, modified, target, identity, failed, *counted = row
            done = LogObject(os.fsdecode(place), os.fsdecode(name), size, version, modified)
            tally = _tally(counted)
            task = Task(number, done, None if target is None else os.fsdecode(target), is_retry=False)
            yield task, tally, Written(identity, failed)

    def deleted(self, task: Task, problem: str | None) -> None:
        """Note that an object has been deleted, or why not."""
        update = "UPDATE objects SET deleted = ?, problem = ? WHERE id = ?"
        self._write(update, (_DELETED if problem is None else _IN_VAIN, problem, task.number))

    @property
    def is_finished(self) -> bool:
        """True if every object has been tried."""
        return self.get("finished") is not None

    def finish(self) -> None:
        """Note that every object has been tried."""
        self.put("finished", "yes")

    def reopen(self) -> None:
        """Note that the job goes on."""
        self._write("DELETE FROM job WHERE key = 'finished'")

    @property
    def sink_state(self) -> SinkState:
        """Return where the sink keeps values for a job that is resumed."""
        return JournalSinkState(self)

    def get(self, key: str) -> str | None:
        """Return a value that is kept with the job, or None."""
        row = self._base.execute("SELECT value FROM job WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def put(self, key: str, value: str) -> None:
        """Keep a value with the job."""
        self._write("INSERT OR REPLACE INTO job VALUES (?, ?)", (key, value))

    @property
    def end(self) -> int:
        """Bytes of the sink's one file that are confirmed."""
        (end,) = self._base.execute("SELECT max(end) FROM objects").fetchone()
        return end or 0

    def totals(self) -> tuple[Tally, Mapping[str, int]]:
        """Return what became of all records, and how many objects are in which state.

        ``problems`` counts those that something is wrong with, whatever their state.
        """
        sums = ", ".join(f"coalesce(sum({name}), 0)" for name in COUNTED)
        row = self._base.execute(f"SELECT {sums} FROM objects").fetchone()  # noqa: S608
        reasons = self._base.execute(
            "SELECT key, sum(value) FROM objects, json_each(by_reason) GROUP BY key ORDER BY key"
        )
        first = "SELECT shape_field FROM objects WHERE shape_field IS NOT NULL ORDER BY id LIMIT 1"
        (shape_field,) = self._base.execute(first).fetchone() or (None,)
        tally = replace(Tally.of_numbers(row), by_reason=dict(reasons), shape_field=shape_field).check()
        states = dict.fromkeys(("to do", "done", "failed", "refused"), 0)
        states |= dict(self._base.execute("SELECT state, count(*) FROM objects GROUP BY state"))
        (states["problems"],) = self._base.execute("SELECT count(problem) FROM objects").fetchone()
        return tally, states

    @property
    def bytes_to_do(self) -> int | None:
        """Bytes of the objects that are not done, or None if the listing does not say."""
        query = "SELECT sum(size IS NULL), sum(size) FROM objects WHERE state IN ('to do', 'failed')"
        unknown, size = self._base.execute(query).fetchone()
        return None if unknown else size or 0

    def entries(self, *, problems_only: bool = False) -> Iterator[Entry]:
        """Yield the objects in the order of the listing, or those with a problem."""
        columns = ", ".join(("place", "state", "problem", *_TALLY))
        where = "WHERE problem IS NOT NULL" if problems_only else ""
        rows = self._base.execute(f"SELECT {columns} FROM objects {where} ORDER BY id")  # noqa: S608
        for place, state, problem, *counted in rows:
            yield Entry(display_path(os.fsdecode(place)), state, problem, _tally(counted))

    def _write(self, statement: str, values: tuple[Any, ...] = ()) -> None:
        with self._writing():
            self._base.execute(statement, values)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise JobError(_unusable(self.path, error)) from None


def _tally(values: list[Any]) -> Tally:
    """Return the tally that the columns `_TALLY` of an object hold."""
    by_reason, shape_field, *numbers = values
    return replace(Tally.of_numbers(numbers), by_reason=json.loads(by_reason), shape_field=shape_field)


def _unusable(path: Path | None, error: sqlite3.Error) -> str:
    name = display_path(str(path))
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
        return f"another job is at work on the journal {name}"
    return f"cannot use the journal {name}: {error}"

# ruff: noqa: S608 - the statements are those of this file
"""A journal that was damaged or edited is refused; nothing is believed that was not written by a job."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

import edgelift
from edgelift.reprocess.job import Job
from edgelift.reprocess.journal.journal import Journal
from edgelift.reprocess.plan.job_plan import build_plan
from edgelift.reprocess.plan.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OBJECTS = 5

RUN_EACH = """
import functools, json, os, shutil, sqlite3, sys
import edgelift.cli, edgelift.cli.arguments, edgelift.cli.progress, edgelift.cli.reprocess.run
import edgelift.reprocess.journal.journal, edgelift.reprocess.plan.job_plan, edgelift.reprocess.sinks.folder

# Nothing here is about a crash of the machine.
os.fsync = lambda _: None
class Connection(sqlite3.Connection):
    def executescript(self, script):
        return super().executescript(script.replace("synchronous = FULL", "synchronous = OFF"))
sqlite3.connect = functools.partial(sqlite3.connect, factory=Connection)
for case in sorted(os.listdir("cases")):
    # As the interrupted job left them.
    shutil.rmtree("out", ignore_errors=True)
    shutil.copytree("left", "out")
    shutil.copy(f"cases/{case}", "journal")
    child = os.fork()
    if child == 0:
        for descriptor, name in (1, "stdout"), (2, "stderr"):
            os.dup2(os.open(f"results/{case}.{name}", os.O_WRONLY | os.O_CREAT), descriptor)
        try:
            edgelift.cli.main()
        except SystemExit as end:
            os._exit(end.code)
        os._exit(1)  # as Python ends
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    documents = {name: open(f"out/{name}").read() for name in sorted(os.listdir("out"))}
    with open(f"results/{case}.json", "w") as result:
        json.dump({"code": code, "documents": documents}, result)
"""


def rows(number: int) -> str:
    return "".join(f"{200 + number}\n" for _ in range(number + 1))


def documents() -> dict[str, str]:
    return {
        f"{n}.tsv.ndjson": "".join(f'{{"sc-status":{200 + n}}}\n' for _ in range(n + 1))
        for n in range(OBJECTS)
    }


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a job that was stopped after three of its objects."""
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "logs").mkdir()
    for number in range(OBJECTS):
        (folder / "logs" / f"{number}.tsv").write_text(rows(number))
    transformer = edgelift.Transformer.from_fields(["sc-status"])
    plan = build_plan(Request(f"{folder}/logs", f"{folder}/out/", transformer), resume=False)
    with Journal(folder / "journal") as journal:
        job = Job(plan, journal, lambda progress: job.stop() if progress.tried >= 3 else None)
        assert job.run(resume=False).stopped
        assert journal.totals()[1]["done"] == 3
    shutil.move(folder / "out", folder / "left")
    shutil.move(folder / "journal", folder / "good")
    return folder


def changed_by_sql(good: Path) -> Iterator[tuple[str, str]]:
    """Yield statements that leave an SQLite database, but not the journal that was written."""
    with closing(sqlite3.connect(good)) as base:
        columns = [row[1] for row in base.execute("PRAGMA table_info(objects)")]
    values = ("-1", "9223372036854775807", "1e300", "'x'", "x'ff00'", "'[[['", "NULL", "1")
    for place, column in enumerate(columns):
        for number in (2, 4):  # done and not done
            value = values[(place + number) % len(values)]
            yield f"{column} {value} {number}", f'UPDATE objects SET "{column}" = {value} WHERE id = {number}'
    yield "done", "UPDATE objects SET state = 'done' WHERE id = 5"
    yield "state", "UPDATE objects SET state = 'doing' WHERE id = 5"
    yield "reasons", """UPDATE objects SET by_reason = '{"bad_value": "x"}' WHERE id = 1"""
    yield "nested", f"UPDATE objects SET by_reason = '{'[' * 900}{']' * 900}'"
    yield "two", "UPDATE objects SET place = x'2f6e6f7768657265', name = x'2e2e2f2e2e2f78' WHERE id = 5"
    yield "deleted row", "DELETE FROM objects WHERE id = 5"
    yield "no rows", "DELETE FROM objects"
    yield "no job", "DELETE FROM job"
    yield "extra", "INSERT INTO objects (place, name) VALUES (x'78', x'78')"
    for table in "job", "objects":
        yield f"dropped {table}", f"DROP TABLE {table}"
        yield f"renamed {table}", f"ALTER TABLE {table} RENAME TO other"
        yield f"wider {table}", f"ALTER TABLE {table} ADD COLUMN more"
    for column in "state", "by_reason", "read", "end":
        yield f"dropped {column}", f"ALTER TABLE objects DROP COLUMN {column}"
        yield f"renamed {column}", f"ALTER TABLE objects RENAME COLUMN {column} TO other"
    for key in "format", "settings", "listed":
        for value in "'{'", "'[]'", "'{}'", "x'ff'", "CAST(x'ff' AS TEXT)", "7":
            yield f"{key} {value}", f"UPDATE job SET value = {value} WHERE key = '{key}'"
    yield "settings nested", f"UPDATE job SET value = '{'[' * 100_000}' WHERE key = 'settings'"
    yield "finished", "INSERT INTO job VALUES ('finished', 'yes')"
    yield "not listed", "DELETE FROM job WHERE key = 'listed'"
    yield "view", "DROP TABLE objects; CREATE VIEW objects AS SELECT 1 AS id"


def damaged(good: bytes, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield what a disk or an interrupted copy may leave of a journal."""
    for number in range(50):
        data = bytearray(good)
        place = chance.randrange(len(data))
        data[place] ^= 1 << chance.randrange(8) if number % 2 else 0xFF
        yield f"flipped {place}", bytes(data)
    for number in range(10):
        data, place = bytearray(good), chance.randrange(len(good) - 64)
        data[place : place + 64] = chance.choice((bytes(64), chance.randbytes(64)))
        yield f"overwritten {number} {place}", bytes(data)
    for size in 1, 16, 99, 100, 512, 4096, 5000, len(good) - 4096, len(good) - 1:
        yield f"truncated {size}", good[:size]


def test_damaged_journal_is_refused_or_harmless(
    interrupted: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(interrupted)
    (interrupted / "cases").mkdir()
    (interrupted / "results").mkdir()
    seed = 20241115
    print(f"seed {seed}")  # noqa: T201 - pytest shows it if a test fails
    good = (interrupted / "good").read_bytes()
    cases = [("good", good), *damaged(good, random.Random(seed))]  # noqa: S311 - no secret
    names = []
    for number, (name, data) in enumerate(cases):
        (interrupted / "cases" / f"{number:03}").write_bytes(data)
        names.append(name)
    for name, statements in changed_by_sql(interrupted / "good"):
        case = interrupted / "cases" / f"{len(names):03}"
        shutil.copy(interrupted / "good", case)
        with closing(sqlite3.connect(case)) as base:
            try:
                base.executescript(statements)
            except sqlite3.IntegrityError:  # NOT NULL, UNIQUE
                case.unlink()
                continue
        names.append(name)
    words = ["reprocess", f"{interrupted}/logs", f"{interrupted}/out/", "--fields", "sc-status"]
    words += ["--journal", "journal", "--resume", "--json"]
    subprocess.run([sys.executable, "-c", RUN_EACH, *words], env=environment, check=True)
    wrong, refused = [], 0
    for number, name in enumerate(names):
        result = json.loads((interrupted / "results" / f"{number:03}.json").read_text())
        errors = (interrupted / "results" / f"{number:03}.stderr").read_text()
        code = result["code"]
        if "Traceback" in errors or "Exception ignored" in errors or code not in {0, 2, 3}:
            wrong.append((name, code, errors))
        elif code == 0:
            account = json.loads((interrupted / "results" / f"{number:03}.stdout").read_text())
            is_right = result["documents"] == documents() and account["totals"]["written"] == 15
            if not is_right or account["objects"]["done"] != OBJECTS:
                wrong.append((name, code, errors))
        else:
            refused += 1
            if not errors.startswith("edgelift: ") or ("\n" in errors[:-1] and "another job" not in errors):
                wrong.append((name, code, errors))
    assert not wrong
    assert json.loads((interrupted / "results" / "000.json").read_text())["code"] == 0
    # Most of a page is free, and damage there harms nothing.
    assert len(names) > 110
    assert refused > 80

"""A run: a delivery stream delivers rows, and ``edgelift reprocess`` what is in its backup."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from random import Random
from typing import TYPE_CHECKING, Any

from edgelift import Transformer, firehose, pure, runtime
from edgelift.cli.console import CliExit
from edgelift.cli.verbs import run as run_verb
from edgelift.simulate import DeliveryStream, HandlerFunction
from edgelift.simulate.backups import FolderBackup
from edgelift.simulate.faulty import Faults
from edgelift.simulate.function import DICT_HANDLER, PURE_HANDLER, RAW_HANDLER, LambdaProcess
from edgelift.simulate.ports import FunctionRaised

from .case import PREFIX
from .invariants import check_reprocessed, check_second_job, check_stream
from .places import embedded_place, memory_place
from .watched import Watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from edgelift.simulate import Account
    from edgelift.simulate.ports import Function

    from .case import Case
    from .places import Place

_PROCESS_HANDLERS = {"raw": RAW_HANDLER, "dict": DICT_HANDLER, "pure": PURE_HANDLER}

FAILED = ("processing-failed/", "AmazonOpenSearchService_failed/")


class RawFunction:
    """The handler of bytes in this process."""

    def __init__(self, handler: Callable[[Any, object], Any]) -> None:
        self._handler = handler

    def invoke(self, event: bytes, *, timeout: float) -> bytes:
        del timeout
        try:
            return bytes(self._handler(event, None))
        except Exception as error:
            raise FunctionRaised(f"{type(error).__name__}: {error}") from error


def run(case: Case, folder: Path, place: Place | None = None) -> Account:
    """Run a case and check all that must hold.

    Args:
        case: what is to be run.
        folder: an empty one.
        place: where documents go, instead of the place of the case.

    Raises:
        FoundError: something does not hold.

    """
    with ExitStack() as stack:
        if place is None:
            place = stack.enter_context(_place(case))
        place.prepare(Transformer(case.corrected))
        busy = Random(f"busy {case.seed}")  # noqa: S311 - no secret
        watched = Watched(Faults(case.faults, case.seed), case.id_key, (case.busy, busy))
        stream = DeliveryStream(
            function=stack.enter_context(_function(case)),
            index=place.index,
            backup=FolderBackup(folder / "backup"),
            faults=watched,
            seed=case.seed,
            index_name=PREFIX,
            **case.settings,
        )
        # The handlers log a line for each batch.
        with contextlib.redirect_stdout(io.StringIO()), watched.reingested.connected():
            for rows, pause in case.puts:
                stream.wait(pause)
                stream.put([row.data for row in rows])
                if case.has_pauses:
                    stream.run()
            account = stream.run()
            while watched.reingested.new:
                stream.put(watched.reingested.new[:])
                watched.reingested.new.clear()
                account = stream.run()
        objects = read_backup(folder / "backup")
        check_stream(case, account, watched, objects, place.documents())
        for time in ("first", "again")[: 1 + case.is_repeated]:
            report = _reprocess(case, folder, place.url, objects, time)
            failed = _failed_records(folder / f"failed-{time}")
            check_reprocessed(case, watched, objects, place.documents(), report, failed)
        if case.is_repeated:
            left = read_backup(folder / "backup")
            check_second_job(report, {f"{folder}/backup/{key}" for key in objects.keys() - left.keys()})
    return account


def _place(case: Case) -> AbstractContextManager[Place]:
    return embedded_place(PREFIX) if case.place == "embedded" else memory_place()


@contextlib.contextmanager
def _function(case: Case) -> Iterator[Function]:
    if not case.in_process:
        handler = _PROCESS_HANDLERS[case.handler]
        with LambdaProcess(handler, {"EDGELIFT_CONFIG": case.config}) as process:
            yield process
    elif case.handler == "raw":
        yield RawFunction(runtime.make_handler(case.config))
    else:
        made = pure.make_handler if case.handler == "pure" else firehose.make_handler
        yield HandlerFunction(made(case.config))


def read_backup(folder: Path) -> dict[str, bytes]:
    """Return the objects of a backup by their keys, unpacked."""
    objects = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            body = path.read_bytes()
            key = str(path.relative_to(folder))
            objects[key] = gzip.decompress(body) if key.endswith(".gz") else body
    return objects


def _reprocess(case: Case, folder: Path, url: str, objects: dict[str, bytes], time: str) -> dict[str, Any]:
    """Reprocess the backup; return the report of the job."""
    keys = [key for key in objects if case.reprocesses_all or key.startswith(FAILED)]
    if not keys:
        names = ("read", "written", "already_there", "dropped", "failed")
        return {"totals": dict.fromkeys(names, 0), "by_object": []}
    source = "backup"
    if len(keys) < len(objects):
        (folder / "objects.txt").write_text("".join(f"{folder}/backup/{key}\n" for key in keys))
        source = "objects.txt"
    (folder / "corrected.toml").write_text(case.corrected)
    start = "list:" if source == "objects.txt" else ""
    words = ["reprocess", f"{start}{folder}/{source}", url, "--config", f"{folder}/corrected.toml"]
    words += ["--failed", f"{folder}/failed-{time}", "--journal", f"{folder}/journal-{time}"]
    words += ["--delete-source"] if time == "again" else []
    code, out, err = (_command if case.by_command else _call)([*words, "--json"])
    if code > 1:
        raise AssertionError(f"edgelift reprocess: exit code {code}: {err}")
    report: dict[str, Any] = json.loads(out)
    return report


def _command(words: list[str]) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "edgelift", *words], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def _call(words: list[str]) -> tuple[int, str, str]:
    """Do what the command does, in this process; it writes to the descriptors."""
    with _captured(1) as out, _captured(2) as err:
        try:
            code = int(run_verb(words))
        except CliExit as stop:
            code = stop.code
            os.write(2, str(stop).encode())
    return code, out[0], err[0]


@contextlib.contextmanager
def _captured(descriptor: int) -> Iterator[list[str]]:
    """Yield a list that has what was written to a descriptor when the block has ended."""
    written: list[str] = []
    kept = os.dup(descriptor)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), descriptor)
        try:
            yield written
        finally:
            os.dup2(kept, descriptor)
            os.close(kept)
            file.seek(0)
            written.append(file.read().decode(errors="replace"))


def _failed_records(folder: Path) -> list[dict[str, Any]]:
    """Return what ``--failed`` kept."""
    return [
        json.loads(line)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for line in path.read_bytes().splitlines()
    ]

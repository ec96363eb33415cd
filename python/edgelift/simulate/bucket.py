"""Writes the objects of the backup bucket: error objects of both kinds, and source records if asked to."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from edgelift.simulate.buffering import MIB, Buffer
from edgelift.simulate.error_objects import (
    INDEX_FAILED_PREFIX,
    PROCESSING_FAILED_PREFIX,
    SOURCE_PREFIX,
    object_name,
)
from edgelift.simulate.ports import BackupRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edgelift.simulate.ports import Backup, SourceRecord
    from edgelift.simulate.run import Run

FIRST_RETRY_SECONDS: Final = 1.0
LONGEST_RETRY_SECONDS: Final = 300.0
"""Seconds between two requests for an object that was refused, which double. Not documented."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A part of an object: the bytes for one record.

    Attributes:
        record: the record.
        data: its line, or the record itself in the backup of source records.
        code: the error code, or None in the backup of source records.

    """

    record: SourceRecord
    data: bytes
    code: str | None


class Bucket:
    """Buffers what goes to S3 and writes it, object by object.

    Source: Firehose Developer Guide, "Handle data delivery failures": while S3 refuses an object, Firehose
    tries again, for a Kinesis source as long as the stream retains its records, and pauses the delivery of
    the stream. After that the records are lost. Objects contain what a buffer held, without delimiters
    between source records ("Understand data delivery").

    Args:
        run: the clock, the settings and the ledger.
        backup: stores the objects.
        done: is called when an object was stored, or lost.

    Attributes:
        refused: number of objects that the backup refused and that are tried again.

    """

    def __init__(self, run: Run, backup: Backup, done: Callable[[], None]) -> None:
        self._run = run
        self._backup = backup
        self._done = done
        self._buffers = {
            prefix: Buffer[Entry](
                run.clock,
                size=run.settings.backup_buffer_mb * MIB,
                interval=run.settings.backup_interval,
                size_of=lambda entry: len(entry.data),
                deliver=partial(self._write, prefix),
            )
            for prefix in (PROCESSING_FAILED_PREFIX, INDEX_FAILED_PREFIX, SOURCE_PREFIX)
        }
        self.refused = 0

    def add_failed(self, prefix: str, entries: Sequence[Entry]) -> None:
        """Add error objects to those of a kind."""
        self._buffers[prefix].add(entries)

    def add_source(self, records: Sequence[SourceRecord]) -> None:
        """Add source records as they are."""
        self._buffers[SOURCE_PREFIX].add([Entry(record, record.data, None) for record in records])

    def _write(self, prefix: str, entries: list[Entry]) -> None:
        run = self._run
        key = object_name(
            prefix,
            run.settings.name,
            oldest=min(entry.record.arrival for entry in entries),
            written=run.clock.now,
            unique=f"{run.chance.getrandbits(128):032x}",
        )
        body = b"".join(entry.data for entry in entries)
        if run.settings.compression == "GZIP":
            key, body = f"{key}.gz", gzip.compress(body, mtime=0)
        self._put(key, body, entries, run.clock.now + run.settings.retention, 0)

    def _put(self, key: str, body: bytes, entries: list[Entry], until: float, refusals: int) -> None:
        if refusals:
            self.refused -= 1
        try:
            self._backup.put(key, body)
        except BackupRefused:
            self._run.ledger.counts["refused_objects"] += 1
            seconds = min(FIRST_RETRY_SECONDS * 2**refusals, LONGEST_RETRY_SECONDS)
            if self._run.clock.now + seconds <= until:
                self.refused += 1
                self._run.clock.after(seconds, lambda: self._put(key, body, entries, until, refusals + 1))
                return
            self._lose(entries)
        else:
            self._run.ledger.counts["objects"] += 1
            self._keep(entries)
        self._done()

    def _keep(self, entries: list[Entry]) -> None:
        for entry in entries:
            if entry.code is None:
                self._run.ledger.counts["source_backup"] += 1
            else:
                self._run.ledger.fail(entry.record, entry.code)

    def _lose(self, entries: list[Entry]) -> None:
        for entry in entries:
            if entry.code is None:
                self._run.ledger.counts["source_backup_lost"] += 1
            else:
                self._run.ledger.lose(entry.record)

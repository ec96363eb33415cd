"""Runs the engine's own example ``event``: instructions a record of the raw path, by callgrind."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks import callgrind
from benchmarks import corpus as corpora
from benchmarks.contenders import EVENT_RECORDS, check, checked_response

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Event:
    """The event of one corpus on disk, checked, and the arguments with which the example reads it."""

    path: Path
    fields: Sequence[str]
    records: int
    expected: str
    """Expected output of the example: documents, failures, bytes and checksum of the response."""

    @classmethod
    def checked(cls, folder: Path, name: str) -> Event:
        """Write the event of corpus ``name`` to ``folder`` and check what the core answers."""
        corpus = corpora.block(name)
        records = EVENT_RECORDS[name]
        event = corpora.event_bytes(corpus.lines[:records])
        path = folder / f"{name}.event.json"
        path.write_bytes(event)
        response = checked_response(corpus.fields, event)
        results = Counter(answer["result"] for answer in json.loads(response)["records"])
        failures = corpora.bad_rows_among(records)
        check(results["ProcessingFailed"] == failures, f"the core failed other than the {failures} bad rows")
        digest = callgrind.checksum(response)
        expected = f"{records - failures} {failures} {len(response)} {digest:016x}"
        return cls(path, corpus.fields, records, expected)

    def instructions(self) -> float:
        """Count the instructions a record from the bytes of the event to those of the response."""
        return callgrind.instructions(self._command, self.expected, self.records)

    def _command(self, passes: int) -> list[str]:
        return [callgrind.binary("event"), str(passes), str(self.path), ",".join(self.fields)]

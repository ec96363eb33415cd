"""The evidence that invariants are checked with: the records that the source sent, and a backup."""

from __future__ import annotations

import base64
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edgelift import Transformer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .case import Case
    from .rows import Row
    from .watched import Watched


class FoundError(AssertionError):
    """Something does not hold."""


def check(holds: object, what: str) -> None:
    """Raise unless something holds."""
    if not holds:
        raise FoundError(what)


def check_equal(found: object, expected: object, what: str) -> None:
    """Raise unless what was found is what was expected."""
    if isinstance(found, Counter) and isinstance(expected, Counter):
        names = sorted({*found, *expected})
        differences = [(name, found[name], expected[name]) for name in names if found[name] != expected[name]]
        shown = ", ".join(f"{name!r:.120}: {has}, not {wants}" for name, has, wants in differences[:5])
        check(not differences, f"{what}: {len(differences)} differ: {shown}")
    else:
        check(found == expected, f"{what}: {found!r}, not {expected!r}")


class Truth:
    """The records that the source sent: rows as they were put, or with one column more.

    Attributes:
        sent: the rows, copies included.
        by_data: each row by its bytes.
        valid: those of which there must be documents.
        first: request ids of those that the function can transform.
        second: request ids of those that the corrected configuration can transform.
        twice: request ids of those that a fault delivers twice: copies by the source, documents without an
            id whose answer was lost, and records that were put again although their batch failed.

    """

    def __init__(self, case: Case, watched: Watched) -> None:
        put = {row.data: row for row in case.rows}
        changed = {row.as_changed.data: row.as_changed for row in case.rows}
        known = put | changed
        self.sent: list[Row] = [known[record.data] for record in watched.records]
        self.by_data = {row.data: row for row in self.sent}
        self.valid = [row for row in self.by_data.values() if row.ids]
        at_first = (row for row in self.valid if case.knows_change or row.data in put)
        self.first = {row.request_id for row in at_first if not row.others}
        self.second = {name for row in self.valid for name in row.ids}
        copies = (record for record in watched.records if record.copy_of is not None)
        self.twice = {name for record in copies for name in known[record.data].ids}
        self.twice |= {name for data in watched.reingested.taken for name in known[data].ids}
        if not case.has_ids:
            self.twice |= watched.lost.keys()

    def documents(self, case: Case) -> dict[str, dict[str, Any]]:
        """Return the document of each valid row by its request id, as the engine makes it of lines."""
        lines = b"".join(row.data.removesuffix(b"\n") + b"\n" for row in self.valid)
        output = Transformer(case.corrected).transform_lines(lines).output
        documents = [json.loads(line) for line in output.splitlines()]
        return {str(document[case.id_key]): document for document in documents}


@dataclass(frozen=True)
class Line:
    """An error object.

    Attributes:
        key: the object of the backup that it is in.
        content: its JSON.
        data: the record, or the document, that it carries.

    """

    key: str
    content: dict[str, Any]
    data: bytes


@dataclass(frozen=True)
class Backup:
    """A backup: records that were not transformed, documents that were not indexed, source records."""

    unprocessed: list[Line]
    unindexed: list[Line]
    source: bytes

    @classmethod
    def of(cls, objects: Mapping[str, bytes]) -> Backup:
        unprocessed, unindexed, sources = [], [], []
        for key, body in objects.items():
            if key.startswith("processing-failed/"):
                unprocessed += _lines(key, body)
            elif key.startswith("AmazonOpenSearchService_failed/"):
                unindexed += _lines(key, body)
            else:
                sources.append(body)
        return cls(unprocessed, unindexed, b"".join(sources))


def _lines(key: str, body: bytes) -> list[Line]:
    check(body.endswith(b"\n"), f"{key} does not end with a line feed")
    contents = [json.loads(line) for line in body.split(b"\n")[:-1]]
    return [Line(key, content, base64.b64decode(content["rawData"])) for content in contents]

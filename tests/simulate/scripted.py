"""Ports that do what a script says, one entry per request, and then work."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from edgelift.simulate.memory import MemoryBackup, MemoryIndex
from edgelift.simulate.ports import BackupRefused, BulkAnswer, FunctionFailed, IndexUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from edgelift.simulate.clock import Clock

    Answer = dict[str, Any]


def json_document(data: bytes) -> bytes:
    """Return the document of a record that is a line of text."""
    return json.dumps({"line": data.decode().rstrip("\n")}).encode()


def answers(event: bytes, document: Callable[[bytes], bytes] = json_document) -> list[Answer]:
    """Return what a function answers if all records can be transformed."""
    return [
        {
            "recordId": record["recordId"],
            "result": "Ok",
            "data": base64.b64encode(document(base64.b64decode(record["data"]))).decode(),
        }
        for record in json.loads(event)["records"]
    ]


class ScriptedFunction:
    """Answers each invocation by its entry in a script: an exception, bytes, or a change of right answers."""

    def __init__(
        self,
        *script: FunctionFailed | bytes | Callable[[list[Answer]], Any] | None,
        document: Callable[[bytes], bytes] = json_document,
    ) -> None:
        self.events: list[dict[str, Any]] = []
        self.timeouts: list[float] = []
        self._script = list(script)
        self._document = document

    def invoke(self, event: bytes, *, timeout: float) -> bytes:
        self.events.append(json.loads(event))
        self.timeouts.append(timeout)
        entry = self._script.pop(0) if self._script else None
        if isinstance(entry, FunctionFailed):
            raise entry
        if isinstance(entry, bytes):
            return entry
        records = answers(event, self._document)
        return json.dumps({"records": entry(records) if entry else records}).encode()


class ScriptedIndex(MemoryIndex):
    """Answers each bulk request by its entry in a script, with the time and the body kept."""

    def __init__(self, *script: IndexUnreachable | BulkAnswer | str | dict[int, Answer] | None) -> None:
        super().__init__()
        self.bodies: list[list[Any]] = []
        self.times: list[float] = []
        self.clock: Clock | None = None
        self._script = list(script)

    def bulk(self, body: bytes) -> BulkAnswer:
        self.bodies.append([json.loads(line) for line in body.splitlines()])
        if self.clock is not None:
            self.times.append(self.clock.now)
        entry = self._script.pop(0) if self._script else None
        if isinstance(entry, IndexUnreachable):
            raise entry
        if isinstance(entry, BulkAnswer):
            return entry
        if entry == "lost answer":
            raise IndexUnreachable("connection reset", super().bulk(body))
        if isinstance(entry, dict):
            return self._answer_items(body, entry)
        return super().bulk(body)

    def _answer_items(self, body: bytes, rejected: dict[int, Answer]) -> BulkAnswer:
        lines = body.splitlines(keepends=True)
        items: list[Mapping[str, Any]] = []
        for number in range(len(lines) // 2):
            if number in rejected:
                items.append(rejected[number])
            else:
                items += super().bulk(b"".join(lines[2 * number : 2 * number + 2])).items
        return BulkAnswer(200, items)


class ScriptedBackup(MemoryBackup):
    """Refuses requests of certain numbers, counted from 0; a number below 0 refuses all."""

    def __init__(self, refused: Iterable[int] = ()) -> None:
        super().__init__()
        self.requests = 0
        self._refused = frozenset(refused)

    def put(self, key: str, body: bytes) -> None:
        self.requests += 1
        if self.requests - 1 in self._refused or min(self._refused, default=0) < 0:
            raise BackupRefused("the folder is full")
        super().put(key, body)

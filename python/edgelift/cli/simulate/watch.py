"""The places of a stream, watched: what they did, and the first failures of each kind."""

from __future__ import annotations

import json
import time
from collections import Counter
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from edgelift.simulate.ports import BackupRefused, FunctionFailed

if TYPE_CHECKING:
    from edgelift._core import Transformer
    from edgelift.simulate.function import LambdaProcess
    from edgelift.simulate.ports import Backup, BulkAnswer, Index


class WatchedFunction:
    """The function, and the real time that it took.

    Args:
        function: the function.
        transformer: its configuration, which says what shapes its records have.

    Attributes:
        invocations: those that reached it; injected faults may strike before.
        seconds: of all of them.
        slowest: seconds of the slowest one.
        problem: what the last one failed with, or an empty text.
        shape_field: the field of the first value that does not have the shape of its field, or None.

    """

    def __init__(self, function: LambdaProcess, transformer: Transformer) -> None:
        self._function = function
        self._transformer = transformer
        # By event: one whose answer a fault replaces comes again.
        self._mismatches: dict[bytes, int] = {}
        self.shape_field: str | None = None
        self.invocations = 0
        self.seconds = self.slowest = 0.0
        self.problem = ""

    @property
    def starts(self) -> int:
        """Return how often its process was started."""
        return self._function.starts

    @property
    def shape_mismatches(self) -> int:
        """Return how many documents have a value that does not have the shape of its field."""
        return sum(self._mismatches.values())

    def invoke(self, event: bytes, *, timeout: float) -> bytes:
        """Invoke the function."""
        answer = self._timed(event, timeout)
        # Its own counts are in its log, which names no field.
        counts = self._transformer.answer_event(event, reingest=False).report.counts
        if counts.shape_mismatches:
            self._mismatches[sha256(event).digest()] = counts.shape_mismatches
            self.shape_field = self.shape_field or counts.shape_field
        return answer

    def _timed(self, event: bytes, timeout: float) -> bytes:
        began = time.perf_counter()
        try:
            return self._function.invoke(event, timeout=timeout)
        except FunctionFailed as error:
            self.problem = str(error)
            raise
        finally:
            seconds = time.perf_counter() - began
            self.invocations += 1
            self.seconds += seconds
            self.slowest = max(self.slowest, seconds)

    def kill_during(self, event: bytes) -> None:
        """Kill the function while it works on an event."""
        self._function.kill_during(event)


class WatchedIndex:
    """The index, and how many documents it created in each of its indices."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self.stored: Counter[str] = Counter()

    def bulk(self, body: bytes) -> BulkAnswer:
        """Send a bulk request."""
        answer = self._index.bulk(body)
        # A document that is sent again under its id is updated, with status 200.
        self.stored.update(
            str(item.get("_index")) for item in answer.items if item["status"] == HTTPStatus.CREATED
        )
        return answer


class WatchedBackup:
    """The backup, and the first error object of each error code.

    Attributes:
        objects: objects that it stored.
        problem: why it refused the last object that it refused, or an empty text.
        first: error objects by their error codes.

    """

    def __init__(self, backup: Backup) -> None:
        self._backup = backup
        self.objects = 0
        self.problem = ""
        self.first: dict[str, dict[str, Any]] = {}

    def put(self, key: str, body: bytes) -> None:
        """Store an object."""
        try:
            self._backup.put(key, body)
        except BackupRefused as error:
            self.problem = str(error)
            raise
        self.objects += 1
        if "failed/" in key:
            for line in body.splitlines():
                error_object: dict[str, Any] = json.loads(line)
                self.first.setdefault(str(error_object["errorCode"]), error_object)

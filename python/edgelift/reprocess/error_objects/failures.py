"""The failed records of one object, as lines of an error object."""

from __future__ import annotations

import binascii
import json
import time
from typing import TYPE_CHECKING, Any, Self

from edgelift.reprocess.objects import LogObject, display_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgelift._core import Failure
    from edgelift.reprocess.error_objects import ErrorObjectStore, NewObject

SHOWN = 3
"""Failures of an object that are kept for people."""

ALREADY_TRANSFORMED = "already_transformed"
"""Reason of error objects with a document, where records are wanted."""

TRUNCATED = "too_large"
"""Reason of records of which there is only the beginning."""

# Built once: with options json.dumps builds an encoder per call.
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Failures:
    """The failed records of one object; the context is left without `commit` if the object is not done.

    Attributes:
        first: the first few, in words.
        refused: number of documents or records that the destination refused.
        identity: identity of the error object that was committed, or None.

    """

    def __init__(self, failed: LogObject, store: ErrorObjectStore | None) -> None:
        self.first: list[str] = []
        self.refused = 0
        self.identity: str | None = None
        self._object = failed
        self._store = store
        self._file: NewObject | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.__exit__()

    def take(self, failures: Sequence[Failure]) -> None:
        """Take failures as they come.

        Raises:
            JobError: they cannot be written.

        """
        for failure in failures[: SHOWN - len(self.first)]:
            place = display_path(self._object.place)
            self.first.append(f"{place}:{failure.line}: {failure.reason}: {failure.message}")
        for failure in failures:
            if failure.reason == ALREADY_TRANSFORMED:
                # It is an error object already, and can go to OpenSearch as it is.
                self._write_line(failure.raw)
                continue
            position = {"line": failure.line, "offset": failure.offset}
            reason = f"edgelift.{failure.reason}"
            record = self._source_record(failure.raw, reason, failure.message, failure.header) | position
            if failure.reason == TRUNCATED:
                # A truncated record may look like a complete one: without this key nobody transforms it.
                del record["lambdaArn"]
            self._write(record)

    def refuse(self, action: bytes, document: bytes, status: int, reason: str) -> None:
        """Take a document that OpenSearch refuses, with its action, or a record that a stream refuses.

        Raises:
            JobError: it cannot be written.

        """
        self.refused += 1
        target = json.loads(action)["create"] if action else None
        what = "a record" if target is None else target["_id"]
        if len(self.first) < SHOWN:
            self.first.append(f"{display_path(self._object.place)}: refused: {what}: {reason}")
        if target is None:
            self._write(self._source_record(document, str(status), reason))
        else:
            self._write(self._finished_document(target, document, status, reason))

    def commit(self) -> None:
        """Keep them, durably.

        Raises:
            JobError: they cannot be written.

        """
        if self._file:
            self.identity = self._file.commit()

    def _write(self, error_object: dict[str, Any]) -> None:
        self._write_line(_to_json(error_object).encode())

    def _write_line(self, line: bytes) -> None:
        if self._store is None:
            return
        if self._file is None:
            self._file = self._store.new(self._object.name)
        self._file.write(line + b"\n")

    def _finished_document(
        self, target: dict[str, str], document: bytes, status: int, reason: str
    ) -> dict[str, Any]:
        # Source: Amazon Data Firehose Developer Guide, "Handle data delivery failures".
        now = time.time_ns() // 1_000_000
        return {
            "attemptsMade": 1,
            "arrivalTimestamp": now if self._object.modified is None else self._object.modified,
            "errorCode": str(status),
            "errorMessage": reason,
            "attemptEndingTimestamp": now,
            "esDocumentId": target["_id"],
            "esIndexName": target["_index"],
            "rawData": _base64(document.rstrip(b"\n")),
            "object": display_path(self._object.place),
        }

    def _source_record(
        self, record: bytes, code: str, reason: str, log_header: str | None = None
    ) -> dict[str, Any]:
        # Source: Amazon Data Firehose Developer Guide, "Handle failure in data transformation". The key
        # lambdaArn says that it is a source record. The keys after it are our own.
        now = time.time_ns() // 1_000_000
        header = {} if log_header is None else {"logHeader": log_header}
        return {
            "attemptsMade": 1,
            "arrivalTimestamp": now if self._object.modified is None else self._object.modified,
            "errorCode": code,
            "errorMessage": reason,
            "attemptEndingTimestamp": now,
            "rawData": _base64(record),
            "lambdaArn": None,
            **header,
            "object": display_path(self._object.place),
        }


def _base64(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode("ascii")

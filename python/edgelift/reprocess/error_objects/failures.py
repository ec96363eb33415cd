"""The failed records of one object, as lines of an error object."""

from __future__ import annotations

import binascii
import json
import time
from typing import TYPE_CHECKING, Any, Final, Self

from edgelift.inputs.detect import is_document, is_unexpected_header
from edgelift.inputs.errors import NOT_REALTIME
from edgelift.reprocess.errors import ObjectError
from edgelift.reprocess.objects import LogObject, display_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edgelift._core import Failure
    from edgelift.reprocess.error_objects import ErrorObjectStore, NewObject

SHOWN: Final = 3
"""Failures of an object that are kept for people."""

ALREADY_TRANSFORMED: Final = "already_transformed"
"""Reason of error objects with a document, where records are wanted."""

TRUNCATED: Final = "too_large"
"""Reason of records of which there is only the beginning."""

# Built once: with options json.dumps builds an encoder per call.
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Failures:
    """The failed records of one object; the context is left without `commit` if the object is not done.

    Args:
        failed: the object.
        store: where its error objects go, or None.
        input_format: the format of the configuration.

    Attributes:
        first: the first few, in words.
        refused: number of documents or records that the destination refused.
        identity: identity of the error object that was committed, or None.
        has_documents: whether the object holds documents of edgelift.

    """

    def __init__(self, failed: LogObject, store: ErrorObjectStore | None, input_format: str) -> None:
        self.first: list[str] = []
        self.refused = 0
        self.identity: str | None = None
        self.has_documents = False
        self._object = failed
        self._builder = ErrorObjectBuilder(display_path(failed.place), failed.modified)
        self._store = store
        self._input_format = input_format
        self._file: NewObject | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.__exit__()

    def take(self, failures: Sequence[Failure]) -> None:
        """Take failures as they come, at least one.

        Raises:
            JobError: they cannot be written.
            ObjectError: the object is a standard log, and the configuration reads real-time rows only: its
                rows would be kept without the header that names their columns.

        """
        if is_unexpected_header(failures[0], self._input_format):
            raise ObjectError(f"it is {NOT_REALTIME}")
        self.has_documents |= is_document(failures[0])
        for failure in failures[: SHOWN - len(self.first)]:
            place = display_path(self._object.place)
            self.first.append(f"{place}:{failure.line}: {failure.reason}: {failure.message}")
        if self._store is not None:
            for failure in failures:
                self._write(self._store, self._builder.from_failure(failure))

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
        if self._store is not None:
            self._write(self._store, self._builder.from_rejection(target, document, status, reason))

    def commit(self) -> None:
        """Keep them, durably.

        Raises:
            JobError: they cannot be written.

        """
        if self._file:
            self.identity = self._file.commit()

    def _write(self, store: ErrorObjectStore, line: bytes) -> None:
        if self._file is None:
            self._file = store.new(self._object.name)
        self._file.write(line)


class ErrorObjectBuilder:
    """Builds the error objects of one file or object: JSON lines with a failed record or document each.

    Source: Amazon Data Firehose Developer Guide, "Handle failure in data transformation" and "Handle data
    delivery failures". The keys from ``object`` on are edgelift's own.

    Args:
        place: its path or URL, for people.
        modified: when it was written, in milliseconds since 1970, or None if not known.

    """

    def __init__(self, place: str, modified: int | None) -> None:
        self._place = place
        self._modified = modified

    def from_failure(self, failure: Failure) -> bytes:
        """Return the error object of a failed record, with its line feed."""
        if _is_error_object(failure):
            # With other options it may be read as it is, and it keeps its own reason.
            return failure.raw + b"\n"
        # Without this key the options of the next reading say again what the record is.
        kind: dict[str, Any] = {"lambdaArn": None} if failure.is_source else {}
        if failure.header is not None:
            kind["logHeader"] = failure.header
        if failure.log_format is not None:
            kind["logFormat"] = failure.log_format
        data = "rawData"
        if failure.reason == TRUNCATED:
            # A truncated record may look like a complete one: under another key nobody transforms it.
            data, kind = "truncatedData", {}
        origin = {
            "line": failure.line,
            "offset": failure.offset,
            "field": failure.field,
            "column": failure.column,
        }
        code = f"edgelift.{failure.reason}"
        return self._build(code, failure.message, {data: _base64(failure.raw)} | kind, origin)

    def from_rejection(
        self, target: Mapping[str, str] | None, data: bytes, status: int, message: str
    ) -> bytes:
        """Return the error object of what a destination rejected, with its line feed.

        Args:
            target: the ``_index`` and ``_id`` of a document; None: ``data`` is a source record.
            data: a document or record.
            status: HTTP status of the rejection.
            message: its reason.

        """
        if target is None:
            kind: dict[str, Any] = {"rawData": _base64(data), "lambdaArn": None}
        else:
            kind = {"esDocumentId": target["_id"], "esIndexName": target["_index"]}
            kind["rawData"] = _base64(data.rstrip(b"\n"))
        return self._build(str(status), message, kind, {})

    def _build(self, code: str, message: str, kind: dict[str, Any], origin: dict[str, Any]) -> bytes:
        now = time.time_ns() // 1_000_000
        error_object = {
            "attemptsMade": 1,
            "arrivalTimestamp": now if self._modified is None else self._modified,
            "errorCode": code,
            "errorMessage": message,
            "attemptEndingTimestamp": now,
            **kind,
            "object": self._place,
            **origin,
        }
        return _to_json(error_object).encode() + b"\n"


def _is_error_object(failure: Failure) -> bool:
    """Return true if the bytes of a failure are a whole error object, not those of a record."""
    if failure.reason == ALREADY_TRANSFORMED:
        return True
    if not failure.raw.lstrip().startswith(b"{") or b"\n" in failure.raw:
        return False
    try:
        members = json.loads(failure.raw)
    except (ValueError, RecursionError):
        return False
    return failure.reason == "bad_error_object" or any(key.lower() == "rawdata" for key in members)


def _base64(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode("ascii")

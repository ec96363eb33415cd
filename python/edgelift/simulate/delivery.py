"""Delivers documents to OpenSearch in bulk requests, and what it does not take to the backup."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from edgelift.simulate.bucket import Entry
from edgelift.simulate.error_objects import INDEX_FAILED_PREFIX, Attempts, Target, index_failed
from edgelift.simulate.invocation import Failure
from edgelift.simulate.ports import BulkAnswer, IndexUnreachable
from edgelift.simulate.rotation import suffix

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edgelift.simulate.bucket import Bucket
    from edgelift.simulate.ports import Index, SourceRecord
    from edgelift.simulate.run import Run

FIRST_RETRY_SECONDS: Final = 2.0
"""Seconds between a failed request and the next, which double. Not documented."""

MALFORMED: Final = Failure(
    "OS.MalformedData",
    "One or more records are malformed. Please ensure that each record is single valid JSON object and that "
    "it does not contain newlines.",
)
"""Source: this message as recorded in CloudWatch Logs (with ``ES.MalformedData``, as it was called)."""

UNREACHABLE: Final = "503"
"""Error code of documents whose request had no answer. Not documented: there is no HTTP status to write."""

_HTTP_OK: Final = 200
_HTTP_ERRORS: Final = 300
_HOUR: Final = 3_600_000


@dataclass(slots=True)
class Document:
    """A document on its way to the index.

    Attributes:
        record: its source record.
        data: its JSON.
        stored: times that the index stored it although its answer was lost.
        failure: why the last request did not index it.

    """

    record: SourceRecord
    data: bytes
    stored: int = 0
    failure: Failure | None = None


class Delivery:
    """Delivers documents to an index whose name rotates with the time of arrival.

    Source: Firehose Developer Guide, "Understand data delivery": each record is a single-line JSON object,
        and
    Firehose indexes them with bulk requests. API reference, ``AmazonopensearchserviceRetryOptions``: the
    retry duration includes the first attempt, and 0 means no retry. ``DocumentIdOptions``: with
    ``FIREHOSE_DEFAULT`` an id is stable across attempts, with ``NO_DOCUMENT_ID`` OpenSearch makes ids.

    Not measured: which failures are tried again (here all, of whole requests and of single documents), how
    long Firehose waits in between, and the form of an id (here as in the examples of the Developer Guide:
    sequence number, a dot, subsequence number). A request takes no virtual time.

    Args:
        run: the clock, the settings and the ledger.
        index: takes the requests.
        bucket: takes the documents that are not indexed.
        done: is called when a request and its retries are over.

    Attributes:
        outstanding: number of requests that are tried again.

    """

    def __init__(self, run: Run, index: Index, bucket: Bucket, done: Callable[[], None]) -> None:
        self._run = run
        self._index = index
        self._bucket = bucket
        self._done = done
        self._has_ids = run.settings.document_ids == "FIREHOSE_DEFAULT"
        self._suffixes: dict[int, str] = {}
        self.outstanding = 0

    def deliver(self, items: Sequence[tuple[SourceRecord, bytes]]) -> None:
        """Deliver the documents of one buffer."""
        documents: list[Document] = []
        malformed: list[Document] = []
        for record, data in items:
            (documents if is_single_object(data) else malformed).append(Document(record, data))
        for document in malformed:
            document.failure = MALFORMED
        self._give_up(malformed, attempts=1)
        if documents:
            self._attempt(documents, 1, self._run.clock.now + self._run.settings.retry_seconds)

    def target_of(self, record: SourceRecord) -> Target:
        """Return the index and the id of the document of a record."""
        hour = record.arrival // _HOUR
        if hour not in self._suffixes:
            self._suffixes[hour] = suffix(self._run.settings.rotation, record.arrival)
        return Target(
            self._run.settings.index_name + self._suffixes[hour],
            f"{record.sequence_number}.{record.subsequence_number}" if self._has_ids else None,
        )

    def _attempt(self, documents: list[Document], attempt: int, until: float) -> None:
        if attempt > 1:
            self.outstanding -= 1
        failed = self._send(documents)
        seconds = FIRST_RETRY_SECONDS * 2 ** (attempt - 1)
        if failed and self._run.clock.now + seconds <= until:
            self.outstanding += 1
            self._run.clock.after(seconds, lambda: self._attempt(failed, attempt + 1, until))
            return
        self._give_up(failed, attempt)
        self._done()

    def _send(self, documents: list[Document]) -> list[Document]:
        """Send one bulk request; return the documents that were not indexed, with their failures."""
        self._run.ledger.counts["bulk_requests"] += 1
        try:
            answer = self._index.bulk(self._body(documents))
        except IndexUnreachable as error:
            self._count_lost_answer(documents, error.lost_answer)
            failure = Failure(UNREACHABLE, printable(str(error)))
        else:
            if answer.status == _HTTP_OK and len(answer.items) == len(documents):
                return self._settle(documents, answer.items)
            text = answer.error or f"answered {len(answer.items)} of {len(documents)} documents"
            failure = Failure(str(answer.status), printable(text))
        self._run.ledger.counts["failed_bulk_requests"] += 1
        for document in documents:
            document.failure = failure
        return documents

    def _settle(self, documents: list[Document], items: Sequence[Mapping[str, Any]]) -> list[Document]:
        """Count the documents that were indexed; return the others."""
        failed = []
        for document, item in zip(documents, items, strict=True):
            if not is_stored(item):
                document.failure = item_failure(item)
                failed.append(document)
            elif document.stored and not self._has_ids:
                self._run.ledger.counts["stored_again"] += document.stored
        self._run.ledger.counts["indexed"] += len(documents) - len(failed)
        return failed

    def _count_lost_answer(self, documents: list[Document], answer: BulkAnswer | None) -> None:
        for document, item in zip(documents, answer.items if answer else (), strict=False):
            document.stored += is_stored(item)

    def _give_up(self, documents: list[Document], attempts: int) -> None:
        """Put documents into the backup."""
        made = Attempts(attempts, self._run.clock.milliseconds)
        entries = []
        for document in documents:
            record, failure = document.record, document.failure or MALFORMED
            self._run.ledger.counts["unconfirmed"] += (
                min(document.stored, 1) if self._has_ids else document.stored
            )
            line = index_failed(record, document.data, failure, made, self.target_of(record))
            entries.append(Entry(record, line, failure.code))
        self._bucket.add_failed(INDEX_FAILED_PREFIX, entries)

    def _body(self, documents: list[Document]) -> bytes:
        """Return the body of a bulk request. That Firehose uses the action ``index`` is not documented."""
        parts: list[bytes] = []
        for document in documents:
            target = self.target_of(document.record)
            action = {"_index": target.index_name}
            if target.document_id is not None:
                action["_id"] = target.document_id
            parts += (orjson.dumps({"index": action}), document.data)
        return b"\n".join([*parts, b""])


def is_single_object(data: bytes) -> bool:
    """Return true if data is one JSON object in one line, as a document must be."""
    if b"\n" in data:
        return False
    try:
        return isinstance(orjson.loads(data), dict)
    except orjson.JSONDecodeError:
        return False


def is_stored(item: Mapping[str, Any]) -> bool:
    """Return true if an item of a bulk answer says that its document is in the index."""
    status = item.get("status")
    return isinstance(status, int) and status < _HTTP_ERRORS


def item_failure(item: Mapping[str, Any]) -> Failure:
    """Return the failure of an item: its status and, as JSON, its error.

    Source: Firehose Developer Guide, "Handle data delivery failures": the error code and message are those
        that
    OpenSearch returned.
    """
    error = json.dumps(item.get("error"), ensure_ascii=False, separators=(",", ":"))
    return Failure(str(item.get("status")), printable(error))


def printable(text: str) -> str:
    """Replace half surrogate pairs, which JSON may have and UTF-8 has not."""
    return text.encode(errors="replace").decode()

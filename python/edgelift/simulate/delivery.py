"""Delivers documents to OpenSearch in bulk requests, and what it does not take to the backup."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from itertools import chain
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING, Any, Final

import orjson

from edgelift.simulate.bucket import Entry
from edgelift.simulate.error_objects import INDEX_FAILED_PREFIX, Attempts, Target, index_failed
from edgelift.simulate.invocation import Failure
from edgelift.simulate.ports import IndexUnreachable
from edgelift.simulate.rotation import index_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edgelift.simulate.bucket import Bucket
    from edgelift.simulate.ports import Identity, Index, SourceRecord
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
_HTTP_CREATED: Final = 201
_HTTP_ERRORS: Final = 300
_HOUR: Final = 3_600_000


Item = tuple["SourceRecord", bytes]
"""A document with its source record."""


class Delivery:
    """Delivers documents to an index whose name rotates with the time of arrival.

    Source: Firehose Developer Guide, "Understand data delivery": each record is a single-line JSON object,
    and Firehose indexes them with bulk requests. API reference, ``AmazonopensearchserviceRetryOptions``: the
    retry duration includes the first attempt, and 0 means no retry. ``DocumentIdOptions``: with
    ``FIREHOSE_DEFAULT`` an id is stable across attempts, with ``NO_DOCUMENT_ID`` OpenSearch makes ids.

    Not measured: which failures are tried again (here all, of whole requests and of single documents), how
    long Firehose waits in between, and the form of an id: here as in the examples of the Developer Guide,
    sequence number, a dot, subsequence number, but after the shard, without which it need not be unique. A
    request takes no virtual time.

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
        self._beginning = cache(self._action_of_hour)
        self.outstanding = 0

    def deliver(self, items: Sequence[Item]) -> None:
        """Deliver the documents of one buffer."""
        if not are_single_objects([document for _, document in items]):
            malformed = [(item, MALFORMED) for item in items if not is_single_object(item[1])]
            self._give_up(malformed, attempts=1, stored=Counter())
            items = [item for item in items if is_single_object(item[1])]
        if items:
            self._attempt(items, 1, self._run.clock.now + self._run.settings.retry_seconds, Counter())

    def _attempt(self, items: Sequence[Item], attempt: int, until: float, stored: Counter[Identity]) -> None:
        """Send documents, and again those that were not indexed, until a time is over.

        Args:
            items: the documents.
            attempt: number of the attempt, counted from 1.
            until: seconds since 1970 after which there is no other attempt.
            stored: times that the index stored a document although its answer was lost.

        """
        if attempt > 1:
            self.outstanding -= 1
        failed = self._send(items, attempt, stored)
        seconds = FIRST_RETRY_SECONDS * 2 ** (attempt - 1)
        if failed and self._run.clock.now + seconds <= until:
            self.outstanding += 1
            again = [item for item, _ in failed]
            self._run.clock.after(seconds, lambda: self._attempt(again, attempt + 1, until, stored))
            return
        self._give_up(failed, attempt, stored)
        self._done()

    def _send(
        self, items: Sequence[Item], attempt: int, stored: Counter[Identity]
    ) -> list[tuple[Item, Failure]]:
        """Send one bulk request; return the documents that were not indexed, with the reasons."""
        counts = self._run.ledger.counts
        counts["bulk_requests"] += 1
        try:
            answer = self._index.bulk(self._body(items))
        except IndexUnreachable as error:
            if error.lost_answer is not None:
                lost = zip(items, error.lost_answer.items, strict=False)
                stored.update(record.identity for (record, _), result in lost if is_stored(result))
            failure = Failure(UNREACHABLE, printable(str(error)))
        else:
            if answer.status == _HTTP_OK and len(answer.items) == len(items):
                failed = [
                    (item, item_failure(result))
                    for item, result in zip(items, answer.items, strict=True)
                    if result.get("status") != _HTTP_CREATED and not is_stored(result)
                ]
                counts["indexed"] += len(items) - len(failed)
                if attempt == 1:
                    # Not by this stream: its documents have distinct ids.
                    counts["replaced"] += sum(result.get("status") == _HTTP_OK for result in answer.items)
                if stored and not self._has_ids:
                    refused = {record.identity for (record, _), _ in failed}
                    sent = (record.identity for record, _ in items)
                    counts["stored_again"] += sum(stored[each] for each in sent if each not in refused)
                return failed
            text = answer.error or f"answered {len(answer.items)} of {len(items)} documents"
            failure = Failure(str(answer.status), printable(text))
        counts["failed_bulk_requests"] += 1
        return [(item, failure) for item in items]

    def _give_up(
        self, failed: Sequence[tuple[Item, Failure]], attempts: int, stored: Mapping[Identity, int]
    ) -> None:
        """Put documents into the backup."""
        made = Attempts(attempts, self._run.clock.milliseconds)
        entries = []
        ids = document_ids([record for (record, _), _ in failed])
        for ((record, document), failure), document_id in zip(failed, ids, strict=True):
            times = stored.get(record.identity, 0)
            if times:
                self._run.ledger.keep_unconfirmed(record, again=0 if self._has_ids else times - 1)
            target = Target(self._index_name(record.arrival), document_id if self._has_ids else None)
            line = index_failed(record, document, failure, made, target)
            entries.append(Entry(record, line, failure.code))
        self._bucket.add_failed(INDEX_FAILED_PREFIX, entries)

    def _body(self, items: Sequence[Item]) -> bytes:
        """Return the body of a bulk request. That Firehose uses the action ``index`` is not documented."""
        records = [record for record, _ in items]
        actions = [self._beginning(record.arrival // _HOUR) for record in records]
        if self._has_ids:
            ids = document_ids(records)
            lines = [
                f'{action},"_id":{encode_basestring_ascii(each)}}}}}'.encode()
                for action, each in zip(actions, ids, strict=True)
            ]
        else:
            lines = [f"{action}}}}}".encode() for action in actions]
        documents = [document for _, document in items]
        return b"\n".join([*chain.from_iterable(zip(lines, documents, strict=True)), b""])

    def _action_of_hour(self, hour: int) -> str:
        """Return the beginning of the action for all records that arrive in an hour since 1970."""
        name = encode_basestring_ascii(self._index_name(hour * _HOUR))
        return f'{{"index":{{"_index":{name}'

    def _index_name(self, arrival: int) -> str:
        return index_name(self._run.settings.index_name, self._run.settings.rotation, arrival)


def document_ids(records: Sequence[SourceRecord]) -> list[str]:
    """Return the id that Firehose gives to the document of each record."""
    return [f"{record.shard_id}-{record.sequence_number}.{record.subsequence_number}" for record in records]


def are_single_objects(documents: Sequence[bytes]) -> bool:
    """Return true if `is_single_object` is for each document, which takes longer one by one."""
    if any(b"\n" in document for document in documents):
        return False
    try:
        return set(map(type, map(orjson.loads, documents))) <= {dict}
    except orjson.JSONDecodeError:
        return False


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
    that OpenSearch returned.
    """
    error = json.dumps(item.get("error"), ensure_ascii=False, separators=(",", ":"))
    return Failure(str(item.get("status")), printable(error))


def printable(text: str) -> str:
    """Replace half surrogate pairs, which JSON may have and UTF-8 has not."""
    return text.encode(errors="replace").decode()

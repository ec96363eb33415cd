"""The ports of a stream with faults, watched: what was sent, what was answered, and what was stored."""

from __future__ import annotations

import base64
import json
from collections import Counter
from typing import TYPE_CHECKING

from edgelift.simulate.ports import BulkAnswer, IndexUnreachable

from .evidence import check_equal
from .reingested import Reingested
from .rows import id_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from random import Random
    from typing import Any

    from edgelift.simulate.clock import Clock
    from edgelift.simulate.faulty import Faults
    from edgelift.simulate.ports import Backup, Function, Index, Source, SourceRecord


class Watched:
    """Injects faults, and sees through them.

    Args:
        faults: the faults.
        id_key: key of the request id in documents.
        busy: share of documents that the index rejects with 429, by the numbers of this chance.

    Attributes:
        records: what the source sent, copies and changed rows included.
        confirmed: answers that a document is stored, by request id.
        lost: documents that were stored although the answer was lost, by request id.
        dropped: records that the function dropped.
        reingested: the stream to which it puts records again.
        codes: error codes that follow from the answers of the function.

    """

    def __init__(self, faults: Faults, id_key: str, busy: tuple[float, Random]) -> None:
        self.records: list[SourceRecord] = []
        self.confirmed: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        self.dropped: Counter[bytes] = Counter()
        self.reingested = Reingested(busy[1])
        self._faults = faults
        self._id_key = id_key
        self._busy = busy

    def source(self, source: Source, clock: Clock) -> Source:
        return _WatchedSource(self._faults.source(source, clock), self.records)

    def function(self, function: Function, clock: Clock) -> Function:
        return _WatchedFunction(self._faults.function(function, clock), self._faults, self)

    def index(self, index: Index, clock: Clock) -> Index:
        return _WatchedIndex(self._faults.index(_BusyIndex(index, *self._busy), clock), self)

    def backup(self, backup: Backup, clock: Clock) -> Backup:
        return self._faults.backup(backup, clock)

    def note(self, counter: Counter[str], body: bytes, items: Sequence[Mapping[str, Any]]) -> None:
        """Count the documents of a request that are stored by its answer."""
        documents = body.split(b"\n")[1::2]
        stored = (each for each, item in zip(documents, items, strict=False) if item["status"] < 300)
        counter.update(id_of(document, self._id_key) for document in stored)


class _WatchedSource:
    def __init__(self, source: Source, records: list[SourceRecord]) -> None:
        self._source = source
        self._records = records

    def batches(self) -> Iterator[Sequence[SourceRecord]]:
        for records in self._source.batches():
            self._records += records
            yield records


class _WatchedFunction:
    """Reads each answer as Firehose has to, by separate code."""

    def __init__(self, function: Function, faults: Faults, watched: Watched) -> None:
        self._function = function
        self._faults = faults
        self._watched = watched

    def invoke(self, event: bytes, *, timeout: float) -> bytes:
        struck = self._faults.schedule.struck.total()
        answer = self._function.invoke(event, timeout=timeout)
        if len(answer) > 6_291_456:
            return answer
        sent = {record["recordId"]: record["data"] for record in json.loads(event)["records"]}
        records = json.loads(answer).get("records", [])
        if struck == self._faults.schedule.struck.total():
            check_equal(
                [record["recordId"] for record in records], [*sent], "the ids that a handler answered"
            )
        times = Counter(record["recordId"] for record in records)
        codes = self._watched.codes
        for record in records:
            name = record["recordId"]
            if times[name] == 1 and name in sent:
                codes[_code(record)] += 1
                if record["result"] == "Dropped":
                    self._watched.dropped[base64.b64decode(sent[name])] += 1
        codes["Lambda.DuplicatedRecordId"] += sum(times[each] > 1 for each in sent)
        codes["Lambda.MissingRecordId"] += sum(not times[each] for each in sent)
        return answer


def _code(record: Mapping[str, str]) -> str:
    """Return the error code for an answer, or its result."""
    if record["result"] == "Dropped":
        return "Dropped"
    if record["result"] == "ProcessingFailed":
        return "Lambda.ProcessingFailedStatus"
    try:
        base64.b64decode(record["data"], validate=True)
    except ValueError:
        return "Lambda.InvalidReturnFormat"
    return record["result"]


class _BusyIndex:
    """Rejects some documents with 429, of which the index sees nothing."""

    def __init__(self, index: Index, share: float, chance: Random) -> None:
        self._index = index
        self._share = share
        self._chance = chance

    def bulk(self, body: bytes) -> BulkAnswer:
        lines = body.splitlines(keepends=True)
        pairs = [b"".join(pair) for pair in zip(lines[::2], lines[1::2], strict=True)]
        rejected = [self._chance.random() < self._share for _ in pairs]
        others = [pair for pair, is_rejected in zip(pairs, rejected, strict=True) if not is_rejected]
        answer = self._index.bulk(b"".join(others)) if others else BulkAnswer(200)
        if answer.status != 200:
            return answer
        items = iter(answer.items)
        error = {"type": "rejected_execution_exception", "reason": "busy"}
        busy = {"status": 429, "error": error}
        return BulkAnswer(200, [busy if is_rejected else next(items) for is_rejected in rejected])


class _WatchedIndex:
    def __init__(self, index: Index, watched: Watched) -> None:
        self._index = index
        self._watched = watched

    def bulk(self, body: bytes) -> BulkAnswer:
        try:
            answer = self._index.bulk(body)
        except IndexUnreachable as error:
            if error.lost_answer is not None:
                self._watched.note(self._watched.lost, body, error.lost_answer.items)
            raise
        self._watched.note(self._watched.confirmed, body, answer.items)
        return answer

"""The ports of a stream with faults, watched: what the source sent, and what became of each document."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from edgelift.simulate.delivery import is_stored
from edgelift.simulate.ports import IndexUnreachable

from .rows import id_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from edgelift.simulate.clock import Clock
    from edgelift.simulate.faulty import Faults
    from edgelift.simulate.ports import Backup, BulkAnswer, Function, Index, Source, SourceRecord


class Watched:
    """Injects faults, and sees through them.

    Args:
        faults: the faults.
        id_key: key of the request id in documents.

    Attributes:
        records: what the source sent, copies and changed rows included.
        confirmed: answers that a document is stored, by request id.
        lost: documents that were stored although the answer was lost, by request id.

    """

    def __init__(self, faults: Faults, id_key: str) -> None:
        self.records: list[SourceRecord] = []
        self.confirmed: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self._faults = faults
        self._id_key = id_key

    def source(self, source: Source, clock: Clock) -> Source:
        return _WatchedSource(self._faults.source(source, clock), self.records)

    def function(self, function: Function, clock: Clock) -> Function:
        return self._faults.function(function, clock)

    def index(self, index: Index, clock: Clock) -> Index:
        return _WatchedIndex(self._faults.index(index, clock), self)

    def backup(self, backup: Backup, clock: Clock) -> Backup:
        return self._faults.backup(backup, clock)

    def note(self, counter: Counter[str], body: bytes, items: Sequence[Mapping[str, Any]]) -> None:
        """Count the documents of a request that are stored by its answer."""
        documents = body.split(b"\n")[1::2]
        stored = (each for each, item in zip(documents, items, strict=False) if is_stored(item))
        counter.update(id_of(document, self._id_key) for document in stored)


class _WatchedSource:
    def __init__(self, source: Source, records: list[SourceRecord]) -> None:
        self._source = source
        self._records = records

    def batches(self) -> Iterator[Sequence[SourceRecord]]:
        for records in self._source.batches():
            self._records += records
            yield records


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

"""A simulated Kinesis stream: shards, sequence numbers, partition keys and times of arrival."""

from __future__ import annotations

import hashlib
import io
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from edgelift.errors import EdgeliftError
from edgelift.simulate.buffering import MIB
from edgelift.simulate.ports import SourceRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from edgelift.simulate.run import Run

_SEQUENCE_DIGITS: Final = 37
"""The first digits of sequence numbers, which have 56 like those of Kinesis."""

_READ_INTERVAL: Final = 1000
"""Milliseconds between two reads of Firehose."""

MOST_RECORDS: Final = 10_000
"""Records of one read, the most that ``GetRecords`` returns."""


class MemorySource:
    """A Kinesis stream that Firehose reads once a second.

    Source: Kinesis API reference, ``PutRecord`` (the MD5 hash of the partition key chooses the shard, a
    record has 1 MiB at most) and ``GetRecords``; Firehose Developer Guide, "Amazon Data Firehose quota" (one
    call of ``GetRecords`` per second and shard). Partition keys of CloudFront are not documented: here they
    are random.

    Args:
        run: the clock, the settings and chance.

    """

    def __init__(self, run: Run) -> None:
        self._chance = run.chance
        self._shards = [f"shardId-{number:012}" for number in range(run.settings.shards)]
        # By chance, so that another seed makes other ids of documents.
        self._numbers = f"49{run.chance.randrange(10 ** (_SEQUENCE_DIGITS - 2)):0{_SEQUENCE_DIGITS - 2}}"
        self._step = 1000 / run.settings.rate
        self._next = run.clock.now * 1000
        self._records = 0
        self._waiting: deque[_Waiting] = deque()

    def put(self, records: bytes | Iterable[bytes], *, pause: float = 0.0, earliest: float = 0.0) -> None:
        """Put records, which arrive one after the other at the rate of the stream.

        An iterable is read when its records arrive, so that it may be longer than memory.

        Args:
            records: the bytes of each record; or lines, each of which is a record with its line feed, as
                CloudFront writes them.
            pause: seconds without records before them.
            earliest: seconds since 1970 before which none of them arrives.

        """
        # Not by splitlines, for which a CR ends a line, too.
        lines = io.BytesIO(records) if isinstance(records, bytes) else records
        self._waiting.append(_Waiting(lines, pause, earliest))

    def batches(self) -> Iterator[Sequence[SourceRecord]]:
        """Yield the records of each read: those of one shard in one second.

        Raises:
            EdgeliftError: a record is too large for Kinesis.

        """
        by_shard: dict[str, list[SourceRecord]] = {}
        second = None
        for record in self._arriving():
            if record.arrival // _READ_INTERVAL != second:
                yield from _reads(by_shard)
                by_shard = {}
                second = record.arrival // _READ_INTERVAL
            by_shard.setdefault(record.shard_id, []).append(record)
        yield from _reads(by_shard)

    def _arriving(self) -> Iterator[SourceRecord]:
        while self._waiting:
            waiting = self._waiting.popleft()
            self._next = max(self._next + waiting.pause * 1000, waiting.earliest * 1000)
            for data in waiting.records:
                if len(data) > MIB:
                    raise EdgeliftError(f"a record has {len(data)} bytes; Kinesis takes {MIB} at most")
                key = self._chance.randbytes(16).hex()
                shard = self._shards[0] if len(self._shards) == 1 else self._shard_id(key)
                number = f"{self._numbers}{self._records:019}"
                yield SourceRecord(data, number, key, shard, int(self._next))
                self._records += 1
                self._next += self._step

    def _shard_id(self, key: str) -> str:
        digest = hashlib.md5(key.encode(), usedforsecurity=False).digest()
        return self._shards[int.from_bytes(digest) * len(self._shards) >> 128]


class _Waiting(NamedTuple):
    """Records that were put, and how they arrive."""

    records: Iterable[bytes]
    pause: float
    earliest: float


def _reads(by_shard: Mapping[str, Sequence[SourceRecord]]) -> Iterator[Sequence[SourceRecord]]:
    """Yield what single reads of each shard return."""
    for _, records in sorted(by_shard.items()):
        for first in range(0, len(records), MOST_RECORDS):
            yield records[first : first + MOST_RECORDS]

"""A simulated Kinesis stream: shards, sequence numbers, partition keys and times of arrival."""

from __future__ import annotations

import hashlib
import io
from bisect import bisect_left
from collections import defaultdict, deque
from itertools import groupby, islice, repeat
from operator import attrgetter
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
        self._rate = run.settings.rate
        # Time goes on from here; a sum of steps would not advance at high rates, since it is rounded.
        self._start = run.clock.now * 1000
        self._since_start = 0
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
        by_shard: defaultdict[str, list[SourceRecord]] = defaultdict(list)
        second = None
        for records in self._arriving():
            now = records[0].arrival // _READ_INTERVAL
            if now != second:
                yield from _reads(by_shard)
                by_shard.clear()
                second = now
            for shard, group in groupby(records, _SHARD_OF):
                by_shard[shard] += group
        yield from _reads(by_shard)

    def _arriving(self) -> Iterator[list[SourceRecord]]:
        """Yield records in the order of their arrival, those of one second at most."""
        while self._waiting:
            waiting = self._waiting.popleft()
            next_arrival = self._start + self._since_start * 1000 / self._rate
            self._start = max(next_arrival + waiting.pause * 1000, waiting.earliest * 1000)
            self._since_start = 0
            lines = iter(waiting.records)
            while some := list(islice(lines, self._left_in_second())):
                yield self._received(some)

    def _arrival(self, number: int) -> int:
        """Return when a record arrives that is counted since the start."""
        return int(self._start + number * 1000 / self._rate)

    def _left_in_second(self) -> int:
        """Return how many records can arrive in the second in which the next one does."""
        first = self._since_start
        end = (self._arrival(first) // _READ_INTERVAL + 1) * _READ_INTERVAL
        return bisect_left(range(int(self._rate) + 2), end, key=lambda number: self._arrival(first + number))

    def _received(self, lines: Sequence[bytes]) -> list[SourceRecord]:
        """Return the records of the lines that arrive next, in one second."""
        count, first, in_all = len(lines), self._since_start, self._records
        largest = max(map(len, lines))
        if largest > MIB:
            raise EdgeliftError(f"a record has {largest} bytes; Kinesis takes {MIB} at most")
        numbers = [f"{self._numbers}{number:019}" for number in range(in_all, in_all + count)]
        digits = self._chance.randbytes(16 * count).hex()
        keys = [digits[start : start + 32] for start in range(0, 32 * count, 32)]
        shards = repeat(self._shards[0]) if len(self._shards) == 1 else map(self._shard_id, keys)
        arrivals = map(self._arrival, range(first, first + count))
        self._since_start += count
        self._records += count
        return list(map(SourceRecord, lines, numbers, keys, shards, arrivals))

    def _shard_id(self, key: str) -> str:
        digest = hashlib.md5(key.encode(), usedforsecurity=False).digest()
        return self._shards[int.from_bytes(digest) * len(self._shards) >> 128]


_SHARD_OF: Final = attrgetter("shard_id")


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

"""The ports of a stream with faults: each wraps another one, and fails as the thing itself would.

A killed function is killed while it works, a reset connection loses the answer of a request that the index
has processed, and a wrong answer is the function's own with one record changed.
"""

from __future__ import annotations

import contextlib
import errno
import os
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol, runtime_checkable

import orjson

from edgelift.simulate.faults import Schedule
from edgelift.simulate.invocation import PAYLOAD_LIMIT
from edgelift.simulate.ports import (
    BackupRefused,
    BulkAnswer,
    FunctionFailed,
    FunctionKilled,
    FunctionRaised,
    FunctionThrottled,
    FunctionTimedOut,
    IndexUnreachable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edgelift.simulate.clock import Clock
    from edgelift.simulate.faults import Fault, Strike
    from edgelift.simulate.ports import Backup, Function, Index, Source, SourceRecord


_REFUSALS: Final = {
    "status_413": BulkAnswer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, error="413 Request Entity Too Large"),
    "status_429": BulkAnswer(
        HTTPStatus.TOO_MANY_REQUESTS,
        error="429 rejected_execution_exception: rejected execution of coordinating operation",
    ),
    "status_503": BulkAnswer(HTTPStatus.SERVICE_UNAVAILABLE, error="503 Service Unavailable"),
}
"""Answers to whole requests."""

_ERRORS_OF_BACKUP: Final = {"full": errno.ENOSPC, "read_only": errno.EROFS}

_SPACING: Final = 100_000
"""Between the sequence numbers of a source, so that copies have room: more than the records of a read."""


class Faults:
    """Wraps the ports of a stream so that they fail by one schedule.

    Args:
        faults: what happens where, and when.
        seed: start of the random numbers.

    Attributes:
        schedule: says what struck how often.

    """

    def __init__(self, faults: Sequence[Fault], seed: int = 0) -> None:
        self.schedule = Schedule(faults, seed)

    def function(self, function: Function, clock: Clock) -> Function:
        """Return a function with faults."""
        return FaultyFunction(function, self.schedule, clock)

    def index(self, index: Index, clock: Clock) -> Index:
        """Return an index with faults."""
        return FaultyIndex(index, self.schedule, clock)

    def backup(self, backup: Backup, clock: Clock) -> Backup:
        """Return a backup with faults."""
        return FaultyBackup(backup, self.schedule, clock)

    def source(self, source: Source, clock: Clock) -> Source:
        """Return a source with faults; its time is when records arrived."""
        del clock
        return FaultySource(source, self.schedule)


@runtime_checkable
class Killable(Protocol):
    """A function in a process that can be killed while it works."""

    def kill_during(self, event: bytes) -> None:
        """Hand an event to the function and kill it; raises `FunctionFailed`."""
        ...


class FaultyFunction:
    """A function that fails, or answers wrongly, when the schedule says so."""

    def __init__(self, function: Function, schedule: Schedule, clock: Clock) -> None:
        self._function = function
        self._schedule = schedule
        self._clock = clock

    def invoke(self, event: bytes, *, timeout: float) -> bytes:
        """Invoke the function; raise or change its answer if a fault strikes."""
        strike = self._schedule.next_batch("function", self._clock.now)
        if strike is None:
            return self._function.invoke(event, timeout=timeout)
        match strike.kind:
            case "raise":
                raise FunctionRaised("RuntimeError: raised by an injected fault")
            case "throttle":
                raise FunctionThrottled("TooManyRequestsException: Rate Exceeded.")
            case "kill" | "timeout":
                self._kill(event)
                if strike.kind == "timeout":
                    raise FunctionTimedOut(f"Task timed out after {timeout:.2f} seconds")
                raise FunctionKilled("Runtime exited with error: signal: killed")
        return wrong_answer(strike, self._function.invoke(event, timeout=timeout))

    def _kill(self, event: bytes) -> None:
        """Let the function begin its work, and end it, if it is a process."""
        if isinstance(self._function, Killable):
            with contextlib.suppress(FunctionFailed):
                self._function.kill_during(event)


def wrong_answer(strike: Strike, answer: bytes) -> bytes:
    """Return an answer with the mistake of a fault; one without records as it is."""
    try:
        response: Any = orjson.loads(answer)
        records: list[dict[str, Any]] = response["records"]
        hit = strike.chance.randrange(len(records))
        record = records[hit]
        match strike.kind:
            case "no_records":
                return b"{}"
            case "missing_id":
                del records[hit]
            case "duplicate_id":
                records.append(record)
            case "unknown_id":
                records[hit] = record | {"recordId": "unknown"}
            case "bad_base64":
                records[hit] = record | {"data": f"*{record.get('data')}"}
            case "oversize":
                records[hit] = record | {"padding": "x" * PAYLOAD_LIMIT}
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return answer
    return orjson.dumps(response)


class FaultyIndex:
    """An index that refuses, or loses its answers, when the schedule says so."""

    def __init__(self, index: Index, schedule: Schedule, clock: Clock) -> None:
        self._index = index
        self._schedule = schedule
        self._clock = clock

    def bulk(self, body: bytes) -> BulkAnswer:
        """Send a bulk request, or have it fail if a fault strikes."""
        strike = self._schedule.next_batch("opensearch", self._clock.now)
        if strike is None:
            return self._index.bulk(body)
        match strike.kind:
            case "down":
                raise IndexUnreachable("connection refused, by an injected fault")
            case "reset":
                self._reset(body)
            case "read_only":
                return BulkAnswer(HTTPStatus.OK, [_blocked(action) for action in _lines(body)[::2]])
            case "reject_item":
                return self._reject_one(body, strike)
        return _REFUSALS[strike.kind]

    def _reset(self, body: bytes) -> NoReturn:
        answer = self._index.bulk(body)
        raise IndexUnreachable("connection reset by peer, by an injected fault", answer)

    def _reject_one(self, body: bytes, strike: Strike) -> BulkAnswer:
        """Have one document rejected, of which the index sees nothing."""
        lines = _lines(body)
        hit = strike.chance.randrange(len(lines) // 2)
        others = lines[: 2 * hit] + lines[2 * hit + 2 :]
        answer = self._index.bulk(b"".join(others)) if others else BulkAnswer(HTTPStatus.OK)
        if answer.status != HTTPStatus.OK:
            return answer
        return BulkAnswer(
            answer.status, [*answer.items[:hit], _rejected(lines[2 * hit]), *answer.items[hit:]]
        )


def _lines(body: bytes) -> list[bytes]:
    """Return the lines of a bulk request with their line feeds. Not by splitlines: JSON may have a CR."""
    return [line + b"\n" for line in body.removesuffix(b"\n").split(b"\n")]


def _target(action: bytes) -> dict[str, Any]:
    """Return what an action line says of its document."""
    (target,) = orjson.loads(action).values()
    return dict(target)


def _blocked(action: bytes) -> dict[str, Any]:
    target = _target(action)
    reason = f"index [{target['_index']}] blocked by: [FORBIDDEN/5/index read-only (api)];"
    return target | {
        "status": int(HTTPStatus.FORBIDDEN),
        "error": {"type": "cluster_block_exception", "reason": reason},
    }


def _rejected(action: bytes) -> dict[str, Any]:
    reason = "failed to parse, by an injected fault"
    return _target(action) | {
        "status": int(HTTPStatus.BAD_REQUEST),
        "error": {"type": "mapper_parsing_exception", "reason": reason},
    }


class FaultyBackup:
    """A backup that is full or read-only when the schedule says so."""

    def __init__(self, backup: Backup, schedule: Schedule, clock: Clock) -> None:
        self._backup = backup
        self._schedule = schedule
        self._clock = clock

    def put(self, key: str, body: bytes) -> None:
        """Store an object, or refuse it if a fault strikes."""
        strike = self._schedule.next_batch("backup", self._clock.now)
        if strike is not None:
            words = os.strerror(_ERRORS_OF_BACKUP[strike.kind])
            raise BackupRefused(f"cannot write {key}: {words}, by an injected fault")
        self._backup.put(key, body)


class FaultySource:
    """A source whose producer sends records twice, or another layout, when the schedule says so.

    The time of a batch is when its first record arrived.
    """

    def __init__(self, source: Source, schedule: Schedule) -> None:
        self._source = source
        self._schedule = schedule

    def batches(self) -> Iterator[Sequence[SourceRecord]]:
        """Yield the records of each read, with copies of them or one column more if a fault strikes."""
        for read in self._source.batches():
            # There are numbers between those of two records then.
            records = [
                record._replace(sequence_number=str(int(record.sequence_number) * _SPACING))
                for record in read
            ]
            strike = self._schedule.next_batch("source", records[0].arrival / 1000) if records else None
            if strike is None:
                yield records
            elif strike.kind == "duplicate":
                yield [*records, *_copies(records)]
            else:
                yield [record._replace(data=_with_another_column(record.data)) for record in records]


def _copies(records: Sequence[SourceRecord]) -> Iterator[SourceRecord]:
    """Yield the records as a producer that got no answer sends them again."""
    last = {record.shard_id: int(record.sequence_number) for record in records}
    for record in records:
        last[record.shard_id] += 1
        yield record._replace(
            sequence_number=str(last[record.shard_id]), copy_of=record.copy_of or record.sequence_number
        )


def _with_another_column(row: bytes) -> bytes:
    """Return a row as a log configuration with one field more writes it."""
    text = row.removesuffix(b"\n")
    return text + b"\t-" + row[len(text) :]

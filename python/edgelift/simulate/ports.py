"""The places that a delivery stream is connected to, and the values that pass between them.

A stream reads a `Source`, invokes a `Function`, writes to an `Index` and puts objects into a `Backup`. Each
may be in memory, on a server, or a wrapper that injects faults.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from edgelift.errors import EdgeliftError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from edgelift.simulate.clock import Clock


Identity = tuple[str, str, int]
"""Shard, sequence number and subsequence number of a record."""


class SourceRecord(NamedTuple):
    """One record of a Kinesis stream as Firehose reads it.

    Source: Kinesis API reference, ``Record``. Each has its own sequence number, also the copy of a record
    that a producer sent twice.

    Attributes:
        data: its bytes.
        sequence_number: decimal digits, increasing, unique within the shard.
        partition_key: the key that chose the shard.
        shard_id: such as ``shardId-000000000000``.
        arrival: milliseconds since 1970 at which the stream received it.
        subsequence_number: its place in an aggregated record of the Kinesis Producer Library, else 0.
        copy_of: sequence number of the record that was sent before to the same shard with the same data, or
            None. A simulated source knows it, Kinesis does not; the account counts documents in the index
            twice by it.

    """

    data: bytes
    sequence_number: str
    partition_key: str
    shard_id: str
    arrival: int
    subsequence_number: int = 0
    copy_of: str | None = None

    @property
    def identity(self) -> Identity:
        """The identity of the record in its stream: sequence numbers are unique within a shard only."""
        return self.shard_id, self.sequence_number, self.subsequence_number

    @property
    def original(self) -> Identity | None:
        """The identity of the record of which this is a copy, or None."""
        return None if self.copy_of is None else (self.shard_id, self.copy_of, self.subsequence_number)


@dataclass(frozen=True, slots=True)
class BulkAnswer:
    """The answer of an index to one bulk request.

    Attributes:
        status: HTTP status of the request.
        items: of status 200 the results, one per document in their order: the parsed JSON of each item
            without the name of its action, with ``status`` and, if it failed, ``error``. Else empty.
        error: of another status than 200 the body of the answer, as text.

    """

    status: int
    items: Sequence[Mapping[str, Any]] = ()
    error: str = ""


class Source(Protocol):
    """Records in the order in which they arrive."""

    def batches(self) -> Iterator[Sequence[SourceRecord]]:
        """Yield the records of each read, by arrival time; a read may return none."""
        ...


class Function(Protocol):
    """A Lambda function that transforms records."""

    def invoke(self, event: bytes, *, timeout: float) -> bytes:
        """Invoke the function with the JSON of an event and return the JSON of its answer.

        Args:
            event: a transformation event.
            timeout: seconds that it may take.

        Raises:
            FunctionFailed: it did not answer.

        """
        ...


class Index(Protocol):
    """A cluster that takes bulk requests."""

    def bulk(self, body: bytes) -> BulkAnswer:
        """Send the body of a ``_bulk`` request and return the answer, also that of a refusal.

        Raises:
            IndexUnreachable: there was no answer.

        """
        ...


class Backup(Protocol):
    """A bucket of S3, or something like it."""

    def put(self, key: str, body: bytes) -> None:
        """Store an object: completely, or not at all.

        Raises:
            BackupRefused: it is not stored.

        """
        ...


class FaultInjector(Protocol):
    """Wraps what a stream is connected to, so that it fails at virtual times of its clock."""

    def source(self, source: Source, clock: Clock) -> Source:
        """Return a source with faults."""
        ...

    def function(self, function: Function, clock: Clock) -> Function:
        """Return a function with faults."""
        ...

    def index(self, index: Index, clock: Clock) -> Index:
        """Return an index with faults."""
        ...

    def backup(self, backup: Backup, clock: Clock) -> Backup:
        """Return a backup with faults."""
        ...


class FunctionFailed(EdgeliftError):  # noqa: N818 - the name of an event
    """An invocation that brought no answer."""


class FunctionRaised(FunctionFailed):
    """The function raised an exception, or its answer was too large for Lambda."""


class FunctionTimedOut(FunctionFailed):
    """The function took longer than its timeout."""


class FunctionThrottled(FunctionFailed):
    """Lambda did not start the function: too many run at the same time."""


class FunctionKilled(FunctionFailed):
    """The function's process ended without an answer, such as one that is out of memory."""


class IndexUnreachable(EdgeliftError):  # noqa: N818 - the name of an event
    """A bulk request that brought no answer.

    Attributes:
        lost_answer: the answer that was lost on its way, if the index processed the request: a simulated
            fault knows it, a broken connection does not. The account counts documents in the index twice by
            it.

    """

    def __init__(self, message: str, lost_answer: BulkAnswer | None = None) -> None:
        super().__init__(message, lost_answer)
        self.lost_answer = lost_answer

    def __str__(self) -> str:
        return str(self.args[0])


class BackupRefused(EdgeliftError):  # noqa: N818 - the name of an event
    """An object that the backup did not store."""

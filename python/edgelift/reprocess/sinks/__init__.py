"""Sinks, one module each: a file, a folder, S3 and OpenSearch take documents, streams take records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edgelift.reprocess.object_progress import ObjectProgress

MOST_WORKERS: Final = 64
"""Threads that use a sink at once at most."""

Refuse = Callable[[bytes, bytes, int, str], object]
"""Takes what the destination refuses: the action of a document, or nothing for a record; the document or
record itself; the status; the reason in words."""


@dataclass(frozen=True, slots=True)
class Put:
    """The result that a sink confirms.

    Attributes:
        bytes_out: bytes of the object's documents, as stored there.
        end: bytes that the sink's one file has with them, or None if each object has its own.
        already_there: documents that were there before, and are kept.
        replaced: documents that replaced one.
        different: documents of `already_there` with another content, if they were compared.
        notes: notes on where the documents are now, in words.
        identity: what changes if somebody replaces the documents, for `Verifiable` sinks; or None.

    """

    bytes_out: int
    end: int | None = None
    already_there: int = 0
    replaced: int = 0
    different: int = 0
    notes: frozenset[str] = frozenset()
    identity: str | None = None


class Sink(Protocol):
    """Takes the documents of one object after the other.

    Attributes:
        in_order: whether objects have to come one at a time, in the order of the listing.
        is_service: whether it is a service, of which `begin` makes sure that it answers, and writes nothing.

    """

    in_order: bool
    is_service: bool

    def target(self, name: str) -> str | None:
        """Return the place of an object's output, or None if it has no own place."""

    def begin(self, end: int | None) -> None:
        """Prepare, for a new job or to resume after the ``end`` bytes that are confirmed.

        Raises:
            JobError: nothing can be written there.

        """

    def put(
        self, target: str | None, blocks: Iterable[bytes], refuse: Refuse, progress: ObjectProgress
    ) -> Put:
        """Write all blocks of an object, or nothing that looks like it; return when they are safe.

        A sink that knows single documents calls ``refuse`` for each that it cannot have. A sink
        that sends requests notes each answer in ``progress``, which also says whether the job is to end.

        Raises:
            ObjectError: it cannot be written for a reason of its own.
            JobError: nothing can be written.

        """

    def finish(self) -> None:
        """End the job: every object has been tried.

        Raises:
            JobError: it cannot be ended.

        """


class SinkState(Protocol):
    """Keeps values that a sink needs if its job is resumed."""

    def get(self, key: str, /) -> str | None:
        """Return a value, or None if there is none."""

    def __setitem__(self, key: str, value: str, /) -> None:
        """Keep a value, durably.

        Raises:
            JobError: it cannot be kept.

        """


@runtime_checkable
class Resumable(Protocol):
    """A sink that keeps values from one attempt of a job to the next."""

    state: SinkState


@runtime_checkable
class Verifiable(Protocol):
    """A sink whose documents another job may replace."""

    def is_unchanged(self, target: str | None, identity: str | None) -> bool:
        """Return true if the target still has what `Put.identity` is of.

        Raises:
            ObjectError: it cannot be examined.

        """


class Nothing:
    """Counts only."""

    in_order = False
    is_service = False

    def target(self, name: str) -> None:
        """Return None: nothing is written."""
        del name

    def begin(self, end: int | None) -> None:
        """Do nothing."""

    def put(
        self, target: str | None, blocks: Iterable[bytes], refuse: Refuse, progress: ObjectProgress
    ) -> Put:
        """Consume all blocks and count their bytes."""
        del target, refuse, progress
        return Put(sum(len(block) for block in blocks))

    def finish(self) -> None:
        """Do nothing."""

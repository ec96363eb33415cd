"""Objects that a caller names one by one, and keeps the journal of: S3 Batch Operations, Step Functions."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from edgelift.reprocess.errors import JobError, ObjectError, ReprocessError, UnusableObjectError, UsageError
from edgelift.reprocess.object_progress import ObjectProgress
from edgelift.reprocess.plan.job_plan import build_plan
from edgelift.reprocess.sinks.folder import Folder
from edgelift.reprocess.sinks.onefile import OneFile
from edgelift.reprocess.sources.s3 import S3
from edgelift.reprocess.tally import Tally
from edgelift.reprocess.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgelift.reprocess.objects import LogObject
    from edgelift.reprocess.plan.request import Request

Result = Literal["Succeeded", "TemporaryFailure", "PermanentFailure"]
"""Result codes of S3 Batch Operations."""

TIME_KEPT = 10.0
"""Seconds of the given time that are reserved for the last request and for the answer."""


_WANTED = "name s3://bucket/prefix"


@dataclass(frozen=True, slots=True)
class S3ObjectRef:
    """An object in S3, as somebody names it.

    Attributes:
        bucket: its bucket.
        keys: its key; several candidates if the key is ambiguous: the first that exists.
        version_id: its version, or None: the newest.

    """

    bucket: str
    keys: tuple[str, ...]
    version_id: str | None = None


@dataclass(frozen=True, slots=True)
class ObjectReport:
    """The result of one object.

    Attributes:
        result: whether all of it is where it belongs, or whether to try again.
        tally: what became of its records, or None if it is unknown.
        problem: what is wrong, in words, or None.
        first_failures: the first of its failed records, in words.
        is_final: true if the object is gone, not a log or damaged: no retry and no change of the
            configuration can make it succeed.

    """

    result: Result
    tally: Tally | None = None
    problem: str | None = None
    first_failures: tuple[str, ...] = ()
    is_final: bool = False


class ObjectProcessor:
    """Processes single objects into the destination of a request.

    Args:
        request: what is wanted, without a source.
        bytes_per_second: bytes of an object, as stored, that are surely processed per second.

    Raises:
        UsageError: it cannot be done.

    """

    def __init__(self, request: Request, bytes_per_second: int) -> None:
        if request.failed is not None and not request.failed.startswith("s3://"):
            raise UsageError(f"failed records would not outlive this machine in {request.failed}: {_WANTED}")
        pipeline = build_plan(request, resume=False).pipeline
        if isinstance(pipeline.sink, (Folder, OneFile)):
            raise UsageError(
                f"documents would not outlive this machine in {request.destination}: {_WANTED}, or an URL"
            )
        self._pipeline = pipeline
        self._rate = bytes_per_second
        self._begun = False

    def __call__(self, ref: S3ObjectRef, seconds_left: Callable[[], float], given: float) -> ObjectReport:
        """Process one object.

        Args:
            ref: the object.
            seconds_left: how long there is still time, for this object and for others after it.
            given: how long there was time at first.

        """
        try:
            return self._done(ref, seconds_left, given)
        except UnusableObjectError as error:
            return ObjectReport("PermanentFailure", problem=str(error), is_final=True)
        except (ObjectError, JobError) as error:
            return ObjectReport(
                "TemporaryFailure" if error.temporary else "PermanentFailure", problem=str(error)
            )
        except ReprocessError as error:
            return ObjectReport("PermanentFailure", problem=str(error))

    def _done(self, ref: S3ObjectRef, seconds_left: Callable[[], float], given: float) -> ObjectReport:
        wanted = self._stat(ref)
        if wanted.place.endswith("/") and not wanted.size:
            # It represents a folder; listings of prefixes leave such objects out.
            return ObjectReport("Succeeded", Tally())
        self._check_size(wanted, seconds_left(), given)
        if not self._begun:
            self._pipeline.sink.begin(None)
            self._begun = True
        clock = _Clock(wanted, seconds_left)
        # Nobody here sees that "a" and "a.gz" would become one. Targets lose this ending, and no other.
        target = self._pipeline.sink.target(f"{wanted.name}.gz")
        task = Task(1, wanted, target, is_retry=False)
        result = self._pipeline.process(task, clock)
        tally, problem = result.tally.check(), result.problem
        is_final = problem is not None
        if tally.failed and self._pipeline.failed is None:
            lost = (
                f"{tally.failed} of {tally.read} records failed, and nothing keeps them: set EDGELIFT_FAILED"
            )
            problem, is_final = f"{problem}; {lost}" if problem else lost, False
        outcome: Result = "PermanentFailure" if problem else "Succeeded"
        return ObjectReport(outcome, tally, problem, tuple(result.first_failures), is_final)

    def _stat(self, ref: S3ObjectRef) -> LogObject:
        first: ObjectError | None = None
        for key in ref.keys:
            place, name = f"s3://{ref.bucket}/{key}", f"{ref.bucket}/{key}"
            # Of two versions of an object both are logs.
            name = name if ref.version_id is None else f"{name}.{ref.version_id}"
            store = self._pipeline.stores.for_place(place)
            assert isinstance(store, S3)  # noqa: S101 - for the type
            try:
                return store.stat(place, name, ref.version_id)
            except ObjectError as error:
                # Without permission to list, a missing object is answered with 403.
                if error.temporary:
                    raise
                first = first or error
        raise first or ObjectError("it has no key")

    def _check_size(self, wanted: LogObject, seconds: float, given: float) -> None:
        size, most = wanted.size or 0, self._sure(seconds)
        if most < size <= self._sure(given):
            raise ObjectError(
                f"no time left for its {size:,} bytes after other objects: name fewer at once",
                temporary=True,
            )
        if size > most:
            raise ObjectError(
                f"too large: it has {size:,} bytes, of which {most:,} are sure to be done in the "
                f"{seconds:.0f} seconds left, at {self._rate:,} a second; give the function more time (900 "
                "seconds at most), set EDGELIFT_BYTES_PER_SECOND to what was seen, or run edgelift "
                "reprocess on a machine"
            )

    def _sure(self, seconds: float) -> int:
        return int(min(max(0, seconds - TIME_KEPT) * self._rate, sys.maxsize))


class _Clock(ObjectProgress):
    """The time for one object."""

    def __init__(self, wanted: LogObject, seconds_left: Callable[[], float]) -> None:
        super().__init__(self.is_late)
        self._size = wanted.size or 0
        self._seconds_left = seconds_left

    def is_late(self) -> bool:
        return self._seconds_left() < TIME_KEPT

    def on_bytes_read(self, count: int) -> None:
        """Take notice of bytes that were read, and end the object if there is no time for more.

        Raises:
            ObjectError: there is none.

        """
        super().on_bytes_read(count)
        if count and self.is_late():
            raise ObjectError(
                f"out of time after {self.bytes_read:,} of {self._size:,} bytes: give the function more "
                "time, or lower EDGELIFT_BYTES_PER_SECOND so that such an object is refused at once",
                temporary=True,
            )

"""A job: lists the objects, processes them with a bounded number of workers, and keeps the journal."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgelift.reprocess.error_objects.failures import TRUNCATED
from edgelift.reprocess.errors import JobError, ObjectError, UnreadableSourceError, UsageError
from edgelift.reprocess.object_progress import ObjectProgress
from edgelift.reprocess.objects import display_path
from edgelift.reprocess.sinks import Resumable, Verifiable
from edgelift.reprocess.task import Written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from edgelift.reprocess.journal.journal import Journal
    from edgelift.reprocess.objects import LogObject
    from edgelift.reprocess.pipeline import ObjectResult
    from edgelift.reprocess.plan.job_plan import JobPlan
    from edgelift.reprocess.tally import Tally
    from edgelift.reprocess.task import Task

GLANCE = 0.2
"""Seconds between two looks at how far the job is."""

PATIENCE = 5
"""Seconds that a job which is stopped waits for an answer, and for anything else that does not move."""

FIRST_FAILURES = 10
"""Failed records that are kept for people."""


@dataclass(slots=True)
class Progress:
    """The progress of a job.

    Attributes:
        objects: objects to be done; 0 until they are listed.
        bytes: their bytes, or None if the listing does not say.
        tried: objects done or failed.
        bytes_read: bytes read.
        read: records read, of objects that are done or being processed.
        failed: records that failed of these.
        running: objects that are being processed.
        done: objects that are done, by earlier attempts, too.
        records: records of `done`.
        left: objects that are not done.

    """

    objects: int = 0
    bytes: int | None = None
    tried: int = 0
    bytes_read: int = 0
    read: int = 0
    failed: int = 0
    running: int = 0
    done: int = 0
    records: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a job; the counts of its records are in the journal.

    Attributes:
        error: why it could not go on, or None.
        stopped: whether it was stopped before all was done.
        first_failures: the first failed records, in words.
        notes: notes of the sink on where the documents are now, in words.
        document_object: place of the first object that holds documents of edgelift, or None.
        was_complete: whether the job was complete before it was resumed.
        abandoned: places of objects of which nothing moved any more after the job was stopped; threads still
            wait for them, so that the process has to be ended.

    """

    error: str | None
    stopped: bool
    first_failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    document_object: str | None = None
    was_complete: bool = False
    abandoned: list[str] = field(default_factory=list)


class StoppedError(BaseException):
    """The job was stopped. Clients of servers catch each `Exception`, and some try again."""


class Job:
    """One job. `run` once; `stop` may be called at any time by the same thread, such as by a signal handler.

    Args:
        plan: what is to be done.
        journal: of the job.
        watch: is called with the progress, again and again.
        waiting: returns the context in which the job waits for the first answer of its destination.

    Attributes:
        progress: how far it is.

    """

    def __init__(
        self,
        plan: JobPlan,
        journal: Journal,
        watch: Callable[[Progress], object],
        waiting: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._plan = plan
        self._journal = journal
        self._watch = watch
        self._waiting = waiting
        self.progress = Progress()
        self._is_stopped = False
        self._stopped_at: float | None = None
        self._is_interruptible = False
        self._abandoned: list[str] = []
        self._error: str | None = None
        self._first_failures: list[str] = []
        self._notes: set[str] = set()
        self._document_object: str | None = None
        self._was_complete = False
        self._running: dict[Future[ObjectResult], tuple[Task, ObjectProgress]] = {}
        self._ended = ObjectProgress(self._stopped)
        self._pipeline = plan.pipeline

    def stop(self) -> None:
        """End as soon as the objects that are being processed are done, or do not move for `PATIENCE`.

        Raises:
            StoppedError: no object is being processed, and `run` ends at once by this exception.

        """
        self._stopped_at = time.monotonic()
        self._is_stopped = True
        if self._is_interruptible:
            raise StoppedError

    def run(self, *, resume: bool) -> Outcome:
        """Do all that is to be done.

        Raises:
            UsageError: it cannot be begun; nothing has been written.

        """
        sink, journal, has_begun = self._pipeline.sink, self._journal, False
        journal.begin(self._plan.settings, resume=resume)
        try:
            if sink.is_service:
                # Before the listing, which may take long.
                self._begin_sink(resume=resume)
            if not journal.is_listed:
                journal.list(self._listed())
            _, states = journal.totals()
            self._was_complete = resume and journal.is_finished and not states["to do"] + states["failed"]
            journal.reopen()
            if not any(states.values()):
                # Nothing replaces an output by nothing.
                journal.finish()
                journal.discard()
                return Outcome(None, stopped=False)
            if not sink.is_service:
                self._begin_sink(resume=resume)
            has_begun = True
            self._begin_progress()
            self._do_all()
            if not self._is_stopped:
                sink.finish()
                journal.finish()
                self._delete_sources()
        except UsageError:
            journal.discard()
            raise
        except JobError as error:
            self._error = self._error or str(error)
            if not has_begun:
                # No object has been read: the corrected job is another one, which this journal would refuse.
                journal.discard()
        except StoppedError:
            # If the objects were being listed, the next attempt lists them again.
            pass
        stopped = self._is_stopped and not self._error
        return Outcome(
            self._error,
            stopped,
            self._first_failures,
            sorted(self._notes),
            self._document_object,
            self._was_complete,
            self._abandoned,
        )

    def _begin_sink(self, *, resume: bool) -> None:
        sink = self._pipeline.sink
        if isinstance(sink, Resumable):
            sink.state = self._journal.sink_state
        with self._waiting(), self._interruptible():
            sink.begin(self._journal.end if resume else None)

    def _stopped(self) -> bool:
        return self._is_stopped

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Let `stop` end the block, in which this thread waits for servers."""
        if self._is_stopped:
            raise StoppedError
        self._is_interruptible = True
        try:
            yield
        finally:
            self._is_interruptible = False

    def _listed(self) -> Iterator[tuple[LogObject, str | None]]:
        """Yield each object with its target."""
        objects = iter(self._plan.objects)
        while True:
            # Not while the journal takes it.
            with self._interruptible():
                listed = next(objects, None)
            if listed is None:
                return
            target = self._pipeline.sink.target(listed.name)
            if target is not None and self._plan.protected is not None:
                self._plan.protected.check(target)
            yield listed, target

    def _begin_progress(self) -> None:
        tally, states = self._journal.totals()
        self.progress.objects = states["to do"] + states["failed"]
        self.progress.bytes = self._journal.bytes_to_do
        self.progress.done, self.progress.records = states["done"], tally.read
        self.progress.left = self.progress.objects + states["refused"]

    def _do_all(self) -> None:
        workers = 1 if self._pipeline.sink.in_order else self._plan.workers
        pool = ThreadPoolExecutor(workers, "edgelift-work")
        try:
            for task in self._journal.tasks():
                if self._is_stopped:
                    break
                progress = ObjectProgress(self._stopped)
                self._running[pool.submit(self._pipeline.process, task, progress)] = task, progress
                while len(self._running) == workers:
                    self._collect()
            while self._running:
                self._collect()
        except BaseException:
            self._is_stopped = True
            raise
        finally:
            pool.shutdown(wait=not self._abandoned)

    def _collect(self) -> None:
        """Wait a while for objects to be done, and note them."""
        done, _ = wait(self._running, GLANCE, FIRST_COMPLETED)
        for future in done:
            task, progress = self._running.pop(future)
            self._ended.bytes_read += progress.bytes_read
            self._note(task, future)
        if self._stopped_at is not None:
            self._abandon(self._stopped_at)
        self._show_progress()

    def _abandon(self, stopped_at: float) -> None:
        """Wait no longer for objects that have not moved for `PATIENCE`."""
        last = time.monotonic() - PATIENCE
        for future, (task, progress) in list(self._running.items()):
            if max(stopped_at, progress.last_move) < last:
                del self._running[future]
                self._abandoned.append(display_path(task.object.place))

    def _show_progress(self) -> None:
        parts = [self._ended, *(progress for _, progress in self._running.values())]
        self.progress.bytes_read = sum(part.bytes_read for part in parts)
        self.progress.read = sum(part.read for part in parts)
        self.progress.failed = sum(part.failed for part in parts)
        self.progress.running = len(self._running)
        self._watch(self.progress)

    def _note(self, task: Task, future: Future[ObjectResult]) -> None:
        self.progress.tried += 1
        try:
            result = future.result()
        except ObjectError as error:
            self._journal.failed(task, str(error))
        except JobError as error:
            # The others end what they have begun, if they can.
            is_of_object = isinstance(error, UnreadableSourceError)
            place = f"{display_path(task.object.place)}: " if is_of_object else ""
            self._error = self._error or f"{place}{error}"
            self._is_stopped = True
        else:
            written = Written(result.identity, result.failed_identity)
            self._journal.done(
                result.task, result.tally, problem=result.problem, end=result.end, written=written
            )
            self._ended.read += result.tally.read
            self._ended.failed += result.tally.failed
            self.progress.done += 1
            self.progress.left -= 1
            self.progress.records += result.tally.read
            self._notes |= result.notes
            if result.has_documents and self._document_object is None:
                self._document_object = display_path(result.task.object.place)
            self._first_failures += result.first_failures[: FIRST_FAILURES - len(self._first_failures)]

    def _delete_sources(self) -> None:
        if not self._pipeline.delete_source:
            return
        for task, tally, written in self._journal.undeleted():
            if self._is_stopped:
                return
            if self._is_kept_elsewhere(tally):
                try:
                    with self._interruptible():
                        self._check_written(task, written, has_failures=bool(tally.failed))
                        self._pipeline.stores.for_place(task.object.place).delete(task.object)
                except ObjectError as error:
                    self._journal.deleted(task, str(error))
                else:
                    self._journal.deleted(task, None)

    def _check_written(self, task: Task, written: Written, *, has_failures: bool) -> None:
        """Make sure that no other job has replaced what an object has become."""
        sink, failed, problem = self._pipeline.sink, self._pipeline.failed, None
        try:
            if isinstance(sink, Verifiable) and not sink.is_unchanged(task.target, written.documents):
                problem = (
                    f"{display_path(task.target or 'the destination')} has been replaced since it was written"
                )
            elif has_failures and failed and not failed.is_unchanged(task.object.name, written.failed):
                problem = "its failed records have been replaced since they were written"
        except ObjectError as error:
            problem = str(error)
        if problem:
            raise ObjectError(f"not deleted: {problem}")

    def _is_kept_elsewhere(self, tally: Tally) -> bool:
        # The error object has only the beginning of a record that is too large.
        whole = self._pipeline.failed is not None and not tally.by_reason.get(TRUNCATED)
        return not tally.failed or whole

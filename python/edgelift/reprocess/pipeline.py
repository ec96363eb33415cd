"""The pipeline of one object: prefetch, decompress, transform, compress, write to the sink."""

from __future__ import annotations

import dataclasses
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgelift.inputs.content import content
from edgelift.inputs.damage import CostlyFile, DamagedFile
from edgelift.inputs.detect import accept_columns, transformed
from edgelift.inputs.errors import CopyError, MalformedLogError, NoLogError, UnnamedError, UnreadableError
from edgelift.inputs.limits import Limits
from edgelift.inputs.prefetch import prefetched
from edgelift.reprocess.error_objects.failures import Failures
from edgelift.reprocess.errors import ObjectError, UnusableObjectError
from edgelift.reprocess.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from edgelift._core import Counts, Stream
    from edgelift.inputs.detect import CheckColumns
    from edgelift.reprocess.error_objects import ErrorObjectStore
    from edgelift.reprocess.object_progress import ObjectProgress
    from edgelift.reprocess.sinks import Sink
    from edgelift.reprocess.sources.stores import Stores
    from edgelift.reprocess.task import Task


@dataclass(frozen=True, slots=True)
class ObjectResult:
    """An object whose documents the sink has confirmed.

    Attributes:
        task: the object, with the version that has been read.
        tally: what became of its records.
        problem: what is wrong with it though it is done, such as damaged gzip; or None.
        end: bytes that the sink's one file has after it, or None.
        first_failures: the first of its failures, in words.
        notes: notes of the sink on where the documents are.
        identity: what changes if somebody replaces the documents, or None.
        failed_identity: the same of the error object, or None.
        has_documents: whether it holds documents of edgelift.

    """

    task: Task
    tally: Tally
    problem: str | None
    end: int | None
    first_failures: list[str]
    notes: frozenset[str]
    identity: str | None
    failed_identity: str | None
    has_documents: bool


@dataclass(frozen=True)
class Pipeline:
    """The pipeline that every object passes through; any number of threads may share one.

    Attributes:
        stream: begins the stream of an object.
        stores: the stores of the objects.
        sink: where the documents go.
        pack: packs the documents of an object.
        failed: where error objects go, or None.
        columns_known: whether the columns of rows are configured.
        input_format: the format of the configuration.
        delete_source: whether objects are deleted that are done.
        limits: those of each object.
        check_columns: looks at the columns of each log.
        configuration: the configuration for messages, or None.

    """

    stream: Callable[[], Stream]
    stores: Stores
    sink: Sink
    pack: Callable[[Iterable[bytes]], Generator[bytes]]
    failed: ErrorObjectStore | None
    columns_known: bool = True
    input_format: str = "auto"
    delete_source: bool = False
    limits: Limits = field(default_factory=Limits)
    check_columns: CheckColumns = accept_columns
    configuration: str | None = None

    def process(self, task: Task, progress: ObjectProgress) -> ObjectResult:
        """Take an object from its store to the sink, all of it or nothing.

        Args:
            task: the object.
            progress: notes how far it is, and says whether the job is to end.

        Raises:
            ObjectError: it cannot be read or written, or is not a log.
            JobError: nothing can be read or written.

        """
        if task.is_retry or (self.delete_source and task.object.version is None):
            # It failed, perhaps because it had changed since it was listed; or a list said its name only, and
            # what is deleted must be what was read.
            wanted = self.stores.for_place(task.object.place).stat(task.object.place, task.object.name)
            task = dataclasses.replace(task, object=wanted)
        with Failures(task.object, self.failed, self.input_format) as failures:
            reader = _ObjectReader(self, task, failures, progress)
            with closing(reader.documents()) as documents:
                packed = self.pack(documents)
                put = self.sink.put(task.target, packed, failures.refuse, progress)
            # In this order: an error object that is written a second time is only replaced.
            failures.commit()
        tally = Tally.from_counts(reader.counts, put, refused=failures.refused, bytes_in=reader.bytes_in)
        return ObjectResult(
            task,
            tally,
            reader.problem,
            put.end,
            failures.first,
            put.notes,
            put.identity,
            failures.identity,
            failures.has_documents,
        )


class _ObjectReader:
    """Reads one object and transforms it."""

    def __init__(
        self,
        pipeline: Pipeline,
        task: Task,
        failures: Failures,
        progress: ObjectProgress,
    ) -> None:
        self.bytes_in = 0
        self.problem: str | None = None
        self._pipeline = pipeline
        self._object = task.object
        self._failures = failures
        self._progress = progress
        self._stream = pipeline.stream()

    @property
    def counts(self) -> Counts:
        return self._stream.counts

    def documents(self) -> Generator[bytes]:
        try:
            with closing(prefetched(self._content())) as blocks:
                pipeline = self._pipeline
                for _, lines in transformed(
                    self._stream,
                    blocks,
                    columns_known=pipeline.columns_known,
                    check_columns=pipeline.check_columns,
                ):
                    self._progress.on_counts(self._stream.counts)
                    if lines.failures:
                        self._failures.take(lines.failures)
                    if lines.output:
                        yield lines.output
                    # The failures of two blocks need not exist at once.
                    del lines
        except CostlyFile as error:
            # It may be whole, so nothing of it is written, and a job that allows more can do it.
            raise ObjectError(f"it {error}") from None
        except DamagedFile as damage:
            self.problem = str(damage)
        except CopyError as error:
            raise ObjectError(str(error)) from None
        except UnreadableError as error:
            raise ObjectError(f"it is {error.what}") from None
        except NoLogError as error:
            raise _to_object_error(error) from None
        except UnnamedError as error:
            raise ObjectError(f"it is {error.describe(self._pipeline.configuration)}") from None

    def _content(self) -> Generator[bytes]:
        store = self._pipeline.stores.for_place(self._object.place)
        with closing(store.read(self._object, self._progress.stopped)) as blocks:

            def read() -> bytes:
                block = next(blocks, b"")
                self.bytes_in += len(block)
                self._progress.on_bytes_read(len(block))
                return block

            yield from content(read, self._pipeline.limits)


def _to_object_error(error: NoLogError) -> ObjectError:
    # A malformed log holds records, so a caller that gives up on what is not a log keeps it.
    kind = ObjectError if isinstance(error, MalformedLogError) else UnusableObjectError
    return kind(f"it is {error.problem}")

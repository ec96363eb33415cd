"""The way of one object: read ahead and unpacked, transformed, packed, and put into the sink."""

from __future__ import annotations

import dataclasses
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgelift.damage import CostlyFile, DamagedFile
from edgelift.inputs.content import transformed
from edgelift.inputs.errors import NoLogError, UnnamedError
from edgelift.inputs.limits import Limits
from edgelift.reprocess.ahead import read_ahead
from edgelift.reprocess.content import content
from edgelift.reprocess.errors import ObjectError
from edgelift.reprocess.failed import Failures
from edgelift.reprocess.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from edgelift._core import Counts, Stream
    from edgelift.reprocess.failed import FailedPlace
    from edgelift.reprocess.sinks import Sink
    from edgelift.reprocess.sources import Stopped, Stores
    from edgelift.reprocess.task import Task


@dataclass(frozen=True, slots=True)
class Passed:
    """An object whose documents the sink has confirmed.

    Attributes:
        task: the object, with the version that has been read.
        tally: what became of its records.
        problem: what is wrong with it all the same, or None.
        end: bytes that the sink's one file has with it, or None.
        first_failures: the first of its failures, in words.
        notes: what the sink says about where its documents lie.
        identity: what changes if somebody replaces the documents, or None.
        failed_identity: the same of the error object, or None.

    """

    task: Task
    tally: Tally
    problem: str | None
    end: int | None
    first_failures: list[str]
    notes: frozenset[str]
    identity: str | None
    failed_identity: str | None


@dataclass(frozen=True)
class Passage:
    """What all objects pass through; any number of threads may use one.

    Attributes:
        stream: begins the stream of an object.
        stores: where the objects lie.
        sink: where the documents go.
        pack: packs the documents of an object.
        failed: where error objects go, or None.
        stopped: whether the job is to end.
        moved: is called with each number of bytes read, from any thread.
        named: whether somebody said what the columns of rows are.
        deletes: whether objects are deleted when they are done.
        limits: those of each object.

    """

    stream: Callable[[], Stream]
    stores: Stores
    sink: Sink
    pack: Callable[[Iterable[bytes]], Generator[bytes]]
    failed: FailedPlace | None
    stopped: Stopped
    moved: Callable[[int], object]
    named: bool = True
    deletes: bool = False
    limits: Limits = field(default_factory=Limits)

    def __call__(self, task: Task) -> Passed:
        """Take an object from where it lies to the sink, all of it or nothing.

        Raises:
            ObjectError: it cannot be read or written, or is no log.
            JobError: nothing can be read or written.

        """
        if task.again or (self.deletes and task.object.version is None):
            # It failed, perhaps because it had changed since it was listed; or a list said its name only, and
            # what is deleted must be what was read.
            wanted = self.stores.of(task.object.place).look(task.object.place, task.object.name)
            task = dataclasses.replace(task, object=wanted)
        with Failures(task.object, self.failed) as failures:
            way = _Way(self, task, failures)
            with closing(way.documents()) as documents:
                packed = self.pack(documents)
                put = self.sink.put(task.target, packed, failures.refuse, self.stopped)
            # In this order: what fails a second time is only replaced.
            failures.commit()
        tally = Tally.of(way.counts, put, refused=failures.refused, bytes_in=way.bytes_in)
        return Passed(
            task, tally, way.problem, put.end, failures.first, put.notes, put.identity, failures.identity
        )


class _Way:
    """One object on its way."""

    def __init__(self, passage: Passage, task: Task, failures: Failures) -> None:
        self.bytes_in = 0
        self.problem: str | None = None
        self._passage = passage
        self._object = task.object
        self._failures = failures
        self._stream = passage.stream()

    @property
    def counts(self) -> Counts:
        return self._stream.counts

    def documents(self) -> Generator[bytes]:
        try:
            with closing(read_ahead(self._content())) as blocks:
                for _, lines in transformed(self._stream, blocks, named=self._passage.named):
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
        except NoLogError as error:
            raise ObjectError(f"it is {error.what}, no log of CloudFront") from None
        except UnnamedError as error:
            raise ObjectError(
                f"it is {error.what}, and nothing says what the columns are: --fields or --config names them"
            ) from None

    def _content(self) -> Generator[bytes]:
        store = self._passage.stores.of(self._object.place)
        with closing(store.read(self._object, self._passage.stopped)) as blocks:

            def read() -> bytes:
                block = next(blocks, b"")
                self.bytes_in += len(block)
                self._passage.moved(len(block))
                return block

            yield from content(read, self._passage.limits)

"""Parts of one input, transformed by several threads at the same time; their results come in order.

The threads are Python's: the engine works on a part without the GIL, so engine and binding need no threads,
and an error or a signal ends a job as it does without them. A part is a block, which stays in the cache of a
core; larger ones take more time, since their documents are written to fresh pages. The caller's thread reads,
decompresses and writes.
"""

from __future__ import annotations

import os
import select
import signal
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from edgelift._core import count_lines
from edgelift.inputs.content import BLOCK

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from concurrent.futures import Future, ThreadPoolExecutor

    from edgelift._core import Stream, TransformResult

    Results = Generator[tuple[int, TransformResult]]

MANY_FAILURES: Final = 1000
"""Failures of a part after which the next ones come one at a time: they take a hundred times the memory of
documents."""


class Workers:
    """Threads that transform parts of inputs.

    Memory is bounded by a part for each of them and one more, with its results.

    Args:
        jobs: number of threads.

    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._pool: ThreadPoolExecutor | None = None
        self._wake: tuple[int, int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
        for descriptor in self._wake or ():
            os.close(descriptor)

    def reading(self, stream: Stream, waits_on: int | None) -> Callable[[Iterator[bytes]], Results]:
        """Return `transformed` for content that is read from a pipe, or does not wait for a writer.

        Args:
            stream: that of the content.
            waits_on: descriptor of the pipe, or None. While nothing arrives, what has been read is
                transformed and yielded.

        """
        return partial(self.transformed, stream, waits_on=waits_on)

    def transformed(self, stream: Stream, blocks: Iterator[bytes], waits_on: int | None = None) -> Results:
        """Yield the bytes and the results of parts of some content, in its order.

        Args:
            stream: that of the content, which has been fed with its beginning.
            blocks: the rest of the content, unpacked. An empty block begins the next file of an archive.
            waits_on: as for `reading`.

        Raises:
            Exception: as ``blocks``, when all results of the blocks before have been yielded.

        """
        parts, read = _Parts(stream, self), _Lines()
        # Before the first part: it reports there that it is done.
        awakened = -1 if waits_on is None else self._awakened()
        while True:
            try:
                if waits_on is not None and not _is_readable(waits_on):
                    yield from parts.add(read.whole())
                    yield from parts.until_readable(waits_on, awakened)
                block = next(blocks, None)
            except Exception:
                yield from parts.feed(read.all())
                raise
            if not block:
                yield from parts.feed(read.all())
                if block is None:
                    return
                yield 0, stream.begin_file()
                continue
            read.add(block)
            if read.size >= BLOCK:
                yield from parts.add(read.whole())
                if read.size >= BLOCK:
                    # The stream keeps only what it needs of a line that is too large.
                    yield from parts.feed(read.all())

    def submit(self, fork: Stream, lines: bytes) -> Future[TransformResult]:
        """Let a thread transform lines."""
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor  # 8 ms

            self._pool = ThreadPoolExecutor(self.jobs, "edgelift-transform", initializer=_block_signals)
        future = self._pool.submit(fork.feed, lines)
        if self._wake:
            future.add_done_callback(self._on_done)
        return future

    def _awakened(self) -> int:
        """Return the descriptor that can be read once a part is done."""
        if self._wake is None:
            self._wake = os.pipe()
            for descriptor in self._wake:
                os.set_blocking(descriptor, False)
        return self._wake[0]

    def _on_done(self, _: object) -> None:
        if self._wake:
            try:
                os.write(self._wake[1], b"\0")
            except BlockingIOError:
                return


def _block_signals() -> None:
    # They must interrupt the thread that waits, which handles them, and not while it holds them back.
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


def _is_readable(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], 0)[0])


class _Lines:
    """Blocks that have been read and belong to no part yet.

    Attributes:
        size: their bytes.

    """

    def __init__(self) -> None:
        self.size = 0
        self._blocks: list[bytes] = []

    def add(self, block: bytes) -> None:
        """Add the next block."""
        self._blocks.append(block)
        self.size += len(block)

    def all(self) -> bytes:
        """Take everything."""
        data = b"".join(self._blocks)
        self._blocks, self.size = [], 0
        return data

    def whole(self) -> bytes:
        """Take the lines that are whole."""
        data = self.all()
        end = data.rfind(b"\n") + 1
        if end < len(data):
            self.add(data[end:])
        return data[:end]


class _Part(NamedTuple):
    fork: Stream
    data: bytes
    lines: int
    future: Future[TransformResult]


class _Parts:
    """The parts of one input that have been begun and not yielded."""

    def __init__(self, stream: Stream, workers: Workers) -> None:
        self._stream = stream
        self._workers = workers
        self._parts: deque[_Part] = deque()
        self._free: list[Stream] = []
        self._most = 1

    def add(self, data: bytes) -> Results:
        """Begin a part of whole lines as soon as there is room for it; yield the results before it."""
        if not data:
            return
        while len(self._parts) >= self._most:
            yield from self._first()
        lines, size = sum(part.lines for part in self._parts), sum(len(part.data) for part in self._parts)
        fork = self._stream.fork(lines, size, self._free.pop() if self._free else None)
        if fork is None:
            yield from self.feed(data)
        else:
            count = count_lines(data)
            self._parts.append(_Part(fork, data, count, self._workers.submit(fork, data)))

    def feed(self, data: bytes) -> Results:
        """Yield the results of all parts; then those of bytes that follow, which need not be whole lines."""
        while self._parts:
            yield from self._first()
        if data:
            yield len(data), self._stream.feed(data)

    def until_readable(self, descriptor: int, awakened: int) -> Results:
        """Yield results until a pipe has something, or all parts are done."""
        while self._parts:
            ready = select.select([descriptor, awakened], [], [])[0]
            if awakened in ready:
                os.read(awakened, 1024)
            while self._parts and self._parts[0].future.done():
                yield from self._first()
            if descriptor in ready:
                return

    def _first(self) -> Results:
        """Yield the results of the first part, and those of all others if it changes how they are read."""
        part = self._parts[0]
        result = part.future.result()
        self._parts.popleft()
        is_valid = self._stream.join(part.fork)
        self._free.append(part.fork)
        has_few = len(result.failures) < MANY_FAILURES
        self._most = min(self._most + 1, self._workers.jobs + 1) if is_valid and has_few else 1
        yield len(part.data), result
        # The failures of two parts need not exist at once.
        del result
        if not is_valid:
            void = [other.data for other in self._parts]
            self._parts.clear()
            for data in void:
                yield len(data), self._stream.feed(data)

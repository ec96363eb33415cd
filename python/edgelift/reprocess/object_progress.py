"""The progress of one object while it is processed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgelift._core import Counts
    from edgelift.reprocess.stopped import Stopped


class ObjectProgress:
    """The progress of one object: the threads that process it note it, and any other may read it.

    Attributes:
        stopped: returns true if the job is to end.
        bytes_read: bytes read so far.
        read: records transformed so far.
        failed: records that failed so far.
        last_move: when bytes were read, records transformed or a request answered, by `time.monotonic`.

    """

    def __init__(self, stopped: Stopped) -> None:
        self.stopped = stopped
        self.bytes_read = self.read = self.failed = 0
        self.last_move = time.monotonic()

    def on_bytes_read(self, count: int) -> None:
        """Note bytes that were read; one thread reads an object."""
        self.bytes_read += count
        self.on_move()

    def on_counts(self, counts: Counts) -> None:
        """Note the counts of the records so far."""
        self.read, self.failed = counts.read, counts.failed
        self.on_move()

    def on_move(self, *_: object) -> None:
        """Note that the destination has answered or taken something."""
        self.last_move = time.monotonic()

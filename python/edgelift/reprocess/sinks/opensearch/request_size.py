"""The size of requests to a server that says no more than "too large" (413)."""

from __future__ import annotations

import sys
import threading
from typing import Final

SUCCESSES: Final = 16
"""Requests near the limit that the server takes before a larger one is tried."""

MOST_SUCCESSES: Final = 1024
"""The same after larger ones were refused several times: each time twice as many are needed, up to these."""


class RequestSize:
    """The limit on the bytes of a request, for all threads of a job.

    A refusal halves it. After some successes it grows by a quarter, until it is what it was at first. If
    the server refuses the larger size, the one that is known to pass is the limit again, and the next
    attempt needs more successes. So a server that is small for a while costs little, and one that stays
    small is rarely sent what it refuses.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._limit = sys.maxsize
        self._known = sys.maxsize
        self._original = 0
        self._successes = 0
        self._needed = SUCCESSES

    @property
    def limit(self) -> int:
        """Bytes that a request of several documents may have."""
        return self._limit

    def refused(self, size: int) -> None:
        """Lower the limit: a request of so many bytes was too large."""
        with self._lock:
            self._successes = 0
            if size <= self._known:
                self._original = max(size, self._original)
                self._limit = self._known = size // 2
            elif self._limit > self._known:
                self._limit = self._known
                self._needed = min(2 * self._needed, MOST_SUCCESSES)
            # Else it was on its way when the limit fell.

    def taken(self, size: int) -> None:
        """Note that the server took a request of so many bytes, and let the limit grow if it is time."""
        with self._lock:
            if self._limit == sys.maxsize and size <= self._known:
                return
            if size > self._known:
                self._known, self._needed = self._limit, SUCCESSES
            # Small ones, as of small objects, say nothing of larger ones.
            self._successes += size > self._limit // 2
            if self._successes >= self._needed and self._limit == self._known:
                self._successes = 0
                grown = self._limit + self._limit // 4 + 1
                self._limit = grown if grown < self._original else sys.maxsize

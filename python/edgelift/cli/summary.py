"""The line at the end: what came in and where it went."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from edgelift._core import REASONS

if TYPE_CHECKING:
    from edgelift._core import Counts


class Totals:
    """Counts of all inputs together.

    Attributes:
        bytes_in: bytes of log lines, after gzip has been taken off.

    """

    def __init__(self) -> None:
        self.bytes_in = 0
        self.failed = 0
        self._counts: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._began = time.perf_counter()

    def add(self, counts: Counts) -> None:
        """Add what became of one input.

        Raises:
            RuntimeError: a record went missing on its way, which is a defect of edgelift.

        """
        if counts.read != counts.ok + counts.dropped + counts.failed:
            raise RuntimeError(f"edgelift lost count of its records, please report it: {counts!r}")
        for name in ("read", "ok", "dropped", "failed", "blank"):
            self._counts[name] += getattr(counts, name)
        self._reasons.update(counts.by_reason)
        self.failed += counts.failed

    def words(self) -> str:
        """Return the counts so far."""
        count = self._counts
        return (
            f"{count['read']} records: {count['ok']} ok, {count['dropped']} dropped, {count['failed']} failed"
        )

    def line(self, bytes_out: int) -> str:
        """Make the summary; ``bytes_out`` is the size of the documents written."""
        count = self._counts
        reasons = ", ".join(f"{code} {self._reasons[code]}" for code in REASONS if self._reasons[code])
        failed = f"{count['failed']} ({reasons})" if reasons else f"{count['failed']}"
        return (
            f"read {count['read']}, ok {count['ok']}, dropped {count['dropped']}, failed {failed}, "
            f"blank {count['blank']}; bytes {self.bytes_in} in, {bytes_out} out; "
            f"{time.perf_counter() - self._began:.2f} seconds"
        )

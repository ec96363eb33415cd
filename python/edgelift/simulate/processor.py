"""Invokes the function with batches of records: a limited number at once, and again without an answer."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edgelift.simulate.error_objects import Attempts
from edgelift.simulate.invocation import FUNCTION_ERROR, LONGEST_INVOCATION, all_failed, check_answer, invoke
from edgelift.simulate.ports import FunctionFailed, FunctionTimedOut

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edgelift.simulate.invocation import Checked, Event
    from edgelift.simulate.ports import Function, SourceRecord
    from edgelift.simulate.run import Run

INVOCATIONS_PER_SHARD: Final = 5
"""Source: Firehose Developer Guide, "Amazon Data Firehose quota", of a Kinesis stream as the source."""

RETRY_SECONDS: Final = 1.0
"""Seconds between an invocation that failed and the next. Not documented."""


@dataclass(frozen=True, slots=True)
class Processed:
    """The end of a batch.

    Attributes:
        checked: what became of its records.
        attempts: invocations.

    """

    checked: Checked
    attempts: Attempts


class Processor:
    """Invokes a function with batches.

    Source: Firehose Developer Guide, "Handle failure in data transformation", and what others measured on AWS
    (floci PR 3393): a function that raises, times out or is throttled is invoked again, ``NumberOfRetries``
    times, and then all records of the batch fail with ``Lambda.FunctionError``. An answer is final, however
    wrong it is. Whether batches of several shards wait for one another is not documented: here the limit is
    that of all shards together.

    Args:
        run: the clock, the settings and the ledger.
        function: the function.
        event: builds the event of a batch.
        done: takes the end of each batch.

    """

    def __init__(
        self,
        run: Run,
        function: Function,
        event: Callable[[Sequence[SourceRecord]], Event],
        done: Callable[[Processed], None],
    ) -> None:
        self._run = run
        self._function = function
        self._event = event
        self._done = done
        self._waiting: deque[Sequence[SourceRecord]] = deque()
        self._running = 0
        self._limit = run.settings.shards * INVOCATIONS_PER_SHARD

    @property
    def waiting(self) -> int:
        """Number of batches that wait for their first invocation."""
        return len(self._waiting)

    def take(self, records: Sequence[SourceRecord]) -> None:
        """Take a batch; it waits while as many invocations run as may."""
        self._waiting.append(records)
        self._start()

    def _start(self) -> None:
        while self._waiting and self._running < self._limit:
            self._running += 1
            records = self._waiting.popleft()
            self._attempt(records, self._event(records), 1)

    def _attempt(self, records: Sequence[SourceRecord], event: Event, attempt: int) -> None:
        """Invoke the function now; its answer comes when its time is over."""
        settings, ledger = self._run.settings, self._run.ledger
        ledger.counts["invocations"] += 1
        seconds = settings.function_seconds
        answer: bytes | FunctionFailed
        try:
            answer = invoke(self._function, event.body, timeout=settings.timeout)
        except FunctionFailed as error:
            answer = error
            if isinstance(error, FunctionTimedOut):
                seconds = min(settings.timeout, LONGEST_INVOCATION)
        self._run.clock.after(seconds, lambda: self._answered(records, event, attempt, answer))

    def _answered(
        self, records: Sequence[SourceRecord], event: Event, attempt: int, answer: bytes | FunctionFailed
    ) -> None:
        if isinstance(answer, bytes):
            checked = check_answer(records, event.record_ids, answer)
        else:
            self._run.ledger.fail_invocation(answer)
            if attempt <= self._run.settings.retries:
                self._run.clock.after(RETRY_SECONDS, lambda: self._attempt(records, event, attempt + 1))
                return
            checked = all_failed(records, FUNCTION_ERROR)
        self._running -= 1
        self._done(Processed(checked, Attempts(attempt, self._run.clock.milliseconds)))
        self._start()

"""The virtual clock: events in the order of their times, without waiting."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Timer:
    """One scheduled event; `cancel` drops it."""

    __slots__ = ("action",)

    def __init__(self, action: Callable[[], None]) -> None:
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Drop the event if it has not happened yet."""
        self.action = None


class Clock:
    """Virtual time in seconds since 1970 UTC, which goes from event to event.

    Events of the same time happen in the order in which they were scheduled.

    Args:
        now: the time at which it starts.

    Attributes:
        now: the current time.
        on_advance: is called with each later time before the clock goes there: to show progress, or to let
            real time pass.

    """

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self.on_advance: Callable[[float], None] | None = None
        self._events: list[tuple[float, int, Timer]] = []
        self._scheduled = 0

    @property
    def milliseconds(self) -> int:
        """The current time in milliseconds since 1970, as AWS writes timestamps."""
        return round(self.now * 1000)

    def at(self, when: float, action: Callable[[], None]) -> Timer:
        """Schedule an event; a time that is over means now."""
        timer = Timer(action)
        heapq.heappush(self._events, (max(when, self.now), self._scheduled, timer))
        self._scheduled += 1
        return timer

    def after(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Schedule an event some seconds from now."""
        return self.at(self.now + seconds, action)

    def run(self) -> None:
        """Let events happen until none is left."""
        while self._events:
            when, _, timer = heapq.heappop(self._events)
            if timer.action is None:
                continue
            if when > self.now:
                if self.on_advance:
                    self.on_advance(when)
                self.now = when
            timer.action()

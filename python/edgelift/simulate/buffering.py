"""Buffers that are emptied by size and by time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from edgelift.simulate.clock import Clock, Timer

MIB: Final = 1 << 20
"""Bytes of what AWS calls an MB of a buffering hint."""

Item = TypeVar("Item")


class Buffer(Generic[Item]):
    """Collects items until they are as large, or as old, as they may be, and hands them on.

    Source: Firehose Developer Guide, "Configure buffering hints": a buffer is delivered when its size or its
    interval is reached, whichever happens first; an interval of 0 is allowed. AWS calls both hints and does
    not say whether a buffer may exceed its size: here it does only for an item that is larger.

    Args:
        clock: the time of the interval, which starts with the first item.
        size: bytes that it holds.
        interval: seconds that the first item may wait.
        size_of: returns the bytes of an item.
        deliver: takes the items.

    """

    def __init__(
        self,
        clock: Clock,
        *,
        size: float,
        interval: float,
        size_of: Callable[[Item], int],
        deliver: Callable[[list[Item]], None],
    ) -> None:
        self._clock = clock
        self._capacity = size
        self._interval = interval
        self._size_of = size_of
        self._deliver = deliver
        self._items: list[Item] = []
        self._size = 0
        self._timer: Timer | None = None

    def add(self, items: Iterable[Item]) -> None:
        """Add items."""
        buffered, size, capacity = self._items, self._size, self._capacity
        size_of = self._size_of
        for item in items:
            grown = size + size_of(item)
            if grown > capacity and buffered:
                self.flush()
                buffered, grown = self._items, size_of(item)
            buffered.append(item)
            size = self._size = grown
            if size >= capacity:
                self.flush()
                buffered, size = self._items, 0
        if buffered and self._timer is None:
            self._timer = self._clock.after(self._interval, self.flush)

    def flush(self) -> None:
        """Hand on what there is."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        items, self._items, self._size = self._items, [], 0
        if items:
            self._deliver(items)

"""Buffers that are emptied by size and by time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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

    def add(self, items: Sequence[Item]) -> None:
        """Add items."""
        sizes = list(map(self._size_of, items))
        total = self._size + sum(sizes)
        if total < self._capacity:
            self._items += items
            self._size = total
        else:
            for item, size in zip(items, sizes, strict=True):
                if self._items and self._size + size > self._capacity:
                    self.flush()
                self._items.append(item)
                self._size += size
                if self._size >= self._capacity:
                    self.flush()
        if self._items and self._timer is None:
            self._timer = self._clock.after(self._interval, self.flush)

    def flush(self) -> None:
        """Hand on what there is."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        items, self._items, self._size = self._items, [], 0
        if items:
            self._deliver(items)

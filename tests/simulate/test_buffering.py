from __future__ import annotations

import pytest

from edgelift.simulate.buffering import Buffer
from edgelift.simulate.clock import Clock

Delivered = list[tuple[float, list[str]]]


def buffer_of(*, size: float = 10, interval: float = 60) -> tuple[Clock, Buffer[str], Delivered]:
    clock, delivered = Clock(), list[tuple[float, list[str]]]()
    buffer = Buffer[str](
        clock,
        size=size,
        interval=interval,
        size_of=len,
        deliver=lambda items: delivered.append((clock.now, [item[0] for item in items])),
    )
    return clock, buffer, delivered


def test_items_are_delivered_when_the_size_is_reached() -> None:
    _, buffer, delivered = buffer_of()
    buffer.add(["a" * 4, "b" * 6, "c" * 1])
    assert delivered == [(0, ["a", "b"])]


def test_a_buffer_does_not_exceed_its_size() -> None:
    _, buffer, delivered = buffer_of()
    buffer.add(["a" * 4, "b" * 7])
    assert delivered == [(0, ["a"])]


def test_an_item_that_is_larger_is_delivered_alone() -> None:
    _, buffer, delivered = buffer_of()
    buffer.add(["a" * 1, "b" * 11, "c" * 1])
    assert delivered == [(0, ["a"]), (0, ["b"])]


def test_the_interval_starts_with_the_first_item() -> None:
    clock, buffer, delivered = buffer_of()
    clock.at(5, lambda: buffer.add(["a" * 1]))
    clock.at(50, lambda: buffer.add(["b" * 1]))
    clock.run()
    assert delivered == [(65, ["a", "b"])]


def test_the_interval_starts_again_after_a_delivery_by_size() -> None:
    clock, buffer, delivered = buffer_of()
    clock.at(0, lambda: buffer.add(["a" * 1]))
    clock.at(50, lambda: buffer.add(["b" * 9, "c" * 1]))
    clock.run()
    assert delivered == [(50, ["a", "b"]), (110, ["c"])]


@pytest.mark.parametrize("interval", [0, 60])
def test_the_last_items_are_delivered_without_any_more_coming(interval: float) -> None:
    clock, buffer, delivered = buffer_of(interval=interval)
    buffer.add(["a" * 1])
    clock.run()
    assert delivered == [(interval, ["a"])]


def test_an_interval_of_zero_delivers_what_comes_together() -> None:
    clock, buffer, delivered = buffer_of(interval=0)
    clock.at(1, lambda: buffer.add(["a" * 1, "b" * 1]))
    clock.at(2, lambda: buffer.add(["c" * 1]))
    clock.run()
    assert delivered == [(1, ["a", "b"]), (2, ["c"])]


def test_nothing_is_delivered_of_an_empty_buffer() -> None:
    clock, buffer, delivered = buffer_of()
    buffer.add([])
    buffer.flush()
    clock.run()
    assert delivered == []

from __future__ import annotations

from edgelift.simulate.clock import Clock


def test_events_happen_by_time_and_then_in_the_order_of_scheduling() -> None:
    clock, happened = Clock(100.0), []
    clock.after(2, lambda: happened.append(("b", clock.now)))
    clock.after(1, lambda: happened.append(("a", clock.now)))
    clock.after(2, lambda: happened.append(("c", clock.now)))
    clock.run()
    assert happened == [("a", 101.0), ("b", 102.0), ("c", 102.0)]


def test_events_can_schedule_events() -> None:
    clock, happened = Clock(), []

    def again() -> None:
        happened.append(clock.now)
        if len(happened) < 3:
            clock.after(5, again)

    clock.at(5, again)
    clock.run()
    assert happened == [5, 10, 15]


def test_a_time_that_is_over_means_now() -> None:
    clock, happened = Clock(50.0), []
    clock.at(10, lambda: happened.append(clock.now))
    clock.run()
    assert happened == [50.0]


def test_a_canceled_event_does_not_happen_and_takes_no_time() -> None:
    clock = Clock()
    clock.after(5, lambda: None).cancel()
    clock.run()
    assert clock.now == 0


def test_every_later_time_is_reported_once_before_it_is_reached() -> None:
    clock, reported = Clock(), []
    clock.on_advance = lambda when: reported.append((clock.now, when))
    for seconds in (0, 1, 1, 3):
        clock.after(seconds, lambda: None)
    clock.run()
    assert reported == [(0, 1), (1, 3)]


def test_milliseconds_are_those_of_timestamps() -> None:
    assert Clock(1_704_067_200.0456).milliseconds == 1_704_067_200_046

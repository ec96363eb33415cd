"""How often and how many at once a function is invoked, through a whole stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from edgelift.simulate import DeliveryStream, MemoryBackup
from edgelift.simulate.ports import (
    FunctionFailed,
    FunctionKilled,
    FunctionRaised,
    FunctionThrottled,
    FunctionTimedOut,
)
from tests.simulate.scripted import ScriptedFunction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgelift.simulate.clock import Clock

FAILURES = [FunctionRaised("x"), FunctionTimedOut("x"), FunctionThrottled("x"), FunctionKilled("x")]


def error_objects(stream: DeliveryStream) -> list[dict[str, Any]]:
    assert isinstance(stream.backup, MemoryBackup)
    return stream.backup.error_objects()


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_a_function_without_answer_is_invoked_again_with_the_same_event(failure: FunctionFailed) -> None:
    function = ScriptedFunction(failure, failure, failure)
    stream = DeliveryStream(function=function)
    stream.put([b"a\n", b"b\n"])
    account = stream.run()
    assert (account.indexed, account.invocations, account.failed_invocations) == (2, 4, 3)
    assert function.events == [function.events[0]] * 4


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
@pytest.mark.parametrize("retries", [0, 1, 3])
def test_the_whole_batch_fails_after_the_retries(failure: FunctionFailed, retries: int) -> None:
    stream = DeliveryStream(function=ScriptedFunction(*[failure] * (retries + 1)), retries=retries)
    stream.put([b"a\n", b"b\n"])
    account = stream.run()
    assert account.failed == {"Lambda.FunctionError": 2}
    assert account.is_balanced
    assert [(each["attemptsMade"], each["rawData"]) for each in error_objects(stream)] == [
        (retries + 1, "YQo="),
        (retries + 1, "Ygo="),
    ]


def test_the_batch_after_a_failed_one_is_delivered() -> None:
    function = ScriptedFunction(*[FunctionRaised("x")] * 4)
    stream = DeliveryStream(function=function)
    stream.put([b"a\n"])
    stream.wait(300)
    stream.put([b"b\n"])
    account = stream.run()
    assert (account.in_backup, account.indexed) == (1, 1)


def test_a_wrong_answer_is_final() -> None:
    stream = DeliveryStream(function=ScriptedFunction(b"{}"))
    stream.put([b"a\n"])
    account = stream.run()
    assert account.failed == {"Lambda.MissingRecordId": 1}
    assert account.invocations == 1
    assert error_objects(stream)[0]["attemptsMade"] == 1


def test_a_timeout_takes_its_time() -> None:
    function = ScriptedFunction(FunctionTimedOut("x"))
    stream = DeliveryStream(function=function, timeout=30, interval=0, index_interval=0)
    stream.put([b"a\n"])
    assert stream.run().seconds == pytest.approx(31.1)  # and a second before the retry
    assert function.timeouts == [30, 30]


class Overlapping(ScriptedFunction):
    """Counts the invocations that run at the same virtual time, each of which takes ten seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.clock: Clock | None = None
        self.times: list[float] = []

    def invoke(self, event: bytes, *, timeout: float) -> bytes:
        assert self.clock is not None
        self.times.append(self.clock.now)
        return super().invoke(event, timeout=timeout)

    @property
    def most(self) -> int:
        return max(sum(start <= time < start + 10 for start in self.times) for time in self.times)


@pytest.mark.parametrize("shards", [1, 2])
def test_five_invocations_run_at_once_per_shard(shards: int) -> None:
    function = Overlapping()
    stream = DeliveryStream(function=function, shards=shards, interval=0, function_seconds=10, rate=1)
    function.clock = stream.clock
    stream.put([b"%d\n" % number for number in range(60)])
    account = stream.run()
    assert account.indexed == 60
    assert function.most == min(5 * shards, 10)
    assert len(function.times) == 60


def test_reading_waits_while_too_many_batches_do() -> None:
    stream = DeliveryStream(
        function=ScriptedFunction(), interval=0, index_interval=0, function_seconds=10, rate=1
    )
    pending = []

    def lines() -> Iterator[bytes]:
        for number in range(300):
            pending.append(stream.account.pending)
            yield b"%d\n" % number

    stream.put(lines())
    assert stream.run().indexed == 300
    # Five run, six wait.
    assert max(pending) == 11

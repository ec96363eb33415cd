"""The benchmark of the simulated stream looks at its account before it measures anything."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pytest

from benchmarks import interleaved, simulated
from edgelift.simulate.function import DICT_HANDLER
from edgelift.simulate.ports import BulkAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@pytest.fixture(autouse=True)
def _client() -> Iterator[None]:
    """Forget the runtime client afterwards: where it is loaded, the handler answers for it."""
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "awslambdaric"]:
        del sys.modules[name]


def once(
    contenders: Mapping[str, Callable[[], object]],
    rounds: int,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, list[float]]:
    del rounds
    began, own = clock(), time.process_time()
    for contender in contenders.values():
        contender()
    assert (clock() - began > 1.2 * (time.process_time() - own)) is (clock is not time.process_time)
    return {"function": [1.0], "stream": [2.0]}


def test_function_and_stream_are_compared_with_the_same_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interleaved, "calls", once)
    assert simulated.against_function("c14").median == 0.5


def test_the_time_of_the_function_counts_where_it_is_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interleaved, "calls", once)
    compared = simulated.against_process("c14", DICT_HANDLER)
    assert str(compared) == "0.50 / 0.50 at 5,000 records/s"


def test_a_stream_that_delivers_other_than_all_records_stops_the_benchmark(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_index: simulated.NoIndex, body: bytes) -> BulkAnswer:
        return BulkAnswer(200, [{"status": 400}] * (body.count(b"\n") // 2))

    monkeypatch.setattr(simulated.NoIndex, "bulk", refuse)
    with pytest.raises(AssertionError, match="the stream indexed 0 documents, not 9950"):
        simulated.against_function("c14")

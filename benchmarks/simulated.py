"""A simulated delivery stream without a sink, and the function that it invokes alone."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks import corpus as corpora
from benchmarks import interleaved
from benchmarks.contenders import check
from benchmarks.invocation import Invocation, client_marshaller
from benchmarks.loopback import cpu_seconds
from benchmarks.verdict import Ratio
from edgelift import firehose
from edgelift.simulate import DeliveryStream
from edgelift.simulate.function import LambdaProcess
from edgelift.simulate.ports import BulkAnswer

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgelift.simulate import Account, ports

ROUNDS = 15
PROCESS_ROUNDS = 25


@dataclass(frozen=True)
class Function:
    """A function as the stream invokes it."""

    invocation: Invocation

    def invoke(self, event: bytes, *, timeout: float) -> bytes:
        """Answer an event as the runtime client does."""
        del timeout
        answer = self.invocation(event)
        return answer if isinstance(answer, bytes) else answer.encode()


class Recorder:
    """A function whose events are kept."""

    def __init__(self, function: ports.Function) -> None:
        self.events: list[bytes] = []
        self._function = function

    def invoke(self, event: bytes, *, timeout: float) -> bytes:
        """Keep an event and answer it."""
        self.events.append(event)
        return self._function.invoke(event, timeout=timeout)


class NoIndex:
    """An index that confirms documents and looks at none."""

    def bulk(self, body: bytes) -> BulkAnswer:
        """Confirm all documents of a request."""
        return BulkAnswer(200, [{"status": 201}] * (body.count(b"\n") // 2))


def against_function(name: str) -> Ratio:
    """Compare the function alone with the whole stream around it, in one process.

    The function has Lambda's stock runtime client with its JSON, and the handler of dicts.

    Returns:
        Function / stream.

    """
    corpus = corpora.block(name)
    handler = firehose.make_handler({"layouts": [{"fields": list(corpus.fields)}]})
    function = Function(Invocation(client_marshaller(), handler))
    with interleaved.quiet():
        events = _checked_events(function, corpus)
    times = interleaved.calls(_contenders(function, events, corpus.data), ROUNDS)
    return Ratio.of(times["function"], times["stream"])


@dataclass(frozen=True)
class Comparison:
    """The function in its process / the stream around it."""

    ratio: Ratio
    records_per_second: float
    """Records of the stream per second of CPU time of both processes."""

    def __str__(self) -> str:
        return f"{self.ratio} at {self.records_per_second:,.0f} records/s"


def against_process(name: str, handler: str) -> Comparison:
    """Compare the function alone with the whole stream around it, as `edgelift simulate` runs both.

    The function is in the real runtime client in its own process. Alone it gets the same events through the
    same Runtime API, and its answers are discarded. Counted is the CPU time of both processes.
    """
    corpus = corpora.block(name)
    with LambdaProcess(handler, {"EDGELIFT_FIELDS": ",".join(corpus.fields)}) as function:
        events = _checked_events(function, corpus)

        def clock() -> float:
            return time.process_time() + cpu_seconds(function.pid or 0)

        times = interleaved.calls(_contenders(function, events, corpus.data), PROCESS_ROUNDS, clock)
    return Comparison(Ratio.of(times["function"], times["stream"]), len(corpus.lines) / min(times["stream"]))


def _checked_events(function: ports.Function, corpus: corpora.Corpus) -> list[bytes]:
    """Run the stream once, check what it did, and return its events.

    Raises:
        AssertionError: it did not deliver each good line.

    """
    recorder = Recorder(function)
    account = _stream(recorder, corpus.data)
    check(account.is_balanced, str(account))
    check(
        account.indexed == corpus.good, f"the stream indexed {account.indexed} documents, not {corpus.good}"
    )
    carried: list[Any] = [record for event in recorder.events for record in json.loads(event)["records"]]
    check(len(carried) == len(corpus.lines), "the events do not carry each line once")
    return recorder.events


def _contenders(
    function: ports.Function, events: list[bytes], lines: bytes
) -> dict[str, Callable[[], object]]:
    return {
        "function": lambda: [function.invoke(event, timeout=60) and None for event in events],
        "stream": lambda: _stream(function, lines),
    }


def _stream(function: ports.Function, lines: bytes) -> Account:
    stream = DeliveryStream(function=function, index=NoIndex())
    stream.put(lines)
    return stream.run()

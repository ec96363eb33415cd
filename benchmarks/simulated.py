"""A simulated delivery stream without a sink, and the function that it invokes alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks import corpus as corpora
from benchmarks import interleaved
from benchmarks.contenders import check
from benchmarks.invocation import Invocation, client_marshaller
from benchmarks.verdict import Ratio
from edgelift import firehose
from edgelift.simulate import DeliveryStream
from edgelift.simulate.ports import BulkAnswer

if TYPE_CHECKING:
    from edgelift.simulate import Account

ROUNDS = 15


@dataclass(frozen=True)
class Function:
    """A function as the stream invokes it, which can keep the events."""

    invocation: Invocation
    events: list[bytes] | None = None

    def invoke(self, event: bytes, *, timeout: float) -> bytes:
        """Answer an event as the runtime client does."""
        del timeout
        if self.events is not None:
            self.events.append(event)
        answer = self.invocation(event)
        return answer if isinstance(answer, bytes) else answer.encode()


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
    events: list[bytes] = []
    with interleaved.quiet():
        account = _stream(Function(function.invocation, events), corpus.data)
    check(account.is_balanced, str(account))
    check(
        account.indexed == corpus.good, f"the stream indexed {account.indexed} documents, not {corpus.good}"
    )
    carried: list[Any] = [record for event in events for record in json.loads(event)["records"]]
    check(len(carried) == len(corpus.lines), "the events do not carry each line once")
    times = interleaved.calls(
        {
            "function": lambda: [function.invoke(event, timeout=60) for event in events],
            "stream": lambda: _stream(function, corpus.data),
        },
        ROUNDS,
    )
    return Ratio.of(times["function"], times["stream"])


def _stream(function: Function, lines: bytes) -> Account:
    stream = DeliveryStream(function=function, index=NoIndex())
    stream.put(lines)
    return stream.run()

"""A whole invocation in one process: what the runtime client does to an event, the handler, and the way back.

The client is the real one, with its own marshaller and the JSON library that it brings; only what its
process does beside that is left out: waiting for an event, and the socket.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest import mock

from benchmarks import corpus as corpora
from benchmarks import interleaved, naive, runtime_api
from benchmarks.contenders import EVENT_RECORDS, Handlers, check, check_answers
from edgelift import firehose, runtime

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 25
PYTHON = "3.13"
"""Python that the client believes to run in, as in `runtime_api`."""


def client_marshaller() -> Any:  # noqa: ANN401 (a class of the client's)
    """Give the marshaller of the newest runtime client, with its JSON in C.

    Raises:
        AssertionError: simplejson runs in plain Python, which would flatter every other contender.

    """
    folder = str(runtime_api.CLIENTS[runtime_api.NEWEST])
    environment = {"AWS_EXECUTION_ENV": f"AWS_Lambda_python{PYTHON}"}
    with mock.patch.object(sys, "path", [folder, *sys.path]), mock.patch.dict(os.environ, environment):
        client = importlib.import_module("awslambdaric.lambda_runtime_client")
    check(str(client.__file__).startswith(folder), f"another runtime client is loaded: {client.__file__}")
    encoder, scanner = (importlib.import_module(f"simplejson.{name}") for name in ("encoder", "scanner"))
    check(encoder.c_make_encoder and scanner.c_make_scanner, "simplejson has no C speedups")
    return client.BaseLambdaRuntimeClient.marshaller


@dataclass(frozen=True)
class Invocation:
    """One invocation, from the bytes of an event to those of the response."""

    marshaller: Any
    handler: Callable[[Any, object], Any]

    def __call__(self, event: bytes) -> str | bytes:
        """Answer an event as the runtime client does."""
        request = self.marshaller.unmarshal_request(event, "application/json")
        response: str | bytes = self.marshaller.marshal_response(self.handler(request, None))[0]
        return response


@dataclass(frozen=True)
class Invocations:
    """The ways to answer the event of one corpus, checked against each other."""

    event: bytes
    raw: Callable[[bytes], str | bytes]
    dicts: Callable[[bytes], str | bytes]
    naive: Callable[[bytes], str | bytes]

    @classmethod
    def checked(cls, name: str) -> Invocations:
        """Make the invocations and the event of corpus ``name``, and check what each answers."""
        corpus = corpora.block(name)
        lines = corpus.lines[: EVENT_RECORDS[name]]
        config = {"layouts": [{"fields": list(corpus.fields)}]}
        client = client_marshaller()
        invocations = cls(
            event=corpora.event_bytes(lines),
            raw=Invocation(runtime.RawMarshaller(client), runtime.make_handler(config)),
            dicts=Invocation(client, firehose.make_handler(config)),
            naive=Invocation(client, naive.make_handler(corpus.fields)),
        )
        with interleaved.quiet():
            handlers = Handlers.checked(name)
            check_answers(handlers, lines, len(corpus.fields))
            invocations.check(handlers)
        return invocations

    def check(self, handlers: Handlers) -> None:
        """Check that the invocations answer as the handlers do, which have been checked.

        Raises:
            AssertionError: an answer is wrong.

        """
        by_core, by_naive = (handler(handlers.event, None) for handler in (handlers.core, handlers.naive))
        for way, expected in ((self.raw, by_core), (self.dicts, by_core), (self.naive, by_naive)):
            check(json.loads(way(self.event)) == expected, "an invocation answers other than its handler")
        check(isinstance(self.raw(self.event), bytes), "the raw path answered no bytes")


def times(name: str) -> dict[str, list[float]]:
    """Time the invocations in turns.

    Returns:
        CPU seconds of each round, for ``raw``, ``dict`` and ``naive``.

    """
    checked = Invocations.checked(name)
    event = checked.event
    contenders: dict[str, Callable[[], object]] = {
        "raw": lambda: checked.raw(event),
        "dict": lambda: checked.dicts(event),
        "naive": lambda: checked.naive(event),
    }
    return interleaved.calls(contenders, ROUNDS)

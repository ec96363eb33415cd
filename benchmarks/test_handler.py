"""A Firehose batch, dicts in and dicts out: the handlers of the core, of the pure path and of `naive`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from benchmarks.contenders import Handlers
from benchmarks.interleaved import quiet

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.corpus import Corpus


@cache
def _handlers(name: str) -> Handlers:
    with quiet():
        return Handlers.checked(name)


def test_handler(time_call: Callable[..., Any], corpus: Corpus, contender: str) -> None:
    handlers = _handlers(corpus.name)
    handler = {"core": handlers.core, "pure": handlers.pure, "naive": handlers.naive}[contender]
    records = len(handlers.event["records"])
    time_call(
        f"handler {corpus.name}",
        lambda: handler(handlers.event, None),
        records=records,
        size=sum(map(len, corpus.lines[:records])),
    )

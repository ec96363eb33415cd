"""One record a call, the transformer compiled beforehand: the core, the pure path, `naive`."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from benchmarks import corpus as corpora
from benchmarks import naive
from benchmarks.contenders import Transformers, check

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.corpus import Corpus


def _record(corpus: Corpus) -> bytes:
    """Take the row of middle length."""
    return sorted(corpus.lines, key=len)[len(corpus.lines) // 2]


@cache
def _transformers(name: str) -> Transformers:
    corpus = corpora.block(name)
    transformers, record = Transformers.of(corpus.fields), _record(corpus)
    check(
        transformers.core.transform(record) == transformers.pure.transform(record),
        "core and pure path differ",
    )
    document = json.loads(naive.transform(corpus.fields, record))
    check(tuple(document) == corpus.fields, "naive made other keys")
    return transformers


def test_record(time_call: Callable[..., Any], corpus: Corpus, contender: str) -> None:
    transformers, record = _transformers(corpus.name), _record(corpus)
    call: dict[str, Callable[[], object]] = {
        "core": lambda: transformers.core.transform(record),
        "pure": lambda: transformers.pure.transform(record),
        "naive": lambda: naive.transform(corpus.fields, record),
    }
    time_call(f"record {corpus.name}", call[contender], records=1, size=len(record))

"""Many lines in one call: `transform_lines` of the core and of the pure path, and a loop of `naive`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from benchmarks import corpus as corpora
from benchmarks import naive
from benchmarks.contenders import Transformers, check, check_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.corpus import Corpus


@cache
def _transformers(name: str) -> Transformers:
    corpus = corpora.block(name)
    transformers = Transformers.of(corpus.fields)
    check_lines(transformers, corpus)
    documents = _naive_lines(corpus.fields, corpus.data).splitlines()
    check(len(documents) == len(corpus.lines), "naive left out a row")
    return transformers


def _naive_lines(fields: tuple[str, ...], data: bytes) -> bytes:
    # Not splitlines(): it would split at a lone CR too.
    return b"".join(naive.transform(fields, line) + b"\n" for line in data.split(b"\n") if line)


def test_lines(time_call: Callable[..., Any], corpus: Corpus, contender: str) -> None:
    transformers, data = _transformers(corpus.name), corpus.data
    call: dict[str, Callable[[], object]] = {
        "core": lambda: transformers.core.transform_lines(data),
        "pure": lambda: transformers.pure.transform_lines(data),
        "naive": lambda: _naive_lines(corpus.fields, data),
    }
    time_call(f"lines {corpus.name}", call[contender], records=len(corpus.lines), size=len(data))

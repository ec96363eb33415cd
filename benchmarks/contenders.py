"""The core, the pure path and `naive` on the same input, and the check that they answer rightly."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import edgelift
from benchmarks import corpus as corpora
from benchmarks import naive
from edgelift import firehose, pure

if TYPE_CHECKING:
    from collections.abc import Sequence


Handler = Callable[[dict[str, Any], object], dict[str, Any]]

LAMBDA_TAKES = 6_291_456
"""Most bytes of a response."""

EVENT_RECORDS = {"c45": 1_600, "c14": 3_000}
"""Records of an event, about what a buffer of 2 MB and of 1 MB holds."""


def check(condition: object, message: str) -> None:
    """Stop the run: what was about to be timed gives a wrong answer.

    Raises:
        AssertionError: ``condition`` does not hold; unlike ``assert``, with ``python -O`` too.

    """
    if not condition:
        raise AssertionError(message)


@dataclass(frozen=True)
class Transformers:
    """The core and the pure path, compiled for one layout with all else at its default."""

    core: edgelift.Transformer
    pure: pure.Transformer

    @classmethod
    def of(cls, fields: Sequence[str]) -> Transformers:
        """Compile both for rows of ``fields``."""
        config = {"layouts": [{"fields": list(fields)}]}
        return cls(edgelift.Transformer(config), pure.Transformer(config))


@dataclass(frozen=True)
class Handlers:
    """The three handlers for one event of a corpus, checked against each other."""

    event: dict[str, Any]
    core: Handler
    pure: Handler
    naive: Handler

    @classmethod
    def checked(cls, name: str) -> Handlers:
        """Make the handlers and the event of corpus ``name``, and check what each answers."""
        corpus = corpora.block(name)
        lines = corpus.lines[: EVENT_RECORDS[name]]
        transformers = Transformers.of(corpus.fields)
        handlers = cls(
            event=received(corpora.event(lines)),
            core=firehose.build_handler(transformers.core),
            pure=firehose.build_handler(transformers.pure),
            naive=naive.make_handler(corpus.fields),
        )
        check_answers(handlers, lines, len(corpus.fields))
        return handlers


def checked_response(fields: Sequence[str], event: bytes) -> bytes:
    """Give what the core answers an event, checked against what the pure path makes of its records.

    Raises:
        AssertionError: an answer is wrong.

    """
    transformers = Transformers.of(fields)
    records = json.loads(event)["records"]
    # Not all at once: then none is left without its document because all would be too long.
    parts = (records[start : start + 500] for start in range(0, len(records), 500))
    expected = [answer for part in parts for answer in transformers.pure.transform_records(part).records]
    response = transformers.core.transform_event(event) or b""
    check_response(response, expected)
    return response


def check_response(response: bytes, expected: Sequence[dict[str, Any]]) -> None:
    """Check that the bytes of a response hold these answers, or as many of them as Lambda takes.

    Raises:
        AssertionError: they hold others.

    """
    answers = json.loads(response)["records"]
    ids = [[answer["recordId"] for answer in some] for some in (answers, expected)]
    check(ids[0] == ids[1], "the raw path left out a record")
    differing = [answer for answer, right in zip(answers, expected, strict=True) if answer != right]
    too_long = len(json.dumps({"records": expected}, separators=(",", ":"))) > LAMBDA_TAKES
    check(not differing or too_long, "the raw path answers differently")
    failed = all(answer["result"] == "ProcessingFailed" for answer in differing)
    check(failed and len(response) <= LAMBDA_TAKES, "the raw path answers too long, or differently")


def received(event: dict[str, Any]) -> dict[str, Any]:
    """Take an event the way it comes to a function: out of a JSON text of several MB, which is then freed.

    That matters: having freed a large block once, the C library keeps freed memory instead of giving it back,
    and the answers of one invocation after the other come out of warm memory, for all contenders alike.
    """
    received: dict[str, Any] = json.loads(json.dumps(event))
    return received


def check_answers(handlers: Handlers, lines: Sequence[bytes], columns: int) -> None:
    """Check that core and pure answer alike, fail just the bad rows, and that naive made every document.

    Raises:
        AssertionError: an answer is wrong.

    """
    core = handlers.core(handlers.event, None)["records"]
    results = [answer["result"] for answer in core]
    bad = corpora.bad_rows_among(len(lines))
    check(results.count("ProcessingFailed") == bad, f"the core failed other than the {bad} bad rows")
    check(results.count("Ok") == len(lines) - bad, "the core left out a record")
    check(core == handlers.pure(handlers.event, None)["records"], "core and pure path answer differently")
    plain = handlers.naive(handlers.event, None)["records"]
    check(len(plain) == len(lines), "naive left out a record")
    for line, answer in zip(lines, plain, strict=True):
        document = json.loads(base64.b64decode(answer["data"]))
        check(len(document) == min(columns, line.count(b"\t") + 1), "naive made a document of other keys")


def check_lines(transformers: Transformers, corpus: corpora.Corpus) -> bytes:
    """Check that core and pure path make the same documents of ``corpus`` and fail just its bad rows.

    Returns:
        The documents, as JSON lines.

    Raises:
        AssertionError: an answer is wrong.

    """
    lines = transformers.core.transform_lines(corpus.data)
    check(lines.counts.ok == corpus.good, f"the core made {lines.counts.ok} documents, not {corpus.good}")
    check(dict(lines.counts.by_reason) == corpus.bad, "the core failed other rows than the bad ones")
    check(lines == transformers.pure.transform_lines(corpus.data), "core and pure path differ")
    output: bytes = lines.output
    return output

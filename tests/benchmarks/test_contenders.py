"""Contenders give the expected answers, and wrong ones stop the benchmarks."""

import base64
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import contenders, naive
from benchmarks import corpus as corpora

FIXTURES = Path(__file__).parents[1] / "fixtures" / "realtime"


def test_naive_handler_pairs_names_with_columns_and_changes_no_value() -> None:
    row = (FIXTURES / "kds-2022-45col.tsv").read_bytes()
    [peer] = json.loads((FIXTURES / "kds-2022-45col.peer-expected.json").read_text())
    event = corpora.event([row, row])
    answers = naive.make_handler(corpora.LAYOUTS["c45"])(event, None)["records"]
    assert [answer["recordId"] for answer in answers] == [one["recordId"] for one in event["records"]]
    assert [answer["result"] for answer in answers] == ["Ok", "Ok"]
    document = json.loads(base64.b64decode(answers[1]["data"]))
    assert document == {name: "-" if value is None else value for name, value in peer.items()}
    assert list(document) == list(corpora.LAYOUTS["c45"])


def _trio() -> tuple[contenders.Handlers, tuple[bytes, ...]]:
    corpus = corpora.block("c14")
    lines = corpus.lines[:200]
    handlers = contenders.Handlers.checked("c14")
    return dataclasses.replace(handlers, event=corpora.event(lines)), lines


def _with_answer(handler: contenders.Handler, place: int, **changes: str) -> contenders.Handler:
    def changed(event: dict[str, Any], context: object) -> dict[str, Any]:
        records = list(handler(event, context)["records"])
        records[place] = {**records[place], **changes}
        return {"records": records}

    return changed


def test_a_wrong_document_stops_the_benchmark() -> None:
    handlers, lines = _trio()
    contenders.check_answers(handlers, lines, 14)
    empty = base64.b64encode(b"{}").decode()
    for wrong in (
        dataclasses.replace(handlers, core=_with_answer(handlers.core, 0, data=empty)),
        dataclasses.replace(handlers, pure=_with_answer(handlers.pure, 0, data=empty)),
    ):
        with pytest.raises(AssertionError, match="core and pure path answer differently"):
            contenders.check_answers(wrong, lines, 14)


def test_an_unexpected_failed_record_stops_the_benchmark() -> None:
    handlers, lines = _trio()
    good = next(place for place, line in enumerate(lines) if line == _clean()[place])
    wrong = dataclasses.replace(handlers, core=_with_answer(handlers.core, good, result="ProcessingFailed"))
    with pytest.raises(AssertionError, match="the core failed other than the 1 bad rows"):
        contenders.check_answers(wrong, lines, 14)


def _clean() -> tuple[bytes, ...]:
    return corpora.block("c14", with_bad=False).lines


def test_a_naive_document_without_a_key_stops_the_benchmark() -> None:
    handlers, lines = _trio()
    wrong = dataclasses.replace(handlers, naive=naive.make_handler(corpora.LAYOUTS["c14"][:-1]))
    with pytest.raises(AssertionError, match="naive made a document of other keys"):
        contenders.check_answers(wrong, lines, 14)


@pytest.mark.parametrize("name", ["c14", "c45"])
def test_core_and_pure_path_agree_on_the_corpus(name: str) -> None:
    corpus = corpora.block(name)
    output = contenders.check_lines(contenders.Transformers.of(corpus.fields), corpus)
    assert output.count(b"\n") == corpus.good


def _answers(count: int, data: str = "YQ==") -> list[dict[str, str]]:
    return [{"recordId": str(number), "result": "Ok", "data": data} for number in range(count)]


def test_a_response_with_wrong_answers_stops_the_benchmark() -> None:
    expected = _answers(3)
    contenders.check_response(json.dumps({"records": expected}).encode(), expected)
    for wrong, message in (
        (expected[:2], "left out a record"),
        ([*expected[:2], expected[2] | {"data": ""}], "answers differently"),
        ([*expected[:2], expected[2] | {"result": "ProcessingFailed"}], "answers differently"),
    ):
        with pytest.raises(AssertionError, match=message):
            contenders.check_response(json.dumps({"records": wrong}).encode(), expected)


def test_a_response_may_leave_documents_out_only_if_all_are_too_long() -> None:
    expected = _answers(7, "x" * 1_000_000)
    failed = {"result": "ProcessingFailed", "data": ""}
    contenders.check_response(
        json.dumps({"records": [*expected[:6], expected[6] | failed]}).encode(), expected
    )
    for wrong in (expected, [*expected[:6], expected[6] | {"data": ""}]):
        with pytest.raises(AssertionError, match="too long, or differently"):
            contenders.check_response(json.dumps({"records": wrong}).encode(), expected)

"""No response is larger than Lambda takes, and only what has to change changes: both paths, each policy."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
import simplejson
from hypothesis import given, settings
from hypothesis import strategies as st

import edgelift
from benchmarks import corpus, naive

from .invariants import LIMIT, compact, encoded, event_of, fates

SHORT = ["timestamp", "c-ip", "cs-uri-stem", "cs-cookie"]
# Its document has twice as many bytes: escaped quotes do that.
GROWS = b"1700000000\t192.0.2.1\t/\t" + b'"' * 500 + b"\n"
SHRINKS = b"1700000000\t192.0.2.1\t/" + b"%41" * 500 + b"\t-\n"


def transformer_of(policy: str = "fail", **overflow: Any) -> edgelift.Transformer:  # noqa: ANN401
    return edgelift.Transformer(
        {"layouts": [{"fields": SHORT}], "overflow": {"policy": policy, **overflow}},
    )


def serialised(response: object, *, ensure_ascii: bool = True) -> str:
    """Serialise as the runtime client does."""
    text = simplejson.JSONEncoder(use_decimal=False, allow_nan=True, ensure_ascii=ensure_ascii).encode(
        response
    )
    assert isinstance(text, str)
    return text


def answered_as_dicts(transformer: edgelift.Transformer, event: dict[str, Any]) -> dict[str, Any]:
    """Answer an event, and check that the size was known to the byte."""
    batch = transformer.transform_records(event["records"])
    response = {"records": batch.records}
    # A record that is re-ingested counts as failed until the service has accepted it.
    reserve = len(batch.reingest) * len("ProcessingFailed") - len(batch.reingest) * len("Dropped")
    assert len(serialised(response)) + reserve + batch.bytes_left == LIMIT
    return response


def answered_as_bytes(transformer: edgelift.Transformer, event: dict[str, Any]) -> dict[str, Any]:
    raw = transformer.transform_event(compact(event))
    assert len(raw) <= LIMIT
    response = json.loads(raw)
    assert isinstance(response, dict)
    # Nothing is written that need not be, so that the size is that of the engine's arithmetic.
    assert raw == json.dumps(response, separators=(",", ":"), ensure_ascii=False).encode()
    return response


Answered = Callable[[edgelift.Transformer, dict[str, Any]], dict[str, Any]]
BOTH = pytest.mark.parametrize("answered", [answered_as_dicts, answered_as_bytes])
LENGTH: dict[Answered, Callable[[object], int]] = {
    answered_as_dicts: lambda response: len(serialised(response)),
    answered_as_bytes: lambda response: len(compact(response)),
}


@BOTH
def test_answers_that_fit_stay_unchanged(answered: Answered) -> None:
    event = event_of([GROWS, SHRINKS, b"x"] * 500)
    found = fates(transformer_of(), event, answered(transformer_of(), event))
    assert (len(found["Ok"]), len(found["ProcessingFailed"])) == (1_000, 500)


@BOTH
def test_the_last_records_fail_and_no_more_than_have_to(answered: Answered) -> None:
    rows = [GROWS, SHRINKS, b"x"] * 3_000
    event = event_of(rows)
    response = answered(transformer_of(), event)
    found = fates(transformer_of(), event, response)
    assert found["Dropped"] == found["emptied"] == []
    grew = [place for place, row in enumerate(rows) if row is GROWS]
    failed = [place for place in grew if place in set(found["ProcessingFailed"])]
    assert failed == grew[-len(failed) :]
    assert 0 < len(failed) < len(grew)
    # What does not get shorter stays.
    assert {place for place, row in enumerate(rows) if row is SHRINKS} <= set(found["Ok"])
    # With the first of them as a document it would be too large.
    back = response["records"][failed[0]]
    document = transformer_of().transform(GROWS)
    back |= {"result": "Ok", "data": encoded(document)}
    assert LENGTH[answered](response) > LIMIT


@BOTH
def test_too_large_is_reported_as_the_reason(answered: Answered) -> None:
    event = event_of([GROWS] * 5_000)
    found = fates(transformer_of(), event, answered(transformer_of(), event))
    first = found["ProcessingFailed"][0]
    reports = [
        transformer_of().transform_records(event["records"]).report,
        transformer_of().answer_event(compact(event)).report,
    ]
    report = reports[answered is answered_as_bytes]
    assert report.first_failures == {
        "too_large": (
            event["records"][first]["recordId"],
            (
                "the document does not fit: Lambda accepts responses of up to 6291456 bytes; make the "
                "buffer of the transformation smaller"
            ),
        )
    }
    assert report.counts.by_reason == {"too_large": len(found["ProcessingFailed"])}
    assert report.counts.read == report.counts.ok + report.counts.failed == 5_000


@BOTH
def test_slim_documents_lose_their_optional_fields_first(answered: Answered) -> None:
    slim = transformer_of("slim", optional=["cs-cookie"])
    event = event_of([GROWS] * 5_000)
    response = answered(slim, event)
    without = encoded(b'{"timestamp":1700000000000,"c-ip":"192.0.2.1","cs-uri-stem":"/"}')
    whole = encoded(slim.transform(GROWS))
    data = [answer["data"] for answer in response["records"]]
    assert {answer["result"] for answer in response["records"]} == {"Ok"}
    kept = data.count(whole)
    assert data == [whole] * kept + [without] * (5_000 - kept)
    assert 0 < kept < 5_000
    assert 0 <= LIMIT - LENGTH[answered](response) < len(whole)
    reports = [slim.transform_records(event["records"]).report, slim.answer_event(compact(event)).report]
    report = reports[answered is answered_as_bytes]
    assert (report.slimmed, report.counts.ok) == (5_000 - kept, 5_000)


@BOTH
def test_slim_documents_that_are_still_too_large_fail(answered: Answered) -> None:
    slim = transformer_of("slim", optional=["c-ip"])
    event = event_of([GROWS] * 5_000)
    response = answered(slim, event)
    results = [answer["result"] for answer in response["records"]]
    failed = results.count("ProcessingFailed")
    assert results == ["Ok"] * (5_000 - failed) + ["ProcessingFailed"] * failed
    assert 0 < failed < 5_000


@BOTH
def test_a_response_of_the_limit_stays_and_one_byte_more_does_not(answered: Answered) -> None:
    # The id of the first record fills the response to the byte.
    event = event_of([GROWS] * 3_500)
    left = LIMIT - LENGTH[answered](answered(transformer_of(), event))
    assert left > 0
    first = event["records"][0]
    first["recordId"] += "x" * left
    response = answered(transformer_of(), event)
    assert LENGTH[answered](response) == LIMIT
    assert len(fates(transformer_of(), event, response)["Ok"]) == 3_500
    first["recordId"] += "x"
    found = fates(transformer_of(), event, answered(transformer_of(), event))
    assert found["ProcessingFailed"] == [3_499]


def test_a_document_that_fits_only_without_its_optional_fields_is_slim() -> None:
    row = b"1700000000\t-\t/\t" + b"\x01" * 1_040_000
    slim = transformer_of("slim", optional=["cs-cookie"])
    for answered in (answered_as_dicts, answered_as_bytes):
        response = answered(slim, event_of([GROWS, row, GROWS]))
        documents = [base64.b64decode(answer["data"]) for answer in response["records"]]
        whole = slim.transform(GROWS)
        assert documents == [whole, b'{"timestamp":1700000000000,"cs-uri-stem":"/"}', whole]


def test_optional_fields_that_did_not_fit_are_left_out_too() -> None:
    config = {
        "layouts": [{"fields": ["timestamp", "c-ip", "sc-bytes"]}],
        "input": {"bad_value": "keep"},
        "overflow": {"policy": "slim", "optional": ["c-ip"]},
    }
    slim = edgelift.Transformer(config)
    event = event_of([b"1700000000\t" + b'"' * 500 + b"\tx"] * 5_000)
    for answered in (answered_as_dicts, answered_as_bytes):
        data = [base64.b64decode(answer["data"]) for answer in answered(slim, event)["records"]]
        assert set(data[-10:]) == {b'{"timestamp":1700000000000,"_unparsed":{"sc-bytes":"x"}}'}


def test_last_failed_records_lose_their_data_if_needed() -> None:
    # No event of 6 MB, but in a process of one's own nothing limits events.
    rows = [b"x" * 100] * 40_000
    event = event_of(rows)
    for answered in (answered_as_dicts, answered_as_bytes):
        response = answered(transformer_of(), event)
        found = fates(transformer_of(), event, response)
        assert found["Ok"] == found["Dropped"] == []
        kept = len(found["ProcessingFailed"])
        assert found["ProcessingFailed"] == list(range(kept))
        assert found["emptied"] == list(range(kept, 40_000))
        assert 0 < kept < 40_000
        assert 0 <= LIMIT - LENGTH[answered](response) < len(encoded(rows[0]))


def test_a_document_that_fits_no_response_has_its_data_emptied() -> None:
    # One record as large as a response, whose own data have no room either.
    row = b"1700000000\t192.0.2.1\t/\t" + b"a" * 5_000_000
    transformer = edgelift.Transformer(
        {"layouts": [{"fields": SHORT}], "input": {"max_record_bytes": 60_000_000}}
    )
    for answered in (answered_as_dicts, answered_as_bytes):
        event = event_of([row, GROWS])
        found = fates(transformer, event, answered(transformer, event))
        assert (found["emptied"], found["Ok"]) == ([0], [1])


def test_more_records_than_can_be_answered_raise() -> None:
    event = event_of([b""] * 60_000)
    message = (
        "even without data the answers to 60000 records have more than the 6291456 bytes that Lambda takes; "
        "make the buffer of the transformation smaller"
    )
    for way in (
        lambda: transformer_of().transform_records(event["records"]),
        lambda: transformer_of().transform_event(compact(event)),
    ):
        with pytest.raises(edgelift.EdgeliftError) as caught:
            way()
        assert str(caught.value) == message


def test_full_event_of_short_rows_fits_where_a_naive_answer_does_not() -> None:
    block = corpus.block("c14", with_bad=False)
    rows = list(block.lines)
    size = len(compact(event_of(rows[:1_000]))) // 1_000
    rows = (rows * (LIMIT // size // len(rows) + 1))[: LIMIT // size - 100]
    event = event_of(rows)
    assert LIMIT * 0.98 < len(compact(event)) <= LIMIT
    assert len(serialised(naive.make_handler(block.fields)(event, None))) > 9_000_000
    transformer = edgelift.Transformer.from_fields(block.fields)
    for answered in (answered_as_dicts, answered_as_bytes):
        found = fates(transformer, event, answered(transformer, event))
        assert found["Dropped"] == found["emptied"] == []
        assert min(len(found["Ok"]), len(found["ProcessingFailed"])) > 0


def test_ten_thousand_records_of_six_megabytes_are_all_answered() -> None:
    event = event_of([b"1700000000\t192.0.2.1\t/" + b"a" * 330 + b"\t-\n"] * 10_000)
    assert 5_500_000 < len(compact(event)) < LIMIT
    for answered in (answered_as_dicts, answered_as_bytes):
        found = fates(transformer_of(), event, answered(transformer_of(), event))
        assert len(found["Ok"]) + len(found["ProcessingFailed"]) == 10_000


texts = st.text(st.characters(exclude_categories=()), max_size=20)
texts_of_utf8 = st.text(max_size=20)


@settings(max_examples=200)
@given(data=st.data(), ensure_ascii=st.booleans())
def test_computed_sizes_equal_the_serialized_response(data: st.DataObject, *, ensure_ascii: bool) -> None:
    """Ids, partition keys and data of failed records may hold anything that JSON can hold."""
    # Beyond UTF-8 the client could not write an id itself.
    ids = texts if ensure_ascii else texts_of_utf8
    config = {
        "layouts": [{"fields": ["cs-uri-stem", "x-host-header"]}],
        "output": {"decode": data.draw(st.booleans()), "newline": data.draw(st.booleans())},
        "firehose": {
            "partition_keys": {data.draw(texts_of_utf8.filter(bool)): "x-host-header"},
            "partition_default": data.draw(texts_of_utf8.filter(bool)),
        },
    }
    transformer = edgelift.Transformer(config)
    row = st.tuples(texts_of_utf8, texts_of_utf8).map(lambda cells: encoded("\t".join(cells).encode()))
    records = [
        {"recordId": record_id, "data": data.draw(st.one_of(row, row, texts, st.none()))}
        for record_id in data.draw(st.lists(ids, max_size=5, unique=True))
    ]
    batch = transformer.transform_records(records, ensure_ascii=ensure_ascii)
    text = serialised({"records": batch.records}, ensure_ascii=ensure_ascii)
    assert len(text.encode()) + batch.bytes_left == LIMIT

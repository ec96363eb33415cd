"""`Transformer.transform_event`: the same answers as for dicts, however the event is written; what raises."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import edgelift
from edgelift import firehose

from .invariants import compact, encoded, event_of

FIXTURES = Path(__file__).parents[2] / "fixtures"
ENVELOPES = sorted((FIXTURES / "firehose").glob("*.json"))
NAMES = [name for name in edgelift.FIELDS if name != "s-ip"]
REAL = edgelift.Transformer({"layouts": [{"fields": NAMES[:45]}, {"fields": NAMES[:40]}]})
SMALL = edgelift.Transformer.from_fields(["timestamp", "c-ip", "sc-status"])
GOOD = b"1700000000.5\t192.0.2.1\t200\n"

ids = st.one_of(st.from_regex(r"[0-9]{1,4}", fullmatch=True), st.text(max_size=150))
rows = st.one_of(
    st.just(GOOD),
    st.sampled_from([b"", b"\n", b"1\t\t\n", b"1\t::1\tx", GOOD + GOOD, b"\t\t", b"1700000000.5\t-\t-\r\n"]),
    st.binary(max_size=60),
)
junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
data = st.one_of(rows.map(encoded), rows.map(encoded), st.text(max_size=20), junk)


def shuffled(members: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.permutations(list(members.items())).map(dict)


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    records = []
    for record_id in draw(st.lists(ids, max_size=8)):
        record = draw(st.dictionaries(st.text(max_size=8), junk, max_size=2)) | {"recordId": record_id}
        if draw(st.integers(0, 9)):
            record["data"] = draw(data)
        else:
            record.pop("data", None)
        records.append(draw(shuffled(record)))
    around = draw(st.dictionaries(st.text(max_size=8), junk, max_size=3))
    return draw(shuffled(around | {"records": records}))


def answered(transformer: edgelift.Transformer, event: bytes) -> dict[str, Any]:
    response = json.loads(transformer.transform_event(event))
    assert isinstance(response, dict)
    return response


@given(
    event=events(),
    separators=st.sampled_from([(",", ":"), (", ", ": "), (" ,\n\t", " :\r ")]),
    ensure_ascii=st.booleans(),
)
def test_answer_to_bytes_equals_answer_to_dicts(
    event: dict[str, Any], separators: tuple[str, str], *, ensure_ascii: bool
) -> None:
    text = json.dumps(event, separators=separators, ensure_ascii=ensure_ascii)
    # An own half of a surrogate pair has no UTF-8; as an escape it may stand.
    raw = text.encode("utf-8", "surrogatepass" if ensure_ascii else "replace")
    parsed = json.loads(raw)
    of_dicts = SMALL.transform_records(parsed["records"])
    answer = SMALL.answer_event(raw)
    assert answer.response is not None
    assert json.loads(answer.response) == {"records": of_dicts.records}
    for name in ("counts", "bytes_in", "bytes_out", "layouts", "first_failures", "duplicates", "oldest"):
        assert getattr(answer.report, name) == getattr(of_dicts.report, name)


@pytest.mark.parametrize("path", ENVELOPES, ids=lambda path: path.stem)
def test_recorded_events_are_answered_like_dicts(path: Path) -> None:
    raw = path.read_bytes()
    event = json.loads(raw)
    response = answered(REAL, raw)
    assert response == {"records": REAL.transform_records(event["records"]).records}
    answer = REAL.answer_event(raw)
    assert (answer.invocation_id, answer.delivery_stream_arn) == (
        event.get("invocationId"),
        event.get("deliveryStreamArn"),
    )


def test_events_may_be_any_bytes_like_object() -> None:
    raw = compact(event_of([GOOD]))
    expected = SMALL.transform_event(raw)
    assert SMALL.transform_event(bytearray(raw)) == expected
    assert SMALL.transform_event(memoryview(raw)) == expected
    text: Any = raw.decode()
    with pytest.raises(TypeError, match="bytes-like"):
        SMALL.transform_event(text)


EXPECTED = 'expected a Firehose transformation event, a dict with a list "records", but '
WRONG: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", EXPECTED + "the event is not JSON: expected a value at byte 0"),
    "not JSON": (b"{'a': 1}", EXPECTED + "the event is not JSON: expected a key in quotes at byte 1"),
    "not UTF-8": (
        b'{"a":"\xff","records":[]}',
        EXPECTED + "the event is not JSON: expected UTF-8 at byte 6",
    ),
    "text after its end": (
        b'{"records":[]} x',
        EXPECTED + "the event is not JSON: expected the end at byte 15",
    ),
    "a list": (b"[]", EXPECTED + "the event is a list"),
    "null": (b"null", EXPECTED + "the event is a NoneType"),
    "a string": (b'"records"', EXPECTED + "the event is a str"),
    "no records": (b"{}", EXPECTED + 'the event has no "records"'),
    "a Kinesis event": (b'{"Records":[]}', EXPECTED + 'the event has no "records"'),
    "records of another type": (b'{"records":{}}', EXPECTED + 'its "records" is a dict'),
    "records that are null": (b'{"records":null}', EXPECTED + 'its "records" is a NoneType'),
    "no recordId": (
        b'{"records":[{"recordId":"1"},{"data":""}]}',
        'records[1] is not a Firehose record: expected an object with a string "recordId"',
    ),
    "a number as recordId": (
        b'{"records":[{"recordId":1,"data":""}]}',
        'records[0] is not a Firehose record: expected an object with a string "recordId"',
    ),
    "a record that is none": (
        b'{"records":["1"]}',
        'records[0] is not a Firehose record: expected an object with a string "recordId"',
    ),
}


@pytest.mark.parametrize(("event", "message"), WRONG.values(), ids=WRONG.keys())
def test_invalid_events_raise(event: bytes, message: str) -> None:
    with pytest.raises(edgelift.EdgeliftError) as caught:
        SMALL.transform_event(event)
    assert type(caught.value) is edgelift.EdgeliftError
    assert str(caught.value) == message


def test_truncated_events_raise() -> None:
    raw = compact(event_of([GOOD, b"bad"], source="kinesis"))
    for end in range(len(raw)):
        with pytest.raises(edgelift.EdgeliftError, match="the event is not JSON"):
            SMALL.transform_event(raw[:end])


@pytest.mark.parametrize(("opened", "closed"), [("[", "]"), ('{"a":', "}")])
def test_deeply_nested_events_are_read(opened: str, closed: str) -> None:
    deep = opened * 10_000 + "1" + closed * 10_000
    event = f'{{"x":{deep},"records":[{{"recordId":"1","data":{deep}}},{{"recordId":"2","data":""}}]}}'
    assert answered(SMALL, event.encode()) == {
        "records": [
            {"recordId": "1", "result": "ProcessingFailed", "data": ""},
            {"recordId": "2", "result": "ProcessingFailed", "data": ""},
        ]
    }
    with pytest.raises(edgelift.EdgeliftError, match="the event is not JSON"):
        SMALL.transform_event(b'{"records":' + opened.encode() * 1_000_000)


def test_ids_are_returned_unchanged() -> None:
    ids = ["x" * 150, 'a"b\\c\n', "\u00e9\u2028\U0001f600", "", "\u0000"]
    records = [{"recordId": record_id, "data": encoded(GOOD)} for record_id in ids]
    for raw in (compact({"records": records}), json.dumps({"records": records}, ensure_ascii=False).encode()):
        assert [answer["recordId"] for answer in answered(SMALL, raw)["records"]] == ids
    half = answered(SMALL, b'{"records":[{"recordId":"\\ud800","data":""}]}')
    assert half["records"][0]["recordId"] == "\ud800"


def test_ids_that_differ_in_escapes_only_are_answered_once() -> None:
    raw = b'{"records":[{"recordId":"ab","data":"!"},{"recordId":"a\\u0062","data":"?"},{"recordId":"b"}]}'
    answer = SMALL.answer_event(raw)
    assert answer.report.duplicates == ("ab",)
    assert answer.response is not None
    assert [record["recordId"] for record in json.loads(answer.response)["records"]] == ["ab", "b"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"A\udc00", r"\u0041\udc00"),
        (r"\udc00\ud800", r"\uDC00\uD800"),
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\ud800\u0041", r"\ud800A"),
        ("/", r"\/"),
    ],
    ids=ascii,
)
def test_equal_ids_with_halves_of_surrogate_pairs_are_one(one: str, other: str) -> None:
    raw = f'{{"records":[{{"recordId":"{one}"}},{{"recordId":"{other}","data":"?"}}]}}'.encode()
    ids = dict.fromkeys(json.loads(f'"{text}"') for text in (one, other))
    assert len(ids) == 1
    of_dicts = SMALL.transform_records(json.loads(raw)["records"])
    answer = SMALL.answer_event(raw)
    assert [record["recordId"] for record in answered(SMALL, raw)["records"]] == list(ids)
    assert of_dicts.records == answered(SMALL, raw)["records"]
    assert answer.report.duplicates == of_dicts.report.duplicates
    assert len(answer.report.duplicates) == 1


def test_different_halves_of_surrogate_pairs_are_different_ids() -> None:
    raw = rb'{"records":[{"recordId":"A\ud800"},{"recordId":"A\udc00"},{"recordId":"A\ufffd"}]}'
    ids = ["A\ud800", "A\udc00", "A\ufffd"]
    assert [record["recordId"] for record in answered(SMALL, raw)["records"]] == ids
    assert SMALL.answer_event(raw).report.duplicates == ()


def test_last_of_equal_keys_counts() -> None:
    raw = b'{"records":1,"records":[{"recordId":"a","recordId":"b","data":"!","data":7}]}'
    assert answered(SMALL, raw) == {"records": [{"recordId": "b", "result": "ProcessingFailed", "data": ""}]}
    assert SMALL.answer_event(raw).report.first_failures == {
        "bad_base64": ("b", "the record's data is not a string but int")
    }


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_or_are_answered(raw: bytes) -> None:
    # Hypothesis takes constants out of the tests too, and some of those are events.
    try:
        response = SMALL.transform_event(raw)
    except edgelift.EdgeliftError:
        return
    ids = dict.fromkeys(record["recordId"] for record in json.loads(raw)["records"])
    assert [answer["recordId"] for answer in json.loads(response)["records"]] == list(ids)


def test_report_has_the_oldest_timestamp_of_the_documents() -> None:
    rows = [b"1700000001\t-\t-", b"1699999999.5\t-\t-", b"1600000000\tx\t-", b"-\t-\t-"]
    report = SMALL.transform_records(event_of(rows)["records"]).report
    assert (report.oldest, report.counts.ok) == (1_699_999_999_500, 3)
    assert SMALL.transform_records([]).report.oldest is None


def test_partition_keys_are_added_to_documents() -> None:
    config = {
        "layouts": [{"fields": ["timestamp", "cs-uri-stem", "x-host-header"]}, {"fields": ["timestamp"]}],
        "firehose": {
            "partition_keys": {
                "dt": "timestamp:%Y-%m-%d",
                "hour": "timestamp:%H%%",
                "h\u00f6st": "x-host-header",
            },
            "partition_default": "none",
        },
    }
    transformer = edgelift.Transformer(config)
    rows = [b"1700000000\t/x\ta%2Fb%20\xc3\xa9", b"-\t-\t-", b"1700000000.9", b"x\ty\tz"]
    event = event_of(rows)
    response = answered(transformer, compact(event))
    assert [answer.get("metadata") for answer in response["records"]] == [
        {"partitionKeys": {"dt": "2023-11-14", "hour": "22%", "h\u00f6st": "a/b \u00e9"}},
        {"partitionKeys": {"dt": "none", "hour": "none", "h\u00f6st": "none"}},
        {"partitionKeys": {"dt": "2023-11-14", "hour": "22%", "h\u00f6st": "none"}},
        None,
    ]
    assert firehose.make_handler(config)(event, None) == response

"""JSON records of standard logs in Firehose events, mixed with real-time rows."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import edgelift
from edgelift import firehose
from tests.engine.standard.samples import REALTIME, V1, as_file, as_json, auto

if TYPE_CHECKING:
    from collections.abc import Callable

CONFIG: dict[str, Any] = {
    "input": {"format": "auto"},
    "layouts": [{"fields": ["timestamp", "x-host-header"]}],
    "firehose": {"partition_keys": {"host": "x-host-header", "day": "timestamp:%Y-%m-%d"}},
    "overflow": {"policy": "slim", "optional": ["cs-cookie"]},
}
RECORDS = [
    b"1700000000.123\td1.cloudfront.net\n",
    b'{"timestamp(ms)":"1731699951183","cs(Host)":"d2.cloudfront.net","asn":"1"}',
    b'{"date":"2024-11-16","time":"00:00:00","cs(Cookie)":"a"}\n',
    b'{"asn":{}}',
    b'{"asn":"2"}',
]
PARTITIONS = [
    {"day": "2023-11-14", "host": "d1.cloudfront.net"},
    {"day": "2024-11-15", "host": "d2.cloudfront.net"},
    {"day": "2024-11-16", "host": "unknown"},
    None,
    {"day": "unknown", "host": "unknown"},
]


def event(records: list[bytes]) -> dict[str, Any]:
    data = [base64.b64encode(record).decode() for record in records]
    return {"records": [{"recordId": str(number), "data": text} for number, text in enumerate(data)]}


def by_handler(config: dict[str, Any]) -> Callable[[dict[str, Any]], Any]:
    handler = firehose.make_handler(config)
    return lambda event: handler(event, None)


def by_bytes(config: dict[str, Any]) -> Callable[[dict[str, Any]], Any]:
    transformer = edgelift.Transformer(config)
    return lambda event: json.loads(transformer.transform_event(json.dumps(event).encode()) or b"")


@pytest.mark.parametrize("make", [by_handler, by_bytes])
def test_json_records_and_rows_are_answered_in_one_event(
    make: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    answers = make(CONFIG)(event(RECORDS))["records"]
    results = [answer["result"] for answer in answers]
    assert results == ["Ok", "Ok", "Ok", "ProcessingFailed", "Ok"]
    assert [answer.get("metadata", {}).get("partitionKeys") for answer in answers] == PARTITIONS
    transformer = edgelift.Transformer(CONFIG)
    made = [base64.b64decode(answer["data"]) for answer in answers if answer["result"] == "Ok"]
    assert made == [transformer.transform(RECORDS[number]) for number in (0, 1, 2, 4)]
    capsys.readouterr()


def test_report_counts_layouts_and_reasons() -> None:
    report = edgelift.Transformer(CONFIG).transform_records(event(RECORDS)["records"]).report
    # One of the layout, three that said themselves what they are.
    assert report.layouts == (1, 3)
    assert report.oldest == 1_700_000_000_123
    message = 'the value of "asn" is an object: a record of a standard log is flat'
    assert report.first_failures == {"bad_json": ("3", message)}
    assert report.counts.by_reason == {"bad_json": 1}


def test_optional_fields_of_json_records_are_left_out() -> None:
    record = json.dumps({"asn": "1", "cs(Cookie)": "c" * 900_000}).encode()
    batch = edgelift.Transformer(CONFIG).transform_records(event([record] * 7)["records"])
    documents = [base64.b64decode(answer["data"]) for answer in batch.records]
    assert batch.report.slimmed == sum(document == b'{"asn":1}' for document in documents) > 0
    assert batch.report.counts.ok == 7


def test_long_json_records_have_time_and_partition_keys() -> None:
    members = {"date": "2024-11-16", "time": "00:00:00", "cs(Host)": "d", "cs(Cookie)": "c" * 200_000}
    records = [json.dumps(members).encode(), RECORDS[1]]
    batch = edgelift.Transformer(CONFIG).transform_records(event(records)["records"])
    keys = [answer["metadata"]["partitionKeys"] for answer in batch.records]
    assert keys == [{"day": "2024-11-16", "host": "d"}, PARTITIONS[1]]
    assert batch.report.oldest == 1_731_699_951_183


def test_more_key_lists_than_the_cache_holds_are_transformed() -> None:
    transformer = auto()
    records = [as_json([name], ["-"] if "(" not in name else ["a"]) for name in V1] * 3
    batch = transformer.transform_records(event(records)["records"])
    assert batch.report.counts.ok == len(records)
    assert [base64.b64decode(answer["data"]) for answer in batch.records] == [
        auto().transform(r) for r in records
    ]


TEXT = st.text(st.sampled_from("abz/.:;=&%20 "), min_size=2, max_size=20).map(
    lambda text: text.replace(" ", "%20")
)
NUMBER = st.integers(0, 10**9).map(str)
SHARED = {
    "c-ip": st.sampled_from(["192.0.2.1", "2001:db8::1", "-"]),
    "sc-bytes": NUMBER,
    "sc-status": st.sampled_from(["200", "000", "404"]),
    "cs(Host)": TEXT,
    "x-host-header": TEXT,
    "cs(User-Agent)": TEXT,
    "cs(Cookie)": TEXT,
    "cs-uri-query": st.one_of(TEXT, st.just("-")),
    "time-taken": st.sampled_from(["0.001", "12.5", "-"]),
    "x-forwarded-for": st.sampled_from(["192.0.2.1,%20192.0.2.2", "-"]),
}


@given(st.fixed_dictionaries(SHARED), TEXT, st.integers(0, 4_000_000_000))
def test_one_request_gives_equal_documents_in_three_formats(
    values: dict[str, str], stem: str, second: int
) -> None:
    """Equal documents but for the second of the time and, with split, the path without query string."""
    query = values["cs-uri-query"]
    full = stem if query == "-" else f"{stem}?{query}"
    order = sorted(
        ["timestamp", "cs-uri-stem", *(REALTIME[name] for name in values)],
        key=lambda name: edgelift.FIELDS[name].position,
    )
    realtime = {REALTIME[name]: value for name, value in values.items()}
    realtime |= {"timestamp": f"{second}.000", "cs-uri-stem": full}
    expected = json.loads(
        edgelift.Transformer.from_fields(order).transform(
            "\t".join(realtime[name] for name in order).encode()
        )
    )
    iso = edgelift.Transformer.from_fields(["timestamp"], timestamp="iso8601")
    when = json.loads(iso.transform(str(second).encode()))["timestamp"]
    row = {"date": when[:10], "time": when[11:19], "cs-uri-stem": stem, **values}
    names = list(row)
    milliseconds = {"timestamp(ms)": f"{second}000", **row}
    for uri, same in (("joined", expected), ("split", expected | {"cs-uri-stem": None})):
        transformer = auto(input={"uri": uri, "decode_twice": False})
        texts = [
            as_file(names, list(row.values())),
            as_file(names, list(row.values()), version=False),
            as_json(names, list(row.values())),
            as_json(list(milliseconds), list(milliseconds.values())),
        ]
        for text in texts:
            document = json.loads(transformer.transform_lines(text).output)
            if uri == "split":
                document["cs-uri-stem"] = None
            assert document == same

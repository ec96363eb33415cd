"""Sizes of rows in requests and responses, against real requests and real responses."""

from __future__ import annotations

import base64
import contextlib
import io
import json
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import edgelift
from benchmarks import naive
from edgelift import firehose
from edgelift.cli.size.payload import (
    FILLED,
    LEAST_TENTHS,
    LIMIT,
    MOST_TENTHS,
    RECORD_ID,
    NaiveHandler,
    ResponseMeter,
    build_request,
    bytes_of,
)
from edgelift.cli.size.sample import WAYS, Sample

if TYPE_CHECKING:
    from collections.abc import Iterable

FIXTURES = Path(__file__).parents[2] / "fixtures"
RECORDED = (FIXTURES / "realtime" / "kds-2022-45col.tsv").read_bytes()

NAMES = ["sc-status", "cs-uri-stem", "cs-user-agent"]
CONFIGS: list[dict[str, Any]] = [
    {"layouts": [{"fields": NAMES}]},
    {"layouts": [{"fields": NAMES}], "output": {"names": "ecs", "newline": True}},
    {"layouts": [{"fields": NAMES}], "firehose": {"partition_keys": {"path": "cs-uri-stem"}}},
    {"layouts": [{"fields": NAMES}], "overflow": {"policy": "reingest"}},
]

# Values that shrink and values that grow: escapes of one byte, of a quotation mark, of what is not ASCII.
VALUES = st.builds(
    lambda part, count: (part * count)[:3000],
    st.sampled_from(["a", "%20", "%22", "%C3%BC", "%F0%9F%98%80", '"', "-"]),
    st.integers(0, 3000),
)
ROWS = st.builds(
    lambda status, path, agent, end: f"{status}\t{path}\t{agent}{end}".encode(),
    st.sampled_from(["200", "404", "2x0"]),
    VALUES,
    VALUES,
    st.sampled_from(["\n", "\r\n"]),
)


def event_of(rows: Iterable[bytes]) -> dict[str, Any]:
    event = json.loads(build_request(rows))
    assert isinstance(event, dict)
    return event


def handled(config: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    with contextlib.redirect_stdout(io.StringIO()):
        return firehose.make_handler(config)(event, None)


def test_requests_look_like_recorded_ones() -> None:
    recorded = json.loads((FIXTURES / "firehose" / "event-kinesis-source.json").read_text("utf-8"))
    event = event_of([b"200\n", b"404\n"])
    assert {key: type(value) for key, value in event.items()} == {
        key: type(value) for key, value in recorded.items()
    }
    (first, second), like = event["records"], recorded["records"][0]
    assert first.keys() == like.keys()
    assert first["kinesisRecordMetadata"].keys() == like["kinesisRecordMetadata"].keys()
    for key in "shardId", "partitionKey", "sequenceNumber":
        assert len(first["kinesisRecordMetadata"][key]) == len(like["kinesisRecordMetadata"][key])
    assert [base64.b64decode(record["data"]) for record in (first, second)] == [b"200\n", b"404\n"]
    assert event_of([])["records"] == []


@pytest.mark.parametrize("row", [RECORDED, RECORDED.replace(b"\n", b"\r\n"), b"", b"a\tb\xff\n", b"\t" * 99])
def test_naive_sizes_equal_responses_of_the_naive_handler(row: bytes) -> None:
    names = list(edgelift.FIELDS)[:45]
    event = event_of([row.replace(b"\xff", "\ufffd".encode())] * 3)
    response = naive.make_handler(names)(event, None)
    assert NaiveHandler.overhead + 3 * NaiveHandler([names]).response_size(row) == len(json.dumps(response))


def test_naive_handler_uses_the_layout_with_the_same_column_count() -> None:
    layouts = [["a"], ["long", "names"], ["b", "c"]]
    assert NaiveHandler(layouts).response_size(b"1\t2\n") == NaiveHandler([["long", "names"]]).response_size(
        b"1\t2\n"
    )
    assert NaiveHandler(layouts).response_size(b"1\t2\t3\n") == NaiveHandler([["a"]]).response_size(b"1\n")


@given(st.sampled_from(CONFIGS), st.lists(ROWS, max_size=4))
def test_row_sizes_add_up_to_the_whole_response(config: dict[str, Any], rows: list[bytes]) -> None:
    # A repeated recordId would not be answered.
    event = event_of(rows)
    for number, record in enumerate(event["records"]):
        record["recordId"] = f"{number:0{len(RECORD_ID)}}"
    transformer = edgelift.Transformer(config)
    meter = ResponseMeter(transformer)
    answers = [meter.measure(row) for row in rows]
    if rows:
        response = json.dumps(handled(config, event))
        assert meter.handler_overhead + sum(answer.handler for answer in answers) == len(response)
        raw = transformer.transform_event(json.dumps(event).encode())
        assert meter.raw_overhead + sum(answer.raw for answer in answers) == len(raw)
    failed = [answer.report.counts.failed for answer in answers]
    assert failed == [int(row.startswith(b"2x0")) for row in rows]


def buffer_from(begin: int, rows: list[bytes], tenths: int) -> dict[str, Any]:
    """Make the request of a full buffer that begins with one of the rows."""
    taken: list[bytes] = []
    size = 0
    for row in islice(cycle(rows), begin, None):
        if size >= bytes_of(tenths):
            break
        taken.append(row)
        size += len(row)
    event = event_of(taken)
    for number, record in enumerate(event["records"]):
        record["recordId"] = f"{number:0{len(RECORD_ID)}}"
    return event


def size_of_response(name: str, config: dict[str, Any], event: dict[str, Any]) -> int:
    """Have a request answered, where no record may fail but those that fail always."""
    if name == "naive":
        return len(json.dumps(naive.make_handler(NAMES)(event, None)))
    if name == "raw":
        text = edgelift.Transformer(config).transform_event(json.dumps(event).encode()).decode()
    else:
        text = json.dumps(handled(config, event))
    bad = base64.b64encode(b"2x0").decode()
    assert text.count('"ProcessingFailed"') == sum(
        record["data"].startswith(bad) for record in event["records"]
    )
    assert "Dropped" not in text
    return len(text)


@settings(max_examples=15)
@given(st.sampled_from(CONFIGS), st.lists(ROWS, min_size=1, max_size=3))
@example(CONFIGS[0], [b"200\t/\t-\n"])
@example(CONFIGS[1], [b"200\t" + b"%22" * 900 + b"\t-\n"])
@example(CONFIGS[2], [b"200\t" + b"a" * 1300 + b"\t-\n", b"2x0\t/\t" + b"b" * 500 + b"\n"])
def test_full_buffers_never_overflow(config: dict[str, Any], rows: list[bytes]) -> None:
    sample = Sample(edgelift.Transformer(config))
    for number, row in enumerate(rows, 1):
        sample.add(row, number)
    for name in WAYS:
        way = sample.way(name)
        if way.tenths is None:
            assert max(way.fullest_request, way.fullest_response) > FILLED
            continue
        events = [buffer_from(begin, rows, way.tenths) for begin in range(len(rows))]
        requests = [len(json.dumps(event, separators=(",", ":"))) for event in events]
        responses = [size_of_response(name, config, event) for event in events]
        assert max(requests) == way.fullest_request <= FILLED < LIMIT
        assert max(responses) == way.fullest_response <= FILLED


def test_batch_is_a_full_buffer() -> None:
    sample = Sample(edgelift.Transformer(CONFIGS[0]))
    rows = [b"200\t/%d\t-\n" % number + b"x" * 999 for number in range(300)]
    for number, row in enumerate(rows, 1):
        sample.add(row, number)
    for tenths in LEAST_TENTHS, MOST_TENTHS:
        batch = sample.batch(tenths)
        assert sum(map(len, batch[:-1])) < bytes_of(tenths) <= sum(map(len, batch))
        assert batch == list(islice(cycle(rows), len(batch)))


def test_batch_of_short_rows_is_a_full_request() -> None:
    sample = Sample(edgelift.Transformer({"layouts": [{"fields": ["sc-status"]}]}))
    for number in range(20_000):
        sample.add(b"200\n", number)
    batch = sample.batch(MOST_TENTHS)
    assert LIMIT - 1000 < len(build_request(batch)) <= LIMIT

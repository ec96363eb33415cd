"""Batches of typed columns: the rows are the documents, and packages that read Arrow take them."""

from __future__ import annotations

import json
import signal
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import duckdb
import polars as pl
import pyarrow as pa
import pytest

from edgelift import ConfigError, EdgeliftError, Transformer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edgelift._core import ColumnStream

FIELDS = [
    "timestamp",
    "c-ip",
    "sc-status",
    "sc-bytes",
    "cs-uri-stem",
    "time-taken",
    "x-forwarded-for",
    "cs-headers",
]
ROW = b"1700000000.123\t192.0.2.1\t200\t1024\t/a%20b\t0.050\t192.0.2.7,%20::1\tHost:a%0AAccept:%2A/%2A%0A\n"
MISSING = b"1700000001.9999\t::1\t404\t-\t-\t-\t-\t-\n"
BAD = b"1700000002\t192.0.2.1\t2x0\t1\t/\t0.050\t-\t-\n"


def transformer(**output: object) -> Transformer:
    return Transformer({"layouts": [{"fields": FIELDS}], "output": output})


def table(batches: object) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = pa.table(batches).to_pylist()
    return rows


def test_rows_have_typed_values() -> None:
    batches = transformer().batches([ROW, MISSING])
    first, second = table(batches)
    assert first == {
        "timestamp": datetime(2023, 11, 14, 22, 13, 20, 123_000, tzinfo=UTC),
        "c_ip": "192.0.2.1",
        "time_taken": 0.05,
        "sc_status": 200,
        "sc_bytes": 1024,
        "cs_uri_stem": "/a b",
        "x_forwarded_for": ["192.0.2.7", "::1"],
        "cs_headers": [{"name": "Host", "value": "a"}, {"name": "Accept", "value": "*/*"}],
        "_unparsed": None,
        "_other": None,
    }
    present = {name: value for name, value in second.items() if value is not None}
    timestamp = datetime(2023, 11, 14, 22, 13, 21, 999_000, tzinfo=UTC)
    assert present == {"timestamp": timestamp, "c_ip": "::1", "sc_status": 404}
    assert (batches.counts.read, batches.counts.ok) == (2, 2)


def test_schema_has_a_type_per_kind() -> None:
    schema = pa.schema(transformer().schema(columns=["timestamp", "sc_status", "sc_bytes", "cs_headers"]))
    assert schema.types[:3] == [pa.timestamp("us", "UTC"), pa.int32(), pa.int64()]
    pair = pa.struct([("name", pa.string()), ("value", pa.string())])
    assert schema.field("cs_headers").type == pa.list_(pair)
    assert transformer().schema().names[-2:] == ("_unparsed", "_other")
    assert all(field.nullable for field in pa.schema(transformer().schema()))


def test_names_are_snake_unless_they_are_written() -> None:
    assert Transformer.from_fields(["c-ip"]).schema().names[0] == "c_ip"
    assert Transformer.from_fields(["c-ip"], names="cloudfront").schema().names[0] == "c-ip"
    assert Transformer.from_fields(["c-ip"], names="ecs").schema().names[0] == "source.ip"


def test_batches_end_at_the_limit_of_rows() -> None:
    batches = list(transformer().batches([ROW * 5], rows=2))
    assert [len(batch) for batch in batches] == [2, 2, 1]


def test_failures_come_with_the_batch_of_their_rows() -> None:
    batches = list(transformer().batches([ROW + BAD + ROW, BAD], rows=2))
    assert [len(batch) for batch in batches] == [2, 0]
    (failure,), (last,) = (batch.failures for batch in batches)
    assert (failure.line, failure.reason, failure.field) == (2, "bad_value", "sc-status")
    assert failure.raw + b"\n" == BAD
    assert last.line == 4


def test_chunks_may_be_split_at_any_byte() -> None:
    text = ROW + BAD + MISSING
    whole = table(transformer().batches([text]))
    for cut in range(len(text)):
        stream = transformer().column_stream()
        batches = stream.feed(text[:cut]) + stream.feed(text[cut:]) + stream.finish()
        assert [row for batch in batches for row in pa.record_batch(batch).to_pylist()] == whole
        assert stream.counts == transformer().transform_lines(text).counts


def test_columns_are_those_that_are_selected() -> None:
    batches = transformer().batches([ROW], columns=["sc_status", "c_ip"])
    assert table(batches) == [{"sc_status": 200, "c_ip": "192.0.2.1"}]


def test_no_columns_still_have_rows() -> None:
    (batch,) = transformer().batches([ROW * 3], columns=[])
    assert len(batch) == 3
    assert pa.record_batch(batch).num_rows == 3


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["sc-status"], r'unknown column "sc-status"; did you mean "sc_status"\?'),
        (["c_ip", "c_ip"], 'column "c_ip" is selected twice'),
    ],
)
def test_unknown_columns_are_refused(columns: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        transformer().schema(columns)


def test_values_as_text_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"output\.values: columns have types"):
        transformer(values="text").batches([])


def test_a_batch_of_no_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="rows is 0"):
        transformer().batches([], rows=0)


def test_each_file_has_its_header() -> None:
    stream = Transformer({"input": {"format": "standard"}}).column_stream(
        columns=["timestamp", "sc_status", "_other"]
    )
    stream.feed(b"#Fields: sc-status x-new\n200\tb%20c\n")
    stream.begin_file()
    (batch,) = stream.feed(b"200\n#Fields: date time\n2024-11-15\t19:45:51\n") + stream.finish()
    rows = pa.record_batch(batch).to_pylist()
    assert [{name: value for name, value in row.items() if value is not None} for row in rows] == [
        {"sc_status": 200, "_other": [{"name": "x_new", "value": "b c"}]},
        {"timestamp": datetime(2024, 11, 15, 19, 45, 51, tzinfo=UTC)},
    ]
    assert [failure.reason for failure in batch.failures] == ["no_header"]


def test_polars_and_duckdb_read_batches() -> None:
    frame = pl.DataFrame(transformer().batches([ROW, MISSING], rows=1))
    assert frame["sc_status"].to_list() == [200, 404]
    assert frame.schema["timestamp"] == pl.Datetime("us", "UTC")
    connection = duckdb.connect()
    connection.register("rows", transformer().batches([ROW, MISSING], rows=1))
    assert connection.sql("select sum(sc_status), count(c_ip) from rows").fetchall() == [(604, 2)]


def test_a_stream_ends_with_the_error_of_its_chunks() -> None:
    def chunks() -> Iterator[bytes]:
        yield ROW
        raise OSError("disk on fire")

    with pytest.raises(Exception, match="disk on fire"):
        pa.table(transformer().batches(chunks(), rows=1))
    with pytest.raises(OSError, match="disk on fire"):
        list(transformer().batches(chunks(), rows=1))


def test_capsules_release_what_is_not_read() -> None:
    (batch,) = transformer().batches([ROW])
    for _ in range(3):
        batch.__arrow_c_array__()
    batch.__arrow_c_schema__()
    transformer().batches([ROW]).__arrow_c_stream__()
    assert pa.record_batch(batch).num_rows == 1


def test_a_schema_exports_any_batches_as_a_stream() -> None:
    source = transformer()

    class Scan:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return source.schema().export_stream(iter(source.batches([ROW])))

    assert pa.table(Scan()).num_rows == 1


@contextmanager
def signal_in_a_chunk(stream: ColumnStream, handler: Callable[..., None]) -> Iterator[None]:
    """Call a handler in the middle of the first chunk of a stream."""

    def send() -> None:
        while not stream.counts.read:
            time.sleep(0.001)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGALRM)

    before = signal.signal(signal.SIGALRM, handler)
    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        signal.signal(signal.SIGALRM, before)


def test_a_signal_handler_cannot_use_the_stream_that_it_interrupted() -> None:
    stream = transformer().column_stream()
    refused: list[str] = []

    def use(*_: object) -> None:
        with pytest.raises(EdgeliftError) as caught:
            stream.feed(ROW)
        refused.append(str(caught.value))

    with signal_in_a_chunk(stream, use):
        batches = stream.feed(ROW * 500_000)
    assert sum(len(batch) for batch in batches + stream.finish()) == 500_000
    assert refused == ["the stream is in the middle of a chunk; one thread at a time uses a stream"]


def test_a_finished_stream_takes_no_chunk() -> None:
    stream = transformer().column_stream()
    assert stream.finish() == []
    with pytest.raises(ValueError, match="the stream is finished; begin a new one"):
        stream.feed(ROW)


def test_signals_interrupt_a_long_chunk() -> None:
    def stop(*_: object) -> None:
        raise InterruptedError

    stream = transformer().column_stream()
    with signal_in_a_chunk(stream, stop), pytest.raises(InterruptedError):
        stream.feed(ROW * 500_000)
    with pytest.raises(ValueError, match="interrupted in the middle of a chunk"):
        stream.finish()


def test_columns_are_the_documents() -> None:
    text = (ROW + MISSING) * 20
    documents = [
        json.loads(line) for line in transformer(names="snake").transform_lines(text).output.splitlines()
    ]
    rows = table(transformer().batches([text], columns=["c_ip", "sc_status", "time_taken", "cs_headers"]))
    assert rows == [{name: document.get(name) for name in rows[0]} for document in documents]

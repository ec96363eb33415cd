"""JSON records whose texts are percent-encoded, or decoded already, in each way in."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

import edgelift
import edgelift.pure
from edgelift import firehose, runtime
from edgelift.inputs.parquet.records import records as records_of
from tests.engine.standard.samples import FIXTURES, auto

if TYPE_CHECKING:
    from pathlib import Path

    Record = dict[str, Any]

ENCODED: Record = {"cs-uri-query": "q=100%2525", "cs(User-Agent)": "Mozilla/5.0%20(X11)", "sc-status": 200}
DECODED: Record = {"cs-uri-query": "q=100%25", "cs(User-Agent)": "Mozilla/5.0 (X11)", "sc-status": 200}
DOCUMENT: Record = {"cs-uri-query": "q=100%25", "cs-user-agent": "Mozilla/5.0 (X11)", "sc-status": 200}
MIXED = [ENCODED, DECODED, DECODED, ENCODED, {name: str(value) for name, value in DECODED.items()}]


def as_line(record: Record) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"


LINES = [as_line(record) for record in MIXED]


def documents(output: bytes) -> list[Record]:
    return [json.loads(line) for line in output.splitlines()]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_each_record_of_a_stream_is_read_as_what_it_is(size: int) -> None:
    stream, data = auto().stream(), b"".join(LINES)
    results = [stream.feed(data[at : at + size]) for at in range(0, len(data), size)]
    output = b"".join(bytes(result.output) for result in [*results, stream.finish()])
    assert documents(output) == [DOCUMENT] * len(MIXED)


def test_recorded_records_are_encoded() -> None:
    data = (FIXTURES / "standard" / "v2-json-firehose.jsonl").read_bytes()
    always = auto({"decode_json": True})
    assert bytes(auto().transform_lines(data).output) == bytes(always.transform_lines(data).output)


@pytest.mark.parametrize("make", [firehose.make_handler, runtime.make_handler], ids=["dicts", "bytes"])
def test_records_of_firehose_are_read_as_what_they_are(make: Any) -> None:  # noqa: ANN401
    keys = {"partition_keys": {"query": "cs-uri-query"}}
    handler = make({"input": {"format": "auto"}, "firehose": keys})
    records = [
        {"recordId": str(index), "data": base64.b64encode(line).decode()} for index, line in enumerate(LINES)
    ]
    event: Any = {"invocationId": "1", "deliveryStreamArn": "arn", "records": records}
    if make is runtime.make_handler:
        event = json.dumps(event).encode()
    answer = handler(event, None)
    answers = (json.loads(answer) if isinstance(answer, bytes) else answer)["records"]
    assert [json.loads(base64.b64decode(answer["data"])) for answer in answers] == [DOCUMENT] * len(MIXED)
    assert {answer["metadata"]["partitionKeys"]["query"] for answer in answers} == {"q=100%25"}


def test_source_records_of_error_objects_are_read_as_what_they_are() -> None:
    error = {"attemptsMade": 4, "errorCode": "Lambda.FunctionError", "lambdaARN": "arn"}
    lines = [as_line(error | {"rawData": base64.b64encode(line).decode()}) for line in LINES]
    result = auto().transform_lines(b"".join(lines))
    assert documents(bytes(result.output)) == [DOCUMENT] * len(MIXED)


def test_rows_of_parquet_files_are_read_as_what_they_are(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    rows = [{name: str(value) for name, value in record.items()} for record in MIXED]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "log.parquet")
    with (tmp_path / "log.parquet").open("rb") as file:
        records = b"".join(records_of(file.fileno()))
    assert documents(bytes(auto().transform_lines(records).output)) == [DOCUMENT] * len(MIXED)


def test_explain_shows_the_values_of_the_document() -> None:
    for line in LINES:
        values = {column.field: column.value for column in auto().explain(line)}
        assert values["cs-uri-query"] == '"q=100%25"'


@pytest.mark.parametrize(("decode", "query"), [(True, "q=100%"), (False, "q=100%25"), ("auto", "q=100%25")])
def test_the_option_decides(decode: object, query: str) -> None:
    document = json.loads(auto({"decode_json": decode}).transform(LINES[1]))
    assert document["cs-uri-query"] == query


def test_rows_are_decoded_whatever_the_option_says() -> None:
    log = b"#Fields: cs-uri-query c-ip\nq=100%2525\t::1\n"
    output = auto({"decode_json": False}).transform_lines(log).output
    assert documents(bytes(output)) == [{"cs-uri-query": "q=100%25", "c-ip": "::1"}]


def test_the_first_error_has_the_offset_of_its_value() -> None:
    transformer = auto()
    record = b'{"c-ip":"::1","asn":"%s"}'
    assert transformer.transform(record % b"1")
    for value in [b"x", b"a b"]:
        with pytest.raises(edgelift.RecordError) as caught:
            transformer.transform(record % value)
        assert (caught.value.field, caught.value.offset) == ("asn", 20)


def test_pure_refuses_the_option() -> None:
    config = {"input": {"decode_json": False}, "layouts": [{"fields": ["c-ip"]}]}
    with pytest.raises(edgelift.ConfigError) as caught:
        edgelift.pure.Transformer(config)
    assert caught.value.key == "input.decode_json"


@pytest.mark.parametrize("choice", ["auto", True, False])
def test_options_show_the_choice(choice: object) -> None:
    assert auto({"decode_json": choice}).options["input"]["decode_json"] == choice

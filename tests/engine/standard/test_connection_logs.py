"""Connection logs, through each way in: names, values, times and what is said of them."""

from __future__ import annotations

import base64
import csv
import json
from typing import TYPE_CHECKING, Any

import pytest

import edgelift
from edgelift import Transformer, firehose
from edgelift._core import CONNECTION_FIELDS
from tests.engine.standard.samples import FIXTURES, as_file, as_json, auto

if TYPE_CHECKING:
    from collections.abc import Iterable

with (FIXTURES / "connection-fields.csv").open(newline="", encoding="utf-8") as _file:
    FIELDS = list(csv.DictReader(_file))
NAMES = [field["name"] for field in FIELDS]
EXAMPLES = [field["example"] for field in FIELDS]


def documents(transformer: Transformer, data: bytes) -> list[dict[str, Any]]:
    result = transformer.transform_lines(data)
    assert not result.failures
    return [json.loads(line) for line in bytes(result.output).splitlines()]


def detected(transformer: Transformer, chunks: Iterable[bytes]) -> list[str]:
    stream = transformer.stream()
    for chunk in chunks:
        stream.feed(chunk)
    stream.finish()
    return list(stream.detected_formats)


def test_table_equals_the_fixture() -> None:
    assert list(CONNECTION_FIELDS) == NAMES
    for position, (row, field) in enumerate(zip(FIELDS, CONNECTION_FIELDS.values(), strict=True), 1):
        assert (field.position, field.name, field.kind) == (position, row["name"], row["kind"])
        assert field.unproven
        assert field.standard is None
        assert field.meaning
        keys = {profile: row[profile] for profile in ("snake", "ecs", "otel")}
        assert dict(field.keys) == {"cloudfront": row["name"], **keys}


@pytest.mark.parametrize("names", ["cloudfront", "snake", "ecs", "otel"])
def test_headers_json_and_layouts_give_the_same_document(names: str) -> None:
    output = {"names": names}
    row = "\t".join(EXAMPLES).encode() + b"\n"
    plain = {"output": output, "layouts": [{"fields": NAMES}]}
    (expected,) = documents(auto(output=output), as_json(NAMES, EXAMPLES))
    assert list(expected) == [CONNECTION_FIELDS[name].keys[names] for name in NAMES]
    for version in (True, False):
        assert documents(auto(output=output), as_file(NAMES, EXAMPLES, version=version)) == [expected]
    for format in ("auto", "standard"):  # noqa: A001 -- the name of the option
        assert documents(Transformer({"input": {"format": format}, **plain}), row) == [expected]
    kinds = [type(value) for value in expected.values()]
    assert [kind is int for kind in kinds] == [field["kind"] in ("timestamp", "integer") for field in FIELDS]


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (as_file(NAMES, EXAMPLES), ["a connection log (17 columns)"]),
        (as_file(["clientIp"], ["::1"]), ["a connection log (1 column)"]),
        (as_json(NAMES, EXAMPLES), ["JSON records of a connection log"]),
        (
            as_json(NAMES, EXAMPLES) + b'\n{"asn":"1"}\n',
            ["JSON records of a connection log", "JSON records of a standard log, version 2"],
        ),
    ],
)
def test_connection_logs_are_reported_as_such(log: bytes, words: list[str]) -> None:
    assert detected(auto(), [log]) == words
    assert detected(auto(), (log[at : at + 1] for at in range(len(log)))) == words


def test_rows_without_a_header_are_reported_as_such() -> None:
    transformer = Transformer.from_fields(["eventTimestamp", "clientIp"])
    assert detected(transformer, [b"1731620046814\t::1\n"]) == ["rows of a connection log without a header"]


@pytest.mark.parametrize(
    ("format", "fields", "message"),
    [
        (
            "realtime",
            ["timestamp", "eventTimestamp"],
            '"eventTimestamp" is a field of connection logs, and the list is read as one of real-time logs',
        ),
        (
            "standard",
            ["date", "clientIp"],
            '"clientIp" is a field of connection logs, and the list is read as one of standard logs',
        ),
    ],
)
def test_a_list_with_names_of_two_kinds_of_logs_is_refused(
    format: str,  # noqa: A002 -- the name of the option
    fields: list[str],
    message: str,
) -> None:
    with pytest.raises(edgelift.ConfigError) as caught:
        Transformer({"input": {"format": format}, "layouts": [{"fields": fields}]})
    assert message in str(caught.value)
    assert caught.value.key == "layouts[0].fields[1]"


def test_layouts_of_standard_and_connection_logs_stand_side_by_side() -> None:
    layouts = [{"fields": ["date", "c-ip"]}, {"fields": ["eventTimestamp", "clientIp", "tlsSni"]}]
    rows = b"2024-11-15\t::1\n1731620046814\t::2\ta\n"
    assert documents(Transformer({"layouts": layouts}), rows) == [
        {"date": "2024-11-15", "c-ip": "::1"},
        {"eventTimestamp": 1731620046814, "clientIp": "::2", "tlsSni": "a"},
    ]


def test_custom_and_unknown_fields_are_in_the_document() -> None:
    custom = [{"name": "x-new", "kind": "integer", "after": "c-ip"}]
    transformer = Transformer({"input": {"format": "auto"}, "custom_fields": custom})
    (document,) = documents(transformer, b'{"clientIp":"::1","x-new":"07","x-other":"07"}')
    assert document == {"clientIp": "::1", "x-new": 7, "x-other": "07"}


@pytest.mark.parametrize("time", ["1731620046814", "2024-11-14T21:34:06.814Z"])
@pytest.mark.parametrize("field", ["timestamp", "eventTimestamp"])
def test_partition_keys_use_the_time(field: str, time: str) -> None:
    keys = {"hour": f"{field}:%Y%m%d%H", "status": "connectionStatus", "time": field}
    config = {"input": {"format": "auto"}, "firehose": {"partition_keys": keys}}
    record = json.dumps({"eventTimestamp": time, "connectionStatus": "Success"}).encode()
    data = base64.b64encode(record).decode()
    event = {"invocationId": "1", "deliveryStreamArn": "arn", "records": [{"recordId": "1", "data": data}]}
    (answer,) = firehose.make_handler(config)(event, None)["records"]
    assert answer["result"] == "Ok"
    expected = {"hour": "2024111421", "status": "Success", "time": time}
    assert answer["metadata"]["partitionKeys"] == expected


@pytest.mark.parametrize(
    ("written", "key"), [("C=US, O=100%25", "C=US, O=100%25"), ("C%3DUS%20O", "C=US O"), ("50%", "50%")]
)
def test_partition_keys_are_decoded_if_all_of_the_text_is_encoded(written: str, key: str) -> None:
    config = {
        "input": {"format": "auto"},
        "firehose": {"partition_keys": {"subject": "clientLeafCertSubject"}},
    }
    data = base64.b64encode(as_json(["clientLeafCertSubject"], [written])).decode()
    event = {"invocationId": "1", "deliveryStreamArn": "arn", "records": [{"recordId": "1", "data": data}]}
    (answer,) = firehose.make_handler(config)(event, None)["records"]
    assert answer["metadata"]["partitionKeys"] == {"subject": key}


def test_raw_fields_keep_their_escapes() -> None:
    log = as_json(["tlsSni", "connectionLogCustomData"], ["a%20b", "a%20b"])
    (document,) = documents(auto(output={"raw": ["tlsSni"]}), log)
    assert document == {"tlsSni": "a%20b", "connectionLogCustomData": "a b"}


@pytest.mark.parametrize(("decode_json", "data"), [("auto", "a b"), (True, "a b"), (False, "a%20b")])
def test_each_text_of_a_json_record_decides_whether_it_is_encoded(decode_json: object, data: str) -> None:
    transformer = Transformer({"input": {"format": "auto", "decode_json": decode_json}})
    log = as_json(["clientLeafCertSubject", "connectionLogCustomData"], ["C=US, O=a%20b", "a%20b"])
    assert documents(transformer, log) == [
        {"clientLeafCertSubject": "C=US, O=a%20b", "connectionLogCustomData": data}
    ]


@pytest.mark.parametrize("time", ["1731620046814", "2024-11-14T21:34:06Z"])
def test_indices_are_named_by_the_time(time: str) -> None:
    transformer = auto(bulk={"index": "cdn-{yyyy}-{MM}-{dd}-{HH}"})
    stream = transformer.stream(format="bulk")
    log = as_file(["eventTimestamp", "clientIp"], [time, "::1"], ["-", "::1"])
    (first, second) = (stream.feed(log), stream.finish())
    action = json.loads(bytes(first.output).splitlines()[0])
    assert action["create"]["_index"] == "cdn-2024-11-14-21"
    (failure,) = (*first.failures, *second.failures)
    assert failure.reason == "missing_timestamp"
    assert "eventTimestamp" in failure.message


def test_explain_names_fields_and_misfits() -> None:
    record = as_json(["eventTimestamp", "clientLeafCertSubject", "clientPort"], ["x", "C%3DUS%20", "1"])
    columns = auto().explain(record)
    assert [(column.field, column.kind, column.value) for column in columns] == [
        ("eventTimestamp", "timestamp", None),
        ("clientLeafCertSubject", "text", '"C=US "'),
        ("clientPort", "integer", "1"),
    ]
    assert columns[0].note == "not a timestamp in milliseconds or ISO 8601: goes into _unparsed"

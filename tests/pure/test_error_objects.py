"""Error objects, which the engine reads and the pure path refuses, and other lines that are not rows."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

import edgelift
from edgelift import pure

ROW = b"1700000000.123\t192.0.2.1"
BEGINNING = {
    "attemptsMade": 4,
    "errorCode": "Lambda.FunctionError",
    "rawData": base64.b64encode(ROW).decode(),
}
REFUSAL = (
    "the line is an error object of Firehose with {}: "
    "edgelift.pure reads rows only, edgelift.Transformer reads error objects"
)


def refused(line: bytes, fields: list[str]) -> str:
    """Return the message of a line that fails, between rows that do not."""
    transformer = pure.Transformer.from_fields(fields)
    row = b"\t".join(ROW.split(b"\t")[: len(fields)])
    result = transformer.transform_lines(row + b"\n" + line + b"\n" + row)
    assert (result.counts.read, result.counts.ok) == (3, 2)
    (failure,) = result.failures
    assert (failure.line, failure.reason, failure.raw) == (2, "bad_error_object", line)
    return failure.message


@pytest.mark.parametrize("fields", [["timestamp", "c-ip"], ["cs-uri-stem"]], ids=["rows", "text"])
def test_error_object_with_a_source_record_is_refused(fields: list[str]) -> None:
    line = json.dumps(BEGINNING | {"lambdaARN": "arn"}).encode()
    assert refused(line, fields) == REFUSAL.format("a source record")


@pytest.mark.parametrize("fields", [["timestamp", "c-ip"], ["cs-uri-stem"]], ids=["rows", "text"])
@pytest.mark.parametrize("key", ["esIndexName", "osIndexName"])
def test_error_object_with_a_transformed_document_is_refused(key: str, fields: list[str]) -> None:
    line = json.dumps(BEGINNING | {key: "logs"}).encode()
    assert refused(line, fields) == REFUSAL.format("a document that is transformed already")


@pytest.mark.parametrize(
    "line",
    [
        b'{"rawData":',
        b'{ "ATTEMPTSMADE" : 4}',
        b'{"other": 1, "rawData": "e30="}',
        b' \t{"rawData":',
        b" " * 64 + b'{"other": 1, "rawData": "e30="}',
    ],
    ids=["incomplete", "without data", "unknown first key", "blanks", "many blanks"],
)
def test_whatever_the_engine_reads_as_an_error_object_is_refused(line: bytes) -> None:
    fields = ["timestamp", "c-ip"]
    (failure,) = edgelift.Transformer.from_fields(fields).transform_lines(line).failures
    assert failure.reason == "bad_error_object"
    assert refused(line, fields) == REFUSAL.format("a source record")


@pytest.mark.parametrize("fields", [["timestamp", "c-ip"], ["cs-uri-stem"]], ids=["rows", "text"])
@pytest.mark.parametrize(
    "line",
    [b'{"timestamp":1700000000123}', b"{}", b'{"rawdata', b"[1]", b"#Version: 1.0", b"#Fields: date time"],
)
def test_document_or_directive_is_a_row_to_both(line: bytes, fields: list[str]) -> None:
    config = {"input": {"format": "realtime"}, "layouts": [{"fields": fields}]}
    core, plain = edgelift.Transformer(config), pure.Transformer(config)
    assert plain.transform_lines(line) == core.transform_lines(line)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"input": {"format": "standard"}},
            "input.format: edgelift.pure reads real-time rows only, edgelift reads standard logs",
        ),
        ({}, "layouts: edgelift.pure needs the fields of real-time rows, edgelift reads standard logs"),
    ],
)
def test_configuration_of_standard_logs_is_refused(config: dict[str, Any], message: str) -> None:
    with pytest.raises(edgelift.ConfigError) as caught:
        pure.Transformer(config)
    assert str(caught.value) == message

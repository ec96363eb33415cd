"""Variants of standard logs: delimiters, spellings of header lines, and blanks before JSON records."""

from __future__ import annotations

import base64
import gzip
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from edgelift import Transformer, firehose, runtime
from tests.engine.standard.samples import auto

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT = {"c-ip": "192.0.2.1", "cs-uri-stem": "/a b", "sc-status": 200}
NAMES = "c-ip cs-uri-stem sc-status"
VALUES = ["192.0.2.1", "/a%20b", "200"]
RECORD = b'{"c-ip":"192.0.2.1","cs-uri-stem":"/a%20b","sc-status":"200"}'
BLANKS = [b" ", b"\t", b"   \t ", b"\r", b" " * 64]
BLANK_IDS = ["blank", "tab", "mixed", "return", "many"]


def documents(transformer: Transformer, data: bytes) -> list[dict[str, Any]]:
    result = transformer.transform_lines(data)
    assert not result.failures
    return [json.loads(line) for line in bytes(result.output).splitlines()]


@pytest.mark.parametrize("format", ["auto", "standard"])
@pytest.mark.parametrize("version", ["", "#Version: 1.0\n", "#Version: 2.0\n", "# version: 1.0\n"])
@pytest.mark.parametrize("delimiter", ["\t", ",", ";;", "|", " ", "\u00e9"])
def test_a_delimiter_counts_with_and_without_a_version(delimiter: str, version: str, format: str) -> None:  # noqa: A002
    log = f"{version}#Fields: {NAMES}\n{delimiter.join(VALUES)}\n{delimiter.join(VALUES)}\n".encode()
    transformer = Transformer({"input": {"format": format, "delimiter": delimiter}})
    assert documents(transformer, log) == [DOCUMENT] * 2
    explained = transformer.explain(log.rpartition(b"\n" + delimiter.join(VALUES).encode())[0] + b"\n")
    assert [json.loads(column.value or "") for column in explained] == list(DOCUMENT.values())


@pytest.mark.parametrize("version", ["", "#Version: 1.0\n"])
@pytest.mark.parametrize("delimiter", [",", "|"])
def test_names_may_be_delimited_like_values(delimiter: str, version: str) -> None:
    log = f"{version}#Fields: {delimiter.join(NAMES.split())}\n{delimiter.join(VALUES)}\n".encode()
    assert documents(auto({"delimiter": delimiter}), log) == [DOCUMENT]


def test_a_log_of_version_1_has_tabs_whatever_the_delimiter() -> None:
    row = "\t".join([VALUES[0], "/a,%20b", VALUES[2]])
    log = f"#Version: 1.0\n#Fields: {NAMES}\n{row}\n".encode()
    assert documents(auto({"delimiter": ","}), log) == [DOCUMENT | {"cs-uri-stem": "/a, b"}]


def test_a_misfit_in_a_delimited_row_has_its_offset() -> None:
    log = f"#Version: 1.0\n#Fields: {NAMES}\n192.0.2.1;;/;;x\n192.0.2.1\t/\tx\n".encode()
    failures = auto({"delimiter": ";;"}).transform_lines(log).failures
    assert [(failure.reason, failure.column, failure.field) for failure in failures] == [
        ("bad_value", 3, "sc-status")
    ] * 2


@pytest.mark.parametrize(
    "header",
    [
        "#Fields: c-ip cs-uri-stem sc-status",
        "#Fields:\tc-ip\tcs-uri-stem\tsc-status",
        "#Fields:c-ip cs-uri-stem sc-status",
        "#Fields:  c-ip \t cs-uri-stem  sc-status \t",
        "# Fields: c-ip cs-uri-stem sc-status",
        "#\tFields: c-ip cs-uri-stem sc-status",
        "#  fields:\tc-ip\tcs-uri-stem\tsc-status",
        "#fields: c-ip cs-uri-stem sc-status",
        "#FIELDS: c-ip cs-uri-stem sc-status",
        "#Fields: C-IP Cs-Uri-Stem SC-STATUS",
        "#Fields: c_ip cs_uri_stem sc_status",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_header_lines_are_known_in_each_spelling(header: str, end: str) -> None:
    log = end.join([header, "\t".join(VALUES), ""]).encode()
    assert documents(auto(), log) == [DOCUMENT]


@pytest.mark.parametrize("blanks", BLANKS, ids=BLANK_IDS)
@pytest.mark.parametrize("size", [1, 5, 10_000])
def test_lines_of_json_may_begin_with_blanks(blanks: bytes, size: int) -> None:
    data = b"".join([blanks, RECORD, b"\n", RECORD, b"\r\n", blanks, RECORD])
    for mark in (b"", b"\xef\xbb\xbf"):
        stream, text = auto().stream(), mark + data
        results = [stream.feed(text[at : at + size]) for at in range(0, len(text), size)]
        results.append(stream.finish())
        output = b"".join(bytes(result.output) for result in results)
        assert [json.loads(line) for line in output.splitlines()] == [DOCUMENT] * 3
        assert stream.detected_formats == ("JSON records of a standard log, version 2",)


@pytest.mark.parametrize("blanks", BLANKS, ids=BLANK_IDS)
def test_a_record_of_json_may_begin_with_blanks(blanks: bytes) -> None:
    transformer = auto()
    assert json.loads(transformer.transform(blanks + RECORD)) == DOCUMENT
    assert [column.field for column in transformer.explain(blanks + RECORD)] == list(DOCUMENT)


@pytest.mark.parametrize("make", [firehose.make_handler, runtime.make_handler], ids=["dicts", "bytes"])
@pytest.mark.parametrize("blanks", BLANKS, ids=BLANK_IDS)
def test_a_firehose_record_of_json_may_begin_with_blanks(blanks: bytes, make: Any) -> None:  # noqa: ANN401
    data = base64.b64encode(blanks + RECORD + b"\n").decode()
    event: Any = {"records": [{"recordId": "1", "data": data}]}
    if make is runtime.make_handler:
        event = json.dumps(event).encode()
    answer = make({"input": {"format": "auto"}})(event, None)
    (record,) = (json.loads(answer) if isinstance(answer, bytes) else answer)["records"]
    assert json.loads(base64.b64decode(record["data"])) == DOCUMENT


def test_a_line_of_too_many_blanks_is_not_json() -> None:
    transformer = Transformer({"input": {"format": "auto"}, "layouts": [{"fields": ["cs-method"]}]})
    (document,) = documents(transformer, b" " * 65 + b"{}\n")
    assert document == {"cs-method": " " * 65 + "{}"}


def test_a_failed_line_keeps_its_blanks() -> None:
    line = b' \t{"c-ip":"x"}'
    (failure,) = auto().transform_lines(line + b"\n").failures
    assert (failure.raw, failure.offset, failure.column) == (line, 0, 1)


def test_an_error_object_may_begin_with_blanks() -> None:
    error = {"attemptsMade": 4, "errorCode": "Lambda.FunctionError", "lambdaARN": "arn"}
    data = b" " * 9 + json.dumps(error | {"rawData": base64.b64encode(RECORD).decode()}).encode() + b"\n"
    assert documents(auto(), data) == [DOCUMENT]
    # Longer than a record may be.
    assert documents(auto({"max_record_bytes": len(RECORD)}), data) == [DOCUMENT]


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("blanks", BLANKS, ids=BLANK_IDS)
def test_the_first_record_of_a_file_may_begin_with_blanks(
    blanks: bytes,
    compressed: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    data = blanks + RECORD + b"\n" + RECORD + b"\n"
    file = tmp_path / "log"
    file.write_bytes(gzip.compress(data, mtime=0) if compressed else data)
    command = [sys.executable, "-m", "edgelift", "transform", str(file), "-o", "-"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()] == [DOCUMENT] * 2

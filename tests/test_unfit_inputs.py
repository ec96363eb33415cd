"""Inputs that are not rows of the configured log: each way in says what they are."""

from __future__ import annotations

import base64
import gzip
import io
import json
import tarfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import edgelift
import edgelift.pure
from edgelift import Transformer, firehose, runtime, s3batch, s3events
from edgelift.object_handler import PermanentFailure
from tests.cli.conftest import command, environment, run
from tests.handlers.s3batch.conftest import event, task
from tests.handlers.s3events.conftest import notification
from tests.reprocess.conftest import aws, s3, s3_url
from tests.test_cases import DESTINATION, bucket

if TYPE_CHECKING:
    from tests.cli.conftest import Run
    from tests.reprocess.conftest import Client

__all__ = ["aws", "bucket", "command", "environment", "run", "s3", "s3_url"]

CASES = Path(__file__).parent / "fixtures" / "cases"
FIELDS = '[[layouts]]\nfields = ["timestamp", "c-ip", "sc-status"]\n'
CONFIGS = {"auto": FIELDS, "realtime": '[input]\nformat = "realtime"\n' + FIELDS}

ROW = b"1700000000.123\t192.0.2.1\t200\n"
STANDARD_ROW = (
    b"2024-11-15\t19:45:51\tSEA900-P1\t392\t192.0.2.33\tGET\td1.cloudfront.net\t/js/a.js\t304\tReferer"
    + b"\t-" * 8
    + b"\n"
)
# Those of version 1 in 2013.
STANDARD_FIELDS = (
    "date,time,x-edge-location,sc-bytes,c-ip,cs-method,cs(Host),cs-uri-stem,sc-status,cs(Referer),"
    "cs(User-Agent),cs-uri-query,cs(Cookie),x-edge-result-type,x-edge-request-id,x-host-header,cs-protocol,"
    "cs-bytes"
)
HEADER = b"#Version: 1.0\n#Fields: " + STANDARD_FIELDS.replace(",", " ").encode() + b"\n"
ENVELOPE = json.dumps(
    {"messageType": "DATA_MESSAGE", "logEvents": [{"id": "1", "timestamp": 1, "message": "a"}]}
).encode()
JSON = {"date": "2024-11-15", "time": "19:45:51", "c-ip": "192.0.2.1"}


def tar() -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as file:
        file.addfile(tarfile.TarInfo("a"), io.BytesIO())
    return archive.getvalue()


@dataclass(frozen=True)
class Unfit:
    """An input.

    Attributes:
        record: part of the message if it is one record.
        file: the same if it is a file, or None if it is read.

    """

    data: bytes
    record: str
    file: str | None


BLANKS = "blanks between its columns: separate them by tabs, as CloudFront does"
SEVERAL_LINES = "JSON with records over several lines: write each record on one line"
STANDARD = (
    'a row of a standard log: [input] format = "auto" reads it after its header; without a header '
    f'[[layouts]] or --fields must list "{STANDARD_FIELDS}"'
)
INPUTS = {
    "a standard log": Unfit(HEADER + STANDARD_ROW, "a log file with a header", None),
    "a row of a standard log": Unfit(STANDARD_ROW, STANDARD, STANDARD),
    "newer rows of a standard log": Unfit(
        b"1731699951\tE1\t" + STANDARD_ROW,
        "must list its 20 fields, of which 3 is date and 4 is time",
        "must list its 20 fields, of which 3 is date and 4 is time",
    ),
    "rows of a standard log in another order": Unfit(
        b"192.0.2.1\t2024-11-15\t19:45:51\n",
        "must list its 3 fields, of which 2 is date and 3 is time",
        "must list its 3 fields, of which 2 is date and 3 is time",
    ),
    "gzip": Unfit(gzip.compress(ROW), "compressed with gzip: decompress it first", None),
    "a gzip envelope": Unfit(
        gzip.compress(ENVELOPE), "for subscriptions of CloudWatch Logs turn on decompression", "column"
    ),
    "an envelope": Unfit(ENVELOPE, "an envelope of a CloudWatch Logs subscription", "column"),
    "KPL": Unfit(
        (CASES / "kpl-aggregated.bin").read_bytes(),
        "aggregated by the Kinesis Producer Library",
        "aggregated by the Kinesis Producer Library",
    ),
    "blanks": Unfit(ROW.replace(b"\t", b" "), f"a row with {BLANKS}", f"a log with {BLANKS}"),
    "commas": Unfit(ROW.replace(b"\t", b","), "a row with commas between", "a table with commas between"),
    "escaped tabs": Unfit(
        ROW.replace(b"\t", b"\\t"), "a row with \\t, two characters, between", "a row with \\t, two"
    ),
    "JSON over several lines": Unfit(json.dumps(JSON, indent=2).encode(), SEVERAL_LINES, SEVERAL_LINES),
    "a line of such JSON": Unfit(b'  "date": "2024-11-15",\n', SEVERAL_LINES, SEVERAL_LINES),
    "a JSON array": Unfit(json.dumps([JSON]).encode(), "a JSON array, not a row", "a JSON array: write each"),
    "Parquet": Unfit((CASES / "v2-with-timestamp.parquet").read_bytes(), "a Parquet file, not a row", None),
    "ELF": Unfit(b"\x7fELF\2\1\1\0\0", "an ELF program, not a row", "an ELF program, not a Cl"),
    "PNG": Unfit(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image, not a row", "a PNG image, not a Cl"),
    "HTML": Unfit(b"<!doctype html>\n<html></html>\n", "HTML, not a row", "HTML, not a CloudFront log"),
    "PEM": Unfit(
        b"-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n",
        "a key or certificate in PEM, not a row",
        "a key or certificate in PEM, not a CloudFront log",
    ),
    "tar": Unfit(tar(), "a tar archive, not a row", "a tar archive, not a CloudFront log"),
    "zip": Unfit(b"PK\x03\x04\x14\0", "a zip archive, not a row", "damaged zip archive"),
    "zstd": Unfit(b"\x28\xb5\x2f\xfd\0", "compressed with Zstandard, not a row", "damaged Zstandard"),
    "UTF-16": Unfit("a\tb\n".encode("utf-16"), "text in UTF-16, not a row", "text in UTF-16, not a Cl"),
    "binary": Unfit(b"a\0b\tc\1" * 10, "binary, not a row", "binary, not a"),
    "empty": Unfit(b"", "the record is empty", "an empty file"),
}
UNREADABLE = ("nothing says which columns the lines have", "a Parquet file, which cannot be read from a pipe")
"""Why some of the files that can be read are not: without names for their columns, or from a pipe."""
EACH = pytest.mark.parametrize("unfit", INPUTS.values(), ids=INPUTS.keys())
EACH_CONFIG = pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS.keys())


@EACH
@EACH_CONFIG
@pytest.mark.parametrize("kind", [edgelift.Transformer, edgelift.pure.Transformer], ids=["engine", "pure"])
def test_transform_names_the_record(kind: type[Transformer], config: str, unfit: Unfit) -> None:
    with pytest.raises(edgelift.RecordError) as caught:
        kind(config).transform(unfit.data)
    assert unfit.record in str(caught.value)


@EACH
@EACH_CONFIG
@pytest.mark.parametrize(
    "make",
    [firehose.make_handler, runtime.make_handler, edgelift.pure.make_handler],
    ids=["dicts", "bytes", "pure"],
)
def test_handlers_log_what_the_record_is(
    make: object, config: str, unfit: Unfit, capsys: pytest.CaptureFixture[str]
) -> None:
    data = base64.b64encode(unfit.data).decode()
    event = {"records": [{"recordId": "1", "data": data}]}
    sent = json.dumps(event).encode() if make is runtime.make_handler else event
    given = make(config)(sent, None)  # type: ignore[operator]
    answers = json.loads(given) if isinstance(given, bytes) else given
    assert answers["records"] == [{"recordId": "1", "result": "ProcessingFailed", "data": data}]
    ((_, first),) = json.loads(capsys.readouterr().out)["first_failures"].items()
    assert unfit.record in first["message"]
    # A record that is not rows cannot be taken apart.
    assert "multiple_lines" not in first["message"]


@EACH
@pytest.mark.parametrize("way", ["transform_lines", "stream"])
def test_lines_name_their_first_record(way: str, unfit: Unfit) -> None:
    transformer = Transformer(CONFIGS["realtime"])
    if way == "stream":
        stream = transformer.stream()
        fed = [stream.feed(unfit.data), stream.finish()]
        failures = [failure for result in fed for failure in result.failures]
    else:
        failures = list(transformer.transform_lines(unfit.data).failures)
    if not unfit.data:
        assert not failures
        return
    expected = unfit.record
    if unfit.record == "a log file with a header":
        expected = "a line of a standard log's header, and [input] format"
    assert expected in failures[0].message


@EACH
@pytest.mark.parametrize("way", ["file", "stdin"])
@pytest.mark.parametrize("options", [[], ["--fields", "timestamp,c-ip,sc-status"]], ids=["none", "fields"])
def test_transform_names_the_file(
    run: Run, tmp_path: Path, way: str, options: list[str], unfit: Unfit
) -> None:
    file = tmp_path / "input"
    file.write_bytes(unfit.data)
    done = run("transform", *options, file) if way == "file" else run("transform", *options, stdin=unfit.data)
    if unfit.file is None:
        assert done.code == 0 or any(reason in done.err for reason in UNREADABLE)
        return
    assert unfit.file in done.err
    assert done.out == b""


def test_a_row_of_a_standard_log_is_read_with_the_fields_of_its_message(run: Run) -> None:
    refused = run("transform", stdin=STANDARD_ROW)
    assert (refused.code, refused.messages) == (2, [f"edgelift: standard input is {STANDARD}"])
    done = run("transform", "--fields", refused.err.rpartition(" list ")[2].strip('"\n'), stdin=STANDARD_ROW)
    assert (done.code, json.loads(done.out)["timestamp"]) == (0, 1731699951000)


def test_explain_names_a_row_of_a_standard_log(run: Run) -> None:
    done = run("explain", stdin=STANDARD_ROW)
    assert (done.code, STANDARD in done.err, "real-time" in done.err) == (2, True, False)
    done = run("explain", "--fields", "timestamp,c-ip,sc-status", stdin=STANDARD_ROW)
    assert (done.code, STANDARD in done.err, "inserted" in done.err) == (1, True, False)


UNPACKED = {
    "a standard log": "a line of a standard log's header, ",
    "gzip": None,
    "a gzip envelope": "the record has 1 column",
    "an envelope": "the record has 1 column",
}
"""Records that are unpacked in error objects, with part of the message, or None if they are read."""
IN_ERROR_OBJECTS = pytest.mark.parametrize(
    ("data", "message"),
    [(unfit.data, UNPACKED.get(name, unfit.record)) for name, unfit in INPUTS.items()],
    ids=INPUTS.keys(),
)


def error_object(data: bytes) -> bytes:
    error = {"attemptsMade": 4, "errorCode": "Lambda.FunctionError", "lambdaARN": "arn"}
    return json.dumps(error | {"rawData": base64.b64encode(data).decode()}).encode() + b"\n"


@IN_ERROR_OBJECTS
@EACH_CONFIG
@pytest.mark.parametrize("way", ["transform_lines", "stream"])
def test_a_record_of_an_error_object_is_named(
    way: str, config: str, data: bytes, message: str | None
) -> None:
    transformer = Transformer(config)
    if way == "stream":
        stream = transformer.stream()
        fed = [stream.feed(error_object(data)), stream.finish()]
        failures = [failure for result in fed for failure in result.failures]
    else:
        failures = list(transformer.transform_lines(error_object(data)).failures)
    if message is None:
        assert not failures
        return
    assert failures[0].message.startswith("in rawData: ")
    assert message in failures[0].message


@IN_ERROR_OBJECTS
@pytest.mark.parametrize("verb", ["transform", "reprocess"])
def test_commands_name_the_record_of_an_error_object(
    run: Run, tmp_path: Path, verb: str, data: bytes, message: str | None
) -> None:
    file, out = tmp_path / "object", tmp_path / "out.ndjson"
    file.write_bytes(error_object(data))
    words = ("-o", out) if verb == "transform" else (out, "--journal", tmp_path / "journal")
    done = run(verb, file, *words, "--fields", "timestamp,c-ip,sc-status")
    if message is None:
        assert done.code == 0
    else:
        assert (done.code, f"{file}:1: " in done.err, message in done.err) == (1, True, True)


@EACH
def test_a_job_names_the_object(run: Run, tmp_path: Path, unfit: Unfit) -> None:
    file = tmp_path / "input"
    file.write_bytes(unfit.data)
    words = (f"{tmp_path}/out/", "--journal", tmp_path / "journal", "--fields", "timestamp,c-ip,sc-status")
    done = run("reprocess", file, *words)
    if unfit.file is None:
        assert done.code in {0, 1}
    elif unfit.data:
        assert done.code == 1
        assert f"{file}: it is " in done.err or f"{file}:1: " in done.err or f"{file}: damaged" in done.err
        assert unfit.file in done.err


@EACH
def test_a_handler_of_objects_logs_what_the_object_is(
    unfit: Unfit, bucket: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket.put_object(Bucket="logs", Key="input", Body=unfit.data)
    handler = s3events.Handler(Transformer(CONFIGS["auto"]), DESTINATION)
    with suppress(PermanentFailure):
        handler(notification("input"), None)
    if unfit.file is not None and unfit.data:
        assert json.dumps(unfit.file)[1:-1] in capsys.readouterr().out


@IN_ERROR_OBJECTS
def test_a_handler_of_objects_logs_the_record_of_an_error_object(
    data: bytes, message: str | None, bucket: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket.put_object(Bucket="logs", Key="object", Body=error_object(data))
    s3batch.Handler(Transformer(CONFIGS["auto"]), DESTINATION)(event(task("object")), None)
    log = capsys.readouterr().out
    assert ("in rawData: " in log) == (message is not None)
    if message is not None:
        assert json.dumps(message)[1:-1] in log


MIXED = ["date", "time", "cs-headers"]
"""Names of two kinds of logs."""


def test_names_of_two_kinds_of_logs_are_refused_in_each_way(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = '"date" is a field of standard logs, and the list is read as one of real-time logs'
    done = run("transform", "--fields", ",".join(MIXED), stdin=ROW)
    assert (done.code, message in done.err) == (2, True)
    for make in Transformer.from_fields, edgelift.pure.Transformer.from_fields:
        with pytest.raises(edgelift.ConfigError, match=message):
            make(MIXED)
    monkeypatch.setenv("EDGELIFT_FIELDS", ",".join(MIXED))
    with pytest.raises(edgelift.ConfigError, match=message):
        firehose.transformer_from_environment(Transformer)


EVENTS = {
    "Kinesis": {"Records": [{"eventSource": "aws:kinesis", "kinesis": {"data": ""}}]},
    "S3": {"Records": [{"eventSource": "aws:s3"}]},
    "Firehose": {"invocationId": "1", "records": [{"recordId": "1", "data": ""}]},
}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("sent", EVENTS.values(), ids=EVENTS.keys())
def test_an_event_in_a_file_is_named_with_its_handler(
    run: Run, tmp_path: Path, sent: dict[str, object], indent: int | None
) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(sent, indent=indent))
    message = (
        "an event for a Lambda function, and not a log: edgelift.firehose.handler takes those of Firehose"
    )
    for options in (), ("--fields", "timestamp,c-ip"):
        done = run("transform", file, *options)
        assert (done.code, done.err.startswith(f"edgelift: skipped {file}: {message}")) == (2, True)
    if "Records" in sent:
        # The handlers say more: tests/handlers/test_handler_raises.py.
        with pytest.raises(edgelift.EdgeliftError, match='the event has no "records"'):
            Transformer(CONFIGS["auto"]).transform_event(json.dumps(sent).encode())

"""The table of everything that is read: each input is read where the page says so, and nowhere else."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any

import cramjam
import pytest
import zstandard

import edgelift
from edgelift import firehose, runtime, s3batch, s3events
from tests.cli.conftest import command, environment, run
from tests.docs.test_pages import table
from tests.handlers.s3batch.conftest import event, task
from tests.handlers.s3events.conftest import notification
from tests.reprocess.conftest import aws, made, s3, s3_url, uploaded
from tests.test_cases import CASES, DESTINATION, bucket

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Run
    from tests.reprocess.conftest import Client

__all__ = ["aws", "bucket", "command", "environment", "run", "s3", "s3_url"]

ROW = b"1731699951.000\t192.0.2.7\t200\n"
RECORD = b'{"date":"2024-11-15","time":"19:45:51","c-ip":"192.0.2.7","sc-status":"200"}\n'
STANDARD_ROW = b"2024-11-15\t19:45:51\t192.0.2.7\t200\n"
HEADER = b"#Version: 1.0\n#Fields: date time c-ip sc-status\n"

AUTO = '[input]\nformat = "auto"\n'
CONFIGS = {
    "real-time logs": '[[layouts]]\nfields = ["timestamp", "c-ip", "sc-status"]\n',
    "standard and connection logs without a header (plain, raw)": (
        '[[layouts]]\nfields = ["date", "time", "c-ip", "sc-status"]\n'
    ),
}


def zipped(data: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("log", data)
    return archive.getvalue()


def envelope(record: bytes) -> bytes:
    messages = [{"id": "1", "timestamp": 1731699951000, "message": record.decode().strip()}]
    return json.dumps({"messageType": "DATA_MESSAGE", "logEvents": messages}).encode()


def error_object(record: bytes) -> bytes:
    data = base64.b64encode(record).decode()
    return json.dumps({"attemptsMade": 4, "lambdaArn": "arn", "rawData": data}).encode()


def failed_line(record: bytes) -> bytes:
    data = base64.b64encode(record.strip()).decode()
    origin = {"file": "a", "line": 1, "offset": 0, "reason": "bad_value", "field": None, "column": None}
    return json.dumps(origin | {"message": "", "raw": data}, separators=(",", ":")).encode()


INPUTS: dict[str, Callable[[], bytes]] = {
    "real-time logs": lambda: ROW,
    "standard and connection logs with a header (w3c)": lambda: HEADER + STANDARD_ROW,
    "standard and connection logs without a header (plain, raw)": lambda: STANDARD_ROW,
    "standard and connection logs as JSON": lambda: RECORD,
    "standard and connection logs as Parquet": (CASES / "v2-with-timestamp.parquet").read_bytes,
    "gzip": lambda: gzip.compress(RECORD, mtime=0),
    "bzip2": lambda: bz2.compress(RECORD),
    "zip archives": lambda: zipped(RECORD),
    "Zstandard": lambda: zstandard.ZstdCompressor().compress(RECORD),
    "framed Snappy": lambda: bytes(cramjam.snappy.compress(RECORD)),
    "subscriptions of CloudWatch Logs": lambda: envelope(RECORD),
    "exports of CloudWatch Logs": lambda: b"2024-11-15T19:45:51.000Z " + RECORD,
    "error objects of Firehose": lambda: error_object(RECORD),
    "source backups of Firehose": lambda: RECORD.strip() * 2,
    "failed files of earlier versions of edgelift": lambda: failed_line(RECORD),
}

UNSIZED = {
    "standard and connection logs with a header (w3c)",
    "error objects of Firehose",
    "source backups of Firehose",
    "failed files of earlier versions of edgelift",
}
"""Inputs that ``edgelift size`` does not read."""


def plain(cell: str) -> str:
    """Return the text of a cell without its links."""
    return re.sub(r"\[(.*?)\]\(.*?\)", r"\1", cell)


ROWS = {plain(row[0]): row[1:] for row in table("formats", "## Everything that is read")}
EACH = pytest.mark.parametrize("name", INPUTS)


FILES, OBJECTS, PYTHON, FIREHOSE = range(4)
"""Columns of the table, after the ones that name and recognize the input."""


def is_read(name: str, place: int) -> bool:
    """Return True if the page says that an input is read in one of the columns."""
    word, _, _ = ROWS[name][1 + place].replace(",", " ").partition(" ")
    assert word in {"yes", "with", "no"}
    return word != "no"


def config(name: str) -> str:
    return CONFIGS.get(name, AUTO)


def is_output(name: str, output: bytes) -> bool:
    """Return True if an output has the documents of the input, False if it has none."""
    documents = [json.loads(line) for line in output.splitlines()]
    count = 2 if name == "source backups of Firehose" else 1
    common = [{key: document.get(key) for key in ("c-ip", "sc-status")} for document in documents]
    assert common in ([], [{"c-ip": "192.0.2.7", "sc-status": 200}] * count)
    return bool(documents)


def test_the_page_lists_the_inputs_that_are_tested() -> None:
    assert list(ROWS) == list(INPUTS)


@EACH
def test_files(name: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(INPUTS[name]())
    (tmp_path / "config").write_text(config(name))
    options = ("--config", tmp_path / "config")
    done = run("transform", tmp_path / "log", *options)
    assert is_output(name, done.out) == is_read(name, FILES), done.err
    journal = tmp_path / "journal"
    job = run("reprocess", tmp_path / "log", f"{tmp_path}/out/", *options, "--journal", journal)
    (output,) = made(tmp_path / "out").values()
    assert output == done.out, job.err


@EACH
def test_standard_input(name: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(config(name))
    done = run("transform", "--config", tmp_path / "config", stdin=INPUTS[name]())
    assert is_output(name, done.out) != ("not from standard input" in ROWS[name][1 + FILES]), done.err


@EACH
def test_objects(name: str, bucket: Client) -> None:
    transformer = edgelift.Transformer(config(name))
    bucket.put_object(Bucket="logs", Key="log", Body=INPUTS[name]())
    s3batch.Handler(transformer, DESTINATION)(event(task("log")), None)
    batch = uploaded(bucket)
    (output,) = batch.values()
    assert is_output(name, output) == is_read(name, OBJECTS)
    s3events.Handler(transformer, DESTINATION)(notification("log"), None)
    assert uploaded(bucket) == batch


@EACH
def test_python(name: str) -> None:
    transformer, data = edgelift.Transformer(config(name)), INPUTS[name]()
    output = bytes(transformer.transform_lines(data).output)
    assert is_output(name, output) == is_read(name, PYTHON)
    stream = transformer.stream()
    assert bytes(stream.feed(data).output) + bytes(stream.finish().output) == output


@EACH
@pytest.mark.parametrize("make", [firehose.make_handler, runtime.make_handler], ids=["dicts", "bytes"])
def test_records_of_firehose(name: str, make: Any) -> None:  # noqa: ANN401 -- either handler
    record = {"recordId": "1", "data": base64.b64encode(INPUTS[name]()).decode()}
    sent: Any = {"invocationId": "1", "deliveryStreamArn": "arn", "records": [record]}
    if make is runtime.make_handler:
        sent = json.dumps(sent).encode()
    answer = make(config(name))(sent, None)
    (result,) = (json.loads(answer) if isinstance(answer, bytes) else answer)["records"]
    output = base64.b64decode(result["data"]) if result["result"] == "Ok" else b""
    assert is_output(name, output) == is_read(name, FIREHOSE)


@EACH
def test_size(name: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(INPUTS[name]())
    (tmp_path / "config").write_text(config(name))
    done = run("size", tmp_path / "log", "--config", tmp_path / "config", "--records", "10")
    assert (done.code == 0) == (name not in UNSIZED), done.err

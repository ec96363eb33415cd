"""Every input of ``tests/fixtures/cases`` through every way in that applies to it."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import edgelift
import edgelift.pure
from edgelift import Transformer, firehose, runtime, s3batch, s3events
from tests.cli.conftest import command, environment, run
from tests.handlers.s3batch.conftest import event, task
from tests.handlers.s3events.conftest import notification
from tests.reprocess.conftest import aws, made, s3, s3_url, uploaded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.cli.conftest import Run
    from tests.reprocess.conftest import Client

__all__ = ["aws", "command", "environment", "run", "s3", "s3_url"]

CASES = Path(__file__).parent / "fixtures" / "cases"
AUTO = '[input]\nformat = "auto"\n'
PLAIN = """
[input]
format = "standard"
[[layouts]]
fields = ["timestamp", "DistributionId", "date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method",
    "cs(Host)", "cs-uri-stem", "sc-status", "timestamp(ms)", "origin-fbl", "origin-lbl", "asn"]
"""
OLD = """
[input]
format = "standard"
[[layouts]]
fields = ["date", "time", "c-ip", "cs(User-Agent)", "sc-status"]
"""


ROWS = AUTO + '[[layouts]]\nfields = ["timestamp", "c-ip", "sc-status"]\n'


@dataclass(frozen=True)
class Case:
    """A file, its configuration, and the documents that it must give.

    Attributes:
        is_text: True if the file has lines that the engine reads, without compression or envelope.
        has_records: True if its lines are headers and records, which Firehose transforms.
        header: Number of header lines, which records of Firehose do not have.
        records_config: Configuration for the records without their header.
        kind: The kind that is reported.
    """

    name: str
    documents: list[dict[str, Any]]
    config: str = AUTO
    is_text: bool = True
    has_records: bool = True
    header: int = 0
    records_config: str = ""
    kind: str = ""

    @property
    def data(self) -> bytes:
        return (CASES / self.name).read_bytes()

    @property
    def lines(self) -> list[bytes]:
        """Records as a Firehose event has them."""
        return self.data.splitlines(keepends=True)[self.header :]


V2_ROW = {
    "DistributionId": "E1EXAMPLE",
    "x-edge-location": "SEA900-P1",
    "sc-bytes": 392,
    "c-ip": "192.0.2.33",
    "cs-method": "GET",
    "x-host-header": "d1.cloudfront.net",
    "cs-uri-stem": "/js/a.js",
    "sc-status": 304,
    "timestamp": 1731699951011,
    "asn": 64500,
}
CLOUDWATCH = {"timestamp": 1731699951000, "c-ip": "192.0.2.7", "sc-status": 200}

READ = [
    Case(
        "v2-json-with-timestamp-and-distributionid.json",
        [
            {
                "DistributionId": "E1EXAMPLE",
                "x-edge-location": "SFO53-P7",
                "sc-bytes": 1352,
                "c-ip": "192.0.2.7",
                "cs-method": "GET",
                "x-host-header": "d1.cloudfront.net",
                "cs-uri-stem": "/index.html",
                "sc-status": 200,
                "cs-user-agent": "Mozilla/5.0 (X11)",
                "cs-host": "www.example.com",
                "timestamp": 1731699951492,
                "origin-fbl": 0.363,
                "origin-lbl": 0.364,
                "asn": 64500,
            }
        ],
    ),
    Case("v2-w3c-with-timestamp.log", [V2_ROW], header=2, records_config=PLAIN),
    Case("v2-plain-no-header.log", [V2_ROW], config=PLAIN),
    Case(
        "v2-with-timestamp.parquet",
        [
            {
                "DistributionId": "E1EXAMPLE",
                "c-ip": "192.0.2.7",
                "x-host-header": "d1.cloudfront.net",
                "sc-status": 200,
                "cs-user-agent": "Mozilla/5.0 (X11)",
                "timestamp": 1731699951492,
            }
        ],
        is_text=False,
    ),
    Case(
        "grpcs.tsv",
        [
            {
                "timestamp": 1731699951492,
                "c-ip": "192.0.2.7",
                "sc-status": 200,
                "cs-method": "POST",
                "cs-protocol": "grpcs",
                "cs-host": "/helloworld.Greeter/SayHello",
            }
        ],
        config=(CASES / "grpcs.toml").read_text(),
    ),
    Case(
        "standard-2014.log",
        [
            {
                "timestamp": 1398679190000,
                "c-ip": "192.0.2.2",
                "cs-user-agent": "Mozilla/5.0 (X11)",
                "sc-status": 200,
            }
        ],
        header=2,
        records_config=OLD,
    ),
    Case(
        "v2-json-already-decoded.json",
        [
            {
                "timestamp": 1781049792000,
                "sc-bytes": 14823,
                "c-ip": "192.0.2.51",
                "sc-status": 200,
                "cs-user-agent": "Mozilla/5.0 (X11)",
                "cs-uri-query": "q=100%25",
                "time-taken": 0.243,
                "CloudFront-Viewer-Address": "192.0.2.51:54321",
                "CloudFront-Viewer-JA4-Fingerprint": "t13d1516h2_8daaf6152771",
            }
        ],
    ),
    Case("cloudwatch-subscription.json", [CLOUDWATCH], is_text=False),
    Case("cloudwatch-subscription.gz", [CLOUDWATCH] * 2, is_text=False),
    Case("cloudwatch-export.gz", [CLOUDWATCH] * 2, is_text=False),
    Case(
        "gzip-inside-gzip.gz",
        [{"timestamp": 1731699951000, "c-ip": "192.0.2.10"}],
        is_text=False,
    ),
    Case(
        "transform-failed.ndjson",
        [{"timestamp": 1700000000200, "c-ip": "192.0.2.1", "_unparsed": {"sc-status": "2x0"}}],
        config=ROWS.replace('auto"', 'auto"\nbad_value = "keep"'),
        is_text=False,
        kind="Firehose processing-failed records",
    ),
    *(
        Case(
            f"error-{name}.json",
            [{"timestamp": 1700000000123, "c-ip": "192.0.2.1", "sc-status": 200}],
            config=ROWS,
            has_records=False,
            kind=kind,
        )
        for name, kind in {
            "dynamic-partitioning": "error objects of dynamic partitioning",
            "format-conversion": "error objects of a format conversion",
            "format-conversion-row": "error objects of a format conversion",
            "http-endpoint": "error objects of an HTTP endpoint",
            "iceberg": "error objects of Iceberg tables",
            "splunk": "error objects of Splunk",
        }.items()
    ),
]

REFUSED = {
    "cr-only.log": "text whose lines end in carriage returns alone: end them in line feeds",
    "kpl-aggregated.bin": "records aggregated by the Kinesis Producer Library: set its AggregationEnabled to",
    "pretty-printed.json": "JSON with records over several lines: write each record on one line",
    "spaces-for-tabs.log": "a log with blanks between its columns: separate them by tabs",
}
"""Files in forms that are not read, with the beginning of the message."""

EMPTY = "error-format-conversion-empty.json"
"""An error object with an empty record, which fails."""

EACH = pytest.mark.parametrize("case", READ, ids=lambda case: case.name)
TEXT = pytest.mark.parametrize("case", [case for case in READ if case.is_text], ids=lambda case: case.name)
RECORDS = pytest.mark.parametrize(
    "case", [case for case in READ if case.is_text and case.has_records], ids=lambda case: case.name
)
EACH_REFUSED = pytest.mark.parametrize(("name", "problem"), REFUSED.items(), ids=REFUSED)


def documents(output: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


@pytest.fixture
def config(case: Case, tmp_path: Path) -> Path:
    """File with the configuration of a case."""
    file = tmp_path / "edgelift.toml"
    file.write_text(case.config)
    return file


def test_every_file_of_the_folder_has_a_test() -> None:
    files = {path.name for path in CASES.iterdir()}
    assert files == {case.name for case in READ} | REFUSED.keys() | {"grpcs.toml", EMPTY}


@TEXT
def test_lines(case: Case) -> None:
    transformer = Transformer(case.config)
    result = transformer.transform_lines(case.data)
    assert documents(bytes(result.output)) == case.documents
    assert (result.counts.read, result.counts.failed) == (len(case.documents), 0)


@TEXT
@pytest.mark.parametrize("size", [1, 7, 100])
def test_stream(case: Case, size: int) -> None:
    stream = Transformer(case.config).stream()
    results = [stream.feed(case.data[at : at + size]) for at in range(0, len(case.data), size)]
    output = b"".join(bytes(result.output) for result in [*results, stream.finish()])
    assert documents(output) == case.documents


@RECORDS
def test_records(case: Case) -> None:
    transformer = Transformer(case.records_config or case.config)
    assert [json.loads(transformer.transform(line)) for line in case.lines] == case.documents


@RECORDS
@pytest.mark.parametrize("make", [firehose.make_handler, runtime.make_handler], ids=["dicts", "bytes"])
def test_firehose_event(case: Case, make: Any) -> None:  # noqa: ANN401 -- either handler
    records = [
        {"recordId": str(number), "approximateArrivalTimestamp": 1, "data": base64.b64encode(line).decode()}
        for number, line in enumerate(case.lines)
    ]
    sent: Any = {"invocationId": "1", "deliveryStreamArn": "arn", "region": "us-east-1", "records": records}
    if make is runtime.make_handler:
        sent = json.dumps(sent).encode()
    answer = make(case.records_config or case.config)(sent, None)
    answers = (json.loads(answer) if isinstance(answer, bytes) else answer)["records"]
    assert {answer["result"] for answer in answers} == {"Ok"}
    assert [json.loads(base64.b64decode(answer["data"])) for answer in answers] == case.documents


@RECORDS
def test_error_objects_of_firehose(case: Case) -> None:
    error = {"attemptsMade": 4, "errorCode": "Lambda.FunctionError", "lambdaARN": "arn"}
    lines = [json.dumps(error | {"rawData": base64.b64encode(line).decode()}) for line in case.lines]
    transformer = Transformer(case.records_config or case.config)
    assert documents(bytes(transformer.transform_lines("\n".join(lines).encode()).output)) == case.documents


def test_plain_python() -> None:
    (case,) = (case for case in READ if case.name == "grpcs.tsv")
    transformer = edgelift.pure.Transformer(case.config)
    assert documents(bytes(transformer.transform_lines(case.data).output)) == case.documents
    assert [json.loads(transformer.transform(line)) for line in case.lines] == case.documents


@EACH
def test_transform(case: Case, config: Path, run: Run) -> None:
    done = run("transform", "--config", config, CASES / case.name)
    assert documents(done.out) == case.documents, done.err
    assert (done.code, case.kind in done.err) == (0, True)
    if case.config == AUTO:
        # Without options the content decides.
        assert run("transform", CASES / case.name).out == done.out


@TEXT
def test_transform_of_standard_input(case: Case, config: Path, run: Run) -> None:
    assert documents(run("transform", "--config", config, stdin=case.data).out) == case.documents


@EACH
def test_reprocess(case: Case, config: Path, run: Run, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    done = run("reprocess", CASES / case.name, f"{tmp_path}/out/", "--config", config, "--journal", journal)
    assert done.code == 0, done.err
    (output,) = made(tmp_path / "out").values()
    assert documents(output) == case.documents


@pytest.fixture
def bucket(s3: Client, s3_url: str, aws: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Client:
    """Client of the S3 that the handlers reach."""
    for name, value in {**aws, "AWS_ENDPOINT_URL_S3": s3_url, "AWS_MAX_ATTEMPTS": "1"}.items():
        monkeypatch.setenv(name, value)
    return s3


DESTINATION = {"EDGELIFT_DESTINATION": "s3://documents/new"}


@EACH
def test_batch_operations(case: Case, bucket: Client) -> None:
    bucket.put_object(Bucket="logs", Key=case.name, Body=case.data)
    answer = s3batch.Handler(Transformer(case.config), DESTINATION)(event(task(case.name)), None)
    assert answer["results"][0]["resultCode"] == "Succeeded"
    (output,) = uploaded(bucket).values()
    assert documents(output) == case.documents


@EACH
def test_event_of_s3(case: Case, bucket: Client) -> None:
    bucket.put_object(Bucket="logs", Key=case.name, Body=case.data)
    answer = s3events.Handler(Transformer(case.config), DESTINATION)(notification(case.name), None)
    assert answer["Items"][0]["result"] == "Succeeded"
    (output,) = uploaded(bucket).values()
    assert documents(output) == case.documents


def test_error_object_with_an_empty_record_fails(run: Run, tmp_path: Path) -> None:
    done = run("transform", CASES / EMPTY)
    assert (done.code, done.out) == (1, b"")
    assert f"{EMPTY}:1: empty_record: in rawData: the record is empty" in done.err
    assert "error objects of a format conversion" in done.err
    job = run("reprocess", CASES / EMPTY, f"{tmp_path}/out/", "--journal", tmp_path / "journal")
    assert (job.code, "empty_record" in job.err) == (1, True)


@EACH_REFUSED
def test_forms_that_are_not_read_are_named(name: str, problem: str, run: Run, tmp_path: Path) -> None:
    file = CASES / name
    done = run("transform", file)
    assert done.out == b""
    assert done.messages[0].startswith(f"edgelift: skipped {file}: {problem}")
    job = run("reprocess", file, f"{tmp_path}/out/", "--journal", tmp_path / "journal")
    assert (job.code, f"it is {problem}" in job.err) == (1, True)
    assert not made(tmp_path / "out")

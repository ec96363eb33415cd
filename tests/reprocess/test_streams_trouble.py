"""Kinesis and Firehose on a bad day: what passes is waited for, and what lasts stops the job."""

from __future__ import annotations

import base64
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from edgelift.reprocess.aws import AwsOptions
from edgelift.reprocess.errors import JobError, ObjectError
from edgelift.reprocess.object_progress import ObjectProgress
from edgelift.reprocess.sinks.firehose import DeliveryStream
from edgelift.reprocess.sinks.kinesis import DataStream
from edgelift.reprocess.sinks.records import StreamSink
from tests.reprocess.conftest import made, make_logs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.reprocess.conftest import Client, Logs, Reprocess
    from tests.reprocess.fault_proxy import FaultProxy
    from tests.reprocess.streams import Service

ROW = "1700000000.{:03}\t10.0.0.1\t200\tGET\t/{}"


@pytest.fixture(scope="module")
def logs() -> Logs:
    return make_logs(4, 100, seed=22)


@pytest.mark.parametrize("declared", [None, 2048])
def test_records_that_are_too_large_are_refused(
    reprocess: Reprocess, service: Service, aws_proxy: FaultProxy, tmp_path: Path, declared: int | None
) -> None:
    summary = {"StreamDescriptionSummary": {"MaxRecordSizeInKiB": declared}}
    most = (declared or 1024) * 1024 if service.dest == "kinesis:cdn" else 1_024_000
    key = 16 if service.dest == "kinesis:cdn" else 0
    around = len(ROW.format(1, "")) + len("\n") + key
    fits, too_large = (ROW.format(1, "x" * (most - around + more)) + "\n" for more in (0, 1))
    (tmp_path / "rows").write_text(f"{ROW.format(1, 'a')}\n{too_large}{fits}{ROW.format(1, 'b')}\n")
    fields = '["timestamp", "c-ip", "sc-status", "cs-method", "cs-uri-stem"]'
    (tmp_path / "config").write_text(f"[input]\nmax_record_bytes = 4000000\n[[layouts]]\nfields = {fields}\n")
    words = ("--config", tmp_path / "config", "--journal", tmp_path / "j", "--failed", tmp_path / "failed")
    taken: list[bytes] = []

    def answer(path: str, body: bytes, _count: int) -> dict[str, Any] | None:
        if path != service.operation:
            return summary if declared and path == "/DescribeStreamSummary" else None
        records = json.loads(body)["Records"]
        taken.extend(base64.b64decode(record["Data"]) for record in records)
        return service.answer([{} for _ in records])

    # The stand-in takes a megabyte only, whatever a stream is set to.
    aws_proxy.instead = answer
    done = reprocess.run(
        "reprocess", tmp_path / "rows", service.dest, *words, "--json", env=reprocess.environment
    )
    assert done.code == 1, done.err
    totals = json.loads(done.out)["totals"]
    assert (totals["written"], totals["by_reason"]) == (3, {"refused": 1})
    assert b"".join(taken) == f"{ROW.format(1, 'a')}\n{fits}{ROW.format(1, 'b')}\n".encode()
    (line,) = made(tmp_path / "failed")["rows.failed.json"].splitlines()
    kept = json.loads(line)
    assert base64.b64decode(kept["rawData"]) == too_large.encode()
    assert kept["errorMessage"] == f"it has {most + 1} bytes, and {service.dest} takes {most} at most"


@pytest.fixture
def sink(
    service: Service, aws_proxy: FaultProxy, aws: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> StreamSink:
    for name, value in aws.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("edgelift.reprocess.sinks.backoff.FIRST_PAUSE", 0)
    kind = DataStream if service.dest == "kinesis:cdn" else DeliveryStream
    return StreamSink(kind(service.dest, AwsOptions(endpoint_url=aws_proxy.url)))


def refuse(*_: object) -> None:
    raise AssertionError("nothing is refused for good")


@pytest.mark.parametrize("more", [0, 1])
def test_calls_are_filled_to_the_last_byte(
    sink: StreamSink, service: Service, aws_proxy: FaultProxy, more: int
) -> None:
    calls: list[list[bytes]] = []

    def answer(path: str, body: bytes, _count: int) -> dict[str, Any]:
        assert path == service.operation
        calls.append([base64.b64decode(record["Data"]) for record in json.loads(body)["Records"]])
        return service.answer([{} for _ in calls[-1]])

    aws_proxy.instead = answer
    # A call takes 4 MiB, of which Kinesis counts partition keys, too.
    key = 16 if service.dest == "kinesis:cdn" else 0
    sizes = [1_000_000, 1_000_000, 1_000_000, 1_000_000, 4 * 1024 * 1024 - 4_000_000 + more]
    records = [b"x" * (size - key - 1) + b"\n" for size in sizes]
    sink.put(None, [b"".join(records)], refuse, ObjectProgress(lambda: False))
    assert calls == ([records[:4], records[4:]] if more else [records])


def test_retries_end_with_the_job_stopped(sink: StreamSink, service: Service, aws_proxy: FaultProxy) -> None:
    refusal = {"ErrorCode": service.later, "ErrorMessage": "as given"}
    aws_proxy.instead = lambda *_: service.answer([refusal, refusal])
    with pytest.raises(
        JobError, match=f"^{service.dest} keeps rejecting records: {service.later}: as given$"
    ):
        sink.put(None, [b"a\nb\n"], refuse, ObjectProgress(lambda: False))
    assert aws_proxy.seen["POST", service.operation] == 11


def test_retries_restart_with_each_record_taken(
    sink: StreamSink, service: Service, aws_proxy: FaultProxy
) -> None:
    refusal = {"ErrorCode": service.later, "ErrorMessage": "as given"}

    def answer(_path: str, body: bytes, count: int) -> dict[str, Any]:
        answers = [refusal for _ in json.loads(body)["Records"]]
        return service.answer([{} if count % 10 == 0 else refusal, *answers[1:]])

    aws_proxy.instead = answer
    # A CR ends no record.
    assert sink.put(None, [b"a\rx\nb\nc\n"], refuse, ObjectProgress(lambda: False)).bytes_out == 8
    assert aws_proxy.seen["POST", service.operation] == 30


def test_backoff_ends_when_the_job_is_to_end(
    sink: StreamSink, service: Service, aws_proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgelift.reprocess.sinks.backoff.FIRST_PAUSE", 1000)
    monkeypatch.setattr("edgelift.reprocess.sinks.backoff.LONGEST_PAUSE", 1000)
    aws_proxy.instead = lambda *_: service.answer([{"ErrorCode": service.later}])
    with pytest.raises(ObjectError, match="the job ended before it did"):
        sink.put(None, [b"a\n"], refuse, ObjectProgress(lambda: True))


def test_answer_with_another_number_of_records_stops_the_job(
    sink: StreamSink, service: Service, aws_proxy: FaultProxy
) -> None:
    aws_proxy.instead = lambda *_: service.answer([{}])
    with pytest.raises(JobError, match=f"{service.dest} answered 1 of 2 records"):
        sink.put(None, [b"a\nb\n"], refuse, ObjectProgress(lambda: False))


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "ResourceNotFoundException", "KMSDisabledException"]
)
def test_permanent_errors_stop_the_job(
    reprocess: Reprocess, source: Path, service: Service, aws_proxy: FaultProxy, code: str
) -> None:
    aws_proxy.refuses = lambda _method, path, _count: (400, code) if path == service.operation else None
    done = reprocess(source, service.dest)
    assert done.code == 3, done.err
    assert f"edgelift: cannot put records into {service.dest}: as given ({code})" in done.err
    assert "--resume" in done.err
    assert aws_proxy.seen["POST", service.operation] <= 4
    aws_proxy.refuses = lambda *_: None
    assert reprocess(source, service.dest, "--resume").code == 1


def test_job_runs_without_permission_to_describe_the_stream(
    reprocess: Reprocess, logs: Logs, source: Path, service: Service, aws_proxy: FaultProxy
) -> None:
    aws_proxy.refuses = lambda _method, path, _count: (
        None if path == service.operation else (400, "AccessDeniedException")
    )
    assert reprocess(source, service.dest).code == 1
    assert Counter(service.records()) == logs.records


def test_missing_stream_stops_the_job(
    reprocess: Reprocess, source: Path, service: Service, aws_proxy: FaultProxy
) -> None:
    place = service.dest.replace("cdn", "nothing")
    done = reprocess(source, place)
    assert done.code == 3
    assert f"edgelift: cannot use {place}: " in done.err
    assert "nothing under account 123456789012 not found" in done.err
    assert aws_proxy.seen["POST", service.operation] == 0


def test_delivery_stream_with_a_kinesis_source_is_refused(
    reprocess: Reprocess, source: Path, firehose: Client, kinesis: Client, aws_proxy: FaultProxy
) -> None:
    role = "arn:aws:iam::123456789012:role/x"
    arn = kinesis.describe_stream_summary(StreamName="cdn")["StreamDescriptionSummary"]["StreamARN"]
    firehose.create_delivery_stream(
        DeliveryStreamName="upstream",
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={"KinesisStreamARN": arn, "RoleARN": role},
        ExtendedS3DestinationConfiguration={"RoleARN": role, "BucketARN": "arn:aws:s3:::documents"},
    )
    done = reprocess(source, "firehose:upstream")
    firehose.delete_delivery_stream(DeliveryStreamName="upstream")
    assert done.code == 3
    reported = "firehose:upstream takes its records from another stream: put them there, into kinesis:cdn"
    assert reported in done.err
    assert aws_proxy.seen["POST", "/PutRecordBatch"] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["kinesis:"], "kinesis: names no stream: kinesis:NAME"),
        (["firehose:arn:aws:firehose:eu-west-1:1:deliverystream/cdn"], "names no stream: firehose:NAME"),
        (["firehose:cdn", "--compress", "gzip"], "streams take uncompressed records"),
        (["kinesis:cdn", "--index", "cdn-logs"], "only OpenSearch has an index"),
    ],
)
def test_wrong_requests_are_refused_before_anything_is_put(
    reprocess: Reprocess, source: Path, arguments: list[str], message: str
) -> None:
    done = reprocess(source, *arguments)
    assert done.code == 2, done.err
    assert message in done.err
    assert "Traceback" not in done.err

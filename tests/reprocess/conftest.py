"""Folders of logs, a real S3 on loopback, and what must come out of both."""

from __future__ import annotations

import gzip
import json
import random
import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from osmem_server import OsmemServer

import edgelift
from edgelift.reprocess.aws import AwsOptions
from edgelift.reprocess.sinks.opensearch.client import Delivery, OpenSearchClient
from edgelift.reprocess.sinks.opensearch.options import ClusterOptions
from tests.cli.conftest import command, environment, fixtures, inject, run
from tests.reprocess.fault_proxy import FaultProxy, fault_proxy
from tests.reprocess.streams import Service, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.cli.conftest import Done, Run

# The command line is started as the tests of `tests/cli` do.
__all__ = ["command", "environment", "fixtures", "inject", "run"]

Client = Any
"""A client of S3: boto3 makes its classes at run time."""

FIELDS = "timestamp,c-ip,sc-status,cs-method,cs-uri-stem"
TRANSFORMER = edgelift.Transformer.from_fields(FIELDS.split(","))


def made_rows(chance: random.Random, number: int) -> bytes:
    """Make rows of which some are bad, some blank, and all different."""
    rows = []
    for _ in range(number):
        row = f"{1_600_000_000 + chance.randrange(10**8)}.{chance.randrange(1000):03}\t10.0.0.1\t200\tGET"
        damage = chance.randrange(30)
        row += f"\t/{chance.getrandbits(100):x}"
        rows.append("" if damage == 0 else row.replace("200", "2x0") if damage == 1 else row)
    return "".join(f"{row}\n" for row in rows).encode()


@dataclass(frozen=True)
class Logs:
    """Objects by name: as they lie, and what is in them."""

    packed: Mapping[str, bytes]
    rows: Mapping[str, bytes]

    def documents(self, name: str) -> bytes:
        return TRANSFORMER.transform_lines(self.rows[name]).output

    @property
    def all_documents(self) -> bytes:
        """All documents in the order of a listing."""
        return b"".join(self.documents(name) for name in sorted(self.rows))

    @property
    def records(self) -> Counter[bytes]:
        """The lines that become documents."""
        lines = [line for rows in self.rows.values() for line in rows.splitlines(keepends=True)]
        return Counter(line for line in lines if TRANSFORMER.transform_lines(line).counts.ok)

    @property
    def by_id(self) -> dict[str, Any]:
        """All documents by their ids in OpenSearch."""
        found = {}
        for rows in self.rows.values():
            body = TRANSFORMER.transform_lines(rows, format="bulk", index="cdn-logs").output.splitlines()
            for action, document in zip(body[::2], body[1::2], strict=True):
                found[json.loads(action)["create"]["_id"]] = json.loads(document)
        return found

    @property
    def counts(self) -> dict[str, int]:
        """The expected account of a job."""
        counts = [TRANSFORMER.transform_lines(rows).counts for rows in self.rows.values()]
        return {
            "read": sum(count.read for count in counts),
            "written": sum(count.ok for count in counts),
            "already_there": 0,
            "dropped": 0,
            "failed": sum(count.failed for count in counts),
            "blank": sum(count.blank for count in counts),
        }

    def save(self, folder: Path) -> Path:
        for name, data in self.packed.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        return folder


def make_logs(objects: int, rows: int, seed: int) -> Logs:
    print(f"seed {seed}")  # noqa: T201 -- pytest shows it if a test fails
    chance = random.Random(seed)  # noqa: S311 -- no secret
    content, packed = {}, {}
    for number in range(objects):
        name = f"2024/11/{15 + number // 24}/{number % 24:02}/part-{number:03}{'.gz' if number % 3 else ''}"
        content[name] = made_rows(chance, chance.randrange(1, rows))
        packed[name] = gzip.compress(content[name], 1, mtime=0) if number % 3 else content[name]
    return Logs(packed, content)


@pytest.fixture(scope="session")
def logs() -> Logs:
    return make_logs(12, 2000, seed=20241115)


@pytest.fixture
def source(logs: Logs, tmp_path: Path) -> Path:
    return logs.save(tmp_path / "logs")


class Reprocess:
    """Runs ``edgelift reprocess`` with a journal in a folder of its own."""

    def __init__(self, run: Run, journal: Path, environment: Mapping[str, str]) -> None:
        self.run = run
        self.journal = journal
        self.environment = dict(environment)

    def words(self, *arguments: str | Path) -> list[str | Path]:
        return ["reprocess", *arguments, "--fields", FIELDS, "--journal", self.journal]

    def __call__(self, *arguments: str | Path, stdin: bytes = b"") -> Done:
        return self.run(*self.words(*arguments), stdin=stdin, env=self.environment)

    def account(self, *arguments: str | Path, code: int = 1) -> dict[str, Any]:
        done = self(*arguments, "--json")
        assert done.code == code, done.err
        account: dict[str, Any] = json.loads(done.out)
        return account


@pytest.fixture
def reprocess(run: Run, tmp_path: Path, aws: Mapping[str, str]) -> Reprocess:
    return Reprocess(run, tmp_path / "journal", aws)


def made(folder: Path) -> dict[str, bytes]:
    """Read all files of a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def one_to_one(logs: Logs) -> dict[str, bytes]:
    """Give the files that a folder of logs becomes."""
    return {f"{name.removesuffix('.gz')}.ndjson": logs.documents(name) for name in logs.rows}


@pytest.fixture(scope="session")
def aws() -> dict[str, str]:
    """Environment in which nothing but the tests' own S3 can be reached."""
    return {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(s3_url: str) -> Iterator[Client]:
    """Give a client of an S3 with an empty bucket named logs and one named documents."""
    session = boto3.Session("testing", "testing", region_name="us-east-1")
    client = session.client("s3", endpoint_url=s3_url)
    for bucket in "logs", "documents":
        client.create_bucket(Bucket=bucket)
    yield client
    for bucket in "logs", "documents":
        for upload in client.list_multipart_uploads(Bucket=bucket).get("Uploads", ()):
            client.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for entry in page.get("Contents", ()):
                client.delete_object(Bucket=bucket, Key=entry["Key"])
        client.delete_bucket(Bucket=bucket)
    client.close()


@pytest.fixture
def kinesis(s3_url: str) -> Iterator[Client]:
    """Give a client of Kinesis with an empty stream named cdn."""
    session = boto3.Session("testing", "testing", region_name="us-east-1")
    client = session.client("kinesis", endpoint_url=s3_url)
    client.create_stream(StreamName="cdn", ShardCount=2)
    yield client
    client.delete_stream(StreamName="cdn")
    client.close()


@pytest.fixture
def firehose(s3_url: str, s3: Client) -> Iterator[Client]:
    """Give a client of Firehose with a stream named cdn, which delivers into the bucket documents."""
    del s3
    session = boto3.Session("testing", "testing", region_name="us-east-1")
    client = session.client("firehose", endpoint_url=s3_url)
    bucket = {"RoleARN": "arn:aws:iam::123456789012:role/x", "BucketARN": "arn:aws:s3:::documents"}
    client.create_delivery_stream(DeliveryStreamName="cdn", ExtendedS3DestinationConfiguration=bucket)
    yield client
    client.delete_delivery_stream(DeliveryStreamName="cdn")
    client.close()


@pytest.fixture(params=["kinesis", "firehose"])
def service(request: pytest.FixtureRequest, s3: Client) -> Service:
    client = request.getfixturevalue(request.param)
    if request.param == "kinesis":
        later = "ProvisionedThroughputExceededException"
        return Service("kinesis:cdn", "/PutRecords", later, client, lambda: read(client))

    def delivered() -> list[bytes]:
        return [row for data in uploaded(s3).values() for row in data.splitlines(keepends=True)]

    return Service("firehose:cdn", "/PutRecordBatch", "ServiceUnavailableException", client, delivered)


@pytest.fixture
def aws_proxy(s3_url: str, reprocess: Reprocess) -> Iterator[FaultProxy]:
    """Yield a proxy in front of all services of a job. The Kinesis after it loses concurrent requests."""
    with fault_proxy(s3_url) as upstream:
        upstream.gate = threading.Lock()
        reprocess.environment["AWS_ENDPOINT_URL"] = upstream.url
        yield upstream


@pytest.fixture
def s3_proxy(s3_url: str) -> Iterator[FaultProxy]:
    with fault_proxy(s3_url) as upstream:
        yield upstream


@pytest.fixture
def bucket(s3: Client, logs: Logs) -> str:
    for name, data in logs.packed.items():
        s3.put_object(Bucket="logs", Key=f"cdn/{name}", Body=data)
    s3.put_object(Bucket="logs", Key="other/x", Body=b"no log")
    s3.put_object(Bucket="logs", Key="cdn/folder/", Body=b"")
    return "s3://logs/cdn/"


def uploaded(s3: Client, prefix: str = "") -> dict[str, bytes]:
    """Read all objects below a prefix of the bucket documents."""
    listed = s3.list_objects_v2(Bucket="documents", Prefix=prefix).get("Contents", ())
    keys = [entry["Key"] for entry in listed]
    return {
        key.removeprefix(prefix): s3.get_object(Bucket="documents", Key=key)["Body"].read() for key in keys
    }


@pytest.fixture(scope="session")
def server() -> Iterator[OsmemServer]:
    server = OsmemServer.start(freeze=True, japanese=False)
    yield server
    server.close()
    server.process.stdout.close()


@pytest.fixture
def opensearch(server: OsmemServer) -> Iterator[str]:
    """Give the URL of an OpenSearch without indices."""
    with server.clone() as clone:
        yield clone.url


@pytest.fixture
def proxy(opensearch: str) -> Iterator[FaultProxy]:
    with fault_proxy(opensearch) as upstream:
        yield upstream


@pytest.fixture
def body() -> bytes:
    """Give a body of four documents."""
    return b"".join(b'{"create":{"_index":"i","_id":"%d"}}\n{"n":%d}\n' % (n, n) for n in range(4))


@pytest.fixture
def refused() -> list[tuple[bytes, int, str]]:
    return []


@pytest.fixture
def cluster(proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> OpenSearchClient:
    monkeypatch.setattr("edgelift.reprocess.sinks.backoff.FIRST_PAUSE", 0)
    return OpenSearchClient(proxy.url, ClusterOptions(), AwsOptions())


@pytest.fixture
def delivery(refused: list[tuple[bytes, int, str]]) -> Delivery:
    return Delivery(lambda _action, document, status, reason: refused.append((document, status, reason)))


def item(status: int, kind: str = "") -> dict[str, Any]:
    error = {"error": {"type": kind, "reason": "as given"}} if kind else {}
    return {"create": {"status": status, **error}}

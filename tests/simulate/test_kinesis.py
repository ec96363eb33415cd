"""Records of a real Kinesis endpoint on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from edgelift.reprocess.aws import AwsOptions
from edgelift.reprocess.errors import JobError
from edgelift.simulate import DeliveryStream, MemoryIndex
from edgelift.simulate.kinesis import KinesisSource

if TYPE_CHECKING:
    from tests.reprocess.conftest import Client

CONFIG = {"layouts": [{"fields": ["timestamp", "sc-status"]}]}


@pytest.fixture
def options(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> AwsOptions:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    return AwsOptions(endpoint_url=s3_url, region="us-east-1")


def put(client: Client, start: int, stop: int) -> None:
    records = [
        {"Data": b"1704067200.%03d\t200\n" % number, "PartitionKey": f"key {number}"}
        for number in range(start, stop)
    ]
    assert client.put_records(StreamName="cdn", Records=records)["FailedRecordCount"] == 0


def test_records_of_all_shards_are_delivered(kinesis: Client, options: AwsOptions) -> None:
    put(kinesis, 0, 400)
    stream = DeliveryStream(CONFIG, source=KinesisSource("cdn", options))
    account = stream.run()
    assert account.is_balanced
    assert (account.source, account.indexed) == (400, 400)
    assert isinstance(stream.index, MemoryIndex)
    times = {document["timestamp"] for document in stream.index.documents()}
    assert times == {1_704_067_200_000 + number for number in range(400)}


def test_records_have_what_kinesis_says_of_them(kinesis: Client, options: AwsOptions) -> None:
    put(kinesis, 0, 40)
    source = KinesisSource("cdn", options)
    reads = list(source.batches())
    records = [record for read in reads for record in read]
    assert {record.shard_id for record in records} == set(source.shards())
    assert [read[0].arrival for read in reads] == sorted(read[0].arrival for read in reads)
    assert all(len({record.shard_id for record in read}) == 1 for read in reads)
    assert len({record.identity for record in records}) == 40
    by_key = {record.partition_key: record for record in records}
    assert by_key["key 7"].data == b"1704067200.007\t200\n"
    assert by_key["key 7"].arrival > 1_704_067_200_000


def test_an_empty_stream_has_no_records(kinesis: Client, options: AwsOptions) -> None:
    del kinesis
    assert DeliveryStream(CONFIG, source=KinesisSource("cdn", options)).run().source == 0


def test_an_expired_iterator_is_replaced_after_the_last_record(
    kinesis: Client, options: AwsOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(kinesis, 0, 20)
    source = KinesisSource("cdn", options)
    client = source._client  # noqa: SLF001
    get, expired = client.get_records, set[str]()

    def get_records(**request: Any) -> Any:  # noqa: ANN401
        answer = get(**request | {"Limit": 3})
        shard = request["ShardIterator"]
        if answer["Records"] and (first := answer["Records"][0]["SequenceNumber"]) not in expired:
            expired.add(first)
            message = {"Error": {"Code": "ExpiredIteratorException", "Message": f"{shard} expired"}}
            raise client.exceptions.ExpiredIteratorException(message, "GetRecords")
        return answer

    monkeypatch.setattr(client, "get_records", get_records)
    records = [record for read in source.batches() for record in read]
    assert len(records) == len({record.identity for record in records}) == 20
    assert len(expired) >= 5


def test_a_stream_that_is_not_there_is_an_error(options: AwsOptions) -> None:
    with pytest.raises(
        JobError, match=r"cannot read the stream nowhere: .*not found.*ResourceNotFoundException"
    ):
        list(KinesisSource("nowhere", options).batches())


def test_no_endpoint_at_the_url_is_an_error(options: AwsOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgelift.reprocess.aws.ATTEMPTS", 1)
    del options
    nobody = AwsOptions(endpoint_url="http://127.0.0.1:1", region="us-east-1")
    with pytest.raises(JobError, match=r"cannot read the stream cdn: .*127\.0\.0\.1:1"):
        list(KinesisSource("cdn", nobody).batches())

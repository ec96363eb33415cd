"""A Kinesis stream at an endpoint as the source: of AWS, or of what speaks its language."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any

from edgelift.reprocess.aws import code_of, request_errors, to_job_error
from edgelift.reprocess.errors import JobError
from edgelift.simulate.ports import SourceRecord
from edgelift.simulate.source import MOST_RECORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edgelift.reprocess.aws import AwsOptions


class KinesisSource:
    """The records that a Kinesis stream has, from the oldest on.

    It ends where all shards were read up to their newest record, so that a run ends, too. Reads of all
    shards come in the order of their first records' arrival.

    Source: Kinesis API reference, ``ListShards``, ``GetShardIterator`` and ``GetRecords``. Firehose takes
    apart what the Kinesis Producer Library aggregated, this does not; CloudFront writes one row per record.

    Args:
        stream: name of the stream.
        aws: endpoint, region and profile.

    Raises:
        UsageError: Kinesis cannot be used.

    """

    def __init__(self, stream: str, aws: AwsOptions) -> None:
        self._stream = stream
        self._client: Any = aws.client("kinesis")
        self._refused = request_errors()

    def shards(self) -> list[str]:
        """Return the ids of all shards, those that were split or merged included.

        Raises:
            JobError: they cannot be listed.

        """
        shards: list[str] = []
        request = {"StreamName": self._stream}
        while True:
            answer = self._call("list_shards", request)
            shards += [shard["ShardId"] for shard in answer["Shards"]]
            if not answer.get("NextToken"):
                return shards
            request = {"NextToken": answer["NextToken"]}

    def batches(self) -> Iterator[Sequence[SourceRecord]]:
        """Yield the records of each read.

        Raises:
            JobError: the stream cannot be read.

        """
        return heapq.merge(*map(self._reads, self.shards()), key=lambda records: records[0].arrival)

    def _reads(self, shard: str) -> Iterator[Sequence[SourceRecord]]:
        """Yield the records of each read of a shard."""
        iterator, last = self._iterator(shard, None), None
        while iterator is not None:
            try:
                answer = self._call("get_records", {"ShardIterator": iterator, "Limit": MOST_RECORDS})
            except _ExpiredError:
                # After five minutes, as when a run pauses.
                iterator = self._iterator(shard, last)
                continue
            records = [_record(shard, record) for record in answer["Records"]]
            if records:
                last = records[-1].sequence_number
                yield records
            elif not answer.get("MillisBehindLatest"):
                return
            iterator = answer.get("NextShardIterator")

    def _iterator(self, shard: str, last: str | None) -> str | None:
        """Return an iterator that begins after a sequence number, or at the oldest record."""
        start = (
            {"ShardIteratorType": "TRIM_HORIZON"}
            if last is None
            else {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": last}
        )
        answer = self._call("get_shard_iterator", {"StreamName": self._stream, "ShardId": shard, **start})
        iterator: str | None = answer.get("ShardIterator")
        return iterator

    def _call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(**request)
        except self._refused as error:
            if code_of(error) == "ExpiredIteratorException":
                raise _ExpiredError from None
            problem = f"cannot read the stream {self._stream}"
            raise JobError(str(to_job_error(error, problem))) from None
        return answer


class _ExpiredError(Exception):
    """An iterator was not used for too long."""


def _record(shard: str, record: dict[str, Any]) -> SourceRecord:
    return SourceRecord(
        data=record["Data"],
        sequence_number=record["SequenceNumber"],
        partition_key=record["PartitionKey"],
        shard_id=shard,
        arrival=round(record["ApproximateArrivalTimestamp"].timestamp() * 1000),
    )

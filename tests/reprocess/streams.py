"""The two kinds of streams, as the stand-ins on loopback have them."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.reprocess.conftest import Client

ROW = "1700000000.{}\t10.0.0.1\t200\tGET\t/{}"


@dataclass(frozen=True)
class Service:
    """One of the two, with a stream named cdn.

    Attributes:
        dest: the stream for the command line.
        operation: what puts records.
        later: what it says of a record that it does not take for now.
        client: its client.
        records: reads all records of the stream.

    """

    dest: str
    operation: str
    later: str
    client: Client
    records: Callable[[], list[bytes]]

    def put(self, records: list[dict[str, str]]) -> list[dict[str, str]]:
        """Put records as they come in a request; the answers."""
        decoded = [record | {"Data": base64.b64decode(record["Data"])} for record in records]
        if self.dest == "kinesis:cdn":
            answers: list[dict[str, str]] = self.client.put_records(StreamName="cdn", Records=decoded)[
                "Records"
            ]
        else:
            answer = self.client.put_record_batch(DeliveryStreamName="cdn", Records=decoded)
            answers = answer["RequestResponses"]
        return answers

    def answer(self, answers: list[dict[str, str]]) -> dict[str, Any]:
        """Give the response to a request."""
        failed = sum("ErrorCode" in answer for answer in answers)
        if self.dest == "kinesis:cdn":
            return {"FailedRecordCount": failed, "Records": answers}
        return {"FailedPutCount": failed, "RequestResponses": answers}


def read(kinesis: Client) -> list[bytes]:
    records = []
    for shard in kinesis.list_shards(StreamName="cdn")["Shards"]:
        first = {"StreamName": "cdn", "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        place = kinesis.get_shard_iterator(**first)["ShardIterator"]
        while batch := (answer := kinesis.get_records(ShardIterator=place))["Records"]:
            records += [record["Data"] for record in batch]
            place = answer["NextShardIterator"]
    return records

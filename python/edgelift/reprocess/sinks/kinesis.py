"""Amazon Kinesis Data Streams as the stream that records are re-ingested into.

Sources: Amazon Kinesis API Reference, PutRecords, PutRecordsRequestEntry and DescribeStreamSummary.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from edgelift.reprocess.aws import code_of, request_errors, to_job_error
from edgelift.reprocess.errors import JobError
from edgelift.reprocess.sinks.records import name_of, refusals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgelift.reprocess.aws import AwsOptions


class DataStream:
    """A data stream. Any number of threads may use one.

    Raises:
        UsageError: the name is invalid, or Kinesis cannot be used.

    """

    # Unless the stream says otherwise; the partition key counts, too.
    most = 1024 * 1024
    key_size = 16

    def __init__(self, place: str, aws: AwsOptions) -> None:
        self.place = place
        self._name = name_of(place)
        self._client = aws.client("kinesis")
        self._refused = request_errors()

    def check(self) -> None:
        """Make sure that it is there, and learn how large its records may be, if it may be asked."""
        try:
            answer = self._client.describe_stream_summary(StreamName=self._name)
        except self._refused as error:
            # Who may put records may not ask.
            if code_of(error) == "AccessDeniedException":
                return
            raise JobError(str(to_job_error(error, f"cannot use {self.place}"))) from None
        most = answer["StreamDescriptionSummary"].get("MaxRecordSizeInKiB")
        if most is not None:
            self.most = most * 1024

    def put(self, records: Sequence[bytes]) -> list[str | None]:
        """Put up to 500 records of 4 MiB."""
        entries = [{"Data": record, "PartitionKey": _key()} for record in records]
        try:
            answer = self._client.put_records(StreamName=self._name, Records=entries)
        except self._refused as error:
            raise JobError(str(to_job_error(error, f"cannot put records into {self.place}"))) from None
        return refusals(answer.get("Records"), len(records))


def _key() -> str:
    """Make a partition key: any, so that all shards get as much, and another the next time."""
    return f"{random.getrandbits(64):016x}"

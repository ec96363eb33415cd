"""Amazon Data Firehose as the stream that records are re-ingested into.

Sources: Amazon Data Firehose API Reference, PutRecordBatch and DescribeDeliveryStream.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edgelift.reprocess.aws import code_of, request_errors, to_job_error
from edgelift.reprocess.errors import JobError
from edgelift.reprocess.sinks.records import name_of, refusals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgelift.reprocess.aws import AwsOptions

DIRECT: Final = "DirectPut"
"""Type of the streams that take records from whoever puts some."""


class DeliveryStream:
    """A delivery stream. Any number of threads may use one.

    Raises:
        UsageError: the name is invalid, or Firehose cannot be used.

    """

    # 1,000 KiB, before base64.
    most = 1_024_000
    key_size = 0

    def __init__(self, place: str, aws: AwsOptions) -> None:
        self.place = place
        self._name = name_of(place)
        self._client = aws.client("firehose")
        self._refused = request_errors()

    def check(self) -> None:
        """Make sure that it takes records directly, if it may be asked."""
        try:
            answer = self._client.describe_delivery_stream(DeliveryStreamName=self._name)
        except self._refused as error:
            # Who may put records may not ask.
            if code_of(error) == "AccessDeniedException":
                return
            raise JobError(str(to_job_error(error, f"cannot use {self.place}"))) from None
        described = answer["DeliveryStreamDescription"]
        if described["DeliveryStreamType"] == DIRECT:
            return
        source = described.get("Source", {}).get("KinesisStreamSourceDescription", {})
        name = source.get("KinesisStreamARN", "").rpartition("/")[2]
        where = f"put them there, into kinesis:{name}" if name else "put them there"
        raise JobError(f"{self.place} takes its records from another stream: {where}")

    def put(self, records: Sequence[bytes]) -> list[str | None]:
        """Put up to 500 records of 4 MiB."""
        entries = [{"Data": record} for record in records]
        try:
            answer = self._client.put_record_batch(DeliveryStreamName=self._name, Records=entries)
        except self._refused as error:
            raise JobError(str(to_job_error(error, f"cannot put records into {self.place}"))) from None
        return refusals(answer.get("RequestResponses"), len(records))

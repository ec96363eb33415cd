"""Re-ingests records that do not fit into a response: the policy ``reingest`` of ``[overflow]``.

They come again in a later batch. A record that the service refuses, or that is not put for any other reason,
is answered ``ProcessingFailed``: no record is lost, but one may come twice, as when a call gets no answer.
"""

from __future__ import annotations

import binascii
import time
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from edgelift.put_batches import batches, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edgelift._core import Batch, Report

__all__ = ["reingest"]

# Amazon Kinesis API Reference, PutRecordsRequestEntry: characters of a partition key.
LONGEST_KEY = 256

# Seconds before a refused record is put again: a stream refuses what is beyond its throughput of a second.
PAUSES = (0.1, 0.4, 1.6)

# Of a call: seconds until it is connected, seconds until it is answered, and how often boto3 tries.
CONNECT, READ, TRIES = 1, 3, 2
# A call that begins with less than this may not end in time, in milliseconds: all tries at their longest, the
# second that boto3 may wait between them, and another for the response.
TIME_KEPT = (TRIES * (CONNECT + READ) + 2) * 1000


class _Entry(NamedTuple):
    """A record to put, and its answer."""

    answer: dict[str, Any]
    encoded: str
    data: bytes
    partition_key: str

    @property
    def size(self) -> int:
        return len(self.data) + len(self.partition_key.encode())


class _Refused(NamedTuple):
    """A record that was not put, and why."""

    entry: _Entry
    why: str


def reingest(event: Mapping[str, Any], batch: Batch, context: object) -> Report:
    """Re-ingest the records of a batch that do not fit, and update their answers.

    Args:
        event: the event of the batch.
        batch: its answers; those of refused records become ``ProcessingFailed``, with their own data while
            there is room for it, as Firehose keeps the source record itself.
        context: Lambda's context, for the time that is left.

    Returns:
        What became of all records of the batch.

    """
    refused = _put_all(event, batch, context)
    bytes_left = batch.bytes_left
    for entry, _ in refused:
        entry.answer["result"] = "ProcessingFailed"
        if len(entry.encoded) <= bytes_left:
            entry.answer["data"] = entry.encoded
            bytes_left -= len(entry.encoded)
    if not refused:
        return batch.report
    message = f"the document does not fit into the response and could not be re-ingested: {refused[0].why}"
    return batch.report.with_refused(len(refused), refused[0].entry.answer["recordId"], message)


def _put_all(event: Mapping[str, Any], batch: Batch, context: object) -> list[_Refused]:
    """Put the records of a batch in as many calls as they take; those that were not put."""
    records, answers = event["records"], batch.records
    is_kinesis = isinstance(event.get("sourceKinesisStreamArn"), str)
    entries: list[_Entry] = []
    refused: list[_Refused] = []
    for place, index in batch.reingest:
        record = records[index]
        encoded = record["data"]
        key, why = _partition_key(record) if is_kinesis else ("", None)
        entry = _Entry(answers[place], encoded, binascii.a2b_base64(encoded), key)
        if why is None:
            entries.append(entry)
        else:
            refused.append(_Refused(entry, why))
    for chunk in batches(entries):
        refused += _put(chunk, event, context)
    return refused


def _partition_key(record: Mapping[str, Any]) -> tuple[str, str | None]:
    """Give the partition key that a record came with, or why it cannot be put with it."""
    metadata = record.get("kinesisRecordMetadata")
    key = metadata.get("partitionKey") if isinstance(metadata, dict) else None
    if not isinstance(key, str):
        return "", "the record has no kinesisRecordMetadata.partitionKey"
    try:
        # Half a surrogate pair is not a character, and boto3 cannot send it.
        key.encode()
    except UnicodeEncodeError:
        return "", "the record's partitionKey is not Unicode"
    if not 0 < len(key) <= LONGEST_KEY:
        return "", f"the record's partitionKey has {len(key)} characters, not 1 to {LONGEST_KEY}"
    return key, None


def _put(chunk: Sequence[_Entry], event: Mapping[str, Any], context: object) -> list[_Refused]:
    """Put what one call takes, and what it refuses again after a pause; those that were not put."""
    left = [_Refused(entry, "there was no time left") for entry in chunk]
    for attempt in count():
        if _milliseconds_left(context) < TIME_KEPT:
            return left
        try:
            outcomes = _call([entry for entry, _ in left], event)
        except Exception as error:  # noqa: BLE001 (whatever boto3 raises must not fail the batch)
            # What an earlier attempt put is not among them. boto3 has tried again what can be tried again.
            return [_Refused(entry, f"{type(error).__name__}: {error}") for entry, _ in left]
        if len(outcomes) != len(left):
            why = f"the service answered for {len(outcomes)} of {len(left)} records"
            return [_Refused(entry, why) for entry, _ in left]
        pairs = zip(left, outcomes, strict=True)
        left = [_Refused(entry, why) for (entry, _), why in pairs if why is not None]
        if not left or attempt == len(PAUSES):
            break
        time.sleep(PAUSES[attempt])
    return left


def _milliseconds_left(context: object) -> float:
    left = getattr(context, "get_remaining_time_in_millis", None)
    return float("inf") if left is None else left()


def _call(entries: Sequence[_Entry], event: Mapping[str, Any]) -> Sequence[str | None]:
    """Put entries where the event came from; for each why it was refused, or None."""
    stream, delivery = event.get("sourceKinesisStreamArn"), event.get("deliveryStreamArn")
    if isinstance(stream, str):
        return _put_records(stream, entries)
    if isinstance(delivery, str):
        return _put_record_batch(delivery, entries)
    raise TypeError("the event has neither sourceKinesisStreamArn nor deliveryStreamArn")


def _put_records(arn: str, entries: Sequence[_Entry]) -> list[str | None]:
    records = [{"Data": entry.data, "PartitionKey": entry.partition_key} for entry in entries]
    answer = _client("kinesis", _region(arn)).put_records(StreamARN=arn, Records=records)
    return [refusal(record) for record in answer["Records"]]


def _put_record_batch(arn: str, entries: Sequence[_Entry]) -> list[str | None]:
    records = [{"Data": entry.data} for entry in entries]
    name = arn.rpartition("/")[2]
    answer = _client("firehose", _region(arn)).put_record_batch(DeliveryStreamName=name, Records=records)
    return [refusal(response) for response in answer["RequestResponses"]]


def _region(arn: str) -> str | None:
    """Take the region out of ``arn:partition:service:region:account:resource``."""
    return (arn.split(":", 4) + [""] * 4)[3] or None


@cache
def _client(service: str, region: str | None) -> Any:  # noqa: ANN401 (boto3 makes its classes at run time)
    # Here, because Lambda's runtime has boto3, a cold start does not need it, and few batches do.
    import boto3
    from botocore.config import Config

    retries = {"mode": "standard", "total_max_attempts": TRIES}
    config = Config(connect_timeout=CONNECT, read_timeout=READ, retries=retries)
    return boto3.client(service, region_name=region, config=config)

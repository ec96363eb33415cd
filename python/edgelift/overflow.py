"""Puts records back for which a response has no room: the policy ``reingest`` of ``[overflow]``.

They come again in a later batch. A record that the service refuses, or that is not put for any other reason,
is answered ``ProcessingFailed``: no record is lost, but one may come twice, as when a call gets no answer.
"""

from __future__ import annotations

import binascii
import time
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from edgelift._core import Batch, Report

__all__ = ["put_back"]

# Amazon Data Firehose API Reference, PutRecordBatch: the smaller limits of the two services.
MOST_RECORDS = 500
MOST_BYTES = 4 * 1024 * 1024

# Seconds before a refused record is put again: a stream refuses what is beyond its throughput of a second.
PAUSES = (0.1, 0.4, 1.6)
# Time that a call and the response may need, in milliseconds: no call begins with less.
TIME_KEPT = 5_000


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


def put_back(event: Mapping[str, Any], batch: Batch, context: object) -> Report:
    """Put back the records of a batch that have no room, and bring their answers in line.

    Args:
        event: the event of the batch.
        batch: its answers; those of refused records become ``ProcessingFailed``, with their own data while
            there is room for it, as Firehose keeps the source record itself.
        context: Lambda's context, for the time that is left.

    Returns:
        What became of all records of the batch.

    """
    records, answers = event["records"], batch.records
    is_kinesis = isinstance(event.get("sourceKinesisStreamArn"), str)
    entries, refused = [], []
    for place, index in batch.put_back:
        record = records[index]
        key = _partition_key(record) if is_kinesis else ""
        encoded = record["data"]
        entry = _Entry(answers[place], encoded, binascii.a2b_base64(encoded), key or "")
        if key is None:
            refused.append(_Refused(entry, "the record has no kinesisRecordMetadata.partitionKey"))
        else:
            entries.append(entry)
    refused += _put(entries, event, context)
    room = batch.room
    for entry, _ in refused:
        entry.answer["result"] = "ProcessingFailed"
        if len(entry.encoded) <= room:
            entry.answer["data"] = entry.encoded
            room -= len(entry.encoded)
    if not refused:
        return batch.report
    message = f"the document has no room in the answer, and was not put back: {refused[0].why}"
    return batch.report.with_refused(len(refused), refused[0].entry.answer["recordId"], message)


def _partition_key(record: Mapping[str, Any]) -> str | None:
    metadata = record.get("kinesisRecordMetadata")
    key = metadata.get("partitionKey") if isinstance(metadata, dict) else None
    return key if isinstance(key, str) else None


def _put(entries: Sequence[_Entry], event: Mapping[str, Any], context: object) -> list[_Refused]:
    """Put entries in as many calls as they take; those that were not put, in order."""
    try:
        call = _call_of(event)
    except Exception as error:  # noqa: BLE001 (whatever keeps boto3 from being used must not fail the batch)
        return [_Refused(entry, _said(error)) for entry in entries]
    refused: list[_Refused] = []
    chunks = _chunks(entries)
    for chunk in chunks:
        try:
            refused += _put_chunk(call, chunk, context)
        except Exception as error:  # noqa: BLE001 (likewise; boto3 has tried again what can be tried again)
            left = [*chunk, *(entry for later in chunks for entry in later)]
            refused += [_Refused(entry, _said(error)) for entry in left]
    return refused


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _chunks(entries: Sequence[_Entry]) -> Iterator[list[_Entry]]:
    chunk: list[_Entry] = []
    size = 0
    for entry in entries:
        if chunk and (len(chunk) == MOST_RECORDS or size + entry.size > MOST_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(entry)
        size += entry.size
    if chunk:
        yield chunk


def _put_chunk(
    call: Callable[[Sequence[_Entry]], Sequence[str | None]], chunk: Sequence[_Entry], context: object
) -> list[_Refused]:
    """Put what one call takes, and what it refuses again after a pause."""
    refused = [_Refused(entry, "there was no time left") for entry in chunk]
    for attempt in count():
        if _milliseconds_left(context) < TIME_KEPT:
            return refused
        outcomes = call([entry for entry, _ in refused])
        pairs = zip(refused, outcomes, strict=True)
        refused = [_Refused(entry, why) for (entry, _), why in pairs if why is not None]
        if not refused or attempt == len(PAUSES):
            break
        time.sleep(PAUSES[attempt])
    return refused


def _milliseconds_left(context: object) -> float:
    left = getattr(context, "get_remaining_time_in_millis", None)
    return float("inf") if left is None else left()


def _call_of(event: Mapping[str, Any]) -> Callable[[Sequence[_Entry]], Sequence[str | None]]:
    """Say how entries are put: the call gives for each why it was refused, or None."""
    stream = event.get("sourceKinesisStreamArn")
    if isinstance(stream, str):
        return lambda entries: _put_records(stream, entries)
    arn = event.get("deliveryStreamArn")
    if not isinstance(arn, str):
        raise TypeError("the event has neither sourceKinesisStreamArn nor deliveryStreamArn")
    return lambda entries: _put_record_batch(arn, entries)


def _put_records(arn: str, entries: Sequence[_Entry]) -> list[str | None]:
    records = [{"Data": entry.data, "PartitionKey": entry.partition_key} for entry in entries]
    answer = _client("kinesis", _region(arn)).put_records(StreamARN=arn, Records=records)
    return [_refusal(record) for record in answer["Records"]]


def _put_record_batch(arn: str, entries: Sequence[_Entry]) -> list[str | None]:
    records = [{"Data": entry.data} for entry in entries]
    name = arn.rpartition("/")[2]
    answer = _client("firehose", _region(arn)).put_record_batch(DeliveryStreamName=name, Records=records)
    return [_refusal(response) for response in answer["RequestResponses"]]


def _refusal(response: Mapping[str, str]) -> str | None:
    code = response.get("ErrorCode")
    return f"{code}: {response.get('ErrorMessage')}" if code else None


def _region(arn: str) -> str | None:
    """Take the region out of ``arn:partition:service:region:account:resource``."""
    return (arn.split(":", 4) + [""] * 4)[3] or None


@cache
def _client(service: str, region: str | None) -> Any:  # noqa: ANN401 (boto3 makes its classes at run time)
    # Here, because Lambda's runtime has boto3, a cold start does not need it, and few batches do.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    config = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
    return boto3.client(service, region_name=region, config=config)

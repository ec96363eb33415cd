"""Sizes of the requests and responses of a transformation, and the largest buffer that is safe.

Lambda limits both to `LIMIT` bytes. A buffer is full as soon as its rows reach its size, so it may hold up to
one row more than that. The sample is treated as endless traffic: after its last row follows its first one.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from edgelift._core import Report, Transformer

LIMIT: Final = 6_291_456
"""Maximum bytes of a request and of a response: AWS Lambda Developer Guide, "Lambda quotas"."""

FREE_PERCENT: Final = 5
"""Percentage of `LIMIT` that a safe buffer leaves free, for traffic that the sample does not show."""

FILLED: Final = LIMIT * (100 - FREE_PERCENT) // 100
"""Maximum bytes of a payload for its buffer to be called safe."""

MEGABYTE: Final = 1024 * 1024
"""Bytes of a megabyte of ``BufferSizeInMBs``: the larger of the two meanings of the word."""

LEAST_TENTHS: Final = 2
MOST_TENTHS: Final = 30
"""``BufferSizeInMBs`` is from 0.2 to 3: Firehose Developer Guide, "Quota"."""

RECORD_ID: Final = "shardId-000000000000".ljust(172, "0")
"""As long as the ids of a Kinesis stream as the source, the only one that real-time logs have."""

REQUEST: Final = {
    "invocationId": "00000000-0000-0000-0000-000000000000",
    # The longest names that AWS allows.
    "sourceKinesisStreamArn": "arn:aws:kinesis:us-east-1:000000000000:stream/" + "s" * 128,
    "deliveryStreamArn": "arn:aws:firehose:us-east-1:000000000000:deliverystream/" + "d" * 64,
    "region": "us-east-1",
    "records": [],
}

RECORD: Final = {
    "recordId": RECORD_ID,
    "approximateArrivalTimestamp": 1700000000000,
    "data": "",
    "kinesisRecordMetadata": {
        "sequenceNumber": "0" * 56,
        "subsequenceNumber": 0,
        # A UUID in the recorded event.
        "partitionKey": "00000000-0000-0000-0000-000000000000",
        "shardId": "shardId-000000000000",
        "approximateArrivalTimestamp": 1700000000000,
    },
}


def _split_at(empty: Any, hole: bytes) -> tuple[bytes, bytes]:  # noqa: ANN401 (JSON)
    text = json.dumps(empty, separators=(",", ":")).encode()
    position = text.index(hole) + len(hole) - 1
    return text[:position], text[position:]


_REQUEST: Final = _split_at(REQUEST, b'"records":[]')
_RECORD: Final = _split_at(RECORD, b'"data":""')


def build_request(rows: Iterable[bytes]) -> bytes:
    """Return the event with which Firehose sends the rows."""
    before, after = _RECORD
    records = b",".join(before + base64.b64encode(row) + after for row in rows)
    return _REQUEST[0] + records + _REQUEST[1]


def request_size(row: bytes) -> int:
    """Return the bytes that the record of a row takes in a request, its comma included."""
    return len(_RECORD[0]) + _base64_size(len(row)) + len(_RECORD[1]) + len(",")


def _base64_size(size: int) -> int:
    return -(-size // 3) * 4


REQUEST_OVERHEAD: Final = len(build_request([])) - len(",")
"""Bytes of a request without any row, less the comma that its last record does not have."""


@dataclass(frozen=True)
class ResponseSizes:
    """Bytes of the responses to one row, each with the comma after it."""

    handler: int
    """From `edgelift.firehose.handler` and the runtime, which writes a blank after comma and colon."""
    raw: int
    """From `Transformer.transform_event`, which writes no blanks."""
    report: Report


class ResponseMeter:
    """Measures the engine's responses to single rows, without knowing how it writes them.

    Attributes:
        handler_overhead: bytes of a handler's response without any row, less one comma and blank.
        raw_overhead: the same of a raw response.

    """

    def __init__(self, transformer: Transformer) -> None:
        self._transformer = transformer
        self._empty_batch_bytes_left = transformer.transform_records([]).bytes_left
        self._empty_response = len(transformer.transform_event(build_request([])))
        self.handler_overhead = LIMIT - self._empty_batch_bytes_left - len(", ")
        self.raw_overhead = self._empty_response - len(",")

    def measure(self, row: bytes) -> ResponseSizes:
        """Measure the responses to a row."""
        record = {"recordId": RECORD_ID, "data": base64.b64encode(row).decode("ascii")}
        batch = self._transformer.transform_records([record])
        response = self._transformer.transform_event(build_request([row]))
        return ResponseSizes(
            self._empty_batch_bytes_left - batch.bytes_left + len(", "),
            len(response) - self._empty_response + len(","),
            batch.report,
        )


class NaiveHandler:
    """Sizes the responses of the handler that people write first: split, a dict of strings, json.dumps."""

    overhead: Final = len(json.dumps({"records": []})) - len(", ")
    frame: Final = len(json.dumps({"recordId": RECORD_ID, "result": "Ok", "data": ""})) + len(", ")

    def __init__(self, layouts: Iterable[Sequence[str]]) -> None:
        self._layouts = list(layouts)

    def response_size(self, row: bytes) -> int:
        """Return the bytes of the response to a row, and the comma and blank after it."""
        # It would raise for bytes that are not UTF-8; CloudFront encodes those.
        text = row.decode("utf-8", "replace").rstrip("\r\n")
        if text.startswith("{"):
            # A record of a standard log, which it would pass on.
            return self.frame + _base64_size(len(text))
        values = text.split("\t")
        document = json.dumps(dict(zip(self._names(len(values)), values, strict=False)))
        return self.frame + _base64_size(len(document))  # json.dumps escapes what is not ASCII

    def _names(self, columns: int) -> Sequence[str]:
        fitting = (names for names in self._layouts if len(names) == columns)
        return next(fitting, self._layouts[0] if self._layouts else ())


@dataclass(frozen=True)
class Payload:
    """A request or a response as it grows row by row."""

    sizes: Sequence[int]
    """Bytes that each row of the sample takes in it, the comma after it included."""
    overhead: int
    """Bytes that it has without any row; less the comma that the last row does not have."""


def percentile(ordered: Sequence[int], percent: int) -> int:
    """Return the least of the ordered values that ``percent`` percent of them do not exceed."""
    return ordered[max(-(-len(ordered) * percent // 100), 1) - 1]


def largest_buffer(rows: Sequence[int], payloads: Iterable[Payload]) -> int | None:
    """Return the largest safe ``BufferSizeInMBs`` in tenths, or None if even the smallest one is too large.

    A buffer is safe if it fits wherever in the sample it begins: its consecutive rows make no payload larger
    than `FILLED` bytes.

    Args:
        rows: bytes of each row of the sample.
        payloads: the payloads that the rows make.

    """
    tenths = min(_smallest_full_payload(rows, payload) * 10 // MEGABYTE for payload in payloads)
    return min(tenths, MOST_TENTHS) if tenths >= LEAST_TENTHS else None


def fullest(rows: Sequence[int], payload: Payload, tenths: int) -> int:
    """Return the bytes of the largest payload that a buffer of so many tenths of a megabyte can make."""
    reach = bytes_of(tenths)
    end = taken = size = most = 0
    for begin, row in enumerate(rows):
        while taken < reach:
            taken += rows[end % len(rows)]
            size += payload.sizes[end % len(rows)]
            end += 1
        most = max(most, size)
        taken -= row
        size -= payload.sizes[begin]
    return payload.overhead + most


def bytes_of(tenths: int) -> int:
    """Return the bytes at which a buffer of so many tenths of a megabyte is full."""
    return -(-tenths * MEGABYTE // 10)


def _smallest_full_payload(rows: Sequence[int], payload: Payload) -> int:
    """Fill the payload from each row on; return the bytes of rows where they are fewest."""
    least = None
    end = taken = 0
    size = payload.overhead
    for begin, row in enumerate(rows):
        while size + payload.sizes[end % len(rows)] <= FILLED:
            taken += rows[end % len(rows)]
            size += payload.sizes[end % len(rows)]
            end += 1
        if begin == end:
            return 0  # not even this row alone
        least = taken if least is None else min(least, taken)
        taken -= row
        size -= payload.sizes[begin]
    return least or 0

"""How many bytes a row takes in a request of Firehose, and in the responses that answer it."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from edgelift.cli.size.buffer import LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from edgelift._core import Report, Transformer

RECORD_ID: Final = "shardId-000000000000".ljust(172, "0")
"""As long as the ids that come with a Kinesis stream as the source, the only one that real-time logs have."""

REQUEST: Final = {
    "invocationId": "00000000-0000-0000-0000-000000000000",
    # Names as long as they may be.
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


def _parts(empty: Any, hole: bytes) -> tuple[bytes, bytes]:  # noqa: ANN401 (JSON)
    text = json.dumps(empty, separators=(",", ":")).encode()
    place = text.index(hole) + len(hole) - 1
    return text[:place], text[place:]


_REQUEST: Final = _parts(REQUEST, b'"records":[]')
_RECORD: Final = _parts(RECORD, b'"data":""')


def request_of(rows: Iterable[bytes]) -> bytes:
    """Make the event with which Firehose sends the rows."""
    before, behind = _RECORD
    records = b",".join(before + base64.b64encode(row) + behind for row in rows)
    return _REQUEST[0] + records + _REQUEST[1]


def request_size(row: bytes) -> int:
    """Give the bytes that the record of a row takes in a request, and the comma."""
    return len(_RECORD[0]) + _encoded(len(row)) + len(_RECORD[1]) + len(",")


def _encoded(size: int) -> int:
    """Give the bytes that so many bytes have in base64."""
    return -(-size // 3) * 4


REQUEST_AROUND: Final = len(request_of([])) - len(",")


@dataclass(frozen=True)
class Answer:
    """Bytes of the answers to one row, each with the comma behind it."""

    handler: int
    """By `edgelift.firehose.handler` and the runtime, which writes a blank behind comma and colon."""
    raw: int
    """By `Transformer.transform_event`, which writes no blanks."""
    report: Report


class Answerer:
    """Measures what the engine answers to single rows, without knowing how it writes that."""

    def __init__(self, transformer: Transformer) -> None:
        self._transformer = transformer
        self._empty_room = transformer.transform_records([]).room
        self._empty_response = len(transformer.transform_event(request_of([])))
        self.handler_around = LIMIT - self._empty_room - len(", ")
        self.raw_around = self._empty_response - len(",")

    def answer(self, row: bytes) -> Answer:
        """Measure the answers to a row."""
        record = {"recordId": RECORD_ID, "data": base64.b64encode(row).decode("ascii")}
        batch = self._transformer.transform_records([record])
        response = self._transformer.transform_event(request_of([row]))
        return Answer(
            self._empty_room - batch.room + len(", "),
            len(response) - self._empty_response + len(","),
            batch.report,
        )


class Naive:
    """The handler that anybody would write first: split, a dict of strings, json.dumps."""

    around: Final = len(json.dumps({"records": []})) - len(", ")
    frame: Final = len(json.dumps({"recordId": RECORD_ID, "result": "Ok", "data": ""})) + len(", ")

    def __init__(self, layouts: Iterable[Sequence[str]]) -> None:
        self._layouts = list(layouts)

    def answer(self, row: bytes) -> int:
        """Give the bytes of the answer to a row, and the comma and blank behind it."""
        # It would raise for what is not UTF-8; CloudFront encodes that.
        text = row.decode("utf-8", "replace").rstrip("\r\n")
        if text.startswith("{"):
            # A record of a standard log, which it would pass on.
            return self.frame + _encoded(len(text))
        values = text.split("\t")
        document = json.dumps(dict(zip(self._names(len(values)), values, strict=False)))
        return self.frame + _encoded(len(document))  # json.dumps escapes what is not ASCII

    def _names(self, columns: int) -> Sequence[str]:
        fitting = (names for names in self._layouts if len(names) == columns)
        return next(fitting, self._layouts[0] if self._layouts else ())

"""Recognizes what failed records are that are not rows, as the engine does."""

from __future__ import annotations

import json
import zlib
from typing import Final, NoReturn

_AGGREGATED: Final = b"\xf3\x89\x9a\xc2"
_GZIP: Final = b"\x1f\x8b"
_MAX_CONTROL_BYTES: Final = 4096

_MESSAGES: Final = {
    "aggregated": (
        "the record was aggregated by the Kinesis Producer Library: set its AggregationEnabled to false, or "
        "deaggregate its records first"
    ),
    "gzip": (
        "the record is compressed with gzip: decompress it first; for subscriptions of CloudWatch Logs turn "
        "on decompression and message extraction in the delivery stream (processors Decompression and "
        "CloudWatchLogProcessing)"
    ),
    "DATA_MESSAGE": (
        "the record is an envelope of a CloudWatch Logs subscription, not a row: turn on message extraction "
        "after decompression in the delivery stream (processor CloudWatchLogProcessing)"
    ),
}


def foreign_message(record: bytes) -> str | None:
    """Return the message for a failed record that is not a row; None if nothing is known about it."""
    kind = _detect(record)
    return None if kind is None else _MESSAGES["DATA_MESSAGE" if kind == "CONTROL_MESSAGE" else kind]


def is_control_message(record: bytes) -> bool:
    """Return true if a failed record is a control message of CloudWatch Logs, compressed or not."""
    kind = _detect(record)
    if kind != "gzip":
        return kind == "CONTROL_MESSAGE"
    decompressor = zlib.decompressobj(wbits=31)
    try:
        content = decompressor.decompress(record, _MAX_CONTROL_BYTES)
    except zlib.error:
        return False
    is_whole = decompressor.eof and not decompressor.unused_data
    return is_whole and _detect(content) == "CONTROL_MESSAGE"


def _detect(record: bytes) -> str | None:
    if record.startswith(_AGGREGATED):
        return "aggregated"
    if record.startswith(_GZIP):
        return "gzip"
    if not record.lstrip(b" \t\r\n").startswith(b"{"):
        return None
    try:
        fields = json.loads(record.decode(), parse_constant=_refuse_constant, parse_int=str)
    except (ValueError, RecursionError):
        return None
    kind = fields.get("messageType") if "logEvents" in fields else None
    # A tuple: the value may be a list or an object, which no set can look up.
    return kind if kind in ("DATA_MESSAGE", "CONTROL_MESSAGE") else None


def _refuse_constant(name: str) -> NoReturn:
    """Refuse what Python reads and JSON does not have, such as NaN."""
    raise ValueError(name)

"""Decides by the first record of some content how its records are read, or why they cannot be."""

from __future__ import annotations

import re
import sys
from itertools import chain
from typing import TYPE_CHECKING, Final

from edgelift._core import file_type
from edgelift.inputs import failed_lines
from edgelift.inputs.cloudwatch import exports, subscriptions
from edgelift.inputs.cloudwatch.json_objects import JsonObjects, first_object
from edgelift.inputs.damage import DamagedFile
from edgelift.inputs.errors import MalformedLogError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_HELD: Final = 64 * 1024
"""Bytes after which the beginning is as good as the first record."""

KPL_MAGIC: Final = b"\xf3\x89\x9a\xc2"
"""Source: "KPL Aggregated Record Format" of the Kinesis Producer Library."""

_KPL: Final = (
    "records aggregated by the Kinesis Producer Library: set its AggregationEnabled to false, or deaggregate "
    "them before they are stored"
)
_CARRIAGE_RETURNS: Final = (
    "text whose lines end in carriage returns alone: end them in line feeds, for example with tr '\\r' '\\n'"
)
_EVENT: Final = re.compile(rb'\{[^\[]*"[Rr]ecords"\s*:\s*\[')
"""The beginning of an event for Lambda; records of logs are flat."""

_LAMBDA_EVENT: Final = (
    "an event for a Lambda function, and not a log: edgelift.firehose.handler takes those of Firehose, "
    "edgelift.s3events.handler those of S3"
)
_SEVERAL_LINES: Final = (
    "JSON with records over several lines: write each record on one line, for example with jq -c ."
)


def records(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield content as lines of records: as it is, or taken out of another form.

    Raises:
        MalformedLogError: records cannot be separated, as the beginning shows.
        DamagedFile: as ``blocks``.

    """
    head, damage = b"", None
    objects, fed = JsonObjects(sys.maxsize), 0
    try:
        for block in blocks:
            head += block
            text = head.lstrip()
            if len(head) >= MOST_HELD or (b"\n" in text and not text.startswith(b"{")):
                break
            if text.startswith(b"{"):
                # Only what is new, since blocks may be small.
                if next(objects.feed(text[fed:]), None) is not None:
                    break
                fed = len(text)
    except DamagedFile as error:
        damage = error
    rest = chain((head,) if head else (), blocks if damage is None else _raise(damage))
    text = head.lstrip()
    refuse_malformed(head)
    if text.startswith(b"{") and subscriptions.DETECT.search(first_object(text) or text):
        yield from subscriptions.messages(rest)
    elif exports.BEGINNING.match(text):
        yield from exports.messages(rest)
    elif text.startswith(b"{") and failed_lines.parse(first_object(text) or text):
        yield from failed_lines.error_objects(rest)
    else:
        yield from rest


def _raise(damage: DamagedFile) -> Iterator[bytes]:
    raise damage
    yield b""


def refuse_malformed(head: bytes) -> None:
    """Refuse content whose beginning shows why its records cannot be read.

    Raises:
        MalformedLogError: it does.

    """
    if head.startswith(KPL_MAGIC):
        raise MalformedLogError(_KPL)
    if _has_carriage_returns_alone(head):
        raise MalformedLogError(_CARRIAGE_RETURNS)
    text = head.lstrip()
    if _EVENT.match(text):
        raise MalformedLogError(_LAMBDA_EVENT)
    if text.startswith(b"{") and not subscriptions.DETECT.search(text) and _is_over_several_lines(text):
        raise MalformedLogError(_SEVERAL_LINES)


def _has_carriage_returns_alone(head: bytes) -> bool:
    first_line = head.partition(b"\n")[0].rstrip(b"\r")
    if b"\r" not in first_line or b"\0" in head or file_type(head):
        return False
    return first_line.startswith(b"#") or b"\n" not in head.rstrip(b"\r\n")


def _is_over_several_lines(text: bytes) -> bool:
    record = first_object(text)
    if record is None or b"\n" not in record:
        return False
    import json  # 3 ms, for such text only

    try:
        json.loads(record)
    except (ValueError, RecursionError):
        return False
    return True

"""Generates sentences and a table with figures from the code: times, sizes, limits of services."""

from __future__ import annotations

from docs.generator.tables import Block, paragraph, table
from edgelift import reingest as _reingest
from edgelift.object_handler import BYTES_PER_SECOND
from edgelift.put_batches import MOST_BYTES, MOST_RECORDS
from edgelift.reprocess.single_object import TIME_KEPT
from edgelift.reprocess.sinks.backoff import MAX_RETRIES
from edgelift.reprocess.sinks.firehose import DeliveryStream
from edgelift.reprocess.sinks.kinesis import DataStream

_LONGEST = 900
"""Maximum timeout of a Lambda function, in seconds."""


def object_time(_block: Block) -> str:
    """Return the maximum size of an object for Lambda's timeout."""
    largest = int((_LONGEST - TIME_KEPT) * BYTES_PER_SECOND)
    return paragraph(
        f"A function runs for at most {_LONGEST} seconds, of which {TIME_KEPT:.0f} are reserved for the"
        " response."
        f" With the default `EDGELIFT_BYTES_PER_SECOND` of {BYTES_PER_SECOND}, the largest object has"
        f" {largest:,} bytes."
    )


def reingest(_block: Block) -> str:
    """Return when records are re-ingested again, and until when."""
    *first, last = (f"{pause:g}" for pause in _reingest.PAUSES)
    return paragraph(
        f"Records that the service refuses are retried after {', '.join(first)} and {last} seconds, and then"
        f" fail. When less than {_reingest.TIME_KEPT / 1000:g} seconds of the function's time remain, which"
        " one call may take, the remaining records fail, too."
    )


def stream_limits(_block: Block) -> str:
    """Return the limits of calls and records."""
    set_by_stream = f"or the limit set for the stream; includes {DataStream.key_size} for the partition key"
    body = [
        ["bytes per record", f"{DeliveryStream.most:,}", f"{DataStream.most:,}, {set_by_stream}"],
        ["records per call", *[f"{MOST_RECORDS:,}"] * 2],
        ["bytes per call", *[f"{MOST_BYTES >> 20} MiB"] * 2],
        ["pauses without progress before the job stops", *[str(MAX_RETRIES)] * 2],
    ]
    return table(("limit", "Firehose", "Kinesis"), body)

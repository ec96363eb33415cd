"""Generates the table of keys of the handler's log line; their meaning is written by hand."""

from __future__ import annotations

import contextlib
import io
import json

from docs.generator.tables import Block, code, table
from edgelift import firehose

_EVENT = {
    "invocationId": "i",
    "deliveryStreamArn": "arn:aws:firehose:us-east-1:123456789012:deliverystream/logs",
    "records": [
        {"recordId": "1", "data": "MTcwMDAwMDAwMAlodHRwcw=="},
        {"recordId": "2", "data": "MTcwMDAwMDAwMAkxOTIuMC4yLjEJaHR0cHM="},
        {"recordId": "3", "data": "MTcwMDAwMDAwMAl4"},
    ],
}
"""Three records, of which the second fails with column_count, and the third has another shape."""


def keys(block: Block) -> str:
    """Return the table of keys."""
    handler = firehose.make_handler({"layouts": [{"fields": ["timestamp", "cs-protocol"]}]})
    with contextlib.redirect_stdout(io.StringIO()) as log:
        handler(_EVENT, None)
    found = (key.replace("_column_count", "_<reason>") for key in json.loads(log.getvalue()))
    return table(("key", "value"), ([code(key), block.prose(code(key))] for key in found))

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
    "records": [{"recordId": "1", "data": "MTcwMDAwMDAwMA=="}, {"recordId": "2", "data": "eA=="}],
}
"""Two records, of which the second fails with bad_value."""


def keys(block: Block) -> str:
    """Return the table of keys."""
    handler = firehose.make_handler({"layouts": [{"fields": ["timestamp"]}]})
    with contextlib.redirect_stdout(io.StringIO()) as log:
        handler(_EVENT, None)
    found = (key.replace("_bad_value", "_<reason>") for key in json.loads(log.getvalue()))
    return table(("key", "value"), ([code(key), block.prose(code(key))] for key in found))

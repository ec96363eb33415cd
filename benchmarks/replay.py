"""Error objects of Firehose through ``Transformer.transform_lines``, and the rows that they carry."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import edgelift
from benchmarks import corpus as corpora
from benchmarks import interleaved
from benchmarks.contenders import check
from benchmarks.verdict import Ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDS = 25


def against_rows(name: str) -> Ratio:
    """Compare rows with the error objects under ``processing-failed/`` that carry them, in one process.

    Returns:
        Rows / error objects.

    """
    corpus = corpora.block(name)
    transformer = edgelift.Transformer(
        {"input": {"format": "auto"}, "layouts": [{"fields": list(corpus.fields)}]}
    )
    objects = error_objects(corpus.lines)
    rows, replayed = transformer.transform_lines(corpus.data), transformer.transform_lines(objects)
    check(rows.counts.ok == corpus.good, f"the core made {rows.counts.ok} documents, not {corpus.good}")
    check(replayed.output == rows.output, "rows and error objects have different documents")
    check(replayed.counts == rows.counts, "rows and error objects fail differently")
    del rows, replayed
    contenders = {
        "rows": lambda: transformer.transform_lines(corpus.data),
        "objects": lambda: transformer.transform_lines(objects),
    }
    times = interleaved.calls(contenders, ROUNDS)
    return Ratio.of(times["rows"], times["objects"])


def error_objects(lines: Sequence[bytes]) -> bytes:
    """Make the JSON lines that Firehose writes of records whose function failed."""
    function = "arn:aws:lambda:us-east-1:123456789012:function:cdn-logs:$LATEST"
    objects = (
        {
            "attemptsMade": 4,
            "arrivalTimestamp": 1_711_929_600_000 + number,
            "errorCode": "Lambda.FunctionError",
            "errorMessage": "The function was invoked successfully, but returned an error.",
            "attemptEndingTimestamp": 1_711_929_660_000 + number,
            "rawData": base64.b64encode(line).decode(),
            "lambdaArn": function,
        }
        for number, line in enumerate(lines)
    )
    return b"".join(json.dumps(each, separators=(",", ":")).encode() + b"\n" for each in objects)

"""The log line of a batch: a JSON object, with ``[metrics]`` a document of the embedded metric format.

CloudWatch extracts the metrics from the log, so that no call and no library is needed. Source of the form:
Amazon CloudWatch User Guide, "Specification: Embedded metric format".
"""

from __future__ import annotations

import time

# Said like this and not imported: typing costs a cold start more than this whole module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Protocol

    from edgelift._core import Counts

    class Report(Protocol):
        """Counts of the records of an event: `edgelift._core.Report` or its pure counterpart."""

        @property
        def counts(self) -> Counts: ...
        @property
        def bytes_in(self) -> int: ...
        @property
        def bytes_out(self) -> int: ...
        @property
        def layouts(self) -> tuple[int, ...]: ...
        @property
        def first_failures(self) -> Mapping[str, tuple[str, str]]: ...
        @property
        def duplicates(self) -> tuple[str, ...]: ...
        @property
        def oldest(self) -> int | None: ...
        @property
        def slimmed(self) -> int: ...
        @property
        def reingested(self) -> int: ...


__all__ = ["directive", "log_line"]

_LOGGED_DUPLICATES = 10
# Firehose's own ids have at most 150 characters; a line with more than 256 KB would be no document any more.
_LOGGED_ID = 200
# Amazon Data Firehose API Reference, CreateDeliveryStream: DeliveryStreamName, letters, digits and _ . -
_LONGEST_NAME = 64


def log_line(  # noqa: PLR0913 (what the line has)
    report: Report,
    options: Mapping[str, Any],
    event: Mapping[str, Any],
    *,
    path: str,
    milliseconds: float,
    diagnosis: Sequence[str] | None = None,
) -> str:
    """Write the log line of a batch, with its line feed.

    Args:
        report: what became of the records.
        options: ``[metrics]`` as it is in force.
        event: the event, of which ``invocationId`` and ``deliveryStreamArn`` are logged if they are strings.
        path: "raw" or "dict", how the event came.
        milliseconds: how long the work took.
        diagnosis: how the first failed row differs from the layouts, if that was looked at.

    """
    # Not above: json, with re below it, takes longer to import than all of edgelift, and Lambda's runtime has
    # it already.
    import json

    now = int(time.time() * 1000)
    counts = report.counts
    values: dict[str, tuple[str, float]] = {
        "RecordsIn": ("Count", counts.read),
        "Ok": ("Count", counts.ok),
        "Dropped": ("Count", counts.dropped),
        "Failed": ("Count", counts.failed),
        **{f"Failed_{reason}": ("Count", count) for reason, count in counts.by_reason.items()},
        **({"ShapeMismatch": ("Count", counts.shape_mismatches)} if counts.shape_mismatches else {}),
        # Their data are not as they came: fields are missing, or records come a second time.
        "slimmed": ("Count", report.slimmed),
        "reingested": ("Count", report.reingested),
        "BytesIn": ("Bytes", report.bytes_in),
        "BytesOut": ("Bytes", report.bytes_out),
        "Duration": ("Milliseconds", round(milliseconds, 3)),
    }
    if report.oldest is not None:
        values["OldestRecordAge"] = ("Milliseconds", now - report.oldest)
    stream = (
        _stream_name(event.get("deliveryStreamArn")) if options["dimension"] == "delivery_stream" else None
    )
    entry: dict[str, object] = {"event": "edgelift.batch"}
    if options["enabled"]:
        entry["_aws"] = directive(now, options["namespace"], stream, values)
    if stream is not None:
        entry["DeliveryStream"] = stream
    entry |= {name: value for name, (_, value) in values.items()}
    entry |= {
        "path": path,
        "layouts": list(report.layouts),
        "first_failures": {
            reason: {"recordId": record_id[:_LOGGED_ID], "message": message}
            for reason, (record_id, message) in report.first_failures.items()
        },
        "duplicates": len(report.duplicates),
        "duplicate_ids": [record_id[:_LOGGED_ID] for record_id in report.duplicates[:_LOGGED_DUPLICATES]],
    }
    if diagnosis:
        entry["diagnosis"] = list(diagnosis)
    for name in ("invocationId", "deliveryStreamArn"):
        if isinstance(value := event.get(name), str):
            entry[name] = value[:_LOGGED_ID]
    return json.dumps(entry, separators=(",", ":")) + "\n"


def directive(
    now: int, namespace: str, stream: str | None, values: Mapping[str, tuple[str, float]]
) -> dict[str, object]:
    """Return the member ``_aws`` of a document, which makes metrics of some of its values.

    Args:
        now: milliseconds since 1970.
        namespace: the namespace of the metrics.
        stream: name of the delivery stream if it is a dimension, otherwise None.
        values: unit and value of each metric.

    """
    metrics = [{"Name": name, "Unit": unit} for name, (unit, _) in values.items()]
    dimensions = [] if stream is None else ["DeliveryStream"]
    return {
        "Timestamp": now,
        "CloudWatchMetrics": [{"Namespace": namespace, "Dimensions": [dimensions], "Metrics": metrics}],
    }


def _stream_name(arn: object) -> str | None:
    """Take the name out of ``arn:aws:firehose:region:account:deliverystream/name``, if that is what it is."""
    if not isinstance(arn, str):
        return None
    name = arn.partition(":deliverystream/")[2]
    is_name = name.isascii() and name.replace("_", "").replace(".", "").replace("-", "").isalnum()
    return name if is_name and len(name) <= _LONGEST_NAME else None

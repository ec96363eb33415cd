"""Names an event that a handler does not serve, and the handler or set-up that does, for a message.

The message has keys of the event and never its values, which may be content of logs.

Source: AWS Lambda Developer Guide, the example events of each trigger.
"""

from __future__ import annotations

import json

# As in `firehose`, which imports this module for events that it does not serve.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

_MAX_KEYS = 5
_MAX_KEY_CHARS = 40

_ORIGINS = {
    "aws:kinesis": (
        "an event of a Kinesis trigger: make the stream the source of a Firehose delivery stream, "
        "and a function with the handler edgelift.runtime.handler its processor, instead of a consumer"
    ),
    "aws:s3": "an event of S3, for the handler edgelift.s3events.handler",
    "aws:sqs": "an event of SQS: the handler edgelift.s3events.handler takes what S3 sends to it",
    "aws:sns": "an event of SNS: the handler edgelift.s3events.handler takes what S3 sends to it",
    "aws:dynamodb": "an event of DynamoDB, which has no handler",
    "aws:kafka": "an event of Kafka, which has no handler",
    "detail-type": "an event of EventBridge: the handler edgelift.s3events.handler takes those of S3",
    "awslogs": (
        "an event of CloudWatch Logs: make a Firehose delivery stream the destination of the subscription, "
        "and a function with the handler edgelift.runtime.handler its processor"
    ),
    "tasks": "an event of S3 Batch Operations, for the handler edgelift.s3batch.handler",
    "Items": "an event of a Distributed Map of Step Functions, for the handler edgelift.s3batch.handler",
    "records": "an event of a Firehose transformation, for the handler edgelift.runtime.handler",
}
"""The services and set-ups of events, by the source of their records or by a key of the event."""

_KEYS = ("detail-type", "awslogs", "tasks", "Items")
"""Keys that only the events of one service have."""


def described(event: Any, *, served: Collection[str]) -> str:  # noqa: ANN401 (whatever Lambda was given)
    """Describe an event that cannot be served, as words after "but", by its keys."""
    if not isinstance(event, dict):
        return f"the event is a {type(event).__name__}"
    first = _first_record(event)
    of_first = f", its first record {_keys(first)}" if first is not None else ""
    return f"the event has {_keys(event)}{of_first}{origin(event, served=served)}"


def text_description(text: Any) -> str:  # noqa: ANN401 (of JSON)
    """Describe a text that is not JSON, as words after "but"."""
    if isinstance(text, str):
        return f"its text of {len(text)} characters is not JSON"
    return "it has no text" if text is None else f"its text is a {type(text).__name__}"


def origin(event: Any, *, served: Collection[str] = ()) -> str:  # noqa: ANN401 (whatever Lambda was given)
    """Return the end of a message: the service that an event is of, and the handler or set-up for it.

    Empty if the event does not say it, or if the handler serves such events.
    """
    if not isinstance(event, dict):
        return ""
    name = _origin_name(event)
    return f"; it is {_ORIGINS[name]}" if name in _ORIGINS and name not in served else ""


def _origin_name(event: dict[str, Any]) -> str:
    first = _first_record(event)
    if first is not None:
        # SNS spells it in another way.
        source = first.get("eventSource", first.get("EventSource"))
        return source if isinstance(source, str) else ""
    # Those of Kafka have their source at the top.
    if event.get("eventSource") == "aws:kafka":
        return "aws:kafka"
    if isinstance(event.get("records"), list):
        return "records"
    return next((key for key in _KEYS if key in event), "")


def _first_record(event: dict[str, Any]) -> dict[str, Any] | None:
    records = event.get("Records")
    first = records[0] if isinstance(records, list) and records else None
    return first if isinstance(first, dict) else None


def _keys(fields: dict[str, Any]) -> str:
    """List the first keys in ASCII: they may hold characters that a terminal obeys."""
    names = [str(name) for name in fields]
    if not names:
        return "no keys"
    shown = [
        json.dumps(key[:_MAX_KEY_CHARS]) + "…" * (len(key) > _MAX_KEY_CHARS) for key in names[:_MAX_KEYS]
    ]
    more = f" and {len(names) - _MAX_KEYS} more" if len(names) > _MAX_KEYS else ""
    return f"the key{'s' * (len(names) > 1)} {', '.join(shown)}{more}"

"""The Lambda handler of a Firehose transformation: base64 records of CloudFront lines in, JSON documents out.

The configuration comes from the environment and is compiled when the module is imported, so that a wrong one
fails the deployment and not the records:

- ``EDGELIFT_CONFIG``: TOML text if it holds "=" or a line feed, else the path of a TOML file.
- ``EDGELIFT_FIELDS``: names of real-time fields, separated by commas, or ``all``.

`make_handler` serves a function of one's own, which finds its configuration elsewhere.
"""

from __future__ import annotations

import os
import sys
import time

from edgelift._core import Transformer
from edgelift.errors import ConfigError, EdgeliftError

# Said like this and not imported: typing costs a cold start more than this whole module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Protocol

    from edgelift._core import Counts

    class Answer(Protocol):
        """The answers to the records of one event: `edgelift._core.Batch` and its like."""

        @property
        def records(self) -> list[dict[str, Any]]: ...
        @property
        def report(self) -> Report: ...

    class Report(Protocol):
        """What became of them: `edgelift._core.Report` and its like."""

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

    class BatchTransformer(Protocol):
        """Whatever answers the records of an event."""

        def transform_records(self, records: Sequence[Any], /) -> Answer: ...

    class TransformerClass(Protocol):
        """Whatever makes one from a configuration."""

        def __call__(self, config: str | Mapping[str, Any], /) -> BatchTransformer: ...
        def from_file(self, path: str, /) -> BatchTransformer: ...
        def from_fields(self, names: Any, /) -> BatchTransformer: ...  # noqa: ANN401 (names or "all")

    Handler = Callable[[Any, object], dict[str, list[dict[str, Any]]]]

__all__ = ["handler", "make_handler"]

_LOGGED_DUPLICATES = 10


def make_handler(config: str | Mapping[str, Any]) -> Handler:
    """Make a Lambda handler from a configuration: TOML text, or a mapping of the same shape.

    Raises:
        ConfigError: what is wrong with it, with line and key.

    """
    return handler_of(Transformer(config))


def handler_of(transformer: BatchTransformer) -> Handler:
    """Make a Lambda handler that answers with ``transformer`` and logs one line a batch."""

    def handler(event: Any, context: object) -> dict[str, list[dict[str, Any]]]:  # noqa: ANN401, ARG001
        """Answer a Firehose transformation event; each recordId comes back once, in order.

        Raises:
            EdgeliftError: the event has no list ``records``, or a record has no string ``recordId``.

        """
        began = time.perf_counter()
        batch = transformer.transform_records(_records_of(event))
        milliseconds = (time.perf_counter() - began) * 1000
        # A log that cannot be written is no reason to have a whole batch retried. contextlib would say it
        # shorter, and be imported for this alone.
        try:  # noqa: SIM105
            sys.stdout.write(_log_line(event, batch.report, milliseconds=milliseconds))
        except (OSError, ValueError):
            pass
        return {"records": batch.records}

    return handler


def handler_from_environment(transformer: TransformerClass) -> Handler:
    """Make the handler that ``EDGELIFT_CONFIG`` or ``EDGELIFT_FIELDS`` describes.

    With neither set it is a handler that raises `ConfigError`, so that the module can still be imported for
    its other names.

    Raises:
        ConfigError: both are set, or what is set cannot be used.

    """
    config, fields = os.environ.get("EDGELIFT_CONFIG"), os.environ.get("EDGELIFT_FIELDS")
    if config and fields:
        raise ConfigError("EDGELIFT_CONFIG and EDGELIFT_FIELDS are both set; set one of them")
    try:
        if config:
            return handler_of(_from_config(transformer, config))
        if fields:
            names = [name.strip() for name in fields.split(",")]
            return handler_of(transformer.from_fields("all" if names == ["all"] else names))
    except ConfigError as error:
        message = f"{'EDGELIFT_CONFIG' if config else 'EDGELIFT_FIELDS'}: {error}"
        raise ConfigError(message, error.line, error.key, error.suggestion) from error
    return _unconfigured


def _from_config(transformer: TransformerClass, config: str) -> BatchTransformer:
    if "=" in config or "\n" in config:
        return transformer(config)
    try:
        return transformer.from_file(config)
    except OSError as error:
        raise ConfigError(
            f"cannot read the file {config!r}: {error.strerror or error}; "
            'the variable holds a path unless there is a "=" or a line feed in it'
        ) from error


def _unconfigured(event: Any, context: object) -> dict[str, list[dict[str, str]]]:  # noqa: ANN401, ARG001
    raise ConfigError(
        "edgelift has no configuration: set the environment variable EDGELIFT_FIELDS to the fields of the "
        'real-time log configuration, separated by commas, or to "all"; or set EDGELIFT_CONFIG to TOML text '
        "or to the path of a TOML file"
    )


def _records_of(event: Any) -> list[Any]:  # noqa: ANN401 (whatever Lambda was given)
    expected = 'expected a Firehose transformation event, a dict with a list "records", but'
    if not isinstance(event, dict):
        raise EdgeliftError(f"{expected} the event is a {type(event).__name__}")
    if "records" not in event:
        raise EdgeliftError(f'{expected} the event has no "records"')
    records = event["records"]
    if not isinstance(records, list):
        raise EdgeliftError(f'{expected} its "records" is a {type(records).__name__}')
    return records


def _log_line(event: dict[str, Any], batch: Report, milliseconds: float) -> str:
    # Not above: json, with re below it, takes longer to import than all of edgelift, and Lambda's runtime has
    # it already.
    import json  # noqa: PLC0415

    counts = batch.counts
    entry: dict[str, object] = {
        "event": "edgelift.batch",
        "records_in": counts.read,
        "ok": counts.ok,
        "dropped": counts.dropped,
        "failed": counts.failed,
        "failed_by_reason": dict(counts.by_reason),
        "first_failures": {
            reason: {"recordId": record_id, "message": message}
            for reason, (record_id, message) in batch.first_failures.items()
        },
        "bytes_in": batch.bytes_in,
        "bytes_out": batch.bytes_out,
        "layouts": list(batch.layouts),
        "duplicates": len(batch.duplicates),
        "duplicate_ids": list(batch.duplicates[:_LOGGED_DUPLICATES]),
        "duration_ms": round(milliseconds, 3),
    }
    entry |= {
        name: event[name]
        for name in ("invocationId", "deliveryStreamArn")
        if isinstance(event.get(name), str)
    }
    return json.dumps(entry, separators=(",", ":")) + "\n"


handler = handler_from_environment(Transformer)

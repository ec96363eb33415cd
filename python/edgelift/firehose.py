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
from edgelift.metrics import log_line

# Said like this and not imported: typing costs a cold start more than this whole module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Protocol, TypeVar

    from edgelift._core import LayoutColumn
    from edgelift.metrics import Report

    class Answer(Protocol):
        """The answers to the records of one event: `edgelift._core.Batch` and its like."""

        @property
        def records(self) -> list[dict[str, Any]]: ...
        @property
        def reingest(self) -> tuple[tuple[int, int], ...]: ...
        @property
        def report(self) -> Report: ...

    class BatchTransformer(Protocol):
        """Answers the records of an event."""

        @property
        def options(self) -> Mapping[str, Mapping[str, Any]]: ...
        @property
        def layouts(self) -> tuple[tuple[LayoutColumn, ...], ...]: ...
        def transform_records(self, records: Sequence[Any], /, *, ensure_ascii: bool = True) -> Answer: ...

    Made = TypeVar("Made")
    Some_co = TypeVar("Some_co", bound=BatchTransformer, covariant=True)

    class TransformerClass(Protocol[Some_co]):
        """Builds a transformer from a configuration."""

        def __call__(self, config: str | Mapping[str, Any], /) -> Some_co: ...
        def from_file(self, path: str, /) -> Some_co: ...
        def from_fields(self, names: Any, /) -> Some_co: ...  # noqa: ANN401 (names or "all")

    Handler = Callable[[Any, object], dict[str, list[dict[str, Any]]]]

__all__ = ["handler", "make_handler"]

DIAGNOSIS_SECONDS = 60
"""Seconds between two batches whose failed records are compared with the layouts."""

_ORDER_NOTICE = "were sorted into CloudFront's order"


def make_handler(config: str | Mapping[str, Any]) -> Handler:
    """Make a Lambda handler from a configuration: TOML text, or a mapping of the same shape.

    Raises:
        ConfigError: what is wrong with it, with line and key.

    """
    return build_handler(compiled(lambda: Transformer(config)))


def build_handler(transformer: BatchTransformer | None) -> Handler:
    """Make a Lambda handler that answers with ``transformer`` and logs one line a batch.

    Without one it is a handler that raises `ConfigError`.
    """
    if transformer is None:
        return _unconfigured
    metrics = transformer.options["metrics"]
    diagnoses = Diagnoses(transformer)

    def handler(event: Any, context: object) -> dict[str, list[dict[str, Any]]]:  # noqa: ANN401
        """Answer a Firehose transformation event; each recordId comes back once, in order.

        Raises:
            EdgeliftError: the event has no list ``records``, or a record has no string ``recordId``.

        """
        began = time.perf_counter()
        records, report = answer(transformer, event, context, ensure_ascii=client_escapes())
        diagnosis = diagnoses.take(report, lambda: event)
        log(report, metrics, event, path="dict", began=began, diagnosis=diagnosis)
        return {"records": records}

    return handler


def answer(
    transformer: BatchTransformer,
    event: Any,  # noqa: ANN401 (whatever Lambda was given)
    context: object,
    *,
    ensure_ascii: bool,
) -> tuple[list[dict[str, Any]], Report]:
    """Answer the records of an event, and re-ingest those that have to be.

    Returns:
        The answers, and what became of the records.

    Raises:
        EdgeliftError: the event has no list ``records``, or a record has no string ``recordId``.

    """
    batch = transformer.transform_records(_records_of(event), ensure_ascii=ensure_ascii)
    if not batch.reingest:
        return batch.records, batch.report
    # Here, because few batches need it, and what it imports costs more than they take.
    from edgelift.reingest import reingest

    report = reingest(event, batch, context)  # type: ignore[arg-type]  # only the engine's
    return batch.records, report


class Diagnoses:
    """Says how the first failed row of a batch differs from the layouts, seldom, since it takes time.

    Args:
        transformer: has the layouts.
        clock: returns seconds that only grow.

    """

    def __init__(self, transformer: BatchTransformer, clock: Callable[[], float] = time.monotonic) -> None:
        self._transformer = transformer
        self._clock = clock
        self._next = 0.0

    def take(self, report: Report, event: Callable[[], Any]) -> list[str] | None:
        """Return the differences in words, without values; None if none were found or looked for.

        Args:
            report: what became of the records.
            event: returns the event as a dict.

        """
        if not report.first_failures or self._clock() < self._next:
            return None
        self._next = self._clock() + DIAGNOSIS_SECONDS
        try:
            # Here, because few batches need it.
            from edgelift.alignment import diagnose

            return diagnose(self._transformer, report.first_failures, event()["records"])
        except Exception:  # noqa: BLE001 (a record or a name of any kind; the batch is still answered)
            return None


def log(  # noqa: PLR0913 (what the line has)
    report: Report,
    metrics: Mapping[str, Any],
    event: Mapping[str, Any],
    *,
    path: str,
    began: float,
    diagnosis: Sequence[str] | None = None,
) -> None:
    """Log a batch that began at this reading of `time.perf_counter`; the rest is as `log_line` says."""
    milliseconds = (time.perf_counter() - began) * 1000
    write(log_line(report, metrics, event, path=path, milliseconds=milliseconds, diagnosis=diagnosis))


def write(line: str) -> None:
    """Write a line of the log. Errors are ignored: a lost line must not make Firehose retry a whole batch."""
    # contextlib would say it shorter, and be imported for this alone.
    try:  # noqa: SIM105
        sys.stdout.write(line)
    except (OSError, ValueError):
        pass


def client_class() -> Any:  # noqa: ANN401 (a class of Lambda's runtime client, which is not a dependency)
    """Find the class that has the runtime client's marshaller: the base class, which 3.x does not have.

    Raises:
        LookupError: no handler was imported by a runtime client here.
        AttributeError: the client has no such class.

    """
    client = sys.modules["awslambdaric.lambda_runtime_client"]
    return getattr(client, "BaseLambdaRuntimeClient", None) or client.LambdaRuntimeClient


def client_escapes() -> bool:
    """Say whether the runtime client escapes what is not ASCII: Python 3.11's does, later ones do not.

    Where that is not to be found out, it is taken as true: escapes are never shorter.
    """
    try:
        return bool(client_class().marshaller.jsonEncoder.ensure_ascii)
    except (LookupError, AttributeError):
        return True


def transformer_from_environment(transformer: TransformerClass[Some_co]) -> Some_co | None:
    """Make the transformer that ``EDGELIFT_CONFIG`` or ``EDGELIFT_FIELDS`` describes.

    With neither set it is none, so that the module can still be imported for its other names.

    Raises:
        ConfigError: both are set, or what is set cannot be used.

    """
    try:
        return compiled(lambda: _from_environment(transformer))
    except ConfigError:
        shorten_traceback()
        raise


def shorten_traceback() -> None:
    """Leave the frames out of the traceback of an error that ends a function's start."""
    if "AWS_LAMBDA_RUNTIME_API" in os.environ:
        # The process ends with this error.
        sys.tracebacklimit = 0


def compiled(make: Callable[[], Made]) -> Made:
    """Return what ``make`` compiles, without the notice of the order of fields, which says nothing new here.

    Other warnings are passed on.
    """
    import warnings  # Lambda's runtime has it already

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made = make()
    for warning in caught:
        if _ORDER_NOTICE not in str(warning.message):
            warnings.warn(warning.message, warning.category, stacklevel=2)
    return made


def _from_environment(transformer: TransformerClass[Some_co]) -> Some_co | None:
    config, fields = os.environ.get("EDGELIFT_CONFIG"), os.environ.get("EDGELIFT_FIELDS")
    if config and fields:
        raise ConfigError("EDGELIFT_CONFIG and EDGELIFT_FIELDS are both set; set one of them")
    try:
        if config:
            return _from_config(transformer, config)
        if fields:
            names = [name.strip() for name in fields.split(",")]
            return transformer.from_fields("all" if names == ["all"] else names)
    except ConfigError as error:
        message = f"{'EDGELIFT_CONFIG' if config else 'EDGELIFT_FIELDS'}: {error}"
        # The error below it has the same text.
        raise ConfigError(message, error.line, error.key, error.suggestion) from None
    return None


def _from_config(transformer: TransformerClass[Some_co], config: str) -> Some_co:
    if "=" in config or "\n" in config:
        return transformer(config)
    try:
        return transformer.from_file(config)
    except OSError as error:
        raise ConfigError(
            f"cannot read the file {config!r}: {error.strerror or error}; "
            'the variable holds a path unless there is a "=" or a line feed in it'
        ) from None


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
        # Here, because few functions need it.
        from edgelift.foreign_event import origin

        raise EdgeliftError(f'{expected} the event has no "records"{origin(event)}')
    records = event["records"]
    if not isinstance(records, list):
        raise EdgeliftError(f'{expected} its "records" is a {type(records).__name__}')
    return records


transformer = transformer_from_environment(Transformer)
handler = build_handler(transformer)

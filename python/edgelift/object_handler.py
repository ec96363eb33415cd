"""The base of the Lambda handlers of whole objects: configuration, processing of one object, log lines.

The configuration comes from the environment, and is compiled when a handler is built, so that a wrong one
fails the deployment and not the objects: ``EDGELIFT_CONFIG`` or ``EDGELIFT_FIELDS`` as for
`edgelift.firehose` (neither: standard logs name their columns), and the variables of docs/s3batch.md.

Events are not trusted: an object fails alone, whatever its event contains.
"""

from __future__ import annotations

import json
import math
import os
import re
import reprlib
import sys
import time
import traceback
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, Self, cast

from edgelift import firehose
from edgelift._core import Transformer
from edgelift.errors import ConfigError, EdgeliftError
from edgelift.inputs.limits import MAX_EXPANSION
from edgelift.reprocess.allowed_destinations import Destination, check_allowed
from edgelift.reprocess.aws import LONGEST_KEY
from edgelift.reprocess.errors import UsageError
from edgelift.reprocess.plan.compression import SUFFIXES
from edgelift.reprocess.plan.request import Request
from edgelift.reprocess.single_object import ObjectProcessor, ObjectReport, S3ObjectRef
from edgelift.reprocess.sinks.opensearch.credentials import check_transport
from edgelift.reprocess.sinks.opensearch.options import ClusterOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edgelift.reprocess.plan.compression import Compression

BYTES_PER_SECOND: Final = 200_000
"""Bytes of an object, as stored, that are surely processed per second: 178 MB in 15 minutes."""

MAX_PROBLEM: Final = 1024
"""Characters of a problem at most, as many as AWS takes for the arguments of a job."""

MAX_ERROR: Final = 24_000
"""Characters of an error at most: Step Functions takes 32,768, and the runtime client adds some."""

DESTINATIONS: Final = 4
"""Destinations whose connections are kept."""

_MAY_PASS: Final = (MemoryError, OSError, RuntimeError)
"""Errors that nobody expected, but that another attempt may not meet: no memory, no file or thread left."""

_NUMBERS: Final = ("read", "written", "already_there", "dropped", "failed", "blank")


class TemporaryFailure(EdgeliftError):  # noqa: N818 - the name is what a state machine retries
    """Objects failed, and one of them at least may succeed a little later."""


class PermanentFailure(EdgeliftError):  # noqa: N818 - as above
    """Objects failed, and would fail again."""


class ObjectHandler:
    """Processes single objects with the configuration of the environment.

    Args:
        transformer: transforms records into documents.
        environment: the variables of the environment.

    Raises:
        ConfigError: they cannot be used; the message names the variable.

    """

    def __init__(self, transformer: Transformer, environment: Mapping[str, str]) -> None:
        self.transformer = transformer
        self._environment = {name: value for name, value in environment.items() if value}
        self._rate = self._whole_number("EDGELIFT_BYTES_PER_SECOND", BYTES_PER_SECOND, least=1)
        self._max_expansion = self._whole_number("EDGELIFT_MAX_EXPANSION", MAX_EXPANSION, least=0)
        self._choice("EDGELIFT_COMPRESS", tuple(SUFFIXES))
        self._choice("EDGELIFT_SIGV4", ("es", "aoss"))
        self._choice("EDGELIFT_INSECURE", ("0", "1"))
        get = self._environment.get
        self._cluster = ClusterOptions(
            get("EDGELIFT_USER"), get("EDGELIFT_SIGV4"), insecure=get("EDGELIFT_INSECURE") == "1"
        )
        self._processors: dict[str, ObjectProcessor] = {}
        self.destination = get("EDGELIFT_DESTINATION")
        self._allowed = self._allowed_destinations()
        if self.destination is not None:
            try:
                self._processor(self.destination)
            except UsageError as error:
                raise ConfigError(f"EDGELIFT_DESTINATION and what belongs to it: {error}") from None

    @classmethod
    def from_environment(cls) -> Self:
        """Build the handler that the environment describes.

        Raises:
            ConfigError: it cannot be used; the message names the variable.

        """
        try:
            return cls(firehose.transformer or Transformer({}), os.environ)
        except ConfigError:
            firehose.shorten_traceback()
            raise

    def process(
        self,
        where: tuple[Any, Any, Any],
        destination: Any,  # noqa: ANN401 (of JSON)
        seconds_left: Callable[[], float],
        given: float,
        decode: Callable[[str], tuple[str, ...]] = lambda key: (key,),
    ) -> ObjectReport:
        """Process one object, and log the result. Raises nothing that a caller could handle.

        Args:
            where: bucket, key and version, as the event has them.
            destination: destination in the event, or None: that of the environment.
            seconds_left: returns how long there is still time, for this object and for others after it.
            given: how long there was time at first.
            decode: returns the candidates for the key of the object.

        """
        began = time.perf_counter()
        try:
            ref = _object_ref(*where, decode)
            report = self._processor(destination or self.destination)(ref, seconds_left, given)
        except UsageError as error:
            report = ObjectReport("PermanentFailure", problem=str(error))
        except Exception as error:  # noqa: BLE001 - an object must not take the answers of others with it
            traceback.print_exc(file=sys.stderr)
            problem = f"unexpected {type(error).__name__}: {error}; the function's log has more"
            report = ObjectReport(
                "TemporaryFailure" if isinstance(error, _MAY_PASS) else "PermanentFailure", problem=problem
            )
        log_object(where, report, time.perf_counter() - began)
        return report

    def _processor(self, destination: Any) -> ObjectProcessor:  # noqa: ANN401 (of JSON)
        """Return the processor of a destination.

        Raises:
            UsageError: it cannot be used.

        """
        if not destination or not isinstance(destination, str):
            raise UsageError(
                "no destination is set: set EDGELIFT_DESTINATION, or name it in the job "
                '(userArguments "destination") or in the input of the map ("Destination")'
            )
        destination = check_allowed(destination, self._allowed)
        if destination not in self._processors:
            if len(self._processors) == DESTINATIONS:
                del self._processors[next(iter(self._processors))]
            self._processors[destination] = ObjectProcessor(self._request(destination), self._rate)
        return self._processors[destination]

    def _allowed_destinations(self) -> list[Destination]:
        """Read what events may name: the destination of the environment, and its list of others."""
        own = [] if self.destination is None else [self.destination]
        listed = re.split(r"[,\n]", self._environment.get("EDGELIFT_ALLOWED_DESTINATIONS", ""))
        allowed = []
        for name, texts in ("EDGELIFT_DESTINATION", own), ("EDGELIFT_ALLOWED_DESTINATIONS", listed):
            try:
                for text in filter(None, map(str.strip, texts)):
                    destination = Destination.parse(text)
                    check_transport(destination.text, self._cluster)
                    allowed.append(destination)
            except UsageError as error:
                raise ConfigError(f"{name}: {error}") from None
        return allowed

    def _request(self, destination: str) -> Request:
        get = self._environment.get
        return Request(
            source=None,
            destination=destination,
            transformer=self.transformer,
            compression=cast("Compression | None", get("EDGELIFT_COMPRESS")),
            failed=get("EDGELIFT_FAILED"),
            index=get("EDGELIFT_INDEX"),
            cluster=self._cluster,
            max_expansion=self._max_expansion,
        )

    def _whole_number(self, name: str, default: int, *, least: int) -> int:
        text = self._environment.get(name, str(default))
        if not text.isascii() or not text.isdigit() or not 0 < len(text) < 16 or int(text) < least:  # noqa: PLR2004
            raise ConfigError(f'{name}: "{text}" is not a whole number from {least}')
        return int(text)

    def _choice(self, name: str, choices: tuple[str, ...]) -> None:
        chosen = self._environment.get(name)
        if chosen is not None and chosen not in choices:
            raise ConfigError(f'{name}: "{chosen}" is not one of {", ".join(choices)}')


def clock(context: object) -> Callable[[], float]:
    """Return a function for the remaining seconds; they are unlimited without a context."""
    milliseconds = getattr(context, "get_remaining_time_in_millis", None)
    if milliseconds is None:
        return lambda: math.inf
    return lambda: milliseconds() / 1000


def _object_ref(
    bucket: Any,  # noqa: ANN401 (of JSON)
    key: Any,  # noqa: ANN401 (of JSON)
    version_id: Any,  # noqa: ANN401 (of JSON)
    decode: Callable[[str], tuple[str, ...]],
) -> S3ObjectRef:
    texts = isinstance(bucket, str) and isinstance(key, str) and isinstance(version_id, str | None)
    if not texts or not bucket or not key or "/" in bucket:
        raise UsageError(f"no object is named: bucket {shown(bucket)}, key {shown(key)}")
    for text in bucket, key, version_id or "":
        if text != encodable(text):
            raise UsageError(f"no object is named: {shown(text)} is not Unicode")
    ref = S3ObjectRef(bucket, decode(key), version_id or None)
    longest = max(len(key.encode()) for key in ref.keys)
    if longest > LONGEST_KEY:
        raise UsageError(f"no object is named: its key has {longest:,} bytes, and S3 takes {LONGEST_KEY:,}")
    return ref


def numbers(report: ObjectReport) -> dict[str, Any]:
    """Return the counts of an object by name, if they are known."""
    return {} if report.tally is None else {name: getattr(report.tally, name) for name in _NUMBERS}


def account(where: Sequence[Any], report: ObjectReport) -> dict[str, Any]:
    """Return what an answer says of an object: its place, its result and its counts."""
    place = zip(("Bucket", "Key", "VersionId"), where, strict=True)
    named = {name: echoed(value) for name, value in place if value}
    return named | {"result": report.result, **numbers(report)}


def failure(failed: list[dict[str, Any]], tried: int) -> TemporaryFailure | PermanentFailure:
    """Return an error that lists the failed objects as JSON; of very many the first ones."""
    for answer in failed:
        answer["problem"] = str(answer["problem"])[:MAX_PROBLEM]
    fields, length = [], 0
    for answer in failed:
        length += len(to_json(answer)) + 1
        if length > MAX_ERROR:
            break
        fields.append(answer)
    text = to_json({"tried": tried, "failed": len(failed), "Items": fields})
    temporary = any(answer["result"] == "TemporaryFailure" for answer in failed)
    return TemporaryFailure(text) if temporary else PermanentFailure(text)


def log_object(where: tuple[Any, Any, Any], report: ObjectReport, seconds: float) -> None:
    """Write the log line of an object."""
    bucket, key, version_id = where
    line: dict[str, Any] = {"event": "edgelift.object", "bucket": echoed(bucket), "key": echoed(key)}
    line["versionId"] = echoed(version_id)
    line |= {"result": report.result} | ({} if report.tally is None else asdict(report.tally))
    line |= {"problem": report.problem, "first_failures": report.first_failures}
    line["seconds"] = round(seconds, 3)
    log({name: value for name, value in line.items() if value is not None})


def log(line: Mapping[str, Any]) -> None:
    """Write a line of JSON to the function's log."""
    firehose.write(to_json(line) + "\n")


def mapping(value: Any) -> dict[str, Any]:  # noqa: ANN401 (of JSON)
    """Return a value of an event if it is an object, otherwise an empty one."""
    return value if isinstance(value, dict) else {}


def shown(value: Any) -> str:  # noqa: ANN401 (of JSON)
    """Return the beginning of a value. It may be nested deeper than `repr` can follow."""
    return reprlib.repr(value)[:80]


def echoed(value: Any) -> Any:  # noqa: ANN401 (of JSON)
    """Return a value of an event for an answer or a line of the log, where all of it has to be UTF-8."""
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, float) and not math.isfinite(value):
        # JSON has no infinity: 1e999 of an event is one.
        return shown(value)
    return value if isinstance(value, int | float | None) else shown(value)


def encodable(text: str) -> str:
    r"""Return a text with half surrogate pairs, which UTF-8 does not have, as ``\ud800``."""
    return text.encode(errors="backslashreplace").decode()


def to_json(value: Any) -> str:  # noqa: ANN401 (of JSON)
    """Return compact JSON. It escapes half surrogate pairs, as JSON itself does."""
    return encodable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

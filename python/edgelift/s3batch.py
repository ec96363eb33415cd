"""The Lambda handler of whole objects: S3 Batch Operations, and Distributed Maps of Step Functions.

Objects of S3 go, one at a time, where `edgelift.reprocess` would take them; whoever calls keeps the journal.
The configuration comes from the environment, and is compiled when the module is imported, so that a wrong
one fails the deployment and not the objects: ``EDGELIFT_CONFIG`` or ``EDGELIFT_FIELDS`` as for
`edgelift.firehose` (neither: standard logs say what their columns are), and what docs/s3batch.md names.

Events are not trusted: they choose among the destinations that the environment allows, and a task fails
alone, whatever it holds.

Sources: Amazon S3 User Guide, "Invoke AWS Lambda function"; AWS Step Functions Developer Guide, "ItemReader"
and "ItemBatcher".
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
from typing import TYPE_CHECKING, Any, Final, cast

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
    from collections.abc import Callable, Mapping

    from edgelift.reprocess.plan.compression import Compression

__all__ = ["Handler", "PermanentFailure", "TemporaryFailure", "handler"]

BYTES_PER_SECOND: Final = 200_000
"""Bytes of an object, as stored, that are surely processed per second: 178 MB in 15 minutes."""

RESULT_STRING: Final = 1024
"""Characters of a result at most, as many as AWS takes for the arguments of a job."""

CAUSE: Final = 24_000
"""Characters of an error at most: Step Functions takes 32,768, and the runtime client adds some."""

DESTINATIONS: Final = 4
"""Destinations whose connections are kept."""

_MAY_PASS: Final = (MemoryError, OSError, RuntimeError)
"""Errors that nobody expected, but that another attempt may not meet: no memory, no file or thread left."""

_NUMBERS: Final = ("read", "written", "already_there", "dropped", "failed", "blank")


class TemporaryFailure(EdgeliftError):  # noqa: N818 - the name is what a state machine retries
    """Objects of a Distributed Map failed, and one of them at least may succeed a little later."""


class PermanentFailure(EdgeliftError):  # noqa: N818 - as above
    """Objects of a Distributed Map failed, and would fail again."""


class Handler:
    """The handler.

    Args:
        transformer: makes documents of records.
        environment: the variables of the environment.

    Raises:
        ConfigError: they cannot be used; the message names the variable.

    """

    def __init__(self, transformer: Transformer, environment: Mapping[str, str]) -> None:
        self._transformer = transformer
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
        self._destination = get("EDGELIFT_DESTINATION")
        self._allowed = self._allowed_destinations()
        if self._destination is not None:
            try:
                self._processor(self._destination)
            except UsageError as error:
                raise ConfigError(f"EDGELIFT_DESTINATION and what belongs to it: {error}") from error

    def __call__(self, event: Any, context: object) -> dict[str, Any]:  # noqa: ANN401 (whatever Lambda was given)
        """Take the objects that an event names where they belong.

        Returns:
            To S3 Batch Operations the results of the tasks; to Step Functions the account of the object, or
            of each as ``Items``.

        Raises:
            EdgeliftError: it is an event of neither.
            TemporaryFailure, PermanentFailure: an object of Step Functions failed; the others have been done.

        """
        seconds_left = _clock(context)
        fields = _mapping(event)
        if isinstance(fields.get("tasks"), list):
            return self._answer_batch(fields, seconds_left)
        if isinstance(fields.get("Items"), list) or ("Items" not in fields and "Key" in fields):
            return self._answer_map(fields, seconds_left)
        raise EdgeliftError(
            'expected an event of S3 Batch Operations, with a list "tasks", or of a Distributed Map, with a '
            f'list "Items" or a "Key", but got {_shown(event)}'
        )

    def _answer_batch(self, event: dict[str, Any], seconds_left: Callable[[], float]) -> dict[str, Any]:
        arguments = _mapping(_mapping(event.get("job")).get("userArguments"))
        given = seconds_left()
        results = []
        for task in event["tasks"]:
            fields = _mapping(task)
            report = self._do(
                (_bucket(fields), fields.get("s3Key"), fields.get("s3VersionId")),
                arguments.get("destination"),
                seconds_left,
                given,
                encoded=True,
            )
            results.append(
                {
                    "taskId": _echoed(fields.get("taskId")),
                    "resultCode": report.result,
                    "resultString": _cut(_numbers(report), report.problem, RESULT_STRING),
                }
            )
        return {
            "invocationSchemaVersion": _echoed(event.get("invocationSchemaVersion")),
            # What is not answered has not been done; each task is.
            "treatMissingKeysAs": "PermanentFailure",
            "invocationId": _echoed(event.get("invocationId")),
            "results": results,
        }

    def _answer_map(self, event: dict[str, Any], seconds_left: Callable[[], float]) -> dict[str, Any]:
        common, is_batch = _mapping(event.get("BatchInput")), "Items" in event
        given = seconds_left()
        answers, failed = [], []
        for item in event["Items"] if is_batch else [event]:
            fields = {**common, **_mapping(item)}
            report = self._do(
                (fields.get("Bucket"), fields.get("Key"), fields.get("VersionId")),
                fields.get("Destination"),
                seconds_left,
                given,
            )
            ref = {name: fields.get(name) for name in ("Bucket", "Key", "VersionId")}
            answer = {name: _echoed(value) for name, value in ref.items() if value}
            answer |= {"result": report.result, **_numbers(report)}
            answers.append(answer)
            if report.result != "Succeeded":
                failed.append(answer | {"problem": report.problem})
        if failed:
            raise _failure(failed, len(answers))
        return {"Items": answers} if is_batch else answers[0]

    def _do(
        self,
        where: tuple[Any, Any, Any],
        destination: Any,  # noqa: ANN401 (of JSON)
        seconds_left: Callable[[], float],
        given: float,
        *,
        encoded: bool = False,
    ) -> ObjectReport:
        began = time.perf_counter()
        try:
            ref = _object_ref(*where, encoded=encoded)
            report = self._processor(destination or self._destination)(ref, seconds_left, given)
        except UsageError as error:
            report = ObjectReport("PermanentFailure", problem=str(error))
        except Exception as error:  # noqa: BLE001 - a task must not take the answers of others with it
            traceback.print_exc(file=sys.stderr)
            problem = f"unexpected {type(error).__name__}: {error}; the function's log has more"
            report = ObjectReport(
                "TemporaryFailure" if isinstance(error, _MAY_PASS) else "PermanentFailure", problem=problem
            )
        _log(where, report, time.perf_counter() - began)
        return report

    def _processor(self, destination: Any) -> ObjectProcessor:  # noqa: ANN401 (of JSON)
        """Give what takes objects to a destination.

        Raises:
            UsageError: it cannot be used.

        """
        if not destination or not isinstance(destination, str):
            raise UsageError(
                "nothing says where documents go: set EDGELIFT_DESTINATION, or name it in the job "
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
        own = [] if self._destination is None else [self._destination]
        listed = re.split(r"[,\n]", self._environment.get("EDGELIFT_ALLOWED_DESTINATIONS", ""))
        allowed = []
        for name, texts in ("EDGELIFT_DESTINATION", own), ("EDGELIFT_ALLOWED_DESTINATIONS", listed):
            try:
                for text in filter(None, map(str.strip, texts)):
                    destination = Destination.parse(text)
                    check_transport(destination.text, self._cluster)
                    allowed.append(destination)
            except UsageError as error:
                raise ConfigError(f"{name}: {error}") from error
        return allowed

    def _request(self, destination: str) -> Request:
        get = self._environment.get
        return Request(
            source=None,
            destination=destination,
            transformer=self._transformer,
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
            raise ConfigError(f'{name}: "{chosen}" is none of {", ".join(choices)}')


def _clock(context: object) -> Callable[[], float]:
    """Return what says how many seconds the invocation still has; without a context there is no end."""
    milliseconds = getattr(context, "get_remaining_time_in_millis", None)
    if milliseconds is None:
        return lambda: math.inf
    return lambda: milliseconds() / 1000


def _bucket(task: dict[str, Any]) -> Any:  # noqa: ANN401 (of JSON)
    """Return the bucket of a task: by its name in schema 2.0, by its ARN in 1.0."""
    arn = task.get("s3BucketArn")
    return task.get("s3Bucket") or (arn.rpartition(":")[2] if isinstance(arn, str) else arn)


def _object_ref(bucket: Any, key: Any, version_id: Any, *, encoded: bool) -> S3ObjectRef:  # noqa: ANN401 (of JSON)
    texts = isinstance(bucket, str) and isinstance(key, str) and isinstance(version_id, str | None)
    if not texts or not bucket or not key or "/" in bucket:
        raise UsageError(f"no object is named: bucket {_shown(bucket)}, key {_shown(key)}")
    for text in bucket, key, version_id or "":
        if text != _encodable(text):
            raise UsageError(f"no object is named: {_shown(text)} is not Unicode")
    ref = (
        S3ObjectRef.encoded(bucket, key, version_id or None)
        if encoded
        else S3ObjectRef(bucket, (key,), version_id or None)
    )
    longest = max(len(key.encode()) for key in ref.keys)
    if longest > LONGEST_KEY:
        raise UsageError(f"no object is named: its key has {longest:,} bytes, and S3 takes {LONGEST_KEY:,}")
    return ref


def _numbers(report: ObjectReport) -> dict[str, Any]:
    return {} if report.tally is None else {name: getattr(report.tally, name) for name in _NUMBERS}


def _failure(failed: list[dict[str, Any]], tried: int) -> TemporaryFailure | PermanentFailure:
    """Make an error that says which objects failed, as JSON; of very many the first ones."""
    for answer in failed:
        answer["problem"] = str(answer["problem"])[:RESULT_STRING]
    fields, length = [], 0
    for answer in failed:
        length += len(_to_json(answer)) + 1
        if length > CAUSE:
            break
        fields.append(answer)
    text = _to_json({"tried": tried, "failed": len(failed), "Items": fields})
    temporary = any(answer["result"] == "TemporaryFailure" for answer in failed)
    return TemporaryFailure(text) if temporary else PermanentFailure(text)


def _cut(fields: dict[str, Any], problem: str | None, most: int) -> str:
    """Write an account as JSON, its problem cut so that it is not longer than that."""
    while problem and len(text := _to_json({**fields, "problem": problem})) > most:
        problem = problem[: -max(1, (len(text) - most) // 6)]
    return _to_json({**fields, "problem": problem} if problem else fields)


def _log(where: tuple[Any, Any, Any], report: ObjectReport, seconds: float) -> None:
    bucket, key, version_id = where
    line: dict[str, Any] = {"event": "edgelift.object", "bucket": _echoed(bucket), "key": _echoed(key)}
    line["versionId"] = _echoed(version_id)
    line |= {"result": report.result} | ({} if report.tally is None else asdict(report.tally))
    line |= {"problem": report.problem, "first_failures": report.first_failures}
    line["seconds"] = round(seconds, 3)
    firehose.write(_to_json({name: value for name, value in line.items() if value is not None}) + "\n")


def _mapping(value: Any) -> dict[str, Any]:  # noqa: ANN401 (of JSON)
    return value if isinstance(value, dict) else {}


def _shown(value: Any) -> str:  # noqa: ANN401 (of JSON)
    """Return the beginning of a value. It may be nested deeper than `repr` can follow."""
    return reprlib.repr(value)[:80]


def _echoed(value: Any) -> Any:  # noqa: ANN401 (of JSON)
    """Return a value of an event for an answer or a line of the log, where all of it has to be UTF-8."""
    if isinstance(value, str):
        return _encodable(value)
    return value if isinstance(value, int | float | None) else _shown(value)


def _encodable(text: str) -> str:
    r"""Return a text with half surrogate pairs, which UTF-8 does not have, as ``\ud800``."""
    return text.encode(errors="backslashreplace").decode()


def _to_json(value: Any) -> str:  # noqa: ANN401 (of JSON)
    # What is done to half surrogate pairs is what JSON does to them, too.
    return _encodable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


handler = Handler(firehose.transformer or Transformer({"input": {"format": "auto"}}), os.environ)

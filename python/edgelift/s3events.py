"""The Lambda handler of S3 events: transforms each object when it is created, such as a standard log.

S3 notifies the function directly, or through SQS, SNS or EventBridge, in any combination of them. The
configuration comes from the environment: see `edgelift.object_handler`. Events select objects, and nothing
else. Each message of a queue is answered by itself: those that a retry or a change of the configuration can
help are returned to the queue.

Sources: Amazon S3 User Guide, "Event message structure" and "EventBridge event message structure"; AWS Lambda
Developer Guide, "Implementing partial batch responses".
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote_plus

from edgelift.errors import ConfigError, EdgeliftError
from edgelift.foreign_event import described, text_description
from edgelift.metrics import directive
from edgelift.object_handler import (
    ObjectHandler,
    PermanentFailure,
    TemporaryFailure,
    account,
    clock,
    echoed,
    failure,
    log,
    log_object,
    mapping,
)
from edgelift.reprocess.aws import split_folder
from edgelift.reprocess.single_object import ObjectReport
from edgelift.reprocess.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from edgelift._core import Transformer

__all__ = ["Handler", "PermanentFailure", "TemporaryFailure", "handler"]

_OWN: Final = (
    "this function writes there, so its documents would be its next logs: limit the notifications of the "
    "bucket to the prefix of the logs"
)


class Created(NamedTuple):
    """An object that an event reports as created, with values of any type, as JSON has them."""

    bucket: Any
    key: Any
    version_id: Any
    decode: Callable[[str], tuple[str, ...]]


class Handler(ObjectHandler):
    """The handler, built as an `ObjectHandler`."""

    def __init__(self, transformer: Transformer, environment: Mapping[str, str]) -> None:
        super().__init__(transformer, environment)
        written = self.destination, environment.get("EDGELIFT_FAILED")
        self._written = [split_folder(url) for url in written if url and url.startswith("s3://")]

    def writes(self, created: Created) -> bool:
        """Return true if an object is where this function writes: its event would never end."""
        keys = created.decode(created.key) if isinstance(created.key, str) else ()
        return any(
            created.bucket == bucket and key.startswith(prefix)
            for bucket, prefix in self._written
            for key in keys
        )

    def __call__(self, event: Any, context: object) -> dict[str, Any]:  # noqa: ANN401 (whatever Lambda was given)
        """Process the objects that were created.

        Returns:
            To SQS the ``batchItemFailures``; otherwise the account of each object as ``Items``.

        Raises:
            ConfigError: the environment names no destination.
            EdgeliftError: it is not an event of S3.
            TemporaryFailure, PermanentFailure: an object failed, and a retry or a change of the configuration
                can help; the others have been processed.

        """
        if self.destination is None:
            raise ConfigError("EDGELIFT_DESTINATION is not set: it names the destination of documents")
        invocation = _Invocation(self, context)
        try:
            records = mapping(event).get("Records")
            if isinstance(records, list) and any(map(_is_sqs, records)):
                return _answer_queue(invocation, records)
            return _answer_event(invocation, event)
        finally:
            invocation.log()


def _answer_queue(invocation: _Invocation, messages: list[Any]) -> dict[str, Any]:
    failed = [message for message in map(mapping, messages) if not invocation.process_message(message)]
    names = [message.get("messageId") for message in failed]
    if not all(isinstance(name, str) and name for name in names):
        # An answer that Lambda cannot use would return all messages without a word.
        raise TemporaryFailure("a message that failed has no messageId, so all messages of the batch failed")
    return {"batchItemFailures": [{"itemIdentifier": name} for name in names]}


def _answer_event(invocation: _Invocation, event: Any) -> dict[str, Any]:  # noqa: ANN401 (of JSON)
    answers, failed = [], []
    for created in created_objects(event):
        report = invocation.process(created)
        answer = account(created[:3], report)
        if report.result != "Succeeded":
            answer["problem"] = report.problem
        if _needs_retry(report):
            failed.append(answer)
        answers.append(answer)
    if failed:
        raise failure(failed, len(answers))
    return {"Items": answers}


class _Invocation:
    """Processes the objects of one event, and counts them for the log."""

    def __init__(self, handler: Handler, context: object) -> None:
        self._handler = handler
        self._seconds_left = clock(context)
        self._given = self._seconds_left()
        self._began = time.perf_counter()
        self._reports: list[ObjectReport] = []
        self._succeeded: dict[tuple[Any, Any, Any], ObjectReport] = {}
        self._messages = self._failed_messages = 0

    def process_message(self, message: dict[str, Any]) -> bool:
        """Process the objects of a message from SQS. Returns false if it has to be returned to the queue."""
        self._messages += 1
        problem = None
        try:
            reports = [self.process(created) for created in created_objects(_parsed(message.get("body")))]
            is_done = not any(map(_needs_retry, reports))
        except EdgeliftError as error:
            problem, is_done = str(error), False
        if not is_done:
            self._failed_messages += 1
            line = {"event": "edgelift.message", "messageId": echoed(message.get("messageId"))}
            log(line | {"result": "returned to the queue"} | ({"problem": problem} if problem else {}))
        return is_done

    def process(self, created: Created) -> ObjectReport:
        """Process an object, once per invocation: S3 and SQS deliver events at least once."""
        where = created[:3]
        is_named = all(isinstance(value, str | None) for value in where)
        if is_named and where in self._succeeded:
            return self._succeeded[where]
        if self._handler.writes(created):
            report = ObjectReport("PermanentFailure", problem=_OWN, is_final=True)
            log_object(where, report, 0)
        else:
            report = self._handler.process(where, None, self._seconds_left, self._given, created.decode)
        self._reports.append(report)
        if is_named and report.result == "Succeeded":
            self._succeeded[where] = report
        return report

    def log(self) -> None:
        """Write the log line of the invocation, with its metrics."""
        options = self._handler.transformer.options["metrics"]
        values = self._metrics()
        line: dict[str, Any] = {"event": "edgelift.s3events"}
        if options["enabled"]:
            line["_aws"] = directive(int(time.time() * 1000), options["namespace"], None, values)
        log(line | {name: value for name, (_, value) in values.items()})

    def _metrics(self) -> dict[str, tuple[str, float]]:
        tallies = [report.tally or Tally() for report in self._reports]

        def total(name: str) -> int:
            return sum(getattr(tally, name) for tally in tallies)

        reasons = sorted({reason for tally in tallies for reason in tally.by_reason})
        seconds = time.perf_counter() - self._began
        counts = {
            "Messages": self._messages,
            "FailedMessages": self._failed_messages,
            "Objects": len(self._reports),
            "FailedObjects": sum(report.result != "Succeeded" for report in self._reports),
            "RecordsIn": total("read"),
            "Ok": total("written"),
            "AlreadyThere": total("already_there"),
            "Dropped": total("dropped"),
            "Failed": total("failed"),
            **{f"Failed_{name}": sum(tally.by_reason.get(name, 0) for tally in tallies) for name in reasons},
            **({"ShapeMismatch": mismatches} if (mismatches := total("shape_mismatches")) else {}),
        }
        return {
            **{name: ("Count", count) for name, count in counts.items()},
            "BytesIn": ("Bytes", total("bytes_in")),
            "BytesOut": ("Bytes", total("bytes_out")),
            "Duration": ("Milliseconds", round(seconds * 1000, 3)),
        }


def created_objects(message: Any) -> list[Created]:  # noqa: ANN401 (of JSON)
    """Return the objects that an event or a message reports as created; other events of S3 report none.

    Raises:
        EdgeliftError: it is not an event of S3.

    """
    fields = mapping(message)
    if fields.get("Event") == "s3:TestEvent":
        return []
    if fields.get("source") == "aws.s3" and _begins(fields.get("detail-type"), "Object "):
        return list(_of_eventbridge(fields))
    if fields.get("Type") == "Notification" and "Message" in fields:
        return created_objects(_parsed(fields["Message"]))
    records = fields.get("Records")
    if isinstance(records, list) and all(map(_is_s3_or_sns, records)):
        return [created for record in records for created in _of_record(record)]
    raise EdgeliftError(
        "expected an event of S3, directly or through SQS, SNS or EventBridge, "
        f"but {described(message, served=('aws:s3',))}"
    )


def _of_record(record: dict[str, Any]) -> Iterator[Created]:
    if "Sns" in record:
        yield from created_objects(_parsed(mapping(record["Sns"]).get("Message")))
    elif _begins(record.get("eventName"), "ObjectCreated:"):
        fields = mapping(record["s3"])
        entry = mapping(fields.get("object"))
        bucket = mapping(fields.get("bucket")).get("name")
        # Such keys are URL-encoded as forms are: a blank is a plus.
        yield Created(bucket, entry.get("key"), entry.get("versionId"), lambda key: (unquote_plus(key),))


def _of_eventbridge(fields: dict[str, Any]) -> Iterator[Created]:
    if fields["detail-type"] == "Object Created":
        detail = mapping(fields.get("detail"))
        entry = mapping(detail.get("object"))
        bucket = mapping(detail.get("bucket")).get("name")
        # EventBridge gets keys as they are. A rule's input transformer may have others, so both are tried.
        yield Created(bucket, entry.get("key"), entry.get("version-id"), _plain_or_decoded)


def _plain_or_decoded(key: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((key, unquote_plus(key))))


def _begins(value: Any, beginning: str) -> bool:  # noqa: ANN401 (of JSON)
    return isinstance(value, str) and value.removeprefix("s3:").startswith(beginning)


def _is_sqs(record: Any) -> bool:  # noqa: ANN401 (of JSON)
    return mapping(record).get("eventSource") == "aws:sqs"


def _is_s3_or_sns(record: Any) -> bool:  # noqa: ANN401 (of JSON)
    return not {"s3", "Sns"}.isdisjoint(mapping(record))


def _parsed(text: Any) -> Any:  # noqa: ANN401 (of JSON)
    """Parse the JSON of a message.

    Raises:
        EdgeliftError: it is not JSON.

    """
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError):
        raise EdgeliftError(f"expected a message with JSON from S3, but {text_description(text)}") from None


def _needs_retry(report: ObjectReport) -> bool:
    return report.result != "Succeeded" and not report.is_final


handler = Handler.from_environment()

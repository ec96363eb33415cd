"""The Lambda handler of whole objects: S3 Batch Operations, and Distributed Maps of Step Functions.

Objects of S3 go, one at a time, where `edgelift.reprocess` would take them; whoever calls keeps the journal.
The configuration comes from the environment: see `edgelift.object_handler`.

Events choose among the destinations that the environment allows, and a task fails alone, whatever it holds.

Sources: Amazon S3 User Guide, "Invoke AWS Lambda function"; AWS Step Functions Developer Guide, "ItemReader"
and "ItemBatcher".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, unquote_plus

from edgelift.errors import EdgeliftError
from edgelift.foreign_event import described
from edgelift.object_handler import (
    MAX_PROBLEM,
    ObjectHandler,
    PermanentFailure,
    TemporaryFailure,
    account,
    clock,
    echoed,
    failure,
    mapping,
    numbers,
    to_json,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Handler", "PermanentFailure", "TemporaryFailure", "handler"]


class Handler(ObjectHandler):
    """The handler, built as an `ObjectHandler`."""

    def __call__(self, event: Any, context: object) -> dict[str, Any]:  # noqa: ANN401 (whatever Lambda was given)
        """Take the objects that an event names where they belong.

        Returns:
            To S3 Batch Operations the results of the tasks; to Step Functions the account of the object, or
            of each as ``Items``.

        Raises:
            EdgeliftError: it is an event of neither.
            TemporaryFailure, PermanentFailure: an object of Step Functions failed; the others have been done.

        """
        seconds_left = clock(context)
        fields = mapping(event)
        if isinstance(fields.get("tasks"), list):
            return self._answer_batch(fields, seconds_left)
        if isinstance(fields.get("Items"), list) or ("Items" not in fields and "Key" in fields):
            return self._answer_map(fields, seconds_left)
        raise EdgeliftError(
            'expected an event of S3 Batch Operations, with a list "tasks", or of a Distributed Map, with a '
            f'list "Items" or a "Key", but {described(event, served=("tasks", "Items"))}'
        )

    def _answer_batch(self, event: dict[str, Any], seconds_left: Callable[[], float]) -> dict[str, Any]:
        arguments = mapping(mapping(event.get("job")).get("userArguments"))
        given = seconds_left()
        results = []
        for task in event["tasks"]:
            fields = mapping(task)
            report = self.process(
                (_bucket(fields), fields.get("s3Key"), fields.get("s3VersionId")),
                arguments.get("destination"),
                seconds_left,
                given,
                decoded_keys,
            )
            results.append(
                {
                    "taskId": echoed(fields.get("taskId")),
                    "resultCode": report.result,
                    "resultString": _cut(numbers(report), report.problem, MAX_PROBLEM),
                }
            )
        return {
            "invocationSchemaVersion": echoed(event.get("invocationSchemaVersion")),
            # What is not answered has not been done; each task is.
            "treatMissingKeysAs": "PermanentFailure",
            "invocationId": echoed(event.get("invocationId")),
            "results": results,
        }

    def _answer_map(self, event: dict[str, Any], seconds_left: Callable[[], float]) -> dict[str, Any]:
        common, is_batch = mapping(event.get("BatchInput")), "Items" in event
        given = seconds_left()
        answers, failed = [], []
        for item in event["Items"] if is_batch else [event]:
            fields = {**common, **mapping(item)}
            where = fields.get("Bucket"), fields.get("Key"), fields.get("VersionId")
            report = self.process(where, fields.get("Destination"), seconds_left, given)
            answer = account(where, report)
            answers.append(answer)
            if report.result != "Succeeded":
                failed.append(answer | {"problem": report.problem})
        if failed:
            raise failure(failed, len(answers))
        return {"Items": answers} if is_batch else answers[0]


def decoded_keys(key: str) -> tuple[str, ...]:
    """Return the candidates for a URL-encoded key of S3 Batch Operations.

    AWS's own examples decode a ``+`` both ways: to a blank, and to itself.
    Source: Amazon S3 User Guide, "Invoke AWS Lambda function".
    """
    return tuple(dict.fromkeys((unquote_plus(key), unquote(key))))


def _bucket(task: dict[str, Any]) -> Any:  # noqa: ANN401 (of JSON)
    """Return the bucket of a task: by its name in schema 2.0, by its ARN in 1.0."""
    arn = task.get("s3BucketArn")
    return task.get("s3Bucket") or (arn.rpartition(":")[2] if isinstance(arn, str) else arn)


def _cut(fields: dict[str, Any], problem: str | None, most: int) -> str:
    """Write an account as JSON, its problem cut so that it is not longer than that."""
    while problem and len(text := to_json({**fields, "problem": problem})) > most:
        problem = problem[: -max(1, (len(text) - most) // 6)]
    return to_json({**fields, "problem": problem} if problem else fields)


handler = Handler.from_environment()

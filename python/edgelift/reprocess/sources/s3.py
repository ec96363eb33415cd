"""Objects in S3, read only as they were listed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from edgelift.reprocess.aws import (
    AwsOptions,
    code_of,
    pages,
    read_errors,
    request_errors,
    split_url,
    to_job_error,
)
from edgelift.reprocess.errors import (
    JobError,
    NothingFoundError,
    ObjectError,
    UnreadableSourceError,
    UnusableObjectError,
)
from edgelift.reprocess.objects import LogObject
from edgelift.reprocess.sources.resume import check_part, read_resumed

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from edgelift.reprocess.stopped import Stopped

_GONE: Final = {"404", "NoSuchKey", "NoSuchVersion"}
"""Codes of objects that do not exist, and of buckets if the response has no text."""


@dataclass(frozen=True, slots=True)
class S3Options:
    """Options of reading from S3.

    Attributes:
        aws: how it is reached.
        requester_pays: whether we pay for what is read.

    """

    aws: AwsOptions = field(default_factory=AwsOptions)
    requester_pays: bool = False


def fixed_part(pattern: str) -> str:
    """Return a pattern up to its first ``*``, ``?`` or ``[``, which match any characters, also ``/``."""
    return re.split(r"[*?[]", pattern, maxsplit=1)[0]


class S3:
    """The store of objects in S3.

    Raises:
        UsageError: it cannot be used.

    """

    def __init__(self, options: S3Options) -> None:
        self._client = options.aws.client("s3")
        self._payer = {"RequestPayer": "requester"} if options.requester_pays else {}
        self._refused = request_errors()

    def list(self, url: str) -> Iterator[LogObject]:
        """Yield the objects of a prefix or pattern, except folder placeholders.

        Their names begin after the last ``/`` of the prefix, or of the part before the pattern.

        Raises:
            JobError: they cannot be listed.
            UsageError: it is no URL of a bucket, or nothing is there.

        """
        bucket, prefix = split_url(url)
        found = False
        fixed = fixed_part(prefix)
        root = fixed[: fixed.rfind("/") + 1]
        arguments = {"Bucket": bucket, "Prefix": fixed, **self._payer}
        for page in pages(self._client, "list_objects_v2", f"cannot list {url}", **arguments):
            for entry in page.get("Contents", ()):
                key = entry["Key"]
                if not (key.startswith(prefix) or fnmatchcase(key, prefix)):
                    continue
                found = True
                if not key.endswith("/"):
                    modified = int(entry["LastModified"].timestamp() * 1000)
                    name = key.removeprefix(root)
                    yield LogObject(f"s3://{bucket}/{key}", name, entry["Size"], entry["ETag"], modified)
        if not found:
            raise NothingFoundError(f"{url}: no such object, prefix or match of a pattern")

    def stat(self, place: str, name: str, version_id: str | None = None) -> LogObject:
        """Return an object, or one version of it, as it is now."""
        try:
            head = self._client.head_object(**self._request(place, version_id))
        except self._refused as error:
            raise _to_error(error) from error
        modified = int(head["LastModified"].timestamp() * 1000)
        return LogObject(place, name, head["ContentLength"], head["ETag"], modified, version_id)

    def read(self, wanted: LogObject, stopped: Stopped) -> Generator[bytes]:
        """Yield the bytes of an object, if it is what was listed, whatever connections break meanwhile."""
        request = self._request(wanted.place, wanted.version_id)
        if wanted.version is not None:
            request["IfMatch"] = wanted.version

        def open_at(position: int) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
            if position:
                request["Range"] = f"bytes={position}-"
            try:
                answer = self._client.get_object(**request)
            except self._refused as error:
                raise _to_error(error) from None
            if position:
                check_part(
                    answer.get("ContentRange"),
                    answer["ETag"],
                    position=position,
                    size=wanted.size,
                    version=request["IfMatch"],
                )
            # What follows must be of the object that has been begun.
            request["IfMatch"] = answer["ETag"]
            return answer["Body"]

        yield from read_resumed(open_at, read_errors(), stopped)

    def delete(self, done: LogObject) -> None:
        """Delete an object, if it still is what was listed."""
        bucket, key = split_url(done.place)
        try:
            there = self.stat(done.place, done.name)
        except ObjectError as error:
            if error.__cause__ is not None and code_of(error.__cause__) == "404":
                # A job that was killed may have deleted it.
                return
            raise ObjectError(f"not deleted: {error}") from None
        except JobError as error:
            raise ObjectError(f"not deleted: {error}") from None
        if there.version != done.version:
            raise ObjectError("not deleted: it has changed since it was listed")
        try:
            self._client.delete_object(Bucket=bucket, Key=key, **self._payer)
        except self._refused as error:
            raise ObjectError(str(to_job_error(error, "not deleted"))) from None

    def _request(self, place: str, version_id: str | None) -> dict[str, Any]:
        bucket, key = split_url(place)
        version = {} if version_id is None else {"VersionId": version_id}
        return {"Bucket": bucket, "Key": key, **version, **self._payer}


def _to_error(error: Exception) -> JobError | ObjectError:
    """Return what to raise for an object that cannot be read."""
    problem = to_job_error(error, "cannot be read")
    if isinstance(problem, JobError):
        return UnreadableSourceError(str(problem), temporary=problem.temporary)
    return UnusableObjectError(str(problem)) if code_of(error) in _GONE else problem

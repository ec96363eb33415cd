"""Objects in S3, one for each object of the source, by multipart upload."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING, Any

from edgelift.reprocess.aws import (
    AwsOptions,
    check_key,
    pages,
    request_errors,
    split_folder,
    split_url,
    to_job_error,
)
from edgelift.reprocess.aws.etags import Etags
from edgelift.reprocess.errors import JobError
from edgelift.reprocess.sinks import MOST_WORKERS, Put
from edgelift.reprocess.sinks.folder import target_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edgelift.reprocess.object_progress import ObjectProgress
    from edgelift.reprocess.sinks import Refuse

PART = 8 * 1024 * 1024
"""Bytes of a part. S3 takes 10,000 parts, so an object may have 80 GiB."""

PARTS_AT_ONCE = 6
"""Parts of all objects that wait for being sent or are sent at once: the memory that uploads take."""


class S3Objects:
    """One object each. It is there only when it is whole; what had its key before is replaced.

    Raises:
        UsageError: it is no URL of a bucket, or S3 cannot be used.

    """

    in_order = False
    is_service = True

    def __init__(self, url: str, suffix: str, aws: AwsOptions) -> None:
        self._bucket, self._prefix = split_folder(url)
        self._suffix = suffix
        self._client = aws.client("s3")
        self._etags = Etags(self._client)
        self._manager = _transfer_manager(self._client)
        self._refused = request_errors()
        self._resumed = False

    def target(self, name: str) -> str:
        """Return the URL of an object."""
        return f"s3://{self._bucket}/{self._prefix}{target_name(name, self._suffix)}"

    def begin(self, end: int | None) -> None:
        """Make sure that there is the bucket."""
        self._resumed = end is not None
        doing = f"cannot write to s3://{self._bucket}/{self._prefix}"
        try:
            self._client.head_bucket(Bucket=self._bucket)
        except self._refused as error:
            raise to_job_error(error, doing, JobError) from None

    def put(
        self, target: str | None, blocks: Iterable[bytes], refuse: Refuse, progress: ObjectProgress
    ) -> Put:
        """Upload an object; its upload is completed at its end only."""
        del refuse
        from boto3.s3.transfer import ProgressCallbackInvoker  # imported with the manager

        _, key = split_url(target or "")
        check_key(self._bucket, key)
        if self._resumed:
            self._give_up_uploads(key)
        reader = _Reader(iter(blocks))
        try:
            moves = ProgressCallbackInvoker(progress.on_move)
            self._manager.upload(reader, self._bucket, key, subscribers=[moves]).result()
        except self._refused as error:
            # What happens to one object here happens to all: no permission, no bucket, no connection.
            raise to_job_error(error, f"cannot write {target}", JobError) from None
        return Put(reader.bytes_read, identity=self._etags.take(key))

    def is_unchanged(self, target: str | None, identity: str | None) -> bool:
        """Return true if the object is the one that was uploaded, or has the same bytes."""
        return self._etags.is_unchanged(target or "", identity)

    def _give_up_uploads(self, key: str) -> None:
        """Abort what a killed job has left: parts that nobody sees and everybody pays for."""
        listed: dict[str, Any] = {"Bucket": self._bucket, "Prefix": key}
        # Who may not list or abort uploads may still write objects.
        with contextlib.suppress(JobError, *self._refused):
            for page in pages(self._client, "list_multipart_uploads", "", **listed):
                for upload in page.get("Uploads", ()):
                    if upload["Key"] == key:
                        self._client.abort_multipart_upload(
                            Bucket=self._bucket, Key=key, UploadId=upload["UploadId"]
                        )

    def finish(self) -> None:
        """Do nothing: every object has its key already."""


def _transfer_manager(client: Any) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
    """Return what uploads objects in parts, with bounds on what waits in memory."""
    from boto3.s3.transfer import TransferConfig, create_transfer_manager  # 0.3 s, for S3 only

    config = TransferConfig(
        multipart_threshold=PART,
        multipart_chunksize=PART,
        max_concurrency=PARTS_AT_ONCE,
        # Not the client of awscrt, if that is installed: it has other limits.
        preferred_transfer_client="classic",
    )
    # What comes from a stream is kept in memory until it is sent.
    config.max_in_memory_upload_chunks = PARTS_AT_ONCE
    config.max_submission_concurrency = MOST_WORKERS
    return create_transfer_manager(client, config)


class _Reader(io.RawIOBase):
    """A file of what an iterator gives, for boto3, which reads from its own thread."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = b""
        self.bytes_read = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        # Joined once: a bytearray that grows to the size of a part is moved many times, and then copied.
        taken, total = [self._rest], len(self._rest)
        while size < 0 or total < size:
            block = next(self._blocks, None)
            if block is None:
                break
            taken.append(block)
            total += len(block)
        last = taken.pop()
        end = len(last) if size < 0 else len(last) - max(0, total - size)
        taken.append(last[:end])
        self._rest = last[end:]
        data = b"".join(taken)
        self.bytes_read += len(data)
        return data

"""Error objects in S3: written to a temporary file, uploaded when their object is done."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

from edgelift.reprocess.aws import AwsOptions, check_key, request_errors, split_folder, to_job_error
from edgelift.reprocess.aws.etags import Etags
from edgelift.reprocess.error_objects import failed_name
from edgelift.reprocess.errors import JobError, UsageError

if TYPE_CHECKING:
    from edgelift.reprocess.errors import ObjectError


class ErrorObjectPrefix:
    """A prefix of error objects.

    Raises:
        UsageError: it is no URL of a bucket, or S3 cannot be used.

    """

    def __init__(self, url: str, aws: AwsOptions) -> None:
        self._bucket, self._prefix = split_folder(url)
        self._client = aws.client("s3")
        self._etags = Etags(self._client)
        self._refused = request_errors()

    def new(self, name: str) -> Upload:
        """Begin an object."""
        key = self._prefix + failed_name(name)
        check_key(self._bucket, key)
        return Upload(self._client, self._etags, self._bucket, key)

    def is_unchanged(self, name: str, identity: str | None) -> bool:
        """Return true if the error object is the one that was uploaded, or has the same bytes."""
        return self._etags.is_unchanged(f"s3://{self._bucket}/{self._prefix}{failed_name(name)}", identity)

    def is_empty(self) -> bool:
        """Return true if no key has the prefix."""
        try:
            found = self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix, MaxKeys=1)
        except self._refused as error:
            place = f"s3://{self._bucket}/{self._prefix}"
            raise UsageError(str(to_job_error(error, f"cannot use {place} for failed records"))) from None
        return not found.get("Contents")


class Upload:
    """An object that exists after `commit` only. Until then it takes space in the folder of temporary files.

    Raises:
        JobError: it cannot be written or uploaded.

    """

    def __init__(self, client: Any, etags: Etags, bucket: str, key: str) -> None:  # noqa: ANN401 - boto3 makes its classes
        self._client = client
        self._etags = etags
        self._bucket = bucket
        self._key = key
        try:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        except OSError as error:
            raise self._full(error) from None

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, data: bytes) -> None:
        """Write all of ``data``."""
        try:
            self._file.write(data)
        except OSError as error:
            raise self._full(error) from None

    def commit(self) -> str | None:
        """Upload what was written; what had the key before is replaced. Return its identity."""
        from boto3.exceptions import Boto3Error  # as above
        from boto3.s3.transfer import TransferConfig
        from botocore.exceptions import BotoCoreError, ClientError

        classic = TransferConfig(preferred_transfer_client="classic")
        try:
            self._file.seek(0)
            self._client.upload_fileobj(self._file, self._bucket, self._key, Config=classic)
        except OSError as error:
            raise self._full(error) from None
        except (Boto3Error, BotoCoreError, ClientError) as error:
            raise self._unkept(error) from None
        return self._etags.take(self._key)

    def _full(self, error: OSError) -> JobError:
        return JobError(
            f"no room for failed records in {tempfile.gettempdir()} on their way to "
            f"s3://{self._bucket}/{self._key}: {error.strerror}"
        )

    def _unkept(self, error: Exception) -> JobError | ObjectError:
        words = f"cannot keep failed records in s3://{self._bucket}/{self._key}"
        return to_job_error(error, words, JobError)

"""The ETags of what a client uploads, which `upload` and `upload_fileobj` of boto3 do not return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgelift.reprocess.aws import code_of, split_url, to_job_error
from edgelift.reprocess.errors import JobError, ObjectError

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEY = "edgelift.key"


class Etags:
    """Collects the ETag of each object that a client completes; any number of threads may upload.

    Args:
        client: a client of S3.

    """

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - boto3 makes its classes at run time
        self._client = client
        self._found: dict[str, str] = {}
        # Source: botocore, "Extensibility guide": both events of one call share their context.
        for operation in "PutObject", "CompleteMultipartUpload":
            client.meta.events.register(f"before-parameter-build.s3.{operation}", self._begun)
            client.meta.events.register(f"after-call.s3.{operation}", self._completed)

    def take(self, key: str) -> str | None:
        """Return the ETag of the last upload to a key, and forget it; None: S3 has sent none."""
        return self._found.pop(key, None)

    def is_unchanged(self, url: str, etag: str | None) -> bool:
        """Return true if an object has this ETag: else another one has taken its place.

        Raises:
            ObjectError: it cannot be examined.

        """
        from botocore.exceptions import BotoCoreError, ClientError  # 0.3 s, for S3 only

        bucket, key = split_url(url)
        try:
            there = self._client.head_object(Bucket=bucket, Key=key)
        except (BotoCoreError, ClientError) as error:
            if code_of(error) == "404":
                return False
            raise ObjectError(str(to_job_error(error, f"cannot examine {url}", JobError))) from None
        return etag is not None and there.get("ETag") == etag

    @staticmethod
    def _begun(params: Mapping[str, Any], context: dict[str, Any], **_: object) -> None:
        context[_KEY] = params.get("Key")

    def _completed(self, parsed: Mapping[str, Any], context: Mapping[str, Any], **_: object) -> None:
        if context.get(_KEY) and "ETag" in parsed:
            self._found[context[_KEY]] = parsed["ETag"]

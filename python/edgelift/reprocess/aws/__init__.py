"""Clients of AWS: how they are made, and what their errors mean for the job."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from edgelift._core import __version__
from edgelift.reprocess.errors import JobError, ObjectError, UsageError
from edgelift.reprocess.extras import needs
from edgelift.reprocess.objects import display_path

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNECTIONS = 64
"""Connections that a client keeps: more than any number of workers needs at once."""

ATTEMPTS = 10
"""Times that boto3 sends a request that was throttled or got no answer, with growing pauses between."""

LONGEST_KEY = 1024
"""Bytes that a key may have."""

# The name of a bucket or of an alias, as botocore checks it, or the ARN of an access point.
_BUCKET: Final = re.compile(r"[A-Za-z0-9._-]{1,255}|arn:[A-Za-z0-9._:-]+")

# Whoever gets these for one object gets them for all.
_FOR_ALL: Final = {
    "AuthorizationHeaderMalformed",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidBucketName",
    "InvalidToken",
    "NoSuchBucket",
    "PermanentRedirect",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
}

# Pass by themselves, though their status is one of the caller's faults; 5xx and 429 do whatever their code.
# Source: Amazon S3 API Reference, "Error responses"; the codes that botocore takes for throttling.
_TEMPORARY: Final = {
    "412",
    "OperationAborted",
    "PreconditionFailed",
    "RequestLimitExceeded",
    "RequestTimeout",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
}

_REMEDIES: Final = {
    "NoCredentialsError": (
        "name a profile by --profile or AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    ),
    "NoRegionError": "name one by --region or AWS_REGION",
    "ProfileNotFound": "aws configure list-profiles shows the profiles",
    "AuthorizationHeaderMalformed": "name the region of the bucket by --region or AWS_REGION",
    "PermanentRedirect": "name the region of the bucket by --region or AWS_REGION",
    "ExpiredToken": "renew the credentials, for example by aws sso login",
    "TokenRefreshRequired": "renew the credentials, for example by aws sso login",
    "InvalidAccessKeyId": "check the credentials, which --profile or AWS_PROFILE selects",
    "InvalidToken": "check the credentials, which --profile or AWS_PROFILE selects",
    "SignatureDoesNotMatch": "check the credentials, which --profile or AWS_PROFILE selects",
    "RequestTimeTooSkewed": "set the clock of this machine",
}
"""Remedies by class of botocore's errors or code of the service's answer."""

_IN_WORDS: Final = {
    "404": "there is no such object",
    "NoSuchKey": "there is no such object",
    "403": "access denied",
    "412": "it has changed since it was listed",
    "PreconditionFailed": "it has changed since it was listed",
}


@dataclass(frozen=True, slots=True)
class AwsOptions:
    """Options of clients of AWS; what is None is left to boto3, as the AWS command line does.

    Attributes:
        profile: profile of the AWS configuration files.
        endpoint_url: URL of S3 or of what speaks its language.
        region: region of the services.

    """

    profile: str | None = None
    endpoint_url: str | None = None
    region: str | None = None

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
        """Return a client of a service.

        Raises:
            UsageError: the profile, the endpoint or the region cannot be used, or boto3 is not installed.

        """
        with needs("boto3", service):
            import boto3  # 0.3 s, which files need not pay
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError

        config = Config(
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            max_pool_connections=CONNECTIONS,
            user_agent_extra=f"edgelift/{__version__}",
        )
        try:
            session = boto3.Session(profile_name=self.profile, region_name=self.region)
            client = session.client(service, endpoint_url=self.endpoint_url, config=config)
        except (BotoCoreError, ValueError) as error:
            raise UsageError(f"{service} cannot be used: {_with_remedy(error)}") from None
        # It may also come from the environment or the profile.
        _check_endpoint(service, client.meta.endpoint_url)
        return client


def _check_endpoint(service: str, url: str) -> None:
    """Refuse endpoints that boto3 accepts and refuses only when a request is sent.

    Raises:
        UsageError: it is one.

    """
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in {"http", "https"} and not parts.query and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise UsageError(f"{service} cannot be used: {url} is not an endpoint such as https://host:9000")


def request_errors() -> tuple[type[Exception], ...]:
    """Return what a client raises for a request or an upload that was not answered or was refused."""
    from boto3.exceptions import Boto3Error  # 0.3 s, for AWS only
    from botocore.exceptions import BotoCoreError, ClientError

    return Boto3Error, BotoCoreError, ClientError


def read_errors() -> tuple[type[Exception], ...]:
    """Return what the body of a response raises if its connection breaks."""
    from botocore.exceptions import HTTPClientError, IncompleteReadError
    from urllib3.exceptions import HTTPError

    return HTTPClientError, HTTPError, IncompleteReadError, OSError


def split_url(url: str) -> tuple[str, str]:
    """Return bucket and key, or prefix, of ``s3://bucket/key``.

    Raises:
        UsageError: the URL names no bucket.

    """
    check_scheme(url)
    bucket, _, key = url.removeprefix("s3://").partition("/")
    if not bucket:
        raise UsageError(f"{url} names no bucket: s3://bucket/prefix")
    if not _BUCKET.fullmatch(bucket):
        raise UsageError(f"{display_path(url)} names no bucket that can exist: s3://bucket/prefix")
    try:
        key.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{display_path(url)} is not UTF-8, as every key in S3 is") from None
    return bucket, key


def check_scheme(place: str) -> None:
    """Refuse ``S3://``, which would be the name of a file.

    Raises:
        UsageError: a place begins so.

    """
    if is_s3(place) and not place.startswith("s3://"):
        shown = display_path(place)
        raise UsageError(f"{shown} is spelled s3://{shown[5:]}, in lower case")


def is_s3(place: str) -> bool:
    """Return true if a place begins with ``s3://``, in any case."""
    return place[:5].lower() == "s3://"


def split_folder(url: str) -> tuple[str, str]:
    """Return bucket and prefix of ``s3://bucket/prefix``; a prefix ends with ``/``.

    Raises:
        UsageError: the URL names no bucket.

    """
    bucket, prefix = split_url(url)
    return bucket, f"{prefix}/" if prefix and not prefix.endswith("/") else prefix


def check_key(bucket: str, key: str) -> None:
    """Make sure that S3 takes an object of this key.

    Source: Amazon S3 User Guide, "Naming Amazon S3 objects".

    Raises:
        ObjectError: it is too long; other objects are not affected.

    """
    size = len(key.encode())
    if size > LONGEST_KEY:
        raise ObjectError(
            f"cannot write s3://{bucket}/{key}: the key has {size:,} bytes, and S3 takes {LONGEST_KEY:,}"
        )


def to_job_error(
    error: Exception, doing: str, kind: type[JobError | ObjectError] | None = None
) -> JobError | ObjectError:
    """Return what to raise for an error of boto3.

    Args:
        error: what boto3 raised.
        doing: what was tried.
        kind: what to make of it; None: what the error itself says.

    """
    from botocore import exceptions

    if not isinstance(error, exceptions.ClientError):
        # No credentials, no connection: it would be the same for every object.
        lost = isinstance(error, (exceptions.ConnectionError, exceptions.HTTPClientError))
        temporary = lost and not isinstance(error, exceptions.SSLError)
        return (kind or JobError)(f"{doing}: {_with_remedy(error)}", temporary=temporary)
    code = code_of(error)
    message = error.response.get("Error", {}).get("Message", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    words = _IN_WORDS.get(code) or f"{message or 'it was refused'} ({code})"
    if code in _REMEDIES:
        words = f"{words}; {_REMEDIES[code]}"
    kind = kind or (JobError if code in _FOR_ALL else ObjectError)
    temporary = status >= 500 or status == 429 or code in _TEMPORARY  # noqa: PLR2004 - what HTTP calls so
    return kind(f"{doing}: {words}", temporary=temporary)


def _with_remedy(error: Exception) -> str:
    """Return the message of an error that is not an answer of a service, and what to do."""
    remedy = _REMEDIES.get(type(error).__name__)
    return f"{str(error).removesuffix('.')}; {remedy}" if remedy else str(error)


def code_of(error: BaseException) -> str:
    """Return the code that a service answered with, or nothing if it did not answer."""
    # botocore's errors of connections have the attribute, and None in it.
    response = getattr(error, "response", None) or {}
    code: str = response.get("Error", {}).get("Code", "")
    return code


def pages(client: Any, operation: str, doing: str, **arguments: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    """Yield the pages of a listing.

    Raises:
        JobError: it is refused.

    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield from client.get_paginator(operation).paginate(**arguments)
    except (BotoCoreError, ClientError) as error:
        raise to_job_error(error, doing, JobError) from None

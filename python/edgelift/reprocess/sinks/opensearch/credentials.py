"""URLs of OpenSearch and the credentials that go there: never in an URL, never in the clear."""

from __future__ import annotations

import ipaddress
import os
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from edgelift.reprocess.errors import UsageError
from edgelift.reprocess.extras import needs
from edgelift.reprocess.objects import display_path

if TYPE_CHECKING:
    from edgelift.reprocess.aws import AwsOptions
    from edgelift.reprocess.sinks.opensearch.options import ClusterOptions

PASSWORD: Final = "OPENSEARCH_PASSWORD"  # noqa: S105 -- its name
"""Variable of the environment with the password."""


def check_url(url: str) -> None:
    """Refuse an URL that would write a password into shell histories, lists of processes and journals.

    Raises:
        UsageError: it holds credentials, or names no scheme or host.

    """
    # Wherever it is: a slash in a password ends what would be the host.
    if "@" in url:
        raise UsageError(f"no password in the URL: --user NAME, and the password in {PASSWORD}")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise UsageError(f"cannot connect to OpenSearch with these options: {error}") from None
    if parts.scheme not in {"http", "https"}:
        raise UsageError(f"https:// or http:// is missing in front of {display_path(url)}")
    if not parts.hostname or parts.query or parts.fragment:
        raise UsageError("the URL of OpenSearch may have a host, a port and a path, nothing else")


def check_transport(url: str, options: ClusterOptions) -> None:
    """Refuse to send credentials where anybody on the way can read them.

    Signed requests are refused as passwords are: whoever reads one can repeat it for some minutes.

    Raises:
        UsageError: there are credentials, and the URL is ``http://`` to another machine.

    """
    if options.insecure or (options.user is None and options.sigv4 is None):
        return
    parts = urlsplit(url)
    if parts.scheme != "http" or is_loopback(parts.hostname or ""):
        return
    raise UsageError(
        "credentials would go over http:// unencrypted: use https://, or --insecure (in Lambda "
        "EDGELIFT_INSECURE=1) if nobody else can read on that network"
    )


def is_loopback(host: str) -> bool:
    """Return true if a host, in lower case, is this machine: 127.0.0.0/8, ::1 or localhost."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def authentication(options: ClusterOptions, aws: AwsOptions) -> Any:  # noqa: ANN401 - of opensearch-py
    """Return what opensearch-py authenticates requests with, or None.

    Raises:
        UsageError: the password, or what requests are signed with, is missing.

    """
    if options.user is not None and options.sigv4 is not None:
        raise UsageError("either a user or signatures, not both")
    if options.user is not None:
        password = os.environ.get(PASSWORD)
        if password is None:
            raise UsageError(f"the password of {options.user} is missing: set {PASSWORD}")
        # In UTF-8, as OpenSearch reads it; the connection writes Latin-1.
        return tuple(os.fsencode(text).decode("latin-1") for text in (options.user, password))
    if options.sigv4 is None:
        return None
    with needs("boto3", "signing requests"):
        import boto3  # 0.3 s, for signatures only
    from botocore.exceptions import BotoCoreError
    from opensearchpy import Urllib3AWSV4SignerAuth

    try:
        session = boto3.Session(profile_name=aws.profile, region_name=aws.region)
    except BotoCoreError as error:
        raise UsageError(f"requests cannot be signed: {error}") from None
    credentials = session.get_credentials()
    if credentials is None or session.region_name is None:
        raise UsageError("requests cannot be signed: there are no AWS credentials, or no region")
    return Urllib3AWSV4SignerAuth(credentials, session.region_name, options.sigv4)

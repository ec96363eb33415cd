"""Objects that URLs name. No message contains the query of a URL, which is as good as a password."""

from __future__ import annotations

import base64
import re
import urllib.request
from contextlib import closing
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from edgelift._core import __version__
from edgelift.inputs.content import BLOCK
from edgelift.reprocess.errors import ObjectError, UsageError
from edgelift.reprocess.extras import needs
from edgelift.reprocess.objects import LogObject, display_path
from edgelift.reprocess.sinks.opensearch.credentials import is_loopback
from edgelift.reprocess.sources.resume import check_part, read_resumed

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from edgelift.reprocess.stopped import Stopped

CONNECT_SECONDS: Final = 10
"""Seconds until a connection must be made."""

READ_SECONDS: Final = 60
"""Seconds without a byte after which a connection counts as broken."""

TRIES: Final = 4
"""Times that a request is sent if it gets no connection or a temporary error."""

_RETRYABLE_STATUSES: Final = (429, 500, 502, 503, 504)

_CODE: Final = re.compile(rb"<Code>(\w{1,64})</Code>")
"""The error code in an answer of S3."""


class PresignedUrls:
    """The store of objects that URLs name.

    Raises:
        UsageError: urllib3 is not installed.

    """

    def __init__(self) -> None:
        with needs("urllib3", "https://"):
            import urllib3
        retries = urllib3.Retry(
            total=TRIES - 1,
            read=0,
            redirect=0,
            backoff_factor=0.5,
            status_forcelist=_RETRYABLE_STATUSES,
            respect_retry_after_header=False,
            raise_on_redirect=False,
            raise_on_status=False,
        )
        self._options: dict[str, Any] = {
            "retries": retries,
            "timeout": urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            "redirect": False,
            "preload_content": False,
            "enforce_content_length": True,
            # The bytes as they are stored: their compression is detected.
            "decode_content": False,
        }

    def stat(self, place: str, name: str) -> LogObject:
        """Return what the headers say of an object.

        Raises:
            ObjectError: it cannot be read.
            UsageError: it may not be read in this way.

        """
        # Not by HEAD: the URL is signed for GET.
        with closing(self._open(place)) as response:
            length = response.headers.get("Content-Length", "")
            size = int(length) if length.isdecimal() else None
            return LogObject(place, name, size, _version(response), _modified(response))

    def read(self, wanted: LogObject, stopped: Stopped) -> Generator[bytes]:
        """Yield the bytes of an object, from several connections if some break.

        Raises:
            ObjectError: it cannot be read, has changed, or ends too early.

        """
        from urllib3.exceptions import HTTPError

        version = wanted.version

        def open_at(position: int) -> Any:  # noqa: ANN401 - urllib3 is imported late
            nonlocal version
            if position and version is None:
                # What follows could be of another object.
                raise ObjectError(f"the connection broke after {position} bytes")
            part = {"Range": f"bytes={position}-"} if position else {}
            response = self._open(wanted.place, part if version is None else part | {"If-Match": version})
            if position:
                check_part(
                    response.headers.get("Content-Range"),
                    _version(response),
                    position=position,
                    size=wanted.size,
                    version=version,
                )
            version = version or _version(response)
            return response

        yield from read_resumed(open_at, (HTTPError, OSError), stopped)

    def _open(self, url: str, conditions: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 - as above
        from urllib3.exceptions import HTTPError

        _check(url)
        headers = {
            "Accept-Encoding": "identity",
            "User-Agent": f"edgelift/{__version__}",
            **(conditions or {}),
        }
        try:
            response = _new_pool(url).request("GET", url, headers=headers, **self._options)
        except HTTPError as error:
            raise ObjectError(_problem(error)) from None
        wanted = HTTPStatus.PARTIAL_CONTENT if "Range" in headers else HTTPStatus.OK
        if response.status != wanted:
            with closing(response):
                raise ObjectError(_refusal(response))
        return response


def _version(response: Any) -> str | None:  # noqa: ANN401 - urllib3 is imported late
    """Return the ETag of an object; None if there is none that stands for its bytes."""
    tag: str | None = response.headers.get("ETag")
    return None if tag is None or tag.startswith("W/") else tag


def _modified(response: Any) -> int | None:  # noqa: ANN401 - as above
    """Return when an object was written, in milliseconds since 1970, or None."""
    try:
        return int(parsedate_to_datetime(response.headers.get("Last-Modified", "")).timestamp() * 1000)
    except ValueError:
        return None


def _check(url: str) -> None:
    """Refuse URLs that would show their signature to others.

    Raises:
        UsageError: it is one.

    """
    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url

    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host:
        raise UsageError("a URL has no host: https://host/path")
    try:
        parse_url(url)
    except LocationParseError:
        raise UsageError(f"a URL of {display_path(host)} has an invalid host or port") from None
    if "@" in parts.netloc:
        raise UsageError(f"a URL of {host} has a user or password in it, which is not supported")
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(f"the signature of a URL of {host} would go over http:// unencrypted: use https://")


def _new_pool(url: str) -> Any:  # noqa: ANN401 - urllib3 is imported late
    """Return the connections for a URL, through the proxy of the environment if its host has one."""
    import urllib3

    parts = urlsplit(url)
    host = parts.hostname or ""
    proxy = urllib.request.getproxies().get(parts.scheme)
    if not proxy or is_loopback(host) or urllib.request.proxy_bypass(host):
        return urllib3.PoolManager()
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    user = urllib3.util.parse_url(proxy).auth
    # urllib3 encodes names and passwords as Latin-1 only.
    word = base64.b64encode(unquote(user).encode()).decode() if user else ""
    headers = {"proxy-authorization": f"Basic {word}"} if user else None
    return urllib3.ProxyManager(proxy, proxy_headers=headers)


def _refusal(response: Any) -> str:  # noqa: ANN401 - as above
    from urllib3.exceptions import HTTPError

    status = response.status
    if 300 <= status < 400:  # noqa: PLR2004 - what HTTP calls redirects
        is_s3 = "x-amz-request-id" in response.headers
        advice = "sign the URL for the region of the bucket" if is_s3 else "name the URL that it leads to"
        return f"HTTP {status}: redirects are not followed; {advice}"
    if status == HTTPStatus.OK:
        return "HTTP 200 instead of the part that was missing when the connection broke"
    if status == HTTPStatus.PRECONDITION_FAILED:
        return "it has changed since it was checked"
    try:
        answer = response.read(BLOCK)
    except (HTTPError, OSError):
        answer = b""
    code = _CODE.search(answer)
    words = f"HTTP {status} ({code[1].decode()})" if code else f"HTTP {status}"
    # Source: Amazon S3 answers 403 AccessDenied with this message.
    if b"Request has expired" in answer:
        return f"{words}: the URL has expired"
    return f"{words}: the URL may have expired" if status == HTTPStatus.FORBIDDEN else words


def _problem(error: Exception) -> str:
    """Return what is wrong, in our own words: those of urllib3 contain the URL."""
    from urllib3 import exceptions

    reason = getattr(error, "reason", None) or error
    if isinstance(reason, exceptions.SSLError):
        return f"no secure connection: {reason}"
    if isinstance(error, exceptions.LocationValueError):
        return "its URL, or that of the proxy, is invalid"
    # It is a subclass of errors of timeouts.
    if isinstance(reason, exceptions.TimeoutError) and not isinstance(reason, exceptions.NewConnectionError):
        return "no answer in time"
    return "no connection"

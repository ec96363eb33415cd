"""Objects behind presigned URLs. No message contains the query of a URL, which is as good as a password."""

from __future__ import annotations

import re
import urllib.request
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from edgelift._core import __version__
from edgelift.inputs.content import BLOCK
from edgelift.reprocess.errors import ObjectError, UsageError
from edgelift.reprocess.objects import LogObject
from edgelift.reprocess.sinks.opensearch.credentials import is_loopback

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from edgelift.reprocess.stopped import Stopped

CONNECT_SECONDS: Final = 10
READ_SECONDS: Final = 60
"""Seconds without a byte after which a connection counts as broken."""

TRIES: Final = 4
"""Times that a request is sent which finds no connection, or is throttled."""

_THROTTLED: Final = (429, 500, 502, 503, 504)

_OK: Final = 200

_CODE: Final = re.compile(rb"<Code>(\w{1,64})</Code>")


class PresignedUrls:
    """The store of objects behind URLs.

    Raises:
        UsageError: a package is missing.

    """

    def __init__(self) -> None:
        try:
            import urllib3  # noqa: PLC0415 - for URLs only
        except ModuleNotFoundError:
            raise UsageError("https:// needs another package: pip install urllib3") from None
        retries = urllib3.Retry(
            total=TRIES - 1,
            read=0,
            redirect=0,
            backoff_factor=0.5,
            status_forcelist=_THROTTLED,
            respect_retry_after_header=False,
            raise_on_redirect=False,
            raise_on_status=False,
        )
        self._options = {
            "retries": retries,
            "timeout": urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            # The bytes as they are stored: their compression is detected.
            "headers": {"Accept-Encoding": "identity", "User-Agent": f"edgelift/{__version__}"},
        }

    def stat(self, place: str, name: str) -> LogObject:
        """Return what the headers say of an object.

        Raises:
            ObjectError: it cannot be read.
            UsageError: it may not be read in this way.

        """
        # Not by HEAD: the URL is signed for GET.
        with self._get(place) as response:
            length = response.headers.get("Content-Length", "")
            return LogObject(place, name, int(length) if length.isdecimal() else None)

    def read(self, wanted: LogObject, stopped: Stopped) -> Generator[bytes]:
        """Yield the bytes of an object.

        Raises:
            ObjectError: it cannot be read, or ends too early.

        """
        del stopped
        with self._get(wanted.place) as response:
            while block := response.read(BLOCK, decode_content=False):
                yield block

    @contextmanager
    def _get(self, url: str) -> Iterator[Any]:
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 - for URLs only

        _check(url)
        with _new_pool(url) as pool:
            try:
                response = pool.request(
                    "GET",
                    url,
                    redirect=False,
                    preload_content=False,
                    enforce_content_length=True,
                    **self._options,
                )
                with closing(response):
                    if response.status != _OK:
                        raise ObjectError(_refusal(response))
                    yield response
            except HTTPError as error:
                raise ObjectError(_problem(error)) from None


def _check(url: str) -> None:
    """Refuse URLs that would show their signature to others.

    Raises:
        UsageError: it is one.

    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host:
        raise UsageError("a URL has no host: https://host/path")
    if "@" in parts.netloc:
        raise UsageError(f"a URL of {host} has a user or password in it, which is not supported")
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(f"the signature of a URL of {host} would go over http:// unencrypted: use https://")


def _new_pool(url: str) -> Any:  # noqa: ANN401 - urllib3 is imported late
    """Return the connections for a URL, through the proxy of the environment if its host has one."""
    import urllib3  # noqa: PLC0415 - for URLs only

    parts = urlsplit(url)
    host = parts.hostname or ""
    proxy = urllib.request.getproxies().get(parts.scheme)
    if proxy and not is_loopback(host) and not urllib.request.proxy_bypass(host):
        return urllib3.ProxyManager(proxy)
    return urllib3.PoolManager()


def _refusal(response: Any) -> str:  # noqa: ANN401 - as above
    status = response.status
    if 300 <= status < 400:  # noqa: PLR2004 - what HTTP calls redirects
        return f"HTTP {status}: it is elsewhere, and redirects are not followed"
    code = _CODE.search(response.read(BLOCK, decode_content=False))
    words = f"HTTP {status} ({code[1].decode()})" if code else f"HTTP {status}"
    return f"{words}; the URL may have expired" if status == 403 else words  # noqa: PLR2004 - forbidden


def _problem(error: Exception) -> str:
    """Return what is wrong, in our own words: those of urllib3 contain the URL."""
    from urllib3 import exceptions  # noqa: PLC0415 - for URLs only

    reason = getattr(error, "reason", None) or error
    if isinstance(reason, exceptions.SSLError):
        return f"no secure connection: {reason}"
    if isinstance(error, exceptions.ProtocolError):
        return "the connection broke before its end"
    # It is a subclass of errors of timeouts.
    if isinstance(reason, exceptions.TimeoutError) and not isinstance(reason, exceptions.NewConnectionError):
        return "no answer in time"
    return "no connection"

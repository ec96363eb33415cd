"""opensearch-py's client, for servers and gateways that answer with whatever they like."""

from __future__ import annotations

import json
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from opensearchpy import JSONSerializer, OpenSearch, Urllib3HttpConnection
from opensearchpy.exceptions import ImproperlyConfigured

from edgelift.reprocess.errors import UsageError
from edgelift.reprocess.objects import display_path
from edgelift.reprocess.sinks import MOST_WORKERS
from edgelift.reprocess.sinks.opensearch.credentials import authentication, check_transport

try:
    import orjson
except ImportError:  # The layer of the tools does not have it.
    orjson = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from pathlib import Path

    from edgelift.reprocess.aws import AwsOptions
    from edgelift.reprocess.sinks.opensearch.options import ClusterOptions

TIMEOUT = 120
"""Seconds for an answer: a busy cluster needs them, and what is sent twice is there once."""

FIRST_CONTACT: Final = {"request_timeout": 15}
"""Parameter of opensearch-py for the first requests to a server, which it answers at once: seconds."""


class Connection(Urllib3HttpConnection):
    """Treats errors whose JSON is not an object as text, since opensearch-py fails on them.

    Warnings of the server are left out: opensearch-py would write each with a line of its code.
    """

    def _raise_error(self, status_code: int, raw_data: str | bytes, content_type: str | None = None) -> None:
        super()._raise_error(status_code, raw_data, content_type if _is_object(raw_data) else None)

    def _raise_warnings(self, warning_headers: object) -> None:
        pass


class Serializer(JSONSerializer):
    """Reads answers with orjson: each item of a bulk request has an object of its own."""

    def loads(self, s: str) -> Any:  # noqa: ANN401 - of JSON
        """Return the value; what orjson refuses, such as half surrogate pairs, is left to opensearch-py."""
        if orjson is not None:
            with suppress(ValueError):
                return orjson.loads(s)
        return super().loads(s)


def connect(
    url: str, options: ClusterOptions, aws: AwsOptions, serializer: JSONSerializer | None = None
) -> OpenSearch:
    """Return a client of opensearch-py that sends each request once; nothing is sent yet.

    Args:
        url: where OpenSearch is.
        options: how it is reached.
        aws: credentials and region of signatures.
        serializer: reads answers; None: `Serializer`.

    Raises:
        UsageError: OpenSearch cannot be reached so, or credentials would go there unencrypted.

    """
    check_transport(url, options)
    files = {
        "ca_certs": options.ca_certs,
        "client_cert": options.client_cert,
        "client_key": options.client_key,
    }
    if options.client_key is not None and options.client_cert is None:
        raise UsageError("a client key without the client certificate")
    for path in files.values():
        if path is not None and not path.is_file():
            raise UsageError(f"no certificate file at {display_path(str(path))}")
    if options.ca_certs is not None:
        _check_certificates(options.ca_certs)
    if options.client_cert is not None:
        _check_client(options.client_cert, options.client_key)
    secure: dict[str, Any] = {name: str(path) for name, path in files.items() if path is not None}
    try:
        # It would send again what was refused at once; `retry` knows what to send again and when.
        return OpenSearch(
            [url],
            connection_class=Connection,
            serializer=serializer or Serializer(),
            http_auth=authentication(options, aws),
            timeout=TIMEOUT,
            max_retries=0,
            pool_maxsize=MOST_WORKERS,
            **secure,
        )
    except (ImproperlyConfigured, OSError, ValueError) as error:
        raise UsageError(f"cannot connect to OpenSearch with these options: {error}") from None


def _check_client(certificate: Path, key: Path | None) -> None:
    # An empty password: OpenSSL would ask the terminal for that of an encrypted key.
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, OSError) as error:
        names = " and ".join(display_path(str(path)) for path in (certificate, key) if path is not None)
        raise UsageError(
            f"no client certificate with its key in {names}: PEM is expected, and no password: {error}"
        ) from None


def _check_certificates(path: Path) -> None:
    """Make sure that a file has certificates, which are read with the first request only.

    Raises:
        UsageError: it has none.

    """
    shown = display_path(str(path))
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        raise UsageError(f"no certificates in {shown}: PEM is expected") from None
    except OSError as error:
        raise UsageError(f"cannot read the certificates {shown}: {error.strerror}") from None


def _is_object(data: str | bytes) -> bool:
    try:
        answer: Any = json.loads(data)
    except ValueError:
        return False
    return isinstance(answer, dict)

"""Where an event may send documents: only to destinations that the environment names, or below them.

Whoever may start a job, or write its manifest, names objects and destinations. The function's role, its
password and the documents must not go wherever that leads. So a destination is read strictly, compared, and
used as it was compared: no second reader of URLs can find another host in it.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edgelift.reprocess.aws import split_folder
from edgelift.reprocess.errors import UsageError
from edgelift.reprocess.sinks.opensearch.credentials import check_url

if TYPE_CHECKING:
    from collections.abc import Iterable

_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(/[a-z0-9._~!$&'()*+,;=:-]+)*)/?",
    re.ASCII | re.IGNORECASE,
)
_STREAM: Final = re.compile(r"(?P<service>firehose|kinesis):(?P<name>[a-zA-Z0-9_.-]+)")

PORTS: Final = {"https": 443, "http": 9200}
"""Ports of URLs without one, as opensearch-py has them."""

_SHOWN: Final = 80
"""Characters of a destination that a message shows."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A destination that has been read.

    Attributes:
        text: the one spelling of it.
        authority: scheme, host and port; or service and bucket or stream.
        path: path or prefix below it, with a ``/`` at its end.

    """

    text: str
    authority: tuple[str, str, int]
    path: str

    @classmethod
    def parse(cls, text: str) -> Destination:
        """Read an URL of OpenSearch, ``s3://bucket/prefix``, ``firehose:NAME`` or ``kinesis:NAME``.

        Raises:
            UsageError: it is not one of them, or could be read in more than one way.

        """
        if re.match(r"https?:", text, re.IGNORECASE):
            return cls._parse_url(text)
        if text.startswith("s3://"):
            return cls._parse_prefix(text)
        if stream := _STREAM.fullmatch(text):
            return cls(text, (stream["service"], stream["name"], 0), "/")
        raise UsageError(
            f"documents would not outlive this machine in {_shown(text)}: name s3://bucket/prefix, an URL of "
            "OpenSearch, firehose:NAME or kinesis:NAME"
        )

    @classmethod
    def _parse_url(cls, text: str) -> Destination:
        check_url(text)
        parts = _URL.fullmatch(text)
        if parts is None or not {".", ".."}.isdisjoint(parts["path"].split("/")):
            raise UsageError(
                f"the URL {_shown(text)} cannot be used: it may have a host in ASCII (xn--… for others), a "
                "port, and a path without % and dots"
            )
        scheme, host = parts["scheme"].lower(), _host(parts["host"].lower())
        port = PORTS[scheme] if parts["port"] is None else int(parts["port"])
        if not 0 < port < 1 << 16:
            raise UsageError(f"the URL {_shown(text)} cannot be used: port {port} is out of range")
        written_port = "" if port == PORTS[scheme] else f":{port}"
        path = parts["path"]
        return cls(f"{scheme}://{host}{written_port}{path}", (scheme, host, port), f"{path}/")

    @classmethod
    def _parse_prefix(cls, text: str) -> Destination:
        bucket, prefix = split_folder(text)
        is_readable = prefix.isprintable() and bucket.isprintable()
        if not is_readable or not {".", ".."}.isdisjoint(prefix.split("/")):
            raise UsageError(
                f"the prefix {_shown(text)} cannot be used: it has control characters or dots for a path"
            )
        return cls(f"s3://{bucket}/{prefix}", ("s3", bucket, 0), prefix)

    def is_within(self, other: Destination) -> bool:
        """Return true if this is the other one, or below it."""
        return self.authority == other.authority and self.path.startswith(other.path)


def check_allowed(text: str, allowed: Iterable[Destination]) -> str:
    """Return the one spelling of a destination, if it is an allowed one or below it.

    Raises:
        UsageError: it is not, or cannot be used.

    """
    wanted = Destination.parse(text)
    if any(wanted.is_within(destination) for destination in allowed):
        return wanted.text
    raise UsageError(
        f"the destination {_shown(text)} is not allowed: EDGELIFT_DESTINATION or "
        "EDGELIFT_ALLOWED_DESTINATIONS has to name it, or what it is below"
    )


def _host(host: str) -> str:
    if not host.startswith("["):
        return host.removesuffix(".")
    try:
        return f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]"
    except ValueError:
        raise UsageError(f"the URL's host {host} is not an IPv6 address") from None


def _shown(text: str) -> str:
    return ascii(text[:_SHOWN])[1:-1] + ("…" if len(text) > _SHOWN else "")

"""Options of the connection to OpenSearch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class ClusterOptions:
    """Options of the connection to OpenSearch.

    Attributes:
        user: name for basic authentication, whose password is in the environment; None: none.
        sigv4: service for which requests are signed, ``es`` or ``aoss`` (Serverless); None: they are not.
        ca_certs: file of the certificates that are trusted; None: those that are trusted anyway.
        insecure: whether credentials may go over ``http://`` to another machine.

    """

    user: str | None = None
    sigv4: str | None = None
    ca_certs: Path | None = None
    insecure: bool = False

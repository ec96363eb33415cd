"""Options of the connection to OpenSearch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

OnExisting = Literal["keep", "compare", "replace"]
"""How to treat documents whose id exists already: the old ones are kept, kept and compared, or replaced."""


@dataclass(frozen=True, slots=True)
class ClusterOptions:
    """Options of the connection to OpenSearch.

    Attributes:
        user: name for basic authentication, whose password is in the environment; None: none.
        sigv4: service for which requests are signed, ``es`` or ``aoss`` (Serverless); None: they are not.
        ca_certs: file of the certificates that are trusted; None: those that are trusted anyway.
        insecure: whether credentials may go over ``http://`` to another machine.
        client_cert: file of the certificate with which the client says who it is, in PEM; None: none.
        client_key: file of its key; None: it is in the file of the certificate.

    """

    user: str | None = None
    sigv4: str | None = None
    ca_certs: Path | None = None
    insecure: bool = False
    client_cert: Path | None = None
    client_key: Path | None = None

"""Remedies for requests that fail early: no server, an untrusted certificate, wrong credentials."""

from __future__ import annotations

import ssl
from http import HTTPStatus
from typing import Any, Final

from edgelift.reprocess.sinks.opensearch.credentials import PASSWORD

# Codes of OpenSSL: self-signed, self-signed in the chain, no issuer, no first certificate.
_UNTRUSTED: Final = {18, 19, 20, 21}


def advice(error: Any) -> str:  # noqa: ANN401 - of opensearch-py
    """Return what to do, after a semicolon; an empty text if there is nothing to say."""
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        return f"; check --user and {PASSWORD}, --client-cert or --sigv4"
    if isinstance(error.status_code, int):
        return ""
    causes = getattr(error.info, "args", ())
    if any(isinstance(cause, ssl.SSLError) and cause.reason == "WRONG_VERSION_NUMBER" for cause in causes):
        return "; the server does not use TLS: write http:// in its URL, or name its port for TLS"
    refused = [cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)]
    if not refused:
        return "; is the URL right, and may this machine connect?"
    if refused[0].verify_code in _UNTRUSTED:
        return "; if it is self-signed or of a private CA, name it or its CA with --ca-certs FILE"
    return ""

"""The retry policy: which failed requests are sent again, whole or in parts, and which end the job."""

from __future__ import annotations

import ssl
from http import HTTPStatus
from typing import Any, Final

from opensearchpy import exceptions

from edgelift.reprocess.errors import JobError
from edgelift.reprocess.sinks.opensearch.advice import advice
from edgelift.reprocess.sinks.opensearch.answers import error_type, request_error_words

RETRYABLE_STATUSES: Final = {429, 502, 503, 504}
"""Statuses that pass: full queues and memory, a read-only index, a gateway without a server."""

SERVER_ERROR: Final = 500
"""Statuses from here on are the server's own faults."""

# With what a whole body is refused, status 400, for one action in it: an id above 512 bytes, date math in the
# name of an index that is none. Only documents that were refused before have them.
_ACTION_ERRORS: Final = {"action_request_validation_exception", "parse_exception"}


class RetryableError(Exception):
    """The server takes nothing at the moment."""


class SplitBodyError(Exception):
    """The server does not take this body, but may take parts of it."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def bulk_error(error: Any, url: str) -> RetryableError | SplitBodyError | JobError:  # noqa: ANN401 - of opensearch-py
    """Return what to raise for a bulk request that failed."""
    status, words = error.status_code, request_error_words(error)
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return SplitBodyError(status, "it is larger than what OpenSearch takes in one request")
    if status == HTTPStatus.BAD_REQUEST and error_type(error.info) in _ACTION_ERRORS:
        return SplitBodyError(status, words.removeprefix("400 "))
    # After a broken connection what was taken is a conflict the next time.
    if status in RETRYABLE_STATUSES or (is_temporary(error) and not isinstance(status, int)):
        return RetryableError(words)
    return JobError(f"cannot use {url}: {words}{advice(error)}", temporary=is_temporary(error))


def is_temporary(error: Any) -> bool:  # noqa: ANN401 - of opensearch-py
    """Return true if a server may take the same later: there was none, or something was wrong with it."""
    status = error.status_code
    if isinstance(error, exceptions.SSLError):
        return _is_unexpected_eof(error)
    if isinstance(error, exceptions.ConnectionError):
        return True
    return isinstance(status, int) and (status in RETRYABLE_STATUSES or status >= SERVER_ERROR)


def _is_unexpected_eof(error: Any) -> bool:  # noqa: ANN401 - of opensearch-py
    """Return true if TLS failed only because the connection ended, as it does when a server goes away."""
    causes = getattr(error.info, "args", ())
    return any(isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError) for cause in causes)

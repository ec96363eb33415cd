"""Lambda's Runtime API on loopback, for one runtime client and without a thread.

Requests are read only while somebody waits for the client, so nothing is left running between invocations.
The client's request for its next event waits in the listening socket until there is one.

Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes".
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

RESPONSE_LIMIT: Final = 6_291_556
"""Bytes of a response that Lambda accepts, as measured on its Runtime Interface Emulator."""

TOO_LARGE: Final = "Function.ResponseSizeTooLarge"
"""The error of an invocation whose response is larger."""

_PREFIX: Final = "/2018-06-01/runtime"
_NEXT: Final = f"{_PREFIX}/invocation/next"


@dataclass(frozen=True, slots=True)
class Invocation:
    """An event on its way to the function."""

    request_id: str
    event: bytes
    seconds: float
    """Time that the function has for it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result that the client posted: the body of a response, or an error."""

    body: bytes
    error_type: str = ""
    """Empty for a response."""
    message: str = ""


class RuntimeApi(HTTPServer):
    """The service's side of one function.

    Attributes:
        waiting: the invocation that the client gets next; None once it has it.
        outcome: the result that the client posted last, or None.
        arn: ARN of the function.
        patience: seconds that a request may take to arrive.

    """

    def __init__(self, arn: str) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.arn = arn
        self.waiting: Invocation | None = None
        self.outcome: Outcome | None = None
        self.patience = 1.0

    @property
    def address(self) -> str:
        """Return host and port, as the environment of a client names them."""
        return f"127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore connections that broke: the caller notices the end of the client, or its silence."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Request(BaseHTTPRequestHandler):
    # HTTP/1.0, the default: each request has its own connection, so none is open while nobody reads.
    server: RuntimeApi

    def setup(self) -> None:
        self.request.settimeout(max(self.server.patience, 0.001))
        super().setup()

    def do_GET(self) -> None:
        invocation = self.server.waiting
        if self.path != _NEXT or invocation is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + invocation.seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": self.server.arn,
        }
        self._answer(HTTPStatus.OK, invocation.event, headers)
        self.server.waiting = None

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        body = self.rfile.read(size)
        if len(body) < size:
            # The client ended in the middle of it.
            return
        is_response = self.path.endswith("/response")
        if is_response and size > RESPONSE_LIMIT:
            message = (
                "Response payload size exceeded maximum allowed payload size "
                f"({RESPONSE_LIMIT} bytes): {size} bytes"
            )
            self.server.outcome = Outcome(b"", TOO_LARGE, message)
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"{}", {})
            return
        self.server.outcome = Outcome(body) if is_response else _error(body)
        self._answer(HTTPStatus.ACCEPTED, b"{}", {})

    def _answer(self, status: HTTPStatus, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
        """Do nothing: requests are not logged."""


def _error(body: bytes) -> Outcome:
    """Read an error that the client posted."""
    try:
        found = json.loads(body)
        return Outcome(b"", str(found["errorType"]), str(found["errorMessage"]))
    except (ValueError, KeyError, TypeError):
        return Outcome(b"", "Runtime.Unknown", body[:200].decode(errors="replace"))

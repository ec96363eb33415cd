"""Lambda's Runtime API on loopback: drives the real runtime client, and refuses what AWS's emulator refuses.

Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes".
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CLIENTS = {
    folder.name: folder for folder in sorted((Path(sys.prefix) / "awslambdaric").iterdir()) if folder.is_dir()
}
"""Where each version of the runtime client is that `make setup` installs."""

NEWEST = max(CLIENTS, key=lambda version: tuple(map(int, version.split("."))))

LIMIT = 6_291_556
"""Bytes of an event or of a response that the emulator lets through; above it, events are cut."""

_PREFIX = "/2018-06-01/runtime"
_NEXT = f"{_PREFIX}/invocation/next"
_INIT_ERROR = f"{_PREFIX}/init/error"
_TIMEOUT = 60


@dataclass(frozen=True)
class Outcome:
    """The response that the client posted for an invocation."""

    kind: str
    """response, error, init/error, or too_large: a response that the service does not take."""
    body: bytes
    content_type: str


class RuntimeApi:
    """The service's side of one function."""

    def __init__(self, process: subprocess.Popen[bytes], server: _Server) -> None:
        self._process = process
        self._server = server
        self._invocations = 0

    @property
    def pid(self) -> int:
        """The client's process."""
        return self._process.pid

    def invoke(self, event: bytes) -> Outcome:
        """Hand an event to the function and wait for what it answers.

        Raises:
            TimeoutError: it did not answer.

        """
        self._invocations += 1
        self._server.events.put((str(self._invocations), event[:LIMIT]))
        return self.outcome()

    def outcome(self) -> Outcome:
        """Wait for what the client posts next, at its start too.

        Raises:
            TimeoutError: it posted nothing.

        """
        try:
            return self._server.outcomes.get(timeout=_TIMEOUT)
        except queue.Empty:
            raise TimeoutError(f"the function did not answer within {_TIMEOUT} s") from None

    def wait(self) -> int:
        """Wait until the client's process ends by itself, and give its exit code."""
        return self._process.wait(_TIMEOUT)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.events: queue.Queue[tuple[str, bytes] | None] = queue.Queue()
        self.outcomes: queue.Queue[Outcome] = queue.Queue()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that was ended while it waited for an event."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Otherwise the end of an event waits for the client's acknowledgement, and that for 40 ms.
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        if self.path != _NEXT:
            self.send_error(404)
            return
        job = self.server.events.get()
        if job is None:
            self.close_connection = True
            return
        request_id, event = job
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + _TIMEOUT) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:edgelift",
        }
        self._answer(200, event, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kind = "init/error" if self.path == _INIT_ERROR else self.path.rpartition("/")[2]
        status = 202
        if kind == "response" and len(body) > LIMIT:
            kind, status = "too_large", 413
        self._answer(status, b"{}", {"Content-Type": "application/json"})
        self.server.outcomes.put(Outcome(kind, body, self.headers.get("Content-Type", "")))

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 (the base class's name)
        """Say nothing: the client's own log is what counts."""


@dataclass(frozen=True)
class Function:
    """A function as Lambda has it configured."""

    handler: str
    environment: Mapping[str, str] = field(default_factory=dict)
    """Its environment variables, beside what the runtime sets."""
    client: str = NEWEST
    """Version of the runtime client."""
    python_version: str = "3.13"
    """Python that the client believes to run in: it writes its JSON accordingly."""
    path: Path | None = None
    """A folder of modules of the function's own."""

    @contextmanager
    def running(self, log: Path) -> Iterator[RuntimeApi]:
        """Run the function in the real runtime client; its standard output goes to ``log``."""
        server = _Server()
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "awslambdaric", self.handler],
                env=self._variables(server.address),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            try:
                yield RuntimeApi(process, server)
            finally:
                process.kill()
                process.wait()
                server.events.put(None)
                server.shutdown()
                server.server_close()
                thread.join()

    def _variables(self, address: str) -> dict[str, str]:
        folders = [str(CLIENTS[self.client]), *([str(self.path)] if self.path else [])]
        return {
            "PATH": os.defpath,
            "PYTHONPATH": os.pathsep.join(folders),
            "AWS_LAMBDA_RUNTIME_API": address,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python{self.python_version}",
            "AWS_REGION": "us-east-1",
            "_HANDLER": self.handler,
            **self.environment,
        }

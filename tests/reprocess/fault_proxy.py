"""A proxy that injects faults in front of a server: slow, truncated and refused answers."""

from __future__ import annotations

import http.client
import json
import threading
from collections import Counter
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Answer = tuple[int, str]
"""Status and error code."""

Page = tuple[int, str, bytes]
"""Status, content type and content."""


@dataclass
class FaultProxy:
    """Faults of requests. A path of AWS's JSON services ends with the operation: ``/PutRecords``.

    Attributes:
        refuses: what a request (method, path, the so-manieth of its kind) is refused with; None: it passes.
        cut: after how many bytes of the body the connection breaks; None leaves it whole.
        most: bytes that a request may have, beyond which it is refused (413); None: any number.
        instead: what a request (path, body, the so-manieth of its kind) is answered with, as JSON.
        page: what a request (method, path, the so-manieth of its kind) is answered with, whatever it is.
        gate: what a request takes while it is passed on; a lock lets one pass after the other.
        seen: number of requests by method and path.
        headers: each request with its headers.

    """

    url: str
    refuses: Callable[[str, str, int], Answer | None] = lambda _method, _path, _time: None
    cut: Callable[[str, str, int], int | None] = lambda _method, _path, _time: None
    most: int | None = None
    instead: Callable[[str, bytes, int], Any] = lambda _path, _body, _time: None
    page: Callable[[str, str, int], Page | None] = lambda _method, _path, _time: None
    gate: AbstractContextManager[Any] = field(default_factory=nullcontext)
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    headers: list[tuple[str, dict[str, str]]] = field(default_factory=list)


class _Server(ThreadingHTTPServer):
    fault_proxy: FaultProxy
    upstream: str


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else each answer waits 40 ms between its headers and its content.
    disable_nagle_algorithm = True
    server: _Server

    def _pass_on(self) -> None:
        fault_proxy = self.server.fault_proxy
        body = self._body()
        if len(body) < int(self.headers.get("Content-Length", 0)):
            # Whoever sent it has been killed; the server would wait for the rest.
            self.close_connection = True
            return
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        key = (self.command, urlsplit(self.path).path + operation)
        fault_proxy.seen[key] += 1
        fault_proxy.headers.append((f"{self.command} {self.path}", dict(self.headers.items())))
        answer_of_ours = fault_proxy.instead(key[1], body, fault_proxy.seen[key])
        if answer_of_ours is not None:
            text = json.dumps(answer_of_ours).encode()
            self._answer(200, {"Content-Type": "application/json"}, text, None)
            return
        if page := fault_proxy.page(*key, fault_proxy.seen[key]):
            status, kind, content = page
            self._answer(status, {"Content-Type": kind}, content, None)
            return
        refusal = fault_proxy.refuses(*key, fault_proxy.seen[key])
        if fault_proxy.most is not None and len(body) > fault_proxy.most:
            refusal = (413, "")
        if refusal:
            status, code = refusal
            text = f"<Error><Code>{code}</Code><Message>as given</Message></Error>".encode()
            if operation:
                text = json.dumps({"__type": code, "message": "as given"}).encode()
            self._answer(status, {"Content-Type": "application/xml"}, text, None)
            return
        with fault_proxy.gate:
            connection = http.client.HTTPConnection(self.server.upstream)
            connection.request(self.command, self.path, body, dict(self.headers.items()))
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
        headers = {name: value for name, value in answer.getheaders() if name.lower() not in _OURS}
        if self.command == "HEAD":
            headers["Content-Length"] = answer.headers["Content-Length"] or "0"
        self._answer(answer.status, headers, content, fault_proxy.cut(*key, fault_proxy.seen[key]))

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        raise ValueError("no client here sends chunks")

    def _answer(self, status: int, headers: dict[str, str], content: bytes, cut: int | None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "HEAD":
            # A body would be read as the beginning of the next answer.
            return
        self.wfile.write(content[:cut])
        if cut is not None and cut < len(content):
            self.close_connection = True

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _pass_on  # noqa: N815 -- the base class's names

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 -- the base class's name
        """Say nothing."""


_OURS = {"content-length", "connection", "transfer-encoding", "date", "server"}


@contextmanager
def fault_proxy(url: str) -> Iterator[FaultProxy]:
    """Serve a proxy to ``url``."""
    server = _Server(("127.0.0.1", 0), _Request)
    server.upstream = urlsplit(url).netloc
    server.fault_proxy = FaultProxy(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.fault_proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

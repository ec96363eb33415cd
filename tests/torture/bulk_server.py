"""OpenSearch with one index, for a separate process: bulk requests, storms of faults, created documents."""

from __future__ import annotations

import hashlib
import json
import random
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_OWN = "/-/"
"""Where the cases talk to it, without faults."""


class _Index:
    """Documents by id, and the storm of the day."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.reset({})

    def reset(self, storm: dict[str, Any]) -> None:
        self.documents: dict[str, str] = {}
        self.created: Counter[str] = Counter()
        self.storm(storm)

    def storm(self, storm: dict[str, Any]) -> None:
        """Begin a storm: ``seed``, ``share`` of requests with a fault, ``most`` bytes of a request."""
        self.chance = random.Random(storm.get("seed", 0))  # noqa: S311 - no secret
        self.share: float = storm.get("share", 0)
        self.most: int = storm.get("most", 1 << 30)

    def fault(self) -> str:
        with self.lock:
            return self.chance.choice(FAULTS) if self.chance.random() < self.share else ""

    def create(self, action: str, document: str, *, is_busy: bool) -> dict[str, Any]:
        """Create a document, or answer why not: never for those whose id says so."""
        wanted = json.loads(action)["create"]
        name, index = wanted["_id"], wanted["_index"]
        if is_refused(name):
            error = {"type": "mapper_parsing_exception", "reason": "as the id says"}
            return {"create": {"_index": index, "_id": name, "status": 400, "error": error}}
        with self.lock:
            if is_busy and self.chance.random() < 0.5:
                error = {"type": "es_rejected_execution_exception", "reason": "busy"}
                return {"create": {"_index": index, "_id": name, "status": 429, "error": error}}
            if name in self.documents:
                error = {"type": "version_conflict_engine_exception", "reason": "there"}
                return {"create": {"_index": index, "_id": name, "status": 409, "error": error}}
            self.documents[name] = document
            self.created[name] += 1
        return {"create": {"_index": index, "_id": name, "status": 201}}


# "lost" ones are done, and their answers do not arrive.
FAULTS = (
    *("429", "502", "503", "504", "busy", "busy", "busy", "cut", "lost", "lost", "half", "slow"),
    *("500", "403", "page"),
)


def is_refused(name: str) -> bool:
    """Say whether the document of an id is refused for good."""
    return hashlib.sha256(name.encode()).digest()[0] < 16


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else each answer, sent in two pieces, waits for an acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    index: _Index

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith(_OWN):
            self._answer(200, self._own(self.path.removeprefix(_OWN), body))
        elif self.path.startswith("/_bulk"):
            self._bulk(body)
        elif self.path == "/":
            self._answer(200, {"version": {"distribution": "opensearch", "number": "2.19.0"}})
        else:
            self._answer(200, {"indices": [], "aliases": [], "data_streams": []})

    def _own(self, what: str, body: bytes) -> object:
        if what == "documents":
            return {"documents": self.index.documents, "created": self.index.created}
        with self.index.lock:
            (self.index.reset if what == "reset" else self.index.storm)(json.loads(body))
        return {}

    def _bulk(self, body: bytes) -> None:
        fault = "413" if len(body) > self.index.most else self.index.fault()
        if fault == "slow":
            time.sleep(0.05)
        if fault == "cut":
            self.close_connection = True
            return
        if fault == "page":
            self._answer(502, "<html>Bad Gateway</html>")
            return
        if fault.isdigit():
            self._answer(int(fault), {"error": {"type": "as_told", "reason": fault}, "status": int(fault)})
            return
        lines = body.decode().split("\n")[:-1]
        items = [
            self.index.create(action, document, is_busy=fault == "busy")
            for action, document in zip(lines[::2], lines[1::2], strict=True)
        ]
        if fault == "lost":
            self.close_connection = True
            return
        has_errors = any("error" in item["create"] for item in items)
        self._answer(200, {"took": 1, "errors": has_errors, "items": items}, half=fault == "half")

    def _answer(self, status: int, answer: object, *, half: bool = False) -> None:
        text = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if isinstance(answer, str) else "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text[: len(text) // 2] if half else text)
        self.close_connection = self.close_connection or half

    do_GET = do_POST = do_PUT = do_HEAD = _handle  # noqa: N815 - the base class's names

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients are killed here."""


def serve() -> tuple[int, _Server]:
    """Bind a server to a port; return both."""
    handler = type("Request", (_Request,), {"index": _Index()})
    server = _Server(("127.0.0.1", 0), handler)
    return server.server_address[1], server

"""Where documents go: an index in memory with a server in front, the embedded engine, or an OpenSearch."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Protocol

from edgelift.reprocess.aws import AwsOptions
from edgelift.reprocess.sinks.opensearch.options import ClusterOptions
from edgelift.simulate import MemoryIndex
from edgelift.simulate.embedded import embedded_opensearch
from edgelift.simulate.indexes import OpenSearchIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgelift import Transformer
    from edgelift.simulate.ports import Index


@dataclass(frozen=True)
class Document:
    """A document that is there."""

    index: str
    name: str
    """Its ``_id``."""
    source: dict[str, Any]


class Place(Protocol):
    """An index for a stream, and its URL for ``edgelift reprocess``."""

    @property
    def url(self) -> str: ...

    @property
    def index(self) -> Index: ...

    def prepare(self, transformer: Transformer) -> None:
        """Create the index template, if there is something that has templates."""
        ...

    def documents(self) -> list[Document]:
        """Return all documents."""
        ...


class MemoryPlace:
    """An index in memory; the server creates documents in it, as ``edgelift reprocess`` asks for."""

    def __init__(self, url: str, lock: threading.Lock) -> None:
        self.url = url
        self.index = MemoryIndex()
        self._lock = lock

    def prepare(self, transformer: Transformer) -> None:
        """Do nothing."""

    def documents(self) -> list[Document]:
        return [
            Document(index, name, json.loads(document))
            for index, documents in self.index.indices.items()
            for name, document in documents.items()
        ]

    def create(self, action: bytes, document: bytes) -> dict[str, Any]:
        """Create a document, and answer as OpenSearch does."""
        wanted = json.loads(action)["create"]
        with self._lock:
            documents = self.index.indices.setdefault(wanted["_index"], {})
            if wanted["_id"] in documents:
                error = {"type": "version_conflict_engine_exception", "reason": "there"}
                return {"create": wanted | {"status": 409, "error": error}}
            documents[wanted["_id"]] = document
        return {"create": wanted | {"status": 201}}


class ClusterPlace:
    """A cluster at a URL."""

    def __init__(self, url: str, prefix: str) -> None:
        self.url = url
        self.index = OpenSearchIndex(url, ClusterOptions(), AwsOptions())
        self._prefix = prefix

    def prepare(self, transformer: Transformer) -> None:
        self.index.apply_template(transformer)

    def documents(self) -> list[Document]:
        self.index.refresh(self._prefix)
        found = self.index.cluster.get(f"/{self._prefix}*/_search", params={"size": "10000"})
        return [Document(hit["_index"], hit["_id"], hit["_source"]) for hit in found["hits"]["hits"]]


@contextmanager
def embedded_place(prefix: str) -> Iterator[ClusterPlace]:
    """Run the embedded engine while the block runs."""
    with embedded_opensearch() as url:
        yield ClusterPlace(url, prefix)


@contextmanager
def memory_place() -> Iterator[MemoryPlace]:
    """Run a server in front of an index in memory while the block runs."""
    server = _Server(("127.0.0.1", 0), _Request)
    place = server.place = MemoryPlace(f"http://127.0.0.1:{server.server_address[1]}", threading.Lock())
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield place
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    place: MemoryPlace


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else each answer, sent in two pieces, waits for an acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer: dict[str, Any] = {"indices": [], "aliases": [], "data_streams": []}
        if self.path == "/":
            answer = {"version": {"distribution": "opensearch", "number": "2.19.0"}}
        elif self.path.startswith("/_bulk"):
            lines = body.split(b"\n")
            create = self.server.place.create
            items = [create(*pair) for pair in zip(lines[:-1:2], lines[1::2], strict=True)]
            answer = {"took": 1, "errors": any("error" in item["create"] for item in items), "items": items}
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_HEAD = _handle  # noqa: N815 - the base class's names

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

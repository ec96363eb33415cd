"""A server that keeps imported saved objects, and checks requests as OpenSearch Dashboards would.

Dashboards is on no package registry. Answers and attributes are those of its documentation and exports.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

Object = dict[str, Any]

OBJECT_KEYS = {"id", "type", "attributes", "references", "migrationVersion"}
ATTRIBUTES = {
    "index-pattern": {"title", "timeFieldName", "fields", "fieldFormatMap"},
    "visualization": {
        "title",
        "description",
        "version",
        "visState",
        "uiStateJSON",
        "kibanaSavedObjectMeta",
    },
    "search": {"title", "description", "hits", "version", "columns", "sort", "kibanaSavedObjectMeta"},
    "dashboard": {
        "title",
        "description",
        "hits",
        "version",
        "timeRestore",
        "optionsJSON",
        "panelsJSON",
        "kibanaSavedObjectMeta",
    },
}
TEXTS = {"fields", "fieldFormatMap", "visState", "uiStateJSON", "optionsJSON", "panelsJSON"}


class Dashboards(ThreadingHTTPServer):
    """Keeps what is imported, per tenant."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/_dashboards"
        self.tenants: dict[str, dict[tuple[str, str], Object]] = {}
        self.imports: list[list[Object]] = []
        self.authorizations: set[str | None] = set()
        self.answer: tuple[int, object] | None = None
        self.lost: set[str] = set()
        self.changed: set[str] = set()


class Handler(BaseHTTPRequestHandler):
    server: Dashboards

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def answer(self, status: int, body: object) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "text/html" if isinstance(body, bytes) else "application/json; charset=utf-8"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    @property
    def objects(self) -> dict[tuple[str, str], Object]:
        return self.server.tenants.setdefault(self.headers.get("securitytenant", ""), {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.authorizations.add(self.headers.get("Authorization"))
        if self.server.answer is not None:
            self.answer(*self.server.answer)
            return
        if self.headers.get("osd-xsrf") is None:
            self.answer(400, problem(400, "Bad Request", "Request must contain a osd-xsrf header."))
            return
        if self.path != "/_dashboards/api/saved_objects/_import?overwrite=true":
            self.answer(404, problem(404, "Not Found", "Not Found"))
            return
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        [part] = BytesParser(policy=HTTP).parsebytes(head + body).iter_parts()
        assert part.get_param("name", header="content-disposition") == "file"
        assert str(part.get_filename()).endswith(".ndjson")
        found = [json.loads(line) for line in part.get_content().splitlines()]
        self.server.imports.append(found)
        errors = [error for each in found for error in self.errors_of(each, found)]
        self.objects.update(
            {(each["type"], each["id"]): each for each in found if each["id"] not in self.server.lost}
        )
        self.answer(200, {"success": not errors, "successCount": len(found) - len(errors), "errors": errors})

    def errors_of(self, each: Object, found: list[Object]) -> Iterator[Object]:
        """Yield what is wrong with an object: its keys, the texts of JSON in it, and its references."""
        assert each.keys() == OBJECT_KEYS
        assert each["attributes"].keys() == ATTRIBUTES[each["type"]]
        for name in TEXTS & each["attributes"].keys():
            json.loads(each["attributes"][name])
        known = {(other["type"], other["id"]) for other in found}
        missing = [ref for ref in each["references"] if (ref["type"], ref["id"]) not in known]
        if missing:
            error = {"type": "missing_references", "references": missing, "blocking": []}
            yield {"id": each["id"], "type": each["type"], "error": error}

    def do_GET(self) -> None:
        if not self.path.startswith("/_dashboards/api/saved_objects/"):
            self.answer(404, problem(404, "Not Found", "Not Found"))
            return
        *_, kind, name = self.path.split("/")
        found = self.objects.get((kind, unquote(name)))
        if found is None:
            self.answer(404, problem(404, "Not Found", f"Saved object [{kind}/{name}] not found"))
            return
        if found["id"] in self.server.changed:
            found = {**found, "attributes": found["attributes"] | {"title": "another"}, "references": []}
        self.answer(200, {**found, "version": "WzEsMV0=", "updated_at": "2026-11-23T00:00:00.000Z"})


def problem(status: int, error: str, message: str) -> Object:
    return {"statusCode": status, "error": error, "message": message}


@contextmanager
def serving(server: Dashboards) -> Iterator[Dashboards]:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

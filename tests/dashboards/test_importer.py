"""Imports into a server on loopback that records requests and checks them as Dashboards would."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from edgelift import Transformer
from edgelift.opensearch.dashboards.importer import Importer
from edgelift.opensearch.dashboards.saved_objects import saved_objects
from edgelift.reprocess.aws import AwsOptions
from edgelift.reprocess.errors import JobError, UsageError
from edgelift.reprocess.sinks.opensearch.options import ClusterOptions

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


@pytest.fixture
def dashboards() -> Iterator[Dashboards]:
    with serving(Dashboards()) as server:
        yield server


@pytest.fixture(scope="module")
def objects() -> list[Object]:
    return saved_objects(Transformer({"layouts": [{"fields": "all"}]}))


def importer(url: str, tenant: str | None = None, user: str | None = None) -> Importer:
    return Importer(url, ClusterOptions(user=user), AwsOptions(), tenant)


def test_all_objects_are_imported_in_one_request(dashboards: Dashboards, objects: list[Object]) -> None:
    importer(dashboards.url).apply(objects)
    assert dashboards.imports == [objects]
    assert dashboards.tenants.keys() == {""}


def test_second_import_overwrites_the_first(dashboards: Dashboards, objects: list[Object]) -> None:
    importer(dashboards.url).apply(objects)
    importer(dashboards.url).apply(objects)
    assert len(dashboards.imports) == 2
    assert len(dashboards.tenants[""]) == len(objects)


def test_plan_says_what_an_import_would_do_and_changes_nothing(
    dashboards: Dashboards, objects: list[Object]
) -> None:
    found = importer(dashboards.url).plan(objects)
    assert len(found) == len(objects)
    assert set(found.values()) == {"create"}
    assert dashboards.imports == []
    importer(dashboards.url).apply(objects)
    dashboards.changed.add("cdn-logs-overview")
    needed = {name: what for name, what in importer(dashboards.url).plan(objects).items() if what}
    assert needed == {"dashboard cdn-logs-overview": "update"}


def test_plan_of_another_server_is_an_error(dashboards: Dashboards, objects: list[Object]) -> None:
    with pytest.raises(JobError, match="404 Not Found"):
        importer(dashboards.url.removesuffix("/_dashboards")).plan(objects)


def test_objects_belong_to_the_tenant(dashboards: Dashboards, objects: list[Object]) -> None:
    importer(dashboards.url, tenant="operations").apply(objects)
    assert dashboards.tenants.keys() == {"operations"}


def test_user_and_password_are_sent(
    dashboards: Dashboards, objects: list[Object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENSEARCH_PASSWORD", "secret")
    importer(dashboards.url, user="me").apply(objects)
    assert dashboards.authorizations == {"Basic bWU6c2VjcmV0"}


def test_refused_object_is_named_with_its_reason(dashboards: Dashboards, objects: list[Object]) -> None:
    with pytest.raises(JobError) as raised:
        importer(dashboards.url).apply(objects[1:])
    others = sum(found["references"] == objects[1]["references"] for found in objects) - 1
    assert str(raised.value).startswith(
        f"{dashboards.url} does not take the saved objects: visualization cdn-logs-requests "
        f"(and {others} more): missing_references "
    )


def test_object_that_is_not_there_afterwards_is_an_error(
    dashboards: Dashboards, objects: list[Object]
) -> None:
    dashboards.lost.add("cdn-logs-hit-ratio")
    with pytest.raises(JobError, match="visualization cdn-logs-hit-ratio is not there after its import"):
        importer(dashboards.url).apply(objects)


def test_object_that_is_another_afterwards_is_an_error(dashboards: Dashboards, objects: list[Object]) -> None:
    dashboards.changed.add("cdn-logs-overview")
    with pytest.raises(JobError, match="title, references of dashboard cdn-logs-overview is not as"):
        importer(dashboards.url).apply(objects)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            (401, problem(401, "Unauthorized", "Authentication required")),
            "401 Authentication required; check --user and OPENSEARCH_PASSWORD, ",
        ),
        ((403, problem(403, "Forbidden", "no permissions")), "403 no permissions"),
        ((413, problem(413, "Payload Too Large", "greater than allowed")), "413 greater than allowed"),
        ((502, b"<html>Bad Gateway</html>"), "502 <html>Bad Gateway</html>"),
        ((200, b"<html>Log in</html>"), "that is not OpenSearch Dashboards: name its URL, such as https://"),
        (
            (405, {"error": "Incorrect HTTP method for uri [/api] and method [POST]", "status": 405}),
            "that is not",
        ),
    ],
)
def test_other_answers_become_messages(
    dashboards: Dashboards, objects: list[Object], answer: tuple[int, object], words: str
) -> None:
    dashboards.answer = answer
    with pytest.raises(JobError) as raised:
        importer(dashboards.url).apply(objects)
    assert str(raised.value).startswith(f"cannot use {dashboards.url}: {words}")


def test_nobody_at_the_url_is_an_error(objects: list[Object]) -> None:
    server = Dashboards()
    server.server_close()
    with pytest.raises(JobError, match=r"^cannot use http://127\.0\.0\.1:"):
        importer(server.url).apply(objects)


def test_password_is_not_sent_unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENSEARCH_PASSWORD", "secret")
    with pytest.raises(UsageError, match="credentials would go over http:// unencrypted"):
        importer("http://dashboards.example.com", user="me")


def test_password_in_the_url_is_refused() -> None:
    with pytest.raises(UsageError, match="no password in the URL"):
        importer("http://me:secret@127.0.0.1:5601")

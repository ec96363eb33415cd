"""Other servers in place of OpenSearch: no document is lost, and none is counted that is not there."""

from __future__ import annotations

import base64
import json
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from edgelift.reprocess.aws import AwsOptions
from edgelift.reprocess.errors import JobError
from edgelift.reprocess.sinks.opensearch.client import OpenSearchClient
from edgelift.reprocess.sinks.opensearch.options import ClusterOptions
from tests.reprocess.conftest import item

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edgelift.reprocess.sinks.opensearch.client import Delivery
    from tests.reprocess.conftest import Reprocess
    from tests.reprocess.fault_proxy import FaultProxy, Page

JSON = "application/json"
BULK = ("POST", "/_bulk")

PAGES: list[Page] = [
    (200, "text/html", b"<html>maintenance</html>"),
    (200, "text/plain", b"maintenance"),
    (200, JSON, b""),
    (200, JSON, b'{"errors":false,"items":[{"crea'),
    (503, "text/html", b"<html>maintenance</html>"),
    (503, JSON, b'"maintenance"'),
    (502, JSON, b"[]"),
]


@pytest.mark.parametrize("page", PAGES)
def test_pages_of_a_gateway_are_retried(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes, page: Page
) -> None:
    proxy.page = lambda _method, _path, count: page if count < 3 else None
    cluster.deliver(body, delivery, lambda: False)
    assert (delivery.created, delivery.already_there) == (4, 0)


@pytest.mark.parametrize("page", [page for page in PAGES if page[0] == 200])
def test_url_without_opensearch_stops_the_job(
    reprocess: Reprocess, proxy: FaultProxy, tmp_path: Path, page: Page
) -> None:
    (tmp_path / "rows").write_text("1700000000.123\t10.0.0.1\t200\tGET\t/\n")
    proxy.page = lambda *_: page
    done = reprocess(tmp_path / "rows", proxy.url)
    assert done.code == 3
    assert f"edgelift: cannot use {proxy.url}: it does not answer as OpenSearch does: " in done.err
    assert proxy.seen[BULK] == 0


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"items": [item(201)] * 4},
        {"errors": True, "items": [{"index": {"status": 201}}] * 4},
        {"errors": True, "items": [*[item(201)] * 3, {"create": {}}]},
        {"errors": True, "items": 4},
    ],
)
def test_answers_of_another_shape_stop_the_job(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes, answer: dict[str, Any]
) -> None:
    proxy.instead = lambda *_: answer
    with pytest.raises(JobError, match="does not answer as OpenSearch does"):
        cluster.deliver(body, delivery, lambda: False)


CONTRADICTORY: list[bytes] = [
    b'{"errors":"","items":[%s]}' % b",".join([b'{"create":{"status":500}}'] * 4),
    b'{"errors":null,"items":[%s]}' % b",".join([b'{"create":{"status":201}}'] * 4),
    b'{"errors":0,"items":[%s]}' % b",".join([b'{"create":{"status":201}}'] * 4),
    b'{"errors":false,"items":{"a":1,"b":2,"c":3,"d":4}}',
    b'{"errors":false,"items":"abcd"}',
    b'{"errors":false,"items":[1,2,3,4]}',
    b'{"errors":false,"items":[{},{},{},{}]}',
    b'{"errors":false}',
    *(
        b'{"errors":%s,"items":[%s]}' % (errors, b",".join([b'{"create":{"status":%s}}' % status] * 4))
        for errors in (b"true", b"false")
        for status in (b"1e999", b"NaN", b"201.0", b"true", b'"201"', b"null", b"[201]")
    ),
]


@pytest.mark.parametrize("content", CONTRADICTORY)
def test_answers_that_contradict_themselves_stop_the_job(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes, content: bytes
) -> None:
    proxy.page = lambda *_: (200, JSON, content)
    with pytest.raises(JobError, match="does not answer as OpenSearch does"):
        cluster.deliver(body, delivery, lambda: False)
    assert delivery.created == 0


def test_statuses_count_whatever_is_said_of_errors(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes, refused: list[Any]
) -> None:
    answers = [[item(201), item(400, "a"), item(503, "b"), item(409, "c")], [item(503, "b")], [item(201)]]
    proxy.instead = lambda path, _, count: (
        {"errors": False, "items": answers[count - 1]} if path == "/_bulk" else {}
    )
    cluster.deliver(body, delivery, lambda: False)
    assert (delivery.created, delivery.already_there, len(refused)) == (2, 1, 1)
    assert proxy.seen[BULK] == 3


def test_source_is_kept_if_its_documents_are_not_there(
    reprocess: Reprocess, proxy: FaultProxy, tmp_path: Path
) -> None:
    rows = tmp_path / "rows"
    rows.write_text("1700000000.123\t10.0.0.1\t200\tGET\t/\n")
    proxy.instead = lambda path, *_: (
        {"errors": False, "items": [item(500, "broken")]} if path == "/_bulk" else None
    )
    done = reprocess(rows, proxy.url, "--delete-source")
    assert done.code == 3, done.err
    assert "broken: as given" in done.err
    assert rows.exists()


def test_a_status_counts_without_an_error(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes, refused: list[Any]
) -> None:
    answers = [[item(201), item(400), item(429), item(409)], [item(201)]]
    proxy.instead = lambda path, _, count: (
        {"errors": count == 1, "items": answers[count - 1]} if path == "/_bulk" else {}
    )
    cluster.deliver(body, delivery, lambda: False)
    assert (delivery.created, delivery.already_there, len(refused)) == (2, 1, 1)


@pytest.mark.parametrize("errors", [True, False])
def test_an_error_counts_before_a_status_of_success(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes, *, errors: bool
) -> None:
    proxy.instead = lambda *_: {"errors": errors, "items": [*[item(201)] * 3, item(200, "odd_exception")]}
    with pytest.raises(JobError, match="rejects documents for the index i: odd_exception: as given"):
        cluster.deliver(body, delivery, lambda: False)
    assert delivery.created == 3


def test_retries_restart_with_each_created_document(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes
) -> None:
    def answer(path: str, sent: bytes, _count: int) -> dict[str, Any]:
        rest = sent.count(b"\n") // 2 - 1
        items = [item(201), *[item(429, "rejected_execution_exception")] * rest]
        return {"errors": rest > 0, "items": items} if path == "/_bulk" else {}

    proxy.instead = answer
    cluster.deliver(body * 5, delivery, lambda: False)
    assert delivery.created == 20
    assert proxy.seen[BULK] == 20


def test_error_messages_are_valid_and_short_text(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes, refused: list[Any]
) -> None:
    error = {"type": "mapper_parsing_exception", "reason": "value: '\ud800'"}
    proxy.instead = lambda path, *_: (
        {"errors": True, "items": [*[item(201)] * 3, {"create": {"status": 400, "error": error}}]}
        if path == "/_bulk"
        else {}
    )
    cluster.deliver(body, delivery, lambda: False)
    assert refused[0][2] == "mapper_parsing_exception: value: '?'"
    proxy.instead = lambda *_: None
    proxy.page = lambda *_: (401, "text/html", b"<p>\n" * 10_000)
    with pytest.raises(JobError, match="401 <p>") as raised:
        cluster.check()
    assert len(str(raised.value)) < 700


@pytest.mark.parametrize(
    ("causes", "words"),
    [
        ([], "failed to parse"),
        (
            ["Cannot write to a field alias [@timestamp]"],
            "failed to parse: Cannot write to a field alias [@timestamp]",
        ),
        (["in between", "innermost"], "failed to parse: innermost"),
        (["failed"], "failed to parse"),
        ([None], "failed to parse"),
    ],
)
def test_reason_of_a_refused_document_has_that_of_the_innermost_cause(  # noqa: PLR0913, PLR0917 - fixtures
    cluster: OpenSearchClient,
    proxy: FaultProxy,
    delivery: Delivery,
    body: bytes,
    refused: list[Any],
    causes: list[str | None],
    words: str,
) -> None:
    error: dict[str, Any] = {"type": "mapper_parsing_exception", "reason": "failed to parse"}
    inner = error
    for reason in causes:
        inner["caused_by"] = {"type": "illegal_argument_exception", "reason": reason}
        inner = inner["caused_by"]
    items = [*[item(201)] * 3, {"create": {"status": 400, "error": error}}]
    proxy.instead = lambda path, *_: {"errors": True, "items": items} if path == "/_bulk" else {}
    cluster.deliver(body, delivery, lambda: False)
    assert refused[0][2] == f"mapper_parsing_exception: {words}"


@pytest.mark.parametrize(
    "page", [(200, JSON, b""), (200, "text/html", b"<"), (200, JSON, b'{"aliases":[{}]}')]
)
def test_unusual_answers_about_an_index_are_ignored(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes, page: Page
) -> None:
    proxy.page = lambda _method, path, _count: page if path.startswith("/_resolve") else None
    cluster.deliver(body, delivery, lambda: False)
    assert (delivery.created, delivery.notes) == (4, set())


def test_lookup_of_an_index_is_repeated_if_it_failed(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes
) -> None:
    several = json.dumps({"aliases": [{"name": "i", "indices": ["i-1", "i-2"]}]}).encode()
    proxy.page = lambda _method, path, count: (
        ((503, JSON, b"") if count == 1 else (200, JSON, several)) if path.startswith("/_resolve") else None
    )
    cluster.deliver(body, delivery, lambda: False)
    assert delivery.notes == set()
    cluster.deliver(body, delivery, lambda: False)
    (note,) = delivery.notes
    assert note.startswith("i is an alias of several indices")


def test_each_index_of_a_body_is_looked_up(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes
) -> None:
    several = json.dumps({"aliases": [{"name": "last", "indices": ["last-1", "last-2"]}]}).encode()
    proxy.page = lambda _method, path, _count: (
        (200, JSON, several if path.endswith("/last") else b"{}") if path.startswith("/_resolve") else None
    )
    last = b'{"create":{"_index":"last","_id":"9"}}\n{"n":9}\n'
    cluster.deliver(body + last, delivery, lambda: False)
    (note,) = delivery.notes
    assert note.startswith("last is an alias of several indices")


@pytest.mark.parametrize(
    "reason", ["no write index is defined for alias [i]. …", "pipeline with id [x] does not exist"]
)
def test_index_that_accepts_no_document_stops_the_job(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes, reason: str
) -> None:
    error = {"type": "illegal_argument_exception", "reason": reason}
    proxy.instead = lambda *_: {"errors": True, "items": [{"create": {"status": 400, "error": error}}] * 4}
    with pytest.raises(JobError, match="rejects documents for the index i: illegal_argument_exception: "):
        cluster.deliver(body, delivery, lambda: False)


def test_a_size_that_was_refused_is_not_tried_again(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery
) -> None:
    documents = [b'{"create":{"_index":"i","_id":"%d"}}\n{"n":%d}\n' % (n, n) for n in range(1000, 1400)]
    proxy.most = 1000
    sizes: list[int] = []
    proxy.instead = lambda path, sent, _count: sizes.append(len(sent)) if path == "/_bulk" else None
    cluster.deliver(b"".join(documents[:200]), delivery, lambda: False)
    assert max(sizes) > 1000
    sizes.clear()
    cluster.deliver(b"".join(documents[200:]), delivery, lambda: False)
    assert max(sizes) <= 1000
    # Nor are they much smaller than need be.
    assert min(sizes[:-1]) > 400
    assert delivery.created == 400


def test_one_large_document_makes_no_small_bodies(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes, refused: list[Any]
) -> None:
    proxy.most = 1000
    large = b'{"create":{"_index":"i","_id":"large"}}\n{"n":"%s"}\n' % (b"x" * 100_000)
    cluster.deliver(large + body, delivery, lambda: False)
    assert (delivery.created, len(refused)) == (4, 1)
    proxy.seen.clear()
    cluster.deliver(body.replace(b'"_id":"', b'"_id":"1'), delivery, lambda: False)
    assert proxy.seen[BULK] == 1


@pytest.fixture
def hangs_up() -> Iterator[tuple[str, list[int]]]:
    """Give the URL of a server that ends each connection in the handshake of TLS, and what came."""
    came: list[int] = []

    def answer(listener: socket.socket) -> None:
        while True:
            connection, _ = listener.accept()
            with connection:
                came.append(len(connection.recv(1 << 16)))
                connection.shutdown(socket.SHUT_RDWR)
                if len(came) == 11:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer, args=(listener,), daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}", came


def test_interrupted_tls_is_retried_unlike_a_wrong_certificate(
    hangs_up: tuple[str, list[int]], delivery: Delivery, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgelift.reprocess.sinks.backoff.FIRST_PAUSE", 0)
    url, came = hangs_up
    with pytest.raises(JobError, match=r"keeps rejecting requests: .*EOF") as raised:
        OpenSearchClient(url, ClusterOptions(), AwsOptions()).deliver(body, delivery, lambda: False)
    assert raised.value.temporary
    assert len(came) == 11


@pytest.mark.parametrize(
    "url",
    [
        "https://user:1/secret@host",
        "https://user:se?cret@host",
        "https://",
        "https:///secret",
        "https://host/?token=secret",
        "https://host/#secret",
        "https://[::1",
    ],
)
def test_wrong_urls_are_refused(reprocess: Reprocess, tmp_path: Path, url: str) -> None:
    (tmp_path / "rows").write_text("x")
    done = reprocess(tmp_path / "rows", url)
    assert done.code == 2, done.err
    assert "URL" in done.err
    assert "secret" not in done.err
    assert "Traceback" not in done.err
    assert not reprocess.journal.exists() or b"secret" not in reprocess.journal.read_bytes()


def test_passwords_are_sent_in_utf_8(reprocess: Reprocess, proxy: FaultProxy, tmp_path: Path) -> None:
    (tmp_path / "rows").write_text("1700000000.123\t10.0.0.1\t200\tGET\t/\n")
    reprocess.environment["OPENSEARCH_PASSWORD"] = "für 5 €"  # noqa: S105 -- of nobody
    reprocess.account(tmp_path / "rows", proxy.url, "--user", "jürgen", code=0)
    sent = {base64.b64decode(headers["authorization"].split()[1]).decode() for _, headers in proxy.headers}
    assert sent == {"jürgen:für 5 €"}

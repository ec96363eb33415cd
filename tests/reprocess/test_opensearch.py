"""Into OpenSearch: each document once, whatever is refused, repeated or gone for a while."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from edgelift.reprocess.errors import JobError, ObjectError
from tests.reprocess.conftest import item, made, make_logs

if TYPE_CHECKING:
    from pathlib import Path

    from edgelift.reprocess.sinks.opensearch.client import Delivery, OpenSearchClient
    from tests.reprocess.conftest import Logs, Reprocess
    from tests.reprocess.fault_proxy import FaultProxy

INDEX = ("--index", "cdn-logs")


@pytest.fixture(scope="module")
def logs() -> Logs:
    return make_logs(6, 300, seed=8)


def ask(url: str, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 -- of JSON
    words = ["curl", "-sS", "-X", method, "-H", "Content-Type: application/json", f"{url}{path}"]
    data = [] if body is None else ["--data-binary", json.dumps(body)]
    return json.loads(subprocess.run([*words, *data], capture_output=True, check=True).stdout)


def there(url: str, index: str = "cdn-logs") -> dict[str, Any]:
    """Give all documents by their id."""
    ask(url, "POST", f"/{index}/_refresh")
    found: dict[str, Any] = {}
    after: list[Any] = []
    while True:
        query: dict[str, Any] = {"size": 5000, "sort": [{"_id": "asc"}], "query": {"match_all": {}}}
        hits = ask(url, "POST", f"/{index}/_search", query | ({"search_after": after} if after else {}))
        page = hits["hits"]["hits"]
        if not page:
            return found
        found |= {hit["_id"]: hit["_source"] for hit in page}
        after = page[-1]["sort"]


def test_repeated_jobs_create_each_document_once(
    reprocess: Reprocess, logs: Logs, source: Path, opensearch: str
) -> None:
    account = reprocess.account(source, opensearch, *INDEX)
    assert {name: account["totals"][name] for name in logs.counts} == logs.counts
    assert there(opensearch) == logs.by_id
    account = reprocess.account(source, opensearch, *INDEX)
    assert account["totals"]["written"] == 0
    assert account["totals"]["already_there"] == logs.counts["written"]
    assert there(opensearch) == logs.by_id


def test_resume_after_kills_creates_each_document_once(
    reprocess: Reprocess,
    command: tuple[str, ...],
    environment: dict[str, str],
    opensearch: str,
    tmp_path: Path,
) -> None:
    seed = 5
    print(f"seed {seed}")  # noqa: T201 -- pytest shows it if a test fails
    chance = random.Random(seed)  # noqa: S311 -- no secret
    many = make_logs(30, 300, seed=6)
    many.save(tmp_path / "logs")
    words = (tmp_path / "logs", opensearch, *INDEX)
    resume: list[str] = []
    for _ in range(8):
        process = subprocess.Popen(
            [*command, *reprocess.words(*words), *resume],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(chance.uniform(0.3, 1.5))
        process.kill()
        process.wait()
        resume = ["--resume"] if reprocess.journal.exists() else []
    account = reprocess.account(*words, *resume)
    assert there(opensearch) == many.by_id
    totals = account["totals"]
    assert totals["read"] == many.counts["read"]
    assert totals["written"] + totals["already_there"] == many.counts["written"]


def test_refused_documents_are_kept_with_id_and_index(
    reprocess: Reprocess, opensearch: str, tmp_path: Path
) -> None:
    ask(opensearch, "PUT", "/cdn-logs", {"mappings": {"properties": {"sc-status": {"type": "byte"}}}})
    row = "1700000000.{}\t10.0.0.1\t{}\tGET\t/\n"
    rows = [row.format(number, 200 if number % 10 == 0 else 100) for number in range(100)]
    (tmp_path / "rows").write_text("".join(rows))
    words = (tmp_path / "rows", opensearch, *INDEX, "--failed", tmp_path / "failed")
    done = reprocess(*words, "--json")
    # The first reason is shown, the others are kept.
    assert done.err.count(": refused: ") == 1
    assert "--failed DIR" not in done.err
    totals = json.loads(done.out)["totals"]
    assert (totals["written"], totals["failed"], totals["by_reason"]) == (90, 10, {"refused": 10})
    assert len(there(opensearch)) == 90
    (lines,) = made(tmp_path / "failed").values()
    for line in lines.splitlines():
        item = json.loads(line)
        assert (item["errorCode"], item["esIndexName"]) == ("400", "cdn-logs")
        assert json.loads(base64.b64decode(item["rawData"]))["sc-status"] == 200
        assert item["esDocumentId"] not in there(opensearch)
    # Once the index takes them, they go where they should have gone.
    ask(opensearch, "DELETE", "/cdn-logs")
    done = reprocess(tmp_path / "failed", opensearch, *INDEX)
    assert done.code == 0, done.err
    ids = {json.loads(line)["esDocumentId"] for line in lines.splitlines()}
    assert set(there(opensearch)) == ids


def test_documents_without_ids_are_created_once(
    reprocess: Reprocess, opensearch: str, tmp_path: Path
) -> None:
    # Two of them are equal, as two requests may be.
    raws = [base64.b64encode(document).decode() for document in (b'{"n":1}', b'{"n":1}', b'{"n":2}')]
    lines = [json.dumps({"esIndexName": "cdn-logs", "rawData": raw, "errorCode": "429"}) for raw in raws]
    (tmp_path / "delivery").write_text("\n".join(lines))
    for written, already_there in (3, 0), (0, 3):
        done = reprocess(tmp_path / "delivery", opensearch)
        assert f"written {written}, already there {already_there}," in done.err
    one, two = (hashlib.blake2b(text, digest_size=16).hexdigest() for text in (b'{"n":1}', b'{"n":2}'))
    assert there(opensearch) == {f"{one}-1": {"n": 1}, f"{one}-2": {"n": 1}, f"{two}-1": {"n": 2}}


def test_refused_document_without_an_id_is_kept(
    reprocess: Reprocess, opensearch: str, tmp_path: Path
) -> None:
    ask(opensearch, "PUT", "/cdn-logs", {"mappings": {"properties": {"n": {"type": "byte"}}}})
    raw = base64.b64encode(b'{"n":200}').decode()
    failed = {"esIndexName": "cdn-logs", "rawData": raw, "errorCode": "400"}
    (tmp_path / "delivery").write_text(json.dumps(failed))
    account = reprocess.account(tmp_path / "delivery", opensearch, "--failed", tmp_path / "failed")
    assert account["totals"]["by_reason"] == {"refused": 1}
    (line,) = made(tmp_path / "failed").values()
    again = json.loads(line)
    assert {key: again[key] for key in failed} == failed
    # The one that it was sent with.
    assert again["esDocumentId"] == hashlib.blake2b(b'{"n":200}', digest_size=16).hexdigest() + "-1"


def test_large_bodies_are_halved(
    reprocess: Reprocess, logs: Logs, source: Path, opensearch: str, proxy: FaultProxy
) -> None:
    proxy.most = 5000
    account = reprocess.account(source, proxy.url, *INDEX)
    assert account["totals"]["written"] == logs.counts["written"]
    assert there(opensearch) == logs.by_id


def test_only_throttled_items_are_sent_again(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes, refused: list[Any]
) -> None:
    answers = {
        1: [
            item(201),
            item(429, "rejected_execution_exception"),
            item(409, "version_conflict"),
            item(503, "x"),
        ],
        2: [item(429, "rejected_execution_exception"), item(400, "mapper_parsing_exception")],
        3: [item(201)],
    }
    bodies = []

    def answer(path: str, sent: bytes, count: int) -> dict[str, Any]:
        if path != "/_bulk":
            return {}
        bodies.append(sent)
        items = answers[count]
        return {"errors": any("error" in item["create"] for item in items), "items": items}

    proxy.instead = answer
    cluster.deliver(body, delivery, lambda: False)
    lines = body.splitlines(keepends=True)
    assert bodies == [body, b"".join(lines[2:4] + lines[6:8]), b"".join(lines[2:4])]
    assert (delivery.created, delivery.already_there) == (2, 1)
    assert refused == [(b'{"n":3}\n', 400, "mapper_parsing_exception: as given")]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (403, "security_exception"),
        (403, "cluster_block_exception"),
        (404, "index_not_found_exception"),
        (400, "index_closed_exception"),
    ],
)
def test_problems_of_the_index_stop_the_job(  # noqa: PLR0913, PLR0917 -- fixtures
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes, status: int, kind: str
) -> None:
    proxy.instead = lambda *_: {"errors": True, "items": [item(201)] * 3 + [item(status, kind)]}
    with pytest.raises(JobError, match=f"rejects documents for the index i: {kind}: as given"):
        cluster.deliver(body, delivery, lambda: False)


def test_forbidden_body_stops_the_job_and_fails_no_document(  # noqa: PLR0913, PLR0917 -- fixtures
    reprocess: Reprocess, logs: Logs, source: Path, opensearch: str, proxy: FaultProxy, tmp_path: Path
) -> None:
    proxy.refuses = lambda method, _path, _count: (403, "Forbidden") if method == "POST" else None
    words = (source, proxy.url, *INDEX, "--failed", tmp_path / "failed")
    account = reprocess.account(*words, code=3)
    assert f"cannot use {proxy.url}: 403 " in account["error"]
    totals = account["totals"]
    assert (totals["written"], totals["failed"], totals["by_reason"]) == (0, 0, {})
    assert not (tmp_path / "failed").exists() or not made(tmp_path / "failed")
    proxy.refuses = lambda *_: None
    account = reprocess.account(*words, "--resume")
    assert {name: account["totals"][name] for name in logs.counts} == logs.counts
    assert there(opensearch) == logs.by_id


@pytest.mark.parametrize("errors", [True, False])
def test_answer_with_another_number_of_items_stops_the_job(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes, *, errors: bool
) -> None:
    proxy.instead = lambda *_: {"errors": errors, "items": [item(201)] * 3}
    with pytest.raises(JobError, match="answered 3 of 4 documents"):
        cluster.deliver(body, delivery, lambda: False)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_busy_server_is_retried(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes, status: int
) -> None:
    proxy.refuses = lambda _method, _path, count: (status, "busy") if count < 6 else None
    cluster.deliver(body, delivery, lambda: False)
    assert delivery.created == 4
    assert proxy.seen["POST", "/_bulk"] == 6


def test_unreachable_server_is_retried(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes, opensearch: str
) -> None:
    # What it was sent it has taken; its answer is lost.
    proxy.cut = lambda _method, _path, count: 10 if count < 3 else None
    cluster.deliver(body, delivery, lambda: False)
    assert (delivery.created, delivery.already_there) == (0, 4)
    assert len(there(opensearch, "i")) == 4


def test_retries_end_with_the_job_stopped(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes
) -> None:
    proxy.refuses = lambda *_: (429, "busy")
    with pytest.raises(JobError, match="keeps rejecting requests: 429"):
        cluster.deliver(body, delivery, lambda: False)
    assert proxy.seen["POST", "/_bulk"] == 11


def test_retries_of_a_server_that_takes_long_to_answer_end_by_time(
    cluster: OpenSearchClient,
    proxy: FaultProxy,
    delivery: Delivery,
    body: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("edgelift.reprocess.sinks.opensearch.client.MAX_SECONDS", -1)
    proxy.refuses = lambda *_: (503, "busy")
    with pytest.raises(JobError, match="keeps rejecting requests: 503"):
        cluster.deliver(body, delivery, lambda: False)
    assert proxy.seen["POST", "/_bulk"] == 1


def test_backoff_ends_when_the_job_is_to_end(
    cluster: OpenSearchClient,
    proxy: FaultProxy,
    delivery: Delivery,
    body: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("edgelift.reprocess.sinks.backoff.FIRST_PAUSE", 1000)
    monkeypatch.setattr("edgelift.reprocess.sinks.backoff.LONGEST_PAUSE", 1000)
    proxy.refuses = lambda *_: (429, "busy")
    with pytest.raises(ObjectError, match="the job ended before it did"):
        cluster.deliver(body, delivery, lambda: True)


WITH_CR = b'{"create":{"_index":"i","_id":"cr"}}\n{"n":1,\r"m":2}\n'


def test_carriage_return_in_a_document_does_not_end_the_line(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes, refused: list[Any]
) -> None:
    # OpenSearch takes it as a blank; documents that OpenSearch refused come as they were.
    busy, refuses = item(429, "busy"), item(400, "mapper_parsing_exception")
    answers = [[busy, refuses, *[item(201)] * 3], [item(201)]]
    bodies = []

    def answer(path: str, sent: bytes, _count: int) -> dict[str, Any]:
        if path != "/_bulk":
            return {}
        bodies.append(sent)
        return {"errors": len(bodies) == 1, "items": answers[len(bodies) - 1]}

    proxy.instead = answer
    other = body.splitlines(keepends=True)[:2]
    cluster.deliver(WITH_CR + body, delivery, lambda: False)
    assert bodies == [WITH_CR + body, WITH_CR]
    assert refused == [(other[1], 400, "mapper_parsing_exception: as given")]
    assert delivery.created == 4


def test_carriage_return_in_a_document_survives_halved_bodies(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes, opensearch: str
) -> None:
    proxy.most = 200
    cluster.deliver(WITH_CR + body, delivery, lambda: False)
    assert delivery.created == 5
    assert len(there(opensearch, "i")) == 5


def test_document_that_is_too_large_alone_is_refused(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, body: bytes, refused: list[Any]
) -> None:
    large = b'{"create":{"_index":"i","_id":"large"}}\n{"n":"%s"}\n' % (b"x" * 1000)
    proxy.most = 200
    cluster.deliver(body + large + body.replace(b'"_id":"', b'"_id":"1'), delivery, lambda: False)
    assert delivery.created == 8
    ((document, status, reason),) = refused
    assert (document, status) == (large.splitlines(keepends=True)[1], 413)
    assert reason == "it is larger than what OpenSearch takes in one request"


def test_path_of_the_url_begins_each_request_and_names_no_index(
    reprocess: Reprocess, logs: Logs, source: Path, proxy: FaultProxy, opensearch: str
) -> None:
    assert reprocess(source, f"{proxy.url}/search", *INDEX).code == 1
    assert ("POST", "/search/_bulk") in proxy.seen
    assert all(path.startswith("/search/") for _, path in proxy.seen)
    assert there(opensearch) == logs.by_id
    assert set(ask(opensearch, "GET", "/_mapping")) == {"cdn-logs"}


def test_unreachable_or_unauthorized_server_stops_the_job(
    reprocess: Reprocess, source: Path, proxy: FaultProxy
) -> None:
    proxy.refuses = lambda *_: (401, "Unauthorized")
    done = reprocess(source, proxy.url)
    assert done.code == 3
    assert f"edgelift: cannot use {proxy.url}: 401 " in done.err
    assert "; check --user and OPENSEARCH_PASSWORD, --client-cert or --sigv4" in done.err
    assert not reprocess.journal.exists()
    done = reprocess(source, "http://127.0.0.1:1")
    assert done.code == 3
    assert "edgelift: cannot use http://127.0.0.1:1: " in done.err
    assert "; is the URL right, and may this machine connect?" in done.err
    assert "refused" in done.err
    # Before the objects are listed.
    assert "objects 0 done, 0 not" in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["https://user:secret@host"], "no password in the URL: --user NAME"),
        (["https://host", "--user", "admin"], "the password of admin is missing: set OPENSEARCH_PASSWORD"),
        (["https://host", "--user", "admin", "--sigv4", "es"], "either a user or signatures, not both"),
        (["https://host", "--compress", "gzip"], "OpenSearch takes uncompressed documents"),
        (["https://host", "--index", "Upper"], "index"),
        (["https://host", "--ca-certs", "/nothing"], "no certificate file at /nothing"),
        (["https://host", "--ca-certs", __file__], f"no certificates in {__file__}: PEM is expected"),
        (["/tmp/out", "--index", "cdn-logs"], "only OpenSearch has an index"),  # noqa: S108 -- refused
    ],
)
def test_wrong_requests_are_refused_before_anything_is_sent(
    reprocess: Reprocess, source: Path, arguments: list[str], message: str
) -> None:
    done = reprocess(source, *arguments)
    assert done.code == 2, done.err
    assert message in done.err
    assert "secret" not in done.err
    assert "Traceback" not in done.err


def test_dry_run_reports_documents_that_would_be_duplicated(
    reprocess: Reprocess, source: Path, opensearch: str
) -> None:
    done = reprocess(source, opensearch, "--dry-run")
    assert done.code == 1
    assert "documents that Firehose delivered have other ids" in done.err
    assert ask(opensearch, "GET", "/_cat/indices?format=json") == []

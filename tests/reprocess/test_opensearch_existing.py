"""Documents whose id exists already in OpenSearch: kept, compared, or replaced."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from edgelift.reprocess.aws import AwsOptions
from edgelift.reprocess.errors import JobError
from edgelift.reprocess.sinks.opensearch import bulk_body
from edgelift.reprocess.sinks.opensearch.client import OpenSearchClient
from edgelift.reprocess.sinks.opensearch.existing import is_same
from edgelift.reprocess.sinks.opensearch.options import ClusterOptions, OnExisting
from tests.reprocess.conftest import make_logs
from tests.reprocess.test_opensearch import INDEX, ask, there

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from edgelift.reprocess.sinks.opensearch.client import Delivery
    from tests.reprocess.conftest import Logs, Reprocess
    from tests.reprocess.fault_proxy import FaultProxy

IS_THERE = {"type": "version_conflict_engine_exception", "reason": "[1]: document already exists"}
CONFLICT = {"create": {"_index": "i-000007", "status": 409, "error": IS_THERE}}


@pytest.fixture(scope="module")
def logs() -> Logs:
    return make_logs(4, 200, seed=9)


@pytest.fixture
def client(proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> Callable[[OnExisting], OpenSearchClient]:
    monkeypatch.setattr("edgelift.reprocess.sinks.backoff.FIRST_PAUSE", 0)
    return lambda existing: OpenSearchClient(proxy.url, ClusterOptions(), AwsOptions(), existing)


def change(url: str, documents: dict[str, Any], count: int) -> None:
    """Change some documents of an index, and the form of others."""
    for name in list(documents)[:count]:
        ask(url, "PUT", f"/cdn-logs/_doc/{name}", documents[name] | {"sc-status": 599})
    for name in list(documents)[count : count + 5]:
        ask(url, "PUT", f"/cdn-logs/_doc/{name}", dict(reversed(documents[name].items())))


def test_compare_counts_documents_with_other_content_and_overwrite_replaces_them(
    reprocess: Reprocess, logs: Logs, source: Path, opensearch: str
) -> None:
    words = (source, opensearch, *INDEX)
    documents = logs.counts["written"]
    assert reprocess(*words).code == 1
    change(opensearch, logs.by_id, 3)

    done = reprocess(*words, "--compare")
    assert f"written 0, already there {documents} (different 3), dropped 0," in done.err
    assert (
        "edgelift: 3 documents are there with other content and not changed; --overwrite replaces them\n"
        in done.err
    )
    assert "missing, and written" not in done.err
    assert there(opensearch) != logs.by_id

    # Without --compare nobody has read them.
    done = reprocess(*words)
    assert f"written 0, already there {documents}, dropped 0," in done.err
    assert "other content" not in done.err

    done = reprocess(*words, "--overwrite")
    assert f"written {documents} (replaced {documents}), already there 0, dropped 0," in done.err
    assert there(opensearch) == logs.by_id
    totals = reprocess.account(*words, "--compare")["totals"]
    assert (totals["already_there"], totals["different"], totals["replaced"]) == (documents, 0, 0)


def test_compare_reports_the_missing_documents_that_it_writes(
    reprocess: Reprocess, logs: Logs, source: Path, opensearch: str
) -> None:
    first = min(logs.packed)
    assert reprocess(source / first, opensearch, *INDEX).code in {0, 1}
    missing = logs.counts["written"] - len(there(opensearch))
    assert missing > 1
    change(opensearch, there(opensearch), 1)

    done = reprocess(source, opensearch, *INDEX, "--compare")
    different = "1 document is there with other content and not changed; --overwrite replaces them"
    written = (
        f"{missing} documents were missing, and written: "
        "--compare keeps only those that are there as they are"
    )
    assert f"edgelift: {different}\nedgelift: {written}\n" in done.err
    assert f" written {missing}, already there " in done.err
    assert there(opensearch).keys() == logs.by_id.keys()


@pytest.mark.parametrize("kind", [[], ["--overwrite"]])
def test_compare_excludes_a_dry_run(
    reprocess: Reprocess, source: Path, opensearch: str, kind: list[str]
) -> None:
    done = reprocess(source, opensearch, *INDEX, "--compare", "--dry-run", *kind)
    assert done.code == 2
    assert done.err.endswith(
        "edgelift: either --compare or --dry-run: a dry run sends nothing to OpenSearch, so it cannot "
        "compare; --compare without --dry-run also writes the documents that are missing\n"
    )


def test_overwrite_counts_new_and_replaced_documents(
    reprocess: Reprocess, logs: Logs, source: Path, opensearch: str
) -> None:
    first = min(logs.packed)
    assert reprocess(source / first, opensearch, *INDEX).code in {0, 1}
    before = len(there(opensearch))
    account = reprocess.account(source, opensearch, *INDEX, "--overwrite")
    totals = account["totals"]
    assert (totals["written"], totals["replaced"]) == (logs.counts["written"], before)
    assert {row["object"]: row["replaced"] for row in account["by_object"]}[str(source / first)] == before
    assert there(opensearch) == logs.by_id


def test_only_actions_change_in_a_body_that_replaces() -> None:
    # The last document looks like an action; a CR does not end a line.
    documents = [b'{"n":1,\r"m":2}\n', b'{"create":{"_index":"i","_id":"1"}}\n']
    action = b'{"create":{"_index":"i","_id":"1"}}\n'
    body = b"".join(action + document for document in documents)
    wanted = b'{"index":{"_index":"i","_id":"1"}}\n'
    assert bulk_body.replacing(body) == b"".join(wanted + document for document in documents)


def test_throttled_replacements_are_sent_again(
    client: Callable[[OnExisting], OpenSearchClient],
    proxy: FaultProxy,
    delivery: Delivery,
    body: bytes,
    refused: list[Any],
) -> None:
    error = {"type": "mapper_parsing_exception", "reason": "as given"}
    busy, wrong = {"status": 429, "error": {"type": "busy"}}, {"status": 400, "error": error}
    answers: list[list[dict[str, Any]]] = [[{"status": 200}, busy, {"status": 201}, wrong], [{"status": 200}]]
    bodies = []

    def answer(path: str, sent: bytes, _count: int) -> dict[str, Any]:
        if path != "/_bulk":
            return {}
        bodies.append(sent)
        items = [{"index": item} for item in answers[len(bodies) - 1]]
        return {"errors": len(bodies) == 1, "items": items}

    proxy.instead = answer
    client("replace").deliver(body, delivery, lambda: False)
    lines = bulk_body.replacing(body).splitlines(keepends=True)
    assert bodies == [b"".join(lines), b"".join(lines[2:4])]
    assert (delivery.created, delivery.replaced, delivery.already_there) == (3, 2, 0)
    assert refused == [(b'{"n":3}\n', 400, "mapper_parsing_exception: as given")]


def test_data_stream_takes_no_replacements(
    client: Callable[[OnExisting], OpenSearchClient], proxy: FaultProxy, delivery: Delivery, body: bytes
) -> None:
    reason = "only write ops with an op_type of create are allowed in data streams"
    error = {"type": "illegal_argument_exception", "reason": reason}
    items = [{"index": {"status": 400, "error": error}}] * 4
    proxy.instead = lambda *_: {"errors": True, "items": items}
    with pytest.raises(JobError) as raised:
        client("replace").deliver(body, delivery, lambda: False)
    assert str(raised.value) == (
        f"{proxy.url} rejects documents for the index i: illegal_argument_exception: {reason}: the documents "
        "of a data stream cannot be replaced; leave out --overwrite"
    )


def mget(found: list[Any], requests: list[Any]) -> Callable[[str, bytes, int], Any]:
    """Answer bulk requests with conflicts, and requests for documents with these."""

    def answer(path: str, sent: bytes, _count: int) -> Any:  # noqa: ANN401 -- of JSON
        if path == "/_bulk":
            return {"errors": True, "items": [CONFLICT] * (sent.count(b"\n") // 2)}
        if path != "/_mget":
            return {}
        wanted = json.loads(sent)["docs"]
        requests.append(wanted)
        # The ids are the numbers from 0.
        return {"docs": [found[int(one["_id"])] for one in wanted]}

    return answer


@pytest.mark.parametrize(
    ("most", "size", "parts"), [(1000, 1 << 20, [4]), (3, 1 << 20, [3, 1]), (9, 17, [2, 2])]
)
def test_documents_are_compared_in_bounded_requests(  # noqa: PLR0913, PLR0917 -- fixtures
    client: Callable[[OnExisting], OpenSearchClient],
    proxy: FaultProxy,
    delivery: Delivery,
    body: bytes,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    size: int,
    parts: list[int],
) -> None:
    monkeypatch.setattr("edgelift.reprocess.sinks.opensearch.existing.MOST_IDS", most)
    monkeypatch.setattr("edgelift.reprocess.sinks.opensearch.existing.MOST_BYTES", size)
    requests: list[Any] = []
    # The same, another one, gone since, with another member.
    sources: list[dict[str, Any]] = [
        {"_source": {"n": 0.0}},
        {"_source": {"n": 2}},
        {"found": False},
        {"_source": {"n": 3, "m": 0}},
    ]
    proxy.instead = mget([{"found": True} | source for source in sources], requests)
    client("compare").deliver(body, delivery, lambda: False)
    assert (delivery.created, delivery.already_there, delivery.different) == (0, 4, 3)
    assert [len(request) for request in requests] == parts
    # The index that has them, which an alias or a data stream does not name.
    assert requests[0][0] == {"_index": "i-000007", "_id": "0"}


def test_comparing_is_retried(
    client: Callable[[OnExisting], OpenSearchClient], proxy: FaultProxy, delivery: Delivery, body: bytes
) -> None:
    found = [{"found": True, "_source": {"n": number}} for number in range(4)]
    answers = mget(found, [])
    proxy.instead = lambda path, sent, count: (
        None if path == "/_mget" and count < 4 else answers(path, sent, count)
    )
    proxy.refuses = lambda _method, path, _count: (503, "busy") if path == "/_mget" else None
    client("compare").deliver(body, delivery, lambda: False)
    assert (delivery.already_there, delivery.different) == (4, 0)
    assert proxy.seen["POST", "/_mget"] == 4


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (
            {"error": {"type": "security_exception", "reason": "no permissions"}},
            "security_exception: no permissions; --compare reads documents: allow indices:data/read/mget",
        ),
        (
            {"error": {"type": "index_not_found_exception", "reason": "gone"}},
            "index_not_found_exception: gone",
        ),
        ({"found": True}, "the index i-000007 keeps no _source"),
    ],
)
def test_documents_that_cannot_be_read_stop_the_job(  # noqa: PLR0913, PLR0917 -- fixtures
    client: Callable[[OnExisting], OpenSearchClient],
    proxy: FaultProxy,
    delivery: Delivery,
    body: bytes,
    found: dict[str, Any],
    message: str,
) -> None:
    proxy.instead = mget([found] * 4, [])
    with pytest.raises(JobError) as raised:
        client("compare").deliver(body, delivery, lambda: False)
    assert str(raised.value).startswith(f"cannot compare with the documents of {proxy.url}: {message}")


@pytest.mark.parametrize("status", [401, 403])
def test_missing_right_to_read_is_named(
    reprocess: Reprocess, source: Path, opensearch: str, proxy: FaultProxy, status: int
) -> None:
    assert reprocess(source, opensearch, *INDEX).code == 1
    proxy.refuses = lambda _method, path, _count: (status, "No") if path == "/_mget" else None
    done = reprocess(source, proxy.url, *INDEX, "--compare")
    assert done.code == 3
    assert f"edgelift: cannot compare with the documents of {proxy.url}: {status} " in done.err
    assert (
        "; --compare reads documents: allow indices:data/read/mget for the cluster and "
        "indices:data/read/mget* for the index\n"
    ) in done.err
    # Nothing is done, so that the job without the option just works.
    assert reprocess(source, proxy.url, *INDEX).code == 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('{"a":1,"b":[1,{"c":null}]}', '{"b": [1, {"c": null}], "a": 1}', True),
        ('{"a":1.50}', '{"a":1.5}', True),
        ('{"a":100}', '{"a":1e2}', True),
        ('{"a":0.1}', '{"a":0.1000000000000000000001}', False),
        ('{"a":1}', '{"a":true}', False),
        ('{"a":0}', '{"a":false}', False),
        ('{"a":1}', '{"a":"1"}', False),
        ('{"a":[1,2]}', '{"a":[2,1]}', False),
        ('{"a":[1]}', '{"a":[1,1]}', False),
        ('{"a":null}', "{}", False),
        ('{"a":{}}', '{"a":[]}', False),
    ],
)
def test_values_are_compared_as_json(one: str, other: str, *, same: bool) -> None:
    from decimal import Decimal

    values = [json.loads(text, parse_float=Decimal) for text in (one, other)]
    assert is_same(*values) is same
    assert is_same(*reversed(values)) is same


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--overwrite", "--compare"), "either --overwrite or --compare: what is replaced is not compared"),
        (("--overwrite",), None),
        (("--compare",), None),
    ],
)
def test_options_that_make_no_sense_are_refused(
    reprocess: Reprocess, source: Path, tmp_path: Path, words: tuple[str, ...], message: str | None
) -> None:
    dest = f"{tmp_path}/out/" if message is None else "http://127.0.0.1:1"
    done = reprocess(source, dest, *words)
    assert done.code == 2
    wanted = message or "only OpenSearch has documents to replace or compare, and DEST is something else"
    assert done.err == f"edgelift: {wanted}\n"


def test_resumed_job_replaces_or_keeps_as_it_began(
    reprocess: Reprocess, source: Path, opensearch: str
) -> None:
    assert reprocess(source, opensearch, *INDEX, "--overwrite").code == 1
    done = reprocess(source, opensearch, *INDEX, "--resume")
    assert done.code == 2
    assert '  existing was "replace", now "keep"' in done.err


def test_dry_run_reports_nothing_as_written(
    reprocess: Reprocess, logs: Logs, source: Path, opensearch: str
) -> None:
    for words in (), ("--overwrite",):
        done = reprocess(source, opensearch, *INDEX, "--dry-run", "--json", *words)
        assert "written" not in done.out.decode() + done.err
        account = json.loads(done.out)
        assert account["totals"]["ok"] == logs.counts["written"]
        assert sum(row["ok"] for row in account["by_object"]) == logs.counts["written"]

"""Refusals of a real OpenSearch: documents, sizes, and everything for a while."""

from __future__ import annotations

import base64
import json
import threading
from typing import TYPE_CHECKING

import pytest

from edgelift.reprocess.sinks.opensearch.sink import BODY
from tests.opensearch.conftest import wait_for
from tests.opensearch.server import running
from tests.reprocess.conftest import Logs, made, make_logs
from tests.reprocess.fault_proxy import fault_proxy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.opensearch.conftest import Begin
    from tests.opensearch.server import Server
    from tests.reprocess.conftest import Reprocess

INDEX = ("--index", "cdn-logs")
BULK = ("POST", "/_bulk")
DAY = "cdn-logs-2023-11-14"


@pytest.fixture(scope="module")
def logs() -> Logs:
    return make_logs(4, 300, seed=9)


def test_repeated_jobs_create_each_document_once(
    reprocess: Reprocess, logs: Logs, source: Path, opensearch: Server
) -> None:
    account = reprocess.account(source, opensearch.url, *INDEX)
    assert {name: account["totals"][name] for name in logs.counts} == logs.counts
    assert account["notes"] == []
    assert opensearch.by_id() == logs.by_id
    account = reprocess.account(source, opensearch.url, *INDEX)
    assert (account["totals"]["written"], account["totals"]["already_there"]) == (0, logs.counts["written"])
    assert opensearch.by_id() == logs.by_id


def test_documents_that_do_not_fit_the_mapping_fail(
    reprocess: Reprocess, opensearch: Server, tmp_path: Path
) -> None:
    narrow = {"mappings": {"properties": {"sc-status": {"type": "byte"}}}}
    opensearch.ask("PUT", f"/{DAY}", narrow)
    rows = [f"1700000000.{n:03}\t10.0.0.1\t{404 if n % 10 == 0 else 100}\tGET\t/\n" for n in range(100)]
    (tmp_path / "rows").write_text("".join(rows))
    account = reprocess.account(tmp_path / "rows", opensearch.url, "--failed", tmp_path / "failed")
    totals = account["totals"]
    assert (totals["written"], totals["failed"], totals["by_reason"]) == (90, 10, {"refused": 10})
    (lines,) = made(tmp_path / "failed").values()
    kept = [json.loads(line) for line in lines.splitlines()]
    assert {(item["errorCode"], item["esIndexName"]) for item in kept} == {("400", DAY)}
    assert all(item["errorMessage"].startswith("mapper_parsing_exception: ") for item in kept)
    assert all(item["errorMessage"].endswith(": Value [404] is out of range for a byte") for item in kept)
    documents = {item["esDocumentId"]: json.loads(base64.b64decode(item["rawData"])) for item in kept}
    assert {document["sc-status"] for document in documents.values()} == {404}
    assert len(opensearch.by_id(DAY)) == 90
    assert documents.keys().isdisjoint(opensearch.by_id(DAY))
    # The index takes them now. Where they go is what the error objects say, whatever --index says.
    opensearch.ask("DELETE", f"/{DAY}")
    again = reprocess.account(tmp_path / "failed", opensearch.url, "--index", "elsewhere", code=0)
    assert again["totals"]["written"] == 10
    assert opensearch.by_id(DAY) == documents
    assert opensearch.by_id("_all") == documents


def test_documents_with_invalid_ids_or_indices_fail_alone(
    reprocess: Reprocess, opensearch: Server, tmp_path: Path
) -> None:
    # For an id that is too long all of a body is refused. The names of indices are checked before.
    names = [(DAY, "1"), (DAY, "x" * 513), (DAY, "2"), ("<cdn-{now/d>", "3"), ("Upper", "4"), (DAY, "5")]
    lines = [
        f'{{"esIndexName":"{index}","esDocumentId":"{name}","rawData":"e30=","errorCode":"400"}}\n'
        for index, name in names
    ]
    (tmp_path / "failed.json").write_text("".join(lines))
    account = reprocess.account(tmp_path / "failed.json", opensearch.url, "--failed", tmp_path / "failed")
    totals = account["totals"]
    assert (totals["written"], totals["already_there"], totals["by_reason"]) == (
        3,
        0,
        {"refused": 1, "bad_error_object": 2},
    )
    assert opensearch.by_id("_all") == {"1": {}, "2": {}, "5": {}}
    (kept,) = made(tmp_path / "failed").values()
    items = {json.loads(line)["esDocumentId"]: line for line in kept.decode().splitlines(keepends=True)}
    refused = json.loads(items.pop("x" * 513))
    assert refused["errorMessage"].startswith("action_request_validation_exception: ")
    # Unchanged: with another name of the index they can go there.
    assert items == {"3": lines[3], "4": lines[4]}


def test_alias_without_a_write_index_stops_the_job(
    reprocess: Reprocess, source: Path, opensearch: Server
) -> None:
    for name in "one", "two":
        opensearch.ask("PUT", f"/{name}", {"aliases": {"cdn-logs": {}}})
    done = reprocess(source, opensearch.url, *INDEX)
    assert done.code == 3
    assert "rejects documents for the index cdn-logs: illegal_argument_exception: no write index" in done.err
    assert "read 0, written 0" in done.err


@pytest.mark.parametrize(
    ("setting", "kind"),
    [
        ("index.blocks.write", "cluster_block_exception"),
        ("closed", "index_closed_exception"),
    ],
)
def test_blocked_or_closed_index_stops_the_job(  # noqa: PLR0913, PLR0917 -- fixtures
    reprocess: Reprocess, logs: Logs, source: Path, opensearch: Server, setting: str, kind: str
) -> None:
    opensearch.ask("PUT", "/cdn-logs")
    if setting == "closed":
        opensearch.ask("POST", "/cdn-logs/_close")
    else:
        opensearch.ask("PUT", "/cdn-logs/_settings", {setting: True})
    done = reprocess(source, opensearch.url, *INDEX)
    assert done.code == 3
    assert f"edgelift: {opensearch.url} rejects documents for the index cdn-logs: {kind}: " in done.err
    assert "read 0, written 0" in done.err
    if setting == "closed":
        opensearch.ask("POST", "/cdn-logs/_open")
    else:
        opensearch.ask("PUT", "/cdn-logs/_settings", {setting: None})
    reprocess.account(source, opensearch.url, *INDEX, "--resume")
    assert opensearch.by_id() == logs.by_id


def test_missing_index_that_may_not_be_created_stops_the_job(
    reprocess: Reprocess, source: Path, opensearch: Server
) -> None:
    setting = {"persistent": {"action.auto_create_index": "-cdn-*,+*"}}
    opensearch.ask("PUT", "/_cluster/settings", setting)
    done = reprocess(source, opensearch.url, *INDEX)
    opensearch.ask("PUT", "/_cluster/settings", {"persistent": {"action.auto_create_index": None}})
    assert done.code == 3
    assert "rejects documents for the index cdn-logs: index_not_found_exception: " in done.err


def test_full_disk_is_waited_for(begin: Begin, logs: Logs, source: Path, opensearch: Server) -> None:
    # What OpenSearch sets when the disk is full, and takes back when it is not.
    block = "index.blocks.read_only_allow_delete"
    opensearch.ask("PUT", "/cdn-logs", {"settings": {block: True}})
    with fault_proxy(opensearch.url) as proxy, begin(source, proxy.url, *INDEX, "--workers", "1") as job:
        wait_for(lambda: proxy.seen[BULK] >= 3, "the job tries again")
        assert opensearch.by_id() == {}
        opensearch.ask("PUT", "/cdn-logs/_settings", {block: None})
        assert job.wait() == 1
    assert opensearch.by_id() == logs.by_id


@pytest.fixture(scope="module")
def narrow() -> Iterator[Server]:
    """Run a server that takes little at a time."""
    with running({"http.max_content_length": "3mb", "indexing_pressure.memory.limit": "5mb"}) as server:
        yield server


@pytest.fixture(scope="module")
def large() -> Logs:
    """Give an object whose documents are more than one body."""
    return make_logs(1, 80_000, seed=18)


def test_bodies_that_are_too_large_are_halved(
    reprocess: Reprocess, large: Logs, narrow: Server, tmp_path: Path
) -> None:
    account = reprocess.account(large.save(tmp_path / "logs"), narrow.url, *INDEX)
    assert account["totals"]["bytes_out"] > BODY
    assert {name: account["totals"][name] for name in large.counts} == large.counts
    assert narrow.by_id() == large.by_id
    narrow.ask("DELETE", "/cdn-logs")


def test_full_memory_is_waited_for(begin: Begin, large: Logs, narrow: Server, tmp_path: Path) -> None:
    def pressure() -> dict[str, dict[str, int]]:
        (node,) = narrow.ask("GET", "/_nodes/stats/indexing_pressure")["nodes"].values()
        memory: dict[str, dict[str, int]] = node["indexing_pressure"]["memory"]
        return memory

    # Bodies that wait for a second copy of their shard hold their memory.
    narrow.ask("PUT", "/waits", {"settings": {"number_of_replicas": 1}})
    body = b'{"create":{"_index":"waits"}}\n{"x":"%s"}\n' % (b"x" * 2_400_000)
    path = "/_bulk?wait_for_active_shards=all&timeout=2m"
    holders = [threading.Thread(target=narrow.ask, args=("POST", path, body)) for _ in range(2)]
    for holder in holders:
        holder.start()
    wait_for(lambda: pressure()["current"]["coordinating_in_bytes"] > 4_500_000, "the memory is held")
    with begin(large.save(tmp_path / "logs"), narrow.url, *INDEX) as job:
        wait_for(lambda: pressure()["total"]["coordinating_rejections"] >= 2, "bodies are refused")
        narrow.ask("PUT", "/waits/_settings", {"number_of_replicas": 0})
        assert job.wait() == 1
    for holder in holders:
        holder.join()
    assert narrow.by_id() == large.by_id

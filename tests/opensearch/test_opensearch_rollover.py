"""Names that stand for several indices, of which a real OpenSearch knows the ids of one only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.reprocess.conftest import Logs, make_logs

if TYPE_CHECKING:
    from pathlib import Path

    from tests.opensearch.server import Server
    from tests.reprocess.conftest import Reprocess

INDEX = ("--index", "cdn-logs")
TWICE = (
    "which knows the ids of its write index only: "
    "a document from before the last rollover is there twice if it came again"
)


@pytest.fixture(scope="module")
def logs() -> Logs:
    return make_logs(3, 300, seed=13)


def count(server: Server) -> int:
    server.ask("POST", "/cdn-logs/_refresh")
    found: int = server.ask("GET", "/cdn-logs/_count")["count"]
    return found


def test_repeated_jobs_fill_a_data_stream_once(
    reprocess: Reprocess, logs: Logs, source: Path, opensearch: Server
) -> None:
    template = {
        "index_patterns": ["cdn-logs"],
        "data_stream": {"timestamp_field": {"name": "timestamp"}},
    }
    opensearch.ask("PUT", "/_index_template/logs", template)
    documents = logs.counts["written"]
    for written, already_there in ((documents, 0), (0, documents)):
        account = reprocess.account(source, opensearch.url, *INDEX)
        totals = account["totals"]
        assert (totals["written"], totals["already_there"]) == (written, already_there)
        assert account["notes"] == [f"cdn-logs is a data stream, {TWICE}"]
        assert opensearch.by_id() == logs.by_id
    opensearch.ask("POST", "/cdn-logs/_rollover")
    done = reprocess(source, opensearch.url, *INDEX)
    assert done.code == 1
    assert f"edgelift: cdn-logs is a data stream, {TWICE}\n" in done.err
    assert count(opensearch) == 2 * documents


def test_alias_after_a_rollover_is_noted(
    reprocess: Reprocess, logs: Logs, source: Path, opensearch: Server
) -> None:
    opensearch.ask("PUT", "/logs-000001", {"aliases": {"cdn-logs": {"is_write_index": True}}})
    documents = logs.counts["written"]
    assert reprocess.account(source, opensearch.url, *INDEX)["notes"] == []
    opensearch.ask("POST", "/cdn-logs/_rollover")
    account = reprocess.account(source, opensearch.url, *INDEX)
    assert account["notes"] == [f"cdn-logs is an alias of several indices, {TWICE}"]
    assert count(opensearch) == 2 * documents


def test_data_stream_among_other_indices_is_noted(
    reprocess: Reprocess, opensearch: Server, tmp_path: Path
) -> None:
    # Error objects say where their documents go; one body has both.
    template = {"index_patterns": ["stream"], "data_stream": {"timestamp_field": {"name": "timestamp"}}}
    opensearch.ask("PUT", "/_index_template/logs", template)
    lines = [
        f'{{"esIndexName":"{index}","esDocumentId":"{n}","rawData":"{data}","errorCode":"400"}}\n'
        for n, index in enumerate(["index", "stream", "index"])
        for data in ["eyJ0aW1lc3RhbXAiOjE3MDAwMDAwMDAxMjN9"]
    ]
    (tmp_path / "failed.json").write_text("".join(lines))
    account = reprocess.account(tmp_path / "failed.json", opensearch.url, code=0)
    assert account["totals"]["written"] == 3
    assert account["notes"] == [f"stream is a data stream, {TWICE}"]

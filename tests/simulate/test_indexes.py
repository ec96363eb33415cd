"""A cluster as the index of a stream, and the embedded engine."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

import edgelift
from edgelift.reprocess.aws import AwsOptions
from edgelift.reprocess.errors import JobError, UsageError
from edgelift.reprocess.sinks.opensearch.options import ClusterOptions
from edgelift.simulate.embedded import embedded_opensearch
from edgelift.simulate.indexes import OpenSearchIndex
from edgelift.simulate.ports import IndexUnreachable
from tests.reprocess.fault_proxy import fault_proxy

if TYPE_CHECKING:
    from pathlib import Path

TRANSFORMER = edgelift.Transformer.from_fields(["timestamp", "c-ip", "sc-status"])
BODY = (
    b'{"index":{"_index":"cdn-logs-2026-11-29"}}\n{"timestamp":1700000000123,"sc-status":200}\n'
    b'{"index":{"_index":"cdn-logs-2026-11-29"}}\n{"timestamp":1700000000124,"sc-status":}\n'
)


def index_at(url: str) -> OpenSearchIndex:
    return OpenSearchIndex(url, ClusterOptions(), AwsOptions())


def test_bulk_request_returns_the_result_of_each_document(opensearch: str) -> None:
    index = index_at(opensearch)
    assert index.check().startswith("OpenSearch ")
    assert index.apply_template(TRANSFORMER) == "cdn-logs"
    answer = index.bulk(BODY)
    assert [(answer.status, answer.error), [item["status"] for item in answer.items]] == [
        (200, ""),
        [201, 400],
    ]
    assert answer.items[1]["error"]["type"] == "mapper_parsing_exception"
    index.refresh("cdn-logs")
    assert index.counts("cdn-logs") == {"cdn-logs-2026-11-29": 1}
    assert index.counts("other") == {}
    mapping = index.cluster.get("/cdn-logs-2026-11-29/_mapping")["cdn-logs-2026-11-29"]["mappings"]
    assert mapping["properties"]["c-ip"]["type"] == "ip"


def test_refused_request_is_an_answer(opensearch: str) -> None:
    answer = index_at(opensearch).bulk(b"no action\n")
    assert (answer.status, answer.items) == (400, ())
    assert "json_parse_exception" in answer.error


def test_unreachable_server_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    index = index_at(f"http://127.0.0.1:{port}")
    with pytest.raises(IndexUnreachable, match="Connection refused"):
        index.bulk(BODY)
    with pytest.raises(JobError, match=rf"cannot reach http://127\.0\.0\.1:{port}"):
        index.check()


def test_broken_connection_is_no_answer(opensearch: str) -> None:
    with fault_proxy(opensearch) as proxy:
        proxy.cut = lambda _method, path, _time: 10 if path == "/_bulk" else None
        with pytest.raises(IndexUnreachable) as raised:
            index_at(proxy.url).bulk(BODY)
    # Only who breaks it knows what was answered.
    assert raised.value.lost_answer is None


@pytest.mark.parametrize("page", [b"<html>a gateway</html>", b'"text"', b'{"items":[{"index":{}}]}'])
def test_answer_of_something_else_is_no_answer(opensearch: str, page: bytes) -> None:
    with fault_proxy(opensearch) as proxy:
        proxy.page = lambda _method, _path, _time: (200, "application/json", page)
        with pytest.raises(IndexUnreachable, match="does not answer as OpenSearch does"):
            index_at(proxy.url).bulk(BODY)


def test_embedded_engine_runs_on_loopback_and_ends() -> None:
    with embedded_opensearch() as url, embedded_opensearch() as other:
        assert url != other
        assert url.startswith("http://127.0.0.1:")
        assert index_at(url).bulk(BODY).status == 200
    with pytest.raises(IndexUnreachable):
        index_at(url).bulk(BODY)


# The package leaves the pipes of a server that did not start to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_embedded_engine_that_does_not_start_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "osmem-server"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o700)
    monkeypatch.setenv("OSMEM_SERVER_BIN", os.fspath(broken))
    with (
        pytest.raises(UsageError, match=r"the embedded engine does not start: .*--opensearch URL"),
        embedded_opensearch(),
    ):
        pass

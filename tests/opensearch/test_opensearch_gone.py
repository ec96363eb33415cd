"""A real OpenSearch that goes away in the middle of a job, and comes back."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from tests.opensearch.conftest import wait_for
from tests.opensearch.server import ADMIN, running
from tests.reprocess.conftest import make_logs

if TYPE_CHECKING:
    from pathlib import Path

    from tests.opensearch.conftest import Begin
    from tests.opensearch.server import Server
    from tests.reprocess.conftest import Reprocess

INDEX = ("--index", "cdn-logs")
GONE = 30
"""Seconds."""


def taken(server: Server) -> int:
    """Return the number of documents that it has taken."""
    status, reported = server.request("GET", "/cdn-logs/_stats/indexing")
    return 0 if status == 404 else int(reported["_all"]["primaries"]["indexing"]["index_total"])


def test_job_waits_for_a_killed_server_to_restart(begin: Begin, reprocess: Reprocess, tmp_path: Path) -> None:
    many = make_logs(40, 5000, seed=11)
    many.save(tmp_path / "logs")
    reprocess.environment["OPENSEARCH_PASSWORD"] = ADMIN[1]
    # The one with users answers for some seconds before it knows them.
    with running(secured=True) as server:
        words = (tmp_path / "logs", server.url, *INDEX, "--user", ADMIN[0], "--ca-certs", server.pem)
        with begin(*words) as job:
            wait_for(lambda: taken(server) > 10_000, "documents are there")
            server.kill()
            time.sleep(GONE - 10)  # It takes the rest to start.
            server.start()
            assert job.wait() == 1
        account = reprocess.account(*words, "--resume")
        totals = account["totals"]
        assert totals["read"] == many.counts["read"]
        assert totals["written"] + totals["already_there"] == many.counts["written"]
        assert server.by_id() == many.by_id


def test_job_waits_for_a_silent_server(begin: Begin, opensearch: Server, tmp_path: Path) -> None:
    many = make_logs(20, 5000, seed=12)
    many.save(tmp_path / "logs")
    with begin(tmp_path / "logs", opensearch.url, *INDEX) as job:
        wait_for(lambda: taken(opensearch) > 1000, "documents are there")
        assert opensearch.process
        opensearch.process.send_signal(signal.SIGSTOP)
        try:
            time.sleep(3)
            assert job.poll() is None
        finally:
            opensearch.process.send_signal(signal.SIGCONT)
        assert job.wait() == 1
    assert opensearch.by_id() == many.by_id

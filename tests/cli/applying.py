"""Runs ``edgelift opensearch apply`` against a server that records requests and checks policies."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.recording_server import Recorder, recording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Done, Run

CONFIG = """
[[layouts]]
fields = ["timestamp", "c-ip"]
[opensearch]
retention_days = 30
firehose_role_arn = "arn:aws:iam::111122223333:role/firehose"
"""
TITLES = [
    "index template cdn-logs",
    "policy cdn-logs",
    "role cdn-logs-firehose",
    "role mapping cdn-logs-firehose",
]
TEMPLATE = "/_index_template/cdn-logs"
POLICY = "/_plugins/_ism/policies/cdn-logs"
ROLE = "/_plugins/_security/api/roles/cdn-logs-firehose"
MAPPING = "/_plugins/_security/api/rolesmapping/cdn-logs-firehose"


@pytest.fixture
def server() -> Iterator[Recorder]:
    with recording() as recorder:
        yield recorder


class Apply:
    """Runs ``edgelift opensearch apply`` on a server."""

    def __init__(self, run: Run, server: Recorder, config: Path) -> None:
        self.run = run
        self.server = server
        self.config = config
        config.write_text(CONFIG)

    def __call__(self, *words: str) -> Done:
        where = ("--endpoint", self.server.url, "--config", self.config)
        return self.run("opensearch", "apply", *where, *words)


@pytest.fixture
def apply(run: Run, server: Recorder, tmp_path: Path) -> Apply:
    return Apply(run, server, tmp_path / "edgelift.toml")


def indices(server: Recorder, rules: dict[str, Any] | None = None, /, **policies: str | None) -> None:
    """Let a server have indices with these policies, of which the first is 40 days old.

    `rules` are those that the plugin keeps for an index under our policy; None before its first run.
    """
    now = int(time.time())
    rows = [
        {"index": name, "creation.date": str((now - age * 86_400) * 1000 - 1)}
        for name, age in zip(policies, (40, 5, 1), strict=False)
    ]
    server.answers["GET", "/_cat/indices/cdn-logs-*"] = (200, rows)
    explained: dict[str, Any] = {
        name: {"policy_id": policy, "policy": rules if policy == "cdn-logs" else None}
        for name, policy in policies.items()
    }
    # Only indices of ours that exist are asked for.
    asked = ",".join(name for name in policies if not name.startswith((".kibana", ".ds-cdn-logs-other")))
    server.answers["GET", f"/_plugins/_ism/explain/{asked}?show_policy=true"] = (
        200,
        explained | {"total_managed_indices": 1},
    )

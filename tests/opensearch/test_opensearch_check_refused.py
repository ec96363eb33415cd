"""``edgelift opensearch check`` of a user who may do little, on a real OpenSearch with users and roles."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.opensearch.conftest import SECURITY
from tests.opensearch.test_opensearch_check import CONFIG, INDEX

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Done, Run
    from tests.opensearch.server import Server

PASSWORD = "a-Pass-word-of-9"  # noqa: S105 -- of a test


@pytest.fixture(scope="module")
def node(secured_node: Server) -> Server:
    """Give one with a user who may write documents and read mappings."""
    actions = ["indices:data/write/bulk*", "indices:data/write/index", "indices:admin/mappings/get"]
    role = {
        "cluster_permissions": ["indices:data/write/bulk"],
        "index_permissions": [{"index_patterns": ["cdn-logs-*"], "allowed_actions": actions}],
    }
    secured_node.ask("PUT", f"{SECURITY}/internalusers/little", {"password": PASSWORD})
    secured_node.ask("PUT", f"{SECURITY}/roles/little", role)
    secured_node.ask("PUT", f"{SECURITY}/rolesmapping/little", {"users": ["little"]})
    return secured_node


def test_what_a_user_may_not_read_is_not_checked(run: Run, opensearch: Server, tmp_path: Path) -> None:
    config = tmp_path / "edgelift.toml"
    config.write_text(CONFIG + 'firehose_role_arn = "arn:aws:iam::111122223333:role/firehose"\n')

    def edgelift(action: str, user: str, password: str, *words: str) -> Done:
        where = ("--endpoint", opensearch.url, "--ca-certs", opensearch.pem, "--config", config)
        environment = {"OPENSEARCH_PASSWORD": password}
        return run("opensearch", action, *where, "--user", user, *words, env=environment)

    assert edgelift("apply", "admin", "admin").code == 0
    opensearch.ask("PUT", f"/{INDEX}")
    done = edgelift("check", "little", PASSWORD, "--json")
    report = json.loads(done.out)
    assert done.code == 1, done.err
    (finding,) = report["findings"]
    path = f"/{INDEX}/_doc/edgelift-check"
    assert finding["cause"].startswith(f"the document edgelift-check in {INDEX} cannot be removed: 403")
    assert finding["command"].endswith(f"DELETE {path}")
    refused = " ".join(report["not_checked"])
    for what in "/_index_template/cdn-logs", "role cdn-logs-firehose", "/_cluster/health":
        assert what in refused
    opensearch.ask("DELETE", path)

"""The commands of ``docs/opensearch.md``, on a real OpenSearch as they are written."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.opensearch.conftest import SECURITY, clear
from tests.opensearch.server import ADMIN
from tests.programs import installed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.opensearch.server import Server

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/opensearch.md").read_text(encoding="utf-8")
LOGS = [ROOT / "tests/fixtures/standard" / name for name in ("v1-2022-33col.log", "v2-w3c-s3.log")]
ROWS = (
    "1795392000.123\t192.0.2.7\t404\tGET\t/a\tAAAA\n",
    "1795392001.123\t2001:db8::1\t200\tGET\t/b\tBBBB\n",
)


def blocks(heading: str, language: str) -> list[str]:
    """Return the blocks of a section."""
    section = re.split(r"^#{2,3} ", PAGE.partition(f" {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


class Newcomer:
    """Runs commands of the page in a folder with logs.

    Args:
        server: where they go.
        folder: an empty one.

    """

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.folder = folder
        (folder / "logs").mkdir()
        for log in LOGS:
            shutil.copy(log, folder / "logs")
        # Real-time logs have no header; the layout of the page has six columns.
        (folder / "logs/rows.tsv").write_text("".join(ROWS))
        shutil.copy(server.pem, folder / "ca.pem")

    def __call__(self, script: str) -> subprocess.CompletedProcess[str]:
        script = script.replace("https://localhost:9200", self.server.url)
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        environment = os.environ | {"OPENSEARCH_PASSWORD": ADMIN[1], "PATH": path, "AWS_REGION": "us-east-1"}
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", script],
            check=False,
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done

    def found(self, index: str) -> list[dict[str, Any]]:
        """Return the documents of some indices."""
        self.server.ask("POST", f"/{index}/_refresh")
        hits = self.server.ask("POST", f"/{index}/_search", {"size": 100})["hits"]["hits"]
        return [hit["_source"] for hit in hits]


@pytest.fixture
def newcomer(secured_node: Server, tmp_path: Path) -> Iterator[Newcomer]:
    yield Newcomer(secured_node, tmp_path)
    clear(secured_node)
    for kind in "roles", "rolesmapping":
        secured_node.request("DELETE", f"{SECURITY}/{kind}/cdn-logs-firehose")


def test_five_minutes_end_without_a_finding(newcomer: Newcomer) -> None:
    config, of_standard_logs = blocks("Five minutes", "toml")
    (newcomer.folder / "edgelift.toml").write_text(config)
    [script] = blocks("Self-managed", "sh")
    done = newcomer(script.replace("export OPENSEARCH_PASSWORD=…\n", ""))
    assert done.stderr.splitlines()[-1] == "edgelift: findings 0"
    assert done.stdout.splitlines()[-1] == "not checked: policy skipped: no Index State Management"
    documents = newcomer.found("cdn-logs-*")
    assert {"192.0.2.7", "2001:db8::1"} < {document.get("c-ip") for document in documents}
    assert len(documents) > len(ROWS)
    clear(newcomer.server)
    # The other configuration has other keys.
    (newcomer.folder / "logs/rows.tsv").unlink()
    (newcomer.folder / "edgelift.toml").write_text(of_standard_logs)
    for journal in newcomer.folder.glob("*journal*"):
        journal.unlink()
    done = newcomer(script.replace("export OPENSEARCH_PASSWORD=…\n", ""))
    assert done.stderr.splitlines()[-1] == "edgelift: findings 0"
    keys = {key for document in newcomer.found("cdn-logs-*") for key in document}
    assert "source.ip" in keys
    assert "c-ip" not in keys


def test_commands_of_data_streams_fill_one(newcomer: Newcomer) -> None:
    [config] = blocks("Data streams", "toml")
    (newcomer.folder / "edgelift.toml").write_text(config)
    [script] = blocks("Data streams", "sh")
    script = script.replace("--user admin", "--user admin --ca-certs ca.pem")
    newcomer(script)
    [stream] = newcomer.server.ask("GET", "/_data_stream")["data_streams"]
    assert stream["name"] == "cdn-logs"
    assert len(newcomer.found("cdn-logs")) > len(ROWS)
    done = newcomer(script.splitlines()[0].replace("apply", "check"))
    assert done.stderr == "edgelift: findings 0\n"


def test_roles_are_sent_by_hand(newcomer: Newcomer) -> None:
    for program in "curl", "jq":
        installed(program)
    (newcomer.folder / "edgelift.toml").write_text(blocks("Five minutes", "toml")[0])
    [script] = blocks("Roles", "sh")
    newcomer(script)
    role = newcomer.server.ask("GET", f"{SECURITY}/roles/cdn-logs-firehose")["cdn-logs-firehose"]
    assert role["cluster_permissions"] == ["indices:data/write/bulk"]
    mapped = newcomer.server.ask("GET", f"{SECURITY}/rolesmapping/cdn-logs-firehose")["cdn-logs-firehose"]
    assert mapped["backend_roles"] == ["arn:aws:iam::111122223333:role/firehose"]

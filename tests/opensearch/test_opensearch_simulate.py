"""A simulated stream into a real OpenSearch, whose own refusals reach the backup."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run
    from tests.opensearch.server import Server
    from tests.reprocess.conftest import Reprocess

FIELDS = "timestamp,c-ip,sc-status,cs-method,cs-uri-stem"

FAULTS = """
[[fault]]
at = "function"
kind = "kill"
probability = 0.2

[[fault]]
at = "function"
kind = "missing_id"
probability = 0.3

[[fault]]
at = "opensearch"
kind = "reset"
probability = 0.2

[[fault]]
at = "opensearch"
kind = "reject_item"
probability = 0.3
duration_s = 400

[[fault]]
at = "source"
kind = "duplicate"
probability = 0.05
"""


def rows(number: int, *, bad: int = 0) -> bytes:
    lines = [f"{1_700_000_000 + n}.123\t192.0.2.{n % 256}\t200\tGET\t/{n}\n" for n in range(number)]
    lines += [f"1700000000.123\t192.0.2.1\t2x0\tGET\t/bad/{n}\n" for n in range(bad)]
    return "".join(lines).encode()


def documents(server: Server) -> list[dict[str, Any]]:
    server.ask("POST", "/cdn-logs-*/_refresh")
    found = server.ask("GET", "/cdn-logs-*/_search?size=10000&_source=cs-uri-stem")
    return [hit["_source"] for hit in found["hits"]["hits"]]


def test_stream_fills_indices_with_the_types_of_the_template(run: Run, opensearch: Server) -> None:
    words = ("simulate", "--fields", FIELDS, "--opensearch", opensearch.url, "--apply-template")
    done = run(*words, stdin=rows(2_000, bad=2))
    assert done.code == 0, done.err
    assert done.out.startswith(b"2,002 source records = 2,000 indexed + 0 dropped + 2 in backup\n")
    assert {document["cs-uri-stem"] for document in documents(opensearch)} == {f"/{n}" for n in range(2_000)}
    mapping = opensearch.ask("GET", "/cdn-logs-2024-01-01/_mapping")["cdn-logs-2024-01-01"]["mappings"]
    assert mapping["properties"]["c-ip"]["type"] == "ip"


def test_document_that_the_cluster_rejects_is_in_the_backup_with_its_answer(
    run: Run, opensearch: Server, tmp_path: Path
) -> None:
    mapping = {"mappings": {"properties": {"cs-method": {"type": "integer"}}}}
    opensearch.ask("PUT", "/cdn-logs-2024-01-01", mapping)
    words = ("simulate", "--fields", FIELDS, "--opensearch", opensearch.url, "--backup", tmp_path / "backup")
    done = run(*words, stdin=rows(3))
    assert done.code == 0, done.err
    assert done.out.startswith(
        b"3 source records = 0 indexed + 0 dropped + 3 in backup\n3 in backup by 400\n"
    )
    assert "mapper_parsing_exception" in done.err
    (path,) = (path for path in (tmp_path / "backup").rglob("*") if path.is_file())
    first = json.loads(path.read_bytes().splitlines()[0])
    assert first["esIndexName"] == "cdn-logs-2024-01-01"


def test_after_faults_and_one_reprocess_every_valid_record_is_in_the_index(
    run: Run, reprocess: Reprocess, opensearch: Server, tmp_path: Path
) -> None:
    (tmp_path / "faults.toml").write_text(FAULTS)
    words = ("simulate", "--fields", FIELDS, "--opensearch", opensearch.url, "--apply-template", "--json")
    more = ("--faults", tmp_path / "faults.toml", "--backup", tmp_path / "backup", "--seed", "3")
    done = run(*words, *more, "--rate", "10", "--interval", "10", stdin=rows(1_500, bad=5))
    assert done.code == 0, done.err
    account = json.loads(done.out)
    assert account["balanced"] is True
    assert len(account["faults"]) == 5
    assert all(account["faults"].values())
    found = documents(opensearch)
    assert len(found) == sum(account["indices"].values())
    assert len(found) == account["indexed"] + account["stored_again"] + account["unconfirmed"]

    done = reprocess(
        tmp_path / "backup",
        opensearch.url,
        "--index",
        "cdn-logs-{yyyy}-{MM}-{dd}",
        "--failed",
        tmp_path / "failed/",
    )
    assert done.code == 1, done.err
    assert {document["cs-uri-stem"] for document in documents(opensearch)} == {f"/{n}" for n in range(1_500)}

"""A mixed prefix from S3 into a real OpenSearch, the process killed again and again: nothing is missing."""

from __future__ import annotations

import json
import logging
import os
import random
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.opensearch.mixed_corpus import FIELDS, MixedCorpus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.opensearch.server import Server
    from tests.reprocess.conftest import Client

MEGABYTES = int(os.environ.get("EDGELIFT_TEST_MEGABYTES", "25"))
"""Size of the prefix, as it lies in S3."""

SEED = int(os.environ.get("EDGELIFT_TEST_SEED", "20241115"))

KILLS = 20

# What one would set up for logs: text that is searched as a whole, as long as Lucene takes it.
TEMPLATE = {
    "index_patterns": ["cdn-logs-*"],
    "template": {
        "settings": {"number_of_replicas": 0},
        "mappings": {
            "dynamic_templates": [
                {
                    "text": {
                        "match_mapping_type": "string",
                        "mapping": {"type": "keyword", "ignore_above": 8191},
                    }
                }
            ]
        },
    },
}


@pytest.fixture
def mixed(s3: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> MixedCorpus:
    """Put a mixed prefix into the bucket named logs."""
    # It has a line for each request, which would be shown if a test fails.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    # Objects of moto lie on the disk, not in memory.
    monkeypatch.setenv("MOTO_S3_DEFAULT_KEY_BUFFER_SIZE", "1000")
    made = MixedCorpus(random.Random(SEED), rows=max(100, 10 * MEGABYTES))  # noqa: S311 -- no secret
    size = 0
    for name, content in made.objects(MEGABYTES * 1_000_000):
        s3.put_object(Bucket="logs", Key=name, Body=content)
        size += len(content)
    with capsys.disabled():
        print(  # noqa: T201
            f"\nseed {SEED}: {sum(made.kinds.values())} objects, {size} bytes, "
            f"{made.valid} valid records, {made.invalid} invalid, {len(made.ids)} ids"
        )
    return made


class Run:
    """The job, to be begun and killed."""

    def __init__(self, words: list[str | Path], journal: Path, environment: Mapping[str, str]) -> None:
        self.words = words
        self.journal = journal
        self.environment = environment

    def begin(self, *more: str) -> subprocess.Popen[bytes]:
        resume = ["--resume"] if self.journal.exists() else []
        return subprocess.Popen(
            [*self.words, *resume, *more],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def kill_when(self, taken: Iterator[int], wanted: int, rest: float) -> None:
        """Kill it a while after the server has taken so many documents."""
        process = self.begin()
        while next(taken) < wanted and process.poll() is None:
            time.sleep(0.02)
        time.sleep(rest)
        assert process.poll() is None, process.communicate()
        process.kill()
        process.communicate()

    def end(self) -> dict[str, Any]:
        reported, said = self.begin("--json").communicate()
        assert reported, said.decode()
        account: dict[str, Any] = json.loads(reported)
        return account


def taken(server: Server) -> Iterator[int]:
    while True:
        yield (
            server.ask("GET", "/_stats/indexing")["_all"]["primaries"]
            .get("indexing", {})
            .get("index_total", 0)
        )


@pytest.fixture
def job(  # noqa: PLR0913, PLR0917 -- fixtures
    command: tuple[str, ...],
    environment: dict[str, str],
    aws: Mapping[str, str],
    s3_url: str,
    opensearch: Server,
    tmp_path: Path,
) -> Run:
    config = tmp_path / "edgelift.toml"
    config.write_text(f'input.format = "auto"\n[[layouts]]\nfields = {json.dumps(FIELDS)}\n')
    words = ["reprocess", "s3://logs/cdn/", opensearch.url, "--config", str(config)]
    words += ["--endpoint-url", s3_url, "--journal", str(tmp_path / "journal")]
    words += ["--failed", str(tmp_path / "failed")]
    return Run([*command, *words], tmp_path / "journal", {**environment, **aws})


@pytest.mark.timeout(3600)
def test_resume_after_twenty_kills_creates_each_document_once(
    job: Run, mixed: MixedCorpus, opensearch: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opensearch.ask("PUT", "/_index_template/logs", TEMPLATE)
    chance = random.Random(SEED + 1)  # noqa: S311 -- no secret
    # Most moments depend on the number of documents that are there, so that they spread over the job on any
    # machine; some are at its beginning.
    progress = taken(opensearch)
    before, began = next(progress), time.monotonic()
    wanted = sorted(chance.uniform(0, 0.9) for _ in range(KILLS - 4))
    for moment in [0, 0, *wanted, 0, 0]:
        rest = chance.uniform(0, 0.2 if moment else 0.5)
        job.kill_when(progress, before + int(moment * len(mixed.ids)), rest)
    account = job.end()
    seconds = time.monotonic() - began
    with capsys.disabled():
        print(f"{len(mixed.ids)} documents in {seconds:.1f} s with {KILLS} kills")  # noqa: T201
    hits = opensearch.hits("cdn-logs-*", _source=False)
    found = {(hit["_index"], hit["_id"]) for hit in hits}
    missing, unknown = sorted(mixed.ids - found), sorted(found - mixed.ids)
    assert (len(missing), len(unknown)) == (0, 0), (missing[:5], unknown[:5])
    assert opensearch.ask("GET", "/cdn-logs-*/_count")["count"] == len(mixed.ids)
    totals = account["totals"]
    assert totals["written"] + totals["already_there"] == mixed.valid
    assert totals["failed"] == mixed.invalid
    kept = [path.read_bytes().count(b"\n") for path in (tmp_path / "failed").rglob("*.failed.json")]
    assert sum(kept) == mixed.invalid
    no_logs = mixed.kinds["picture.png"]
    objects = {"to_do": 0, "done": sum(mixed.kinds.values()) - no_logs, "failed": no_logs, "refused": 0}
    assert account["objects"] == objects | {"problems": mixed.kinds["cut.gz"] + no_logs}


@pytest.mark.timeout(3600)
def test_mixed_corpus_is_written_and_timed(
    job: Run, mixed: MixedCorpus, opensearch: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    opensearch.ask("PUT", "/_index_template/logs", TEMPLATE)
    account = job.end()
    totals = account["totals"]
    assert totals["written"] == len(mixed.ids)
    assert totals["already_there"] == mixed.valid - len(mixed.ids)
    # For people: another machine, and another load, give another figure.
    with capsys.disabled():
        print(f"{totals['written'] / account['seconds']:.0f} documents a second")  # noqa: T201

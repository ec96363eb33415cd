"""``edgelift opensearch check``, and the warning of ``reprocess``, on a real OpenSearch."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from edgelift import Transformer
from edgelift.opensearch.apply import Plan, apply, plan_alias
from edgelift.opensearch.attach import listed
from edgelift.opensearch.cluster import Cluster
from edgelift.opensearch.template import template
from edgelift.reprocess.aws import AwsOptions
from edgelift.reprocess.sinks.opensearch.options import ClusterOptions
from tests.opensearch.test_opensearch_template import plain_documents

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Done, Run
    from tests.opensearch.server import Server

CONFIG = '[[layouts]]\nfields = ["timestamp", "c-ip", "sc-status"]\n[opensearch]\n'
ROW = b"1795392000.123\t192.0.2.7\t404\n"
INDEX = "cdn-logs-2026-11-23"
WARNING = "edgelift: warning: no index template of edgelift covers the index, so OpenSearch guesses types; "


class Check:
    """Runs ``edgelift`` on a server with a configuration."""

    def __init__(self, run: Run, server: Server, folder: Path) -> None:
        self.run = run
        self.server = server
        self.folder = folder
        self.config = folder / "edgelift.toml"
        self.config.write_text(CONFIG)
        (folder / "rows.tsv").write_bytes(ROW)

    def opensearch(self, action: str, *words: str) -> Done:
        return self.run("opensearch", action, "--endpoint", self.server.url, "--config", self.config, *words)

    def reprocess(self, *more: str) -> Done:
        (self.folder / "journal").unlink(missing_ok=True)
        words = ("reprocess", self.folder / "rows.tsv", self.server.url, "--config", self.config)
        return self.run(*words, "--journal", self.folder / "journal", *more)

    def findings(self) -> dict[str, str]:
        """Return the cause of each field."""
        done = self.opensearch("check", "--json")
        report: dict[str, Any] = json.loads(done.out)
        assert done.code == (1 if report["findings"] else 0), done.err
        assert all(finding["command"] for finding in report["findings"])
        return {finding["field"]: finding["cause"] for finding in report["findings"]}


@pytest.fixture
def check(run: Run, opensearch: Server, tmp_path: Path) -> Check:
    return Check(run, opensearch, tmp_path)


def test_applied_cluster_has_no_findings(check: Check, opensearch: Server) -> None:
    assert check.findings() == {"index template": "there is no index template cdn-logs"}
    assert check.opensearch("apply").code == 0
    done = check.reprocess()
    assert (done.code, "warning" in done.err) == (0, False)
    assert check.findings() == {}
    done = check.opensearch("check")
    assert (done.code, done.err) == (0, "edgelift: findings 0\n")
    assert done.out == b"not checked: roles skipped: [opensearch] firehose_role_arn is not set\n"
    # The probe document is gone.
    assert len(opensearch.by_id(INDEX)) == 1


def test_reprocess_warns_before_it_fills_an_index_without_the_template(check: Check) -> None:
    done = check.reprocess()
    assert done.code == 0
    command = f"edgelift opensearch apply --endpoint {check.server.url} --config {check.config}"
    assert done.err.startswith(f"{WARNING}first run: {command}\n")
    done = check.reprocess("--index", "cdn-logs-other", "--input-format", "realtime")
    assert done.err.startswith(f"{WARNING}first run: {command} --input-format realtime\n")


@pytest.mark.parametrize(
    ("index", "advice"),
    [
        ("web-{yyyy}", "first set [bulk] index or [opensearch] index_prefix to its name, then run: edgelift"),
        ("cdn-logs-{yyyy}", "first run: edgelift opensearch apply"),
    ],
)
def test_warning_of_reprocess_knows_the_names_of_the_template(check: Check, index: str, advice: str) -> None:
    assert f"{WARNING}{advice}" in check.reprocess("--index", index).err


def test_guessed_types_are_found(check: Check, opensearch: Server) -> None:
    opensearch.ask("POST", "/_bulk", plain_documents())
    assert check.opensearch("apply").code == 0
    found = check.findings()
    assert found["c-ip"] == f"text in {INDEX}, but ip in the template"
    assert found["sc-status"] == f"text in {INDEX}, but short in the template"
    # The next index is right, so two indices differ.
    opensearch.ask("PUT", "/cdn-logs-2026-11-24")
    assert check.findings() == found


def test_older_index_that_lacks_fields_is_found(check: Check, opensearch: Server) -> None:
    opensearch.ask("PUT", f"/{INDEX}", {"mappings": {"properties": {"c-ip": {"type": "ip"}}}})
    check.opensearch("apply")
    assert "fields of the template: it is older" in check.findings()["index"]


def test_template_of_a_higher_priority_is_found(check: Check, opensearch: Server) -> None:
    check.opensearch("apply")
    theirs = {"index_patterns": ["cdn-*"], "priority": 600, "template": {}}
    opensearch.ask("PUT", "/_index_template/theirs", theirs)
    assert check.findings() == {
        "index template": (
            "indices of cdn-logs-* get the types of other index templates instead, whose priority is not "
            "below 500: theirs (priority 600, cdn-*)"
        )
    }
    assert WARNING in check.reprocess().err


def test_real_timestamp_beside_the_alias_is_found(check: Check, opensearch: Server) -> None:
    body = template(Transformer(CONFIG))["template"]
    body["mappings"]["properties"]["@timestamp"] = {"type": "date"}
    opensearch.ask("PUT", f"/{INDEX}", body)
    check.opensearch("apply")
    assert check.findings()["@timestamp"] == (
        f"date in {INDEX}, but alias in the template: documents have this key beside timestamp"
    )


def test_indices_of_another_rotation_are_found(check: Check, opensearch: Server) -> None:
    check.opensearch("apply")
    for name in "cdn-logs-2026-11-23", "cdn-logs-2026-w48":
        opensearch.ask("PUT", f"/{name}")
    assert check.findings() == {"rotation": 'the name of cdn-logs-2026-w48 is not that of the rotation "day"'}


def test_too_few_shards_are_found(check: Check, opensearch: Server) -> None:
    check.opensearch("apply")
    opensearch.ask("PUT", "/_cluster/settings", {"persistent": {"cluster.max_shards_per_node": 21}})
    found = check.findings()
    opensearch.ask("PUT", "/_cluster/settings", {"persistent": {"cluster.max_shards_per_node": None}})
    assert found == {"shards": "the cluster can have 21 more shards, which is 10 days, fewer than 90"}


def test_refused_document_is_found_by_its_item(check: Check, opensearch: Server) -> None:
    check.opensearch("apply")
    check.reprocess()
    opensearch.ask("PUT", f"/{INDEX}/_settings", {"index.blocks.write": True})
    found = check.findings()
    assert found["writing"].startswith(f"{INDEX} does not take a document: 403 cluster_block_exception: ")


def test_data_stream_takes_documents_and_has_no_findings(check: Check, opensearch: Server) -> None:
    check.config.write_text(CONFIG + 'rotation = "none"\nretention_days = 30\n')
    assert check.opensearch("apply", "--data-stream").code == 0
    # The first document creates it.
    assert check.opensearch("check", "--data-stream").err == "edgelift: findings 0\n"
    done = check.reprocess()
    assert (done.code, "warning" in done.err) == (0, False)
    (stream,) = opensearch.ask("GET", "/_data_stream")["data_streams"]
    assert (stream["name"], stream["timestamp_field"]) == ("cdn-logs", {"name": "timestamp"})
    done = check.opensearch("check", "--data-stream")
    assert (done.code, done.err) == (0, "edgelift: findings 0\n"), done.out


@pytest.mark.parametrize("words", [(), ("--data-stream",)])
def test_sorted_index_has_the_latest_documents_first(
    check: Check, opensearch: Server, words: tuple[str, ...]
) -> None:
    check.config.write_text(CONFIG + 'rotation = "none"\nsort = "time"\n')
    assert check.opensearch("apply", *words).code == 0
    seconds = (3, 1, 5, 2, 4)
    rows = (f"{1_795_392_000 + second}.123\t192.0.2.7\t404\n" for second in seconds)
    (check.folder / "rows.tsv").write_text("".join(rows))
    assert check.reprocess().code == 0
    opensearch.ask("POST", "/cdn-logs/_refresh")
    search = {"sort": ["_doc"], "docvalue_fields": [{"field": "timestamp", "format": "epoch_second"}]}
    hits = opensearch.ask("POST", "/cdn-logs/_search", search)["hits"]["hits"]
    order = [int(hit["fields"]["timestamp"][0].partition(".")[0]) - 1_795_392_000 for hit in hits]
    assert order == [5, 4, 3, 2, 1]
    assert b"unchanged" in check.opensearch("apply", *words).out
    assert check.opensearch("check", *words).err == "edgelift: findings 0\n"


@pytest.mark.parametrize("exists", [False, True])
def test_alias_of_a_rollover_is_created_with_its_write_index(opensearch: Server, exists: bool) -> None:  # noqa: FBT001
    if exists:
        opensearch.ask("PUT", "/cdn-logs-000001")
    found = Plan([], [])
    cluster = Cluster(opensearch.url, ClusterOptions(), AwsOptions(None, None, None))
    transformer = Transformer(CONFIG + 'rotation = "none"\nretention_days = 7\n')
    plan_alias(cluster, transformer, found)
    assert apply(cluster, found.steps) == ["alias cdn-logs created"]
    aliases = opensearch.ask("GET", "/_alias/cdn-logs")
    assert aliases == {"cdn-logs-000001": {"aliases": {"cdn-logs": {"is_write_index": True}}}}
    again = Plan([], [])
    plan_alias(cluster, transformer, again)
    assert [step.needed for step in again.steps] == [""]
    opensearch.ask("POST", "/cdn-logs/_rollover")
    assert opensearch.request("HEAD", "/cdn-logs-000002")[0] == 200


PROBE_SKIPPED = "writing skipped: no index has the name and the fields of the configuration yet"


def test_probe_goes_only_where_it_cannot_change_a_mapping(check: Check, opensearch: Server) -> None:
    # An index of somebody else that the pattern matches, one of an alias, and a dynamic one of ours.
    opensearch.ask("PUT", "/cdn-logs-zz-theirs", {"mappings": {"properties": {"c-ip": {"type": "text"}}}})
    opensearch.ask("PUT", "/theirs", {"aliases": {"cdn-logs-2026-12-31": {"is_write_index": True}}})
    opensearch.ask("PUT", f"/{INDEX}")
    check.opensearch("apply")
    before = opensearch.ask("GET", "/_mapping")
    report = json.loads(check.opensearch("check", "--json").out)
    assert PROBE_SKIPPED in report["not_checked"]
    named = next(finding["cause"] for finding in report["findings"] if finding["field"] == "indices")
    assert named.startswith("cdn-logs-* matches cdn-logs-zz-theirs and 1 more, too, but neither")
    # Their types are their own.
    assert "theirs" not in str([found for found in report["findings"] if found["field"] != "indices"])
    assert opensearch.ask("GET", "/_mapping") == before
    opensearch.ask("PUT", "/cdn-logs-2026-11-24")
    report = json.loads(check.opensearch("check", "--json").out)
    assert PROBE_SKIPPED not in report["not_checked"]
    written = opensearch.ask("GET", "/cdn-logs-2026-11-24/_stats/indexing")["_all"]["primaries"]["indexing"]
    assert written["index_total"] == 1
    assert opensearch.ask("GET", "/theirs,cdn-logs-zz-theirs/_count")["count"] == 0


def test_alias_without_a_write_index_is_found(check: Check, opensearch: Server) -> None:
    check.config.write_text(CONFIG + 'rotation = "none"\n')
    check.opensearch("apply")
    for number in 1, 2:
        opensearch.ask("PUT", f"/cdn-logs-00000{number}", {"aliases": {"cdn-logs": {}}})
    assert "no write index is defined for alias [cdn-logs]" in check.findings()["writing"]
    latest = {"index": "cdn-logs-000002", "alias": "cdn-logs", "is_write_index": True}
    opensearch.ask("POST", "/_aliases", {"actions": [{"add": latest}]})
    assert check.findings() == {}
    # A probe changes nothing that is not ours.
    opensearch.ask("PUT", "/theirs", {"aliases": {"cdn-logs": {}}})
    assert check.findings().keys() == {"indices"}
    assert PROBE_SKIPPED in json.loads(check.opensearch("check", "--json").out)["not_checked"]


def test_alias_in_the_place_of_a_data_stream_is_found(check: Check, opensearch: Server) -> None:
    check.config.write_text(CONFIG + 'rotation = "none"\n')
    opensearch.ask("PUT", "/cdn-logs-000001", {"aliases": {"cdn-logs": {"is_write_index": True}}})
    cause = "cdn-logs is an alias, and stays one: only the first document for a name makes a data stream"
    done = check.opensearch("apply", "--data-stream")
    assert f"warning: {cause}; delete the alias cdn-logs, then run edgelift reprocess\n" in done.err


def test_whole_definitions_of_fields_are_compared(check: Check, opensearch: Server) -> None:
    body = template(Transformer(CONFIG))["template"]
    properties = body["mappings"]["properties"]
    properties["timestamp"]["format"] = "epoch_second"
    shortened = [key for key, field in properties.items() if "ignore_above" in field]
    for key in shortened:
        properties[key]["ignore_above"] = 256
    body["mappings"]["dynamic"] = "strict"
    for day in 23, 24:
        opensearch.ask("PUT", f"/cdn-logs-2026-11-{day}", body)
    check.opensearch("apply")
    found = check.findings()
    where = f"{INDEX} and 1 more"
    assert found.pop("timestamp").startswith(f"format epoch_second in {where}, but strict_date_time||")
    assert found.pop("dynamic").startswith(f"strict in {where}, but false in the template")
    kinds = f"ignore_above 256 in {where}, but 8191 in the template"
    assert found == {f"{min(shortened)} and {len(shortened) - 1} more": kinds}


def test_template_of_somebody_else_in_the_way_is_a_finding(check: Check, opensearch: Server) -> None:
    theirs = {"index_patterns": ["cdn-*"], "priority": 500, "template": {}}
    opensearch.ask("PUT", "/_index_template/theirs", theirs)
    report = json.loads(check.opensearch("check", "--json").out)
    in_the_way, listed = report["findings"]
    assert "theirs" in in_the_way["cause"]
    assert in_the_way["command"].startswith("delete the other template, or choose another")
    assert listed["cause"].endswith(": theirs (priority 500, cdn-*)")


def test_shards_of_indices_that_retention_deletes_become_free(check: Check, opensearch: Server) -> None:
    check.config.write_text(CONFIG + "retention_days = 3\n")
    check.opensearch("apply")
    limit = "cluster.max_shards_per_node"
    opensearch.ask("PUT", "/_cluster/settings", {"persistent": {limit: 7}})
    for day in 21, 22, 23:
        opensearch.ask("PUT", f"/cdn-logs-2026-11-{day}")
    steady = check.findings()
    opensearch.ask("PUT", "/_cluster/settings", {"persistent": {limit: 5}})
    report = json.loads(check.opensearch("check", "--json").out)
    opensearch.ask("PUT", "/_cluster/settings", {"persistent": {limit: None}})
    assert steady == {}
    (finding,) = report["findings"]
    assert finding["cause"] == (
        "the cluster can have 5 shards of these indices, which is 2 days, fewer than 3"
    )
    assert "retention_days" not in finding["command"]


def test_indices_behind_an_alias_are_listed_without_hidden_ones(opensearch: Server) -> None:
    opensearch.ask("PUT", "/cdn-logs-000001")
    cluster = Cluster(opensearch.url, ClusterOptions(), AwsOptions(None, None, None))
    rotation = Transformer(CONFIG + 'rotation = "none"\n')
    # The prefix itself is neither an index nor an alias.
    assert [row["index"] for row in listed(cluster, rotation)] == ["cdn-logs-000001"]
    opensearch.ask("PUT", "/.cdn-hidden", {"aliases": {"cdn-logs": {}}})
    found = [row["index"] for row in listed(cluster, rotation)]
    opensearch.ask("DELETE", "/.cdn-hidden")
    assert found == ["cdn-logs-000001"]

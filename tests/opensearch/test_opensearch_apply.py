"""``edgelift opensearch apply`` on a real OpenSearch with users and roles."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import urllib3

from edgelift import Transformer
from edgelift.opensearch.template import template
from tests.opensearch.conftest import SECURITY
from tests.opensearch.server import ADMIN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Done, Run
    from tests.opensearch.server import Server

ARN = "arn:aws:iam::111122223333:role/firehose"
CONFIG = f"""
[[layouts]]
fields = ["timestamp", "c-ip", "sc-status"]
[opensearch]
firehose_role_arn = "{ARN}"
"""
PASSWORD = "a-Pass-word-of-9"  # noqa: S105 -- of a test
FIREHOSE = ("delivery", PASSWORD)
INDEX = "cdn-logs-2026-11-23"


@pytest.fixture(scope="module")
def node(secured_node: Server) -> Server:
    """Give one with a user who has the IAM role of Firehose, as a backend role."""
    user = {"password": PASSWORD, "backend_roles": [ARN]}
    secured_node.ask("PUT", f"{SECURITY}/internalusers/{FIREHOSE[0]}", user)
    return secured_node


class Apply:
    """Runs ``edgelift opensearch apply`` as the administrator."""

    def __init__(self, run: Run, server: Server, config: Path) -> None:
        self.run = run
        self.server = server
        self.config = config
        self.password = ADMIN[1]
        config.write_text(CONFIG)

    def __call__(self, *words: str, action: str = "apply") -> Done:
        server = self.server
        where = ("--endpoint", server.url, "--user", ADMIN[0], "--ca-certs", server.pem)
        environment = {"OPENSEARCH_PASSWORD": self.password}
        return self.run("opensearch", action, *where, "--config", self.config, *words, env=environment)


@pytest.fixture
def apply(run: Run, opensearch: Server, tmp_path: Path) -> Apply:
    for kind in "roles", "rolesmapping":
        opensearch.request("DELETE", f"{SECURITY}/{kind}/cdn-logs-firehose")
    return Apply(run, opensearch, tmp_path / "edgelift.toml")


def ask_as(server: Server, method: str, path: str, body: object = None) -> tuple[int, Any]:
    """Ask as Firehose does."""
    headers = urllib3.make_headers(basic_auth=":".join(FIREHOSE)) | {"Content-Type": "application/json"}
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    http = urllib3.PoolManager(ca_certs=str(server.pem), retries=False)
    answer = http.request(method, server.url + path, body=data, headers=headers)
    return answer.status, json.loads(answer.data)


def item(server: Server, index: str, **words: str) -> dict[str, Any]:
    """Write a document in a bulk request; return what became of it."""
    line = json.dumps({"index": {"_index": index, **words}})
    body = f'{line}\n{{"timestamp":1700000000123,"c-ip":"192.0.2.7"}}\n'.encode()
    status, answer = ask_as(server, "POST", "/_bulk", body)
    # Also of documents that are refused.
    assert status == 200
    found: dict[str, Any] = answer["items"][0]["index"]
    return found


def test_apply_sets_up_an_empty_cluster_and_is_idempotent(apply: Apply, opensearch: Server) -> None:
    titles = ["index template cdn-logs", "role cdn-logs-firehose", "role mapping cdn-logs-firehose"]
    planned = "".join(f"{title}: create\n" for title in titles)
    done = apply("--dry-run")
    assert (done.code, done.out.decode(), done.err) == (0, planned, "")
    assert opensearch.ask("GET", "/_index_template")["index_templates"] == []
    done = apply()
    assert (done.code, done.out.decode()) == (0, planned)
    assert done.err.splitlines() == [f"edgelift: {title} created" for title in titles]
    (found,) = opensearch.ask("GET", "/_index_template")["index_templates"]
    assert found["name"] == "cdn-logs"
    mappings = found["index_template"]["template"]["mappings"]
    assert mappings["properties"] == template(Transformer(CONFIG))["template"]["mappings"]["properties"]
    mapped = opensearch.ask("GET", f"{SECURITY}/rolesmapping/cdn-logs-firehose")
    assert mapped["cdn-logs-firehose"]["backend_roles"] == [ARN]
    done = apply()
    assert (done.code, done.err) == (0, "")
    assert done.out.decode() == "".join(f"{title}: unchanged\n" for title in titles)
    done = apply(action="check")
    assert (done.code, done.err) == (0, "edgelift: findings 0\n"), done.out


def test_apply_shows_and_undoes_what_somebody_changed(apply: Apply, opensearch: Server) -> None:
    apply()
    body = template(Transformer(CONFIG))
    body["template"]["settings"]["index"]["number_of_shards"] = "7"
    opensearch.ask("PUT", "/_index_template/cdn-logs", body)
    done = apply()
    assert done.code == 0
    assert "index template cdn-logs: update\n--- live\n+++ configured\n" in done.out.decode()
    changed = [line for line in done.out.decode().splitlines() if line.startswith(("- ", "+ "))]
    assert [line.split() for line in changed] == [
        ["-", '"number_of_shards":', '"7",'],
        ["+", '"number_of_shards":', '"1",'],
    ]
    assert done.err == "edgelift: index template cdn-logs updated\n"
    assert apply("--dry-run").out.count(b"unchanged") == 3


def test_policy_is_skipped_without_index_state_management(apply: Apply) -> None:
    apply.config.write_text(CONFIG + "retention_days = 30\n")
    done = apply()
    assert done.code == 0
    assert done.out.decode().splitlines()[-1] == "policy skipped: no Index State Management"


@pytest.mark.parametrize("variant", ["recipe", "least", "monitor"])
def test_role_writes_into_its_indices_and_nowhere_else(
    apply: Apply, opensearch: Server, variant: str
) -> None:
    assert apply("--role", variant).code == 0
    # It creates the index, with the types of the template.
    assert item(opensearch, INDEX, _id="1")["status"] == 201
    properties = opensearch.ask("GET", f"/{INDEX}/_mapping")[INDEX]["mappings"]["properties"]
    assert properties["c-ip"]["type"] == "ip"
    assert item(opensearch, INDEX)["status"] == 201
    # By its id a document can be overwritten.
    assert item(opensearch, INDEX, _id="1")["result"] == "updated"
    refused = item(opensearch, "other-2026-11-23")
    assert refused["status"] == 403
    assert refused["error"]["type"] == "security_exception"
    assert opensearch.request("GET", "/other-2026-11-23")[0] == 404
    may_read = 200 if variant == "recipe" else 403
    assert ask_as(opensearch, "GET", f"/{INDEX}/_search")[0] == may_read
    assert ask_as(opensearch, "DELETE", f"/{INDEX}/_doc/1")[0] == may_read
    may_monitor = 403 if variant == "least" else 200
    assert ask_as(opensearch, "GET", f"/{INDEX}/_settings")[0] == may_monitor
    assert ask_as(opensearch, "GET", f"/{INDEX}/_stats")[0] == may_monitor
    assert ask_as(opensearch, "DELETE", f"/{INDEX}")[0] == may_read


def test_template_of_others_for_the_same_indices_stops_before_anything_is_done(
    apply: Apply, opensearch: Server
) -> None:
    theirs = {"index_patterns": ["cdn-*"], "priority": 500, "template": {}}
    opensearch.ask("PUT", "/_index_template/theirs", theirs)
    done = apply()
    assert (done.code, done.out) == (3, b"")
    assert "edgelift: index template cdn-logs: " in done.err
    assert "theirs" in done.err
    assert "delete the other template, or choose another [opensearch] index_prefix" in done.err
    assert opensearch.request("GET", f"{SECURITY}/roles/cdn-logs-firehose")[0] == 404


def test_template_of_others_with_a_higher_priority_is_named(apply: Apply, opensearch: Server) -> None:
    opensearch.ask("PUT", "/_index_template/theirs", {"index_patterns": ["cdn-*"], "priority": 700})
    done = apply()
    assert done.code == 0
    assert "warning: indices of cdn-logs-* get the types of other index templates instead" in done.err
    assert "is not below 500: theirs (priority 700, cdn-*); delete them" in done.err
    opensearch.ask("PUT", "/_index_template/theirs", {"index_patterns": ["cdn-*"], "priority": 400})
    assert "theirs" not in apply().err


def test_data_stream_of_others_stops_before_anything_is_done(apply: Apply, opensearch: Server) -> None:
    theirs = {"index_patterns": ["cdn-logs-theirs"], "priority": 400, "data_stream": {}}
    opensearch.ask("PUT", "/_index_template/theirs", theirs)
    opensearch.ask("PUT", "/_data_stream/cdn-logs-theirs")
    done = apply()
    assert (done.code, done.out) == (3, b"")
    assert "would cause data streams [cdn-logs-theirs] to no longer match a data stream template" in done.err
    assert (
        "; choose another [opensearch] index_prefix, or delete the data stream; nothing was done" in done.err
    )
    done = apply(action="check")
    assert done.code == 1
    assert "; choose another [opensearch] index_prefix, or delete the data stream\n" in done.out.decode()


def test_warnings_of_the_server_are_not_shown_with_code(apply: Apply, opensearch: Server) -> None:
    opensearch.ask("PUT", "/_template/older", {"index_patterns": ["cdn-*"]})
    done = apply()
    opensearch.ask("DELETE", "/_template/older")
    assert done.code == 0
    assert [line for line in done.err.splitlines() if not line.startswith("edgelift: ")] == []


def test_codec_that_the_server_does_not_have_is_not_blamed_on_others(apply: Apply) -> None:
    apply.config.write_text(f'{CONFIG}codec = "zstd"\n')
    done = apply()
    assert (done.code, done.out) == (3, b"")
    assert "must be one of [default, lz4, best_compression, zlib] but was: zstd" in done.err
    assert "; correct the configuration; nothing was done" in done.err
    assert "the other template" not in done.err
    done = apply(action="check")
    assert done.code == 1
    finding = done.out.decode().splitlines()[0]
    assert "but was: zstd" in finding
    assert finding.endswith("; correct the configuration")


def test_rollover_without_index_state_management_is_no_setting(apply: Apply) -> None:
    apply.config.write_text(f'{CONFIG}rotation = "none"\nretention_days = 30\n')
    done = apply()
    assert done.code == 0
    assert "policy skipped: no Index State Management" in done.out.decode()
    assert "index template cdn-logs: unchanged" in apply().out.decode()


def test_wrong_password_stops_before_anything_is_done(apply: Apply, opensearch: Server) -> None:
    apply.password = "wrong"  # noqa: S105 -- it is
    done = apply()
    assert (done.code, done.out) == (3, b"")
    assert done.err == (
        f"edgelift: cannot use {opensearch.url}: 401 Unauthorized; check --user and OPENSEARCH_PASSWORD, "
        "--client-cert or --sigv4\n"
    )


def test_user_who_may_not_administer_is_told_whom_to_use(apply: Apply, opensearch: Server) -> None:
    done = apply.run(
        *("opensearch", "apply", "--endpoint", opensearch.url, "--user", FIREHOSE[0]),
        *("--ca-certs", opensearch.pem, "--config", apply.config),
        env={"OPENSEARCH_PASSWORD": FIREHOSE[1]},
    )
    assert (done.code, done.out) == (3, b"")
    assert "no permissions for [indices:admin/index_template/get]" in done.err
    assert "use a user who may administer the cluster, such as one with the role all_access" in done.err
    assert "Traceback" not in done.err

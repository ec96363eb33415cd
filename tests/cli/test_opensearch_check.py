"""``edgelift opensearch check`` against a server that records requests and has policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from edgelift.opensearch.clashes import overlap
from tests.cli.applying import CONFIG, POLICY, Apply, apply, indices, server

if TYPE_CHECKING:
    from tests.cli.conftest import Done
    from tests.cli.recording_server import Recorder

__all__ = ["apply", "server"]


@pytest.mark.parametrize(
    ("one", "other", "overlaps"),
    [
        ("cdn-*", "cdn-logs-*", True),
        ("*-logs", "cdn-*", True),
        ("cdn-logs", "cdn-logs", True),
        ("cdn-logs", "cdn-log", False),
        ("cdn-*-a", "cdn-*-b", False),
        ("*", "", True),
        ("a*", "", False),
        ("a" * 3000 + "*", "a" * 3000, True),
    ],
)
def test_patterns_overlap_if_a_name_matches_both(one: str, other: str, overlaps: bool) -> None:  # noqa: FBT001
    assert overlap(one, other) is overlap(other, one) is overlaps


def check(apply: Apply, *words: str) -> Done:
    return apply.run("opensearch", "check", "--endpoint", apply.server.url, "--config", apply.config, *words)


def apply_command(apply: Apply) -> str:
    return f"edgelift opensearch apply --endpoint {apply.server.url} --config {apply.config}"


def cluster_of_policies(server: Recorder, *policies: dict[str, Any]) -> None:
    listed = [{"_id": "cdn-logs", "policy": server.stored[POLICY]["policy"]}, *policies]
    server.answers["GET", "/_plugins/_ism/policies"] = (200, {"policies": listed})
    health = {"active_shards": 3, "unassigned_shards": 0, "number_of_data_nodes": 2}
    server.answers["GET", "/_cluster/health"] = (200, health)
    limit = {"defaults": {"cluster": {"max_shards_per_node": "1000"}}}
    server.answers["GET", "/_cluster/settings"] = (200, limit)


def test_check_finds_a_policy_for_the_same_indices(apply: Apply, server: Recorder) -> None:
    assert apply().code == 0
    indices(server, **{"cdn-logs-2026-11-23": "cdn-logs"})
    cluster_of_policies(server)
    done = check(apply)
    assert (done.code, done.err) == (0, "edgelift: findings 0\n")
    theirs = {"ism_template": [{"index_patterns": ["cdn-logs-*"], "priority": 500}]}
    cluster_of_policies(server, {"_id": "theirs", "policy": theirs})
    done = check(apply)
    assert done.code == 1
    assert (
        "policy: the policy theirs is for some of the same indices with the priority 500; "
        in done.out.decode()
    )


def test_check_finds_policies_of_overlapping_patterns_on_all_pages(apply: Apply, server: Recorder) -> None:
    assert apply().code == 0
    indices(server, **{"cdn-logs-2026-11-23": "cdn-logs"})
    cluster_of_policies(server)

    def policy(name: str, pattern: str, priority: int) -> dict[str, Any]:
        templates = [{"index_patterns": [pattern], "priority": priority}]
        return {"_id": name, "policy": {"ism_template": templates}}

    path = "/_plugins/_ism/policies?size=100&from="
    lower, apart = policy("lower", "cdn-*", 499), policy("apart", "cdn-logs", 900)
    first = {"total_policies": 4, "policies": [lower, apart]}
    second = {"total_policies": 4, "policies": [policy("wide", "cdn-*", 500), policy("boss", "*-23", 900)]}
    server.answers["GET", f"{path}0"] = (200, first)
    server.answers["GET", f"{path}2"] = (200, second)
    said = check(apply).out.decode()
    assert "policy: the policy wide is for some of the same indices with the priority 500; " in said
    assert "policy: the policy boss is for some of the same indices with the priority 900; " in said
    assert "lower" not in said
    assert "apart" not in said


def test_policies_that_cannot_be_read_are_not_checked(apply: Apply, server: Recorder) -> None:
    assert apply().code == 0
    indices(server, **{"cdn-logs-2026-10-01": None})
    cluster_of_policies(server)
    reason = {"error": {"type": "security_exception", "reason": "no permissions"}}
    server.answers["GET", "/_plugins/_ism/explain/cdn-logs-2026-10-01?show_policy=true"] = (403, reason)
    done = check(apply)
    assert (done.code, done.err) == (0, "edgelift: findings 0\n")
    assert "not checked: reading the policies of indices: " in done.out.decode()
    done = apply("--attach-existing")
    assert done.code == 3
    assert "edgelift: reading the policies of indices: " in done.err


def test_check_finds_indices_without_a_policy(apply: Apply, server: Recorder) -> None:
    apply()
    indices(server, **{"cdn-logs-2026-10-01": None, "cdn-logs-2026-11-01": None})
    cluster_of_policies(server)
    done = check(apply)
    assert done.code == 1
    command = f"{apply_command(apply)} --attach-existing --dry-run"
    expected = f"policy: no policy for cdn-logs-2026-10-01 and 1 more; {command}"
    assert expected in done.out.decode()


def test_check_finds_indices_under_other_policies_and_earlier_versions(
    apply: Apply, server: Recorder
) -> None:
    apply()
    rules = server.stored[POLICY]["policy"]
    apply.config.write_text(CONFIG.replace("30", "90"))
    apply()
    names = {"cdn-logs-2026-10-01": "theirs", "cdn-logs-2026-11-01": "cdn-logs"}
    indices(server, rules, **names)
    cluster_of_policies(server)
    done = check(apply)
    assert done.code == 1
    command = f"{apply_command(apply)} --attach-existing --dry-run"
    assert done.out.decode().splitlines()[:2] == [
        f"policy: the policy theirs is that of cdn-logs-2026-10-01; {command}",
        f"policy: an earlier version of the policy cdn-logs is that of cdn-logs-2026-11-01; {command}",
    ]


@pytest.mark.parametrize(
    ("options", "words"), [("", ()), ('rotation = "none"\n', ()), ('rotation = "none"\n', ("--data-stream",))]
)
def test_applied_cluster_without_documents_has_no_findings(
    apply: Apply, server: Recorder, options: str, words: tuple[str, ...]
) -> None:
    apply.config.write_text(CONFIG + options)
    assert apply(*words).code == 0
    cluster_of_policies(server)
    done = check(apply, *words)
    assert (done.code, done.err) == (0, "edgelift: findings 0\n"), done.out


def test_check_finds_a_rollover_without_an_alias(apply: Apply, server: Recorder) -> None:
    apply.config.write_text(CONFIG + 'rotation = "none"\n')
    apply()
    cluster_of_policies(server)
    del server.stored["/cdn-logs-000001"]
    done = check(apply)
    assert done.code == 1
    assert done.out.decode().splitlines()[0] == f"alias: there is no alias cdn-logs; {apply_command(apply)}"
    server.stored["/cdn-logs"] = {}
    assert (
        "rollover: cdn-logs is an index, but the policy rolls over only an alias" in check(apply).out.decode()
    )


def test_check_finds_indices_of_others(apply: Apply, server: Recorder) -> None:
    apply()
    cluster_of_policies(server)
    indices(server, **{"cdn-logs-theirs": None})
    guessed = {"mappings": {"properties": {"c-ip": {"type": "text"}}}}
    mappings = dict.fromkeys(("cdn-logs-theirs", ".ds-cdn-logs-other-000001", ".hidden"), guessed)
    server.answers["GET", "/cdn-logs-*/_mapping"] = (200, mappings)
    assert check(apply).out.decode().splitlines()[0] == (
        "indices: cdn-logs-* matches .ds-cdn-logs-other-000001 and 1 more, too, but neither edgelift nor "
        "Firehose names indices so: template, policy and charts are also for such an index; rename it, or "
        "choose another [opensearch] index_prefix"
    )
    # Their types and policies are their own.
    assert len(check(apply).out.decode().splitlines()) == 2


def test_findings_have_the_whole_command(apply: Apply) -> None:
    apply.config.write_text(CONFIG + 'rotation = "none"\n')
    done = check(apply, "--role", "least", "--data-stream", "--input-format", "realtime", "--insecure")
    assert done.out.decode().splitlines()[0] == (
        f"index template: there is no index template cdn-logs-stream; {apply_command(apply)} "
        "--input-format realtime --insecure --role least --data-stream"
    )


def test_check_changes_nothing_but_its_probe(apply: Apply, server: Recorder) -> None:
    done = check(apply, "--json")
    assert done.code == 1
    assert server.writes == []

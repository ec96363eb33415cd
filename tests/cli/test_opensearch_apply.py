"""``edgelift opensearch apply`` against a server that records requests and checks policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from edgelift.opensearch.settings import difference
from tests.cli.applying import CONFIG, MAPPING, POLICY, ROLE, TEMPLATE, TITLES, Apply, apply, indices, server

if TYPE_CHECKING:
    from tests.cli.recording_server import Recorder

__all__ = ["apply", "server"]


def test_steps_are_done_in_order_and_once(apply: Apply, server: Recorder) -> None:
    done = apply()
    assert (done.code, done.err.splitlines()) == (0, [f"edgelift: {title} created" for title in TITLES])
    assert server.writes == [("PUT", path) for path in (TEMPLATE, POLICY, ROLE, MAPPING)]
    server.requests.clear()
    done = apply()
    assert (done.code, done.err) == (0, "")
    assert done.out.decode().splitlines() == [f"{title}: unchanged" for title in TITLES]
    assert server.writes == []


def test_changed_policy_is_updated_with_its_sequence_number(apply: Apply, server: Recorder) -> None:
    apply()
    apply.config.write_text(CONFIG.replace("30", "60"))
    done = apply()
    assert done.code == 0
    assert '-            "min_index_age": "30d"' in done.out.decode()
    assert '+            "min_index_age": "60d"' in done.out.decode()
    assert done.err == "edgelift: policy cdn-logs updated\n"
    assert "60d" in str(server.stored[POLICY])
    assert apply().out.count(b"unchanged") == 4


def test_policy_with_a_rollover_fits_the_schema(apply: Apply, server: Recorder) -> None:
    apply.config.write_text(CONFIG + 'rotation = "none"\n')
    assert apply().code == 0
    assert "'copy_alias': False" in str(server.stored[POLICY])
    assert apply().out.count(b"unchanged") == 5


def test_alias_that_the_policy_rolls_over_is_created_with_its_first_index(
    apply: Apply, server: Recorder
) -> None:
    apply.config.write_text(CONFIG + 'rotation = "none"\n')
    said = "alias cdn-logs: create, of the index cdn-logs-000001"
    assert said in apply("--dry-run").out.decode().splitlines()
    done = apply()
    assert (done.code, done.err.splitlines()[2]) == (0, "edgelift: alias cdn-logs created")
    assert server.stored["/cdn-logs-000001"] == {"aliases": {"cdn-logs": {"is_write_index": True}}}
    # It has the settings of the template, and those of the policy.
    paths = [path for _, path in server.writes]
    assert paths.index(TEMPLATE) < paths.index(POLICY) < paths.index("/cdn-logs-000001")
    server.requests.clear()
    assert "alias cdn-logs: unchanged" in apply().out.decode().splitlines()
    assert server.writes == []


def test_alias_is_added_to_a_first_index_that_exists(apply: Apply, server: Recorder) -> None:
    apply.config.write_text(CONFIG + 'rotation = "none"\n')
    server.stored["/cdn-logs-000001"] = {}
    assert apply().code == 0
    assert server.stored["/cdn-logs-000001/_alias/cdn-logs"] == {"is_write_index": True}
    assert "alias cdn-logs: unchanged" in apply().out.decode().splitlines()


def test_index_in_the_place_of_the_alias_is_warned_of(apply: Apply, server: Recorder) -> None:
    apply.config.write_text(CONFIG + 'rotation = "none"\n')
    server.stored["/cdn-logs"] = {}
    done = apply()
    assert done.code == 0
    assert done.err.splitlines()[0] == (
        "warning: cdn-logs is an index, but the policy rolls over only an alias or a data stream; "
        "delete the index cdn-logs, then run edgelift opensearch apply and edgelift reprocess"
    )
    assert not [path for _, path in server.writes if path.startswith("/cdn-logs")]


def test_index_in_the_place_of_the_data_stream_is_warned_of(apply: Apply, server: Recorder) -> None:
    apply.config.write_text(CONFIG + 'rotation = "none"\n')
    server.stored["/cdn-logs"] = {}
    done = apply("--data-stream", "--dry-run")
    assert done.code == 0
    assert done.err == (
        "warning: cdn-logs is an index, and stays one: only the first document for a name makes a data "
        "stream; delete the index cdn-logs, then run edgelift reprocess\n"
    )


@pytest.mark.parametrize("words", [("--data-stream",), ()])
def test_nothing_is_created_where_nothing_rolls_over(
    apply: Apply, server: Recorder, words: tuple[str, ...]
) -> None:
    # A data stream begins with its first document, and indices named by the time do, too.
    apply.config.write_text(CONFIG + ('rotation = "none"\n' if words else ""))
    assert apply(*words).code == 0
    assert not [path for _, path in server.writes if path.startswith("/cdn-logs")]


def test_alias_of_a_rollover_is_named_where_there_are_policies(apply: Apply, server: Recorder) -> None:
    def alias() -> Any:  # noqa: ANN401 - of JSON
        return server.stored[TEMPLATE]["template"]["settings"]["index"].get("plugins")

    apply()
    assert alias() is None
    apply.config.write_text(CONFIG + 'rotation = "none"\n')
    assert apply().code == 0
    assert alias() == {"index_state_management": {"rollover_alias": "cdn-logs"}}
    reason = f"no handler found for uri [{POLICY}] and method [GET]"
    server.answers["GET", POLICY] = (400, {"error": reason})
    done = apply()
    assert done.code == 0
    assert "policy skipped: no Index State Management" in done.out.decode()
    assert alias() is None
    assert b"index template cdn-logs: unchanged" in apply().out


def test_dry_run_writes_nothing(apply: Apply, server: Recorder) -> None:
    done = apply("--dry-run")
    assert (done.code, done.err) == (0, "")
    assert done.out.decode().splitlines() == [f"{title}: create" for title in TITLES]
    assert server.writes == []


def test_without_role_the_variant_of_the_live_role_stays(apply: Apply, server: Recorder) -> None:
    assert apply("--role", "least").code == 0
    least = server.stored[ROLE]
    server.requests.clear()
    done = apply()
    assert (done.code, done.err, server.writes) == (0, "", [])
    said = "role cdn-logs-firehose: unchanged, the variant least; --role changes it"
    assert done.out.decode().splitlines()[2] == said
    # The IAM role is another matter.
    apply.config.write_text(CONFIG.replace("role/firehose", "role/other"))
    assert apply().err == "edgelift: role mapping cdn-logs-firehose updated\n"
    assert server.stored[ROLE] == least
    assert apply("--role", "recipe").err == "edgelift: role cdn-logs-firehose updated\n"
    assert server.stored[ROLE] != least


def test_variant_stays_if_the_indices_of_the_role_change(apply: Apply, server: Recorder) -> None:
    apply("--role", "least")
    least = server.stored[ROLE]["index_permissions"][0]["allowed_actions"]
    apply.config.write_text(CONFIG + 'rotation = "none"\n')
    done = apply()
    assert "role cdn-logs-firehose: update, the variant least; --role changes it\n" in done.out.decode()
    assert server.stored[ROLE]["index_permissions"] == [
        {"index_patterns": ["cdn-logs", "cdn-logs-*"], "allowed_actions": least}
    ]


def test_role_that_is_no_variant_stays_without_role(apply: Apply, server: Recorder) -> None:
    apply("--role", "least")
    server.stored[ROLE]["cluster_permissions"] = ["cluster_monitor"]
    server.requests.clear()
    done = apply()
    assert (done.code, server.writes) == (0, [])
    assert done.err == (
        "warning: the role cdn-logs-firehose is none of the variants recipe, least, monitor, and stays as it "
        "is; choose one with --role\n"
    )


def test_changed_role_is_shown_before_it_is_updated(apply: Apply, server: Recorder) -> None:
    apply("--role", "least")
    server.stored[ROLE] = {"cluster_permissions": ["cluster_monitor"], "index_permissions": []}
    done = apply("--dry-run", "--role", "recipe")
    assert "role cdn-logs-firehose: update\n" in done.out.decode()
    assert '+    "cluster_composite_ops"' in done.out.decode()


def test_failed_step_lists_what_was_done_and_what_was_not(apply: Apply, server: Recorder) -> None:
    reason = {"error": {"type": "security_exception", "reason": "no permissions"}}
    server.answers["PUT", ROLE] = (403, reason)
    done = apply()
    assert done.code == 3
    problem, progress = done.err.splitlines()
    said = f"{server.url} answers 403 security_exception: no permissions"
    assert problem.startswith(f"edgelift: role cdn-logs-firehose: {said}; use a user who may administer")
    before, after = (
        ", ".join(titles) for titles in ([f"{title} created" for title in TITLES[:2]], TITLES[2:])
    )
    assert progress == f"done: {before}; not done: {after}"
    # The next run does the rest.
    del server.answers["PUT", ROLE]
    done = apply()
    assert (done.code, done.err.count("created")) == (0, 2)


def test_serverless_has_neither_policies_nor_roles(apply: Apply, server: Recorder) -> None:
    server.answers["GET", "/"] = (404, {})
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "eu-west-1"}
    words = ("--endpoint", server.url, "--config", apply.config, "--sigv4", "aoss")
    done = apply.run("opensearch", "apply", *words, env=keys)
    assert done.code == 0, done.err
    assert "policy skipped: Serverless has data lifecycle policies" in done.out.decode()
    assert "roles skipped: Serverless has data access policies" in done.out.decode()
    assert server.writes == [("PUT", TEMPLATE)]


def test_existing_indices_are_attached_only_if_wanted(apply: Apply, server: Recorder) -> None:
    indices(
        server, **{"cdn-logs-2026-10-01": None, "cdn-logs-2026-w44": "theirs", "cdn-logs-2026-11": "cdn-logs"}
    )
    assert apply().code == 0
    assert not [path for _, path in server.writes if "/_ism/add" in path or "change_policy" in path]
    listed = [
        "cdn-logs-2026-10-01: 40 days old, under no policy; would be DELETED at once",
        "cdn-logs-2026-11: 1 days old, under the policy cdn-logs",
        "cdn-logs-2026-w44: 5 days old, under the policy theirs",
    ]
    server.requests.clear()
    done = apply("--attach-existing", "--dry-run")
    assert done.out.decode().splitlines()[4:] == listed
    assert server.writes == []
    done = apply("--attach-existing")
    assert done.out.decode().splitlines()[4:] == listed
    assert done.err == "edgelift: indices under the policy cdn-logs: 1 new, 1 changed\n"
    body = {"policy_id": "cdn-logs"}
    assert [request for request in server.requests if request[0] == "POST" and "_ism" in request[1]] == [
        ("POST", "/_plugins/_ism/add/cdn-logs-2026-10-01", body),
        ("POST", "/_plugins/_ism/change_policy/cdn-logs-2026-w44", body),
    ]


def test_indices_under_an_earlier_version_of_the_policy_are_changed(apply: Apply, server: Recorder) -> None:
    apply()
    rules = server.stored[POLICY]["policy"]
    names = {"cdn-logs-2026-10-01": "cdn-logs", "cdn-logs-2026-11-18": "cdn-logs"}
    indices(server, rules, **names)
    done = apply("--attach-existing")
    assert done.err == "edgelift: indices under the policy cdn-logs: 0 new, 0 changed\n"
    apply.config.write_text(CONFIG.replace("30", "90"))
    done = apply("--dry-run")
    kept = "indices that are under it keep its earlier version, which --attach-existing changes"
    assert f"policy cdn-logs: update, {kept}" in done.out.decode().splitlines()
    server.requests.clear()
    done = apply("--attach-existing")
    assert done.out.decode().splitlines()[-2:] == [
        "cdn-logs-2026-10-01: 40 days old, under an earlier version of the policy cdn-logs",
        "cdn-logs-2026-11-18: 5 days old, under an earlier version of the policy cdn-logs",
    ]
    assert done.err.splitlines()[-1] == "edgelift: indices under the policy cdn-logs: 0 new, 2 changed"
    assert server.writes == [
        ("PUT", POLICY),
        *(("POST", f"/_plugins/_ism/change_policy/{name}") for name in names),
    ]


def test_policy_that_is_no_longer_configured_is_named(apply: Apply) -> None:
    apply()
    apply.config.write_text(CONFIG.replace("retention_days = 30", ""))
    done = apply()
    assert done.code == 0
    assert done.err == (
        "warning: the policy cdn-logs deletes indices, but [opensearch] retention_days is not set; set it; "
        "or POST /_plugins/_ism/remove/INDEX for each index under it, then DELETE "
        "/_plugins/_ism/policies/cdn-logs\n"
    )


def test_indices_of_others_are_listed_first_and_not_attached(apply: Apply, server: Recorder) -> None:
    indices(server, **{"cdn-logs-2026-10-01": None, "cdn-logs-theirs": None, "cdn-logs-2026-w48": "theirs"})
    done = apply("--attach-existing")
    assert done.code == 0
    why = "NOT attached: the index pattern matches it, but neither edgelift nor Firehose names one so"
    assert done.out.decode().splitlines()[4:] == [
        f"cdn-logs-theirs: 5 days old, under no policy; {why}",
        "cdn-logs-2026-10-01: 40 days old, under no policy; would be DELETED at once",
        "cdn-logs-2026-w48: 1 days old, under the policy theirs",
    ]
    assert done.err.splitlines()[-1] == "edgelift: indices under the policy cdn-logs: 1 new, 1 changed"
    assert not [path for _, path in server.writes if path.endswith("theirs")]


def test_indices_of_systems_are_not_attached(apply: Apply, server: Recorder) -> None:
    names = (".kibana_1", ".ds-cdn-logs-other-000001", ".ds-cdn-logs-000001")
    indices(server, **dict.fromkeys(names))
    done = apply("--attach-existing")
    assert done.out.decode().splitlines()[4:] == [".ds-cdn-logs-000001: 1 days old, under no policy"]
    assert [path for _, path in server.writes if "/_ism/add" in path] == [
        "/_plugins/_ism/add/.ds-cdn-logs-000001"
    ]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((500, {"error": {"type": "x", "reason": "boom"}}), "answers 500 x: boom"),
        ((200, {"failures": True, "failed_indices": ["why"]}), "under the policy cdn-logs: ['why']"),
    ],
)
def test_failed_attachment_lists_what_was_done_and_what_was_not(
    apply: Apply, server: Recorder, answer: tuple[int, Any], reason: str
) -> None:
    apply()
    indices(
        server, **{"cdn-logs-2026-10-01": None, "cdn-logs-2026-10-02": "theirs", "cdn-logs-2026-10-03": None}
    )
    server.answers["POST", "/_plugins/_ism/add/cdn-logs-2026-10-03"] = answer
    done = apply("--attach-existing")
    assert done.code == 3
    problem, progress = done.err.splitlines()
    assert "cdn-logs-2026-10-03" in problem
    assert problem.endswith(reason)
    assert progress == "done: cdn-logs-2026-10-01; not done: cdn-logs-2026-10-03, cdn-logs-2026-10-02"


def test_nothing_is_attached_if_policies_cannot_be_read(apply: Apply, server: Recorder) -> None:
    indices(server, **{"cdn-logs-2026-10-01": None})
    denied = {"error": {"type": "security_exception", "reason": "no permissions"}}
    server.answers["GET", "/_plugins/_ism/explain/cdn-logs-2026-10-01?show_policy=true"] = (403, denied)
    done = apply("--attach-existing")
    assert (done.code, server.writes) == (3, [])
    assert "reading the policies of indices: " in done.err
    assert "use a user who may administer the cluster" in done.err


def test_templates_of_a_higher_priority_are_named(apply: Apply, server: Recorder) -> None:
    bodies = {
        "theirs": {"index_patterns": ["cdn-theirs*", "*"], "priority": 700},
        "low": {"index_patterns": ["*"], "priority": 1},
        "apart": {"index_patterns": ["web-*"], "priority": 700},
    }
    listed = [{"name": name, "index_template": body} for name, body in bodies.items()]
    server.answers["GET", "/_index_template"] = (200, {"index_templates": listed})
    for words in ["--dry-run"], []:
        done = apply(*words)
        assert done.code == 0
        assert done.err.splitlines()[0] == (
            "warning: indices of cdn-logs-* get the types of other index templates instead, whose priority "
            "is not below 500: theirs (priority 700, cdn-theirs*, *); delete them, give them a priority "
            "below 500, or choose another [opensearch] index_prefix"
        )


def test_what_servers_add_or_write_otherwise_is_no_difference() -> None:
    wanted = {"shards": 1, "on": True, "empty": [], "states": [{"actions": [{"delete": {}}]}]}
    live = {"shards": "1", "on": "true", "states": [{"actions": [{"delete": {}, "retry": {"count": 3}}]}]}
    assert difference(live | {"last_updated_time": 7, "dls": None}, wanted) == []
    assert difference(live | {"more": "1"}, wanted) != []


@pytest.mark.parametrize(
    "theirs",
    [
        {"composed_of": ["somebody-s"]},
        {"version": 7},
        {"template": {"settings": {"index": {"hidden": True}}}},
        {"template": {"mappings": {"properties": {"version": {"type": "keyword"}}}}},
        {"template": {"mappings": {"properties": {"user": {"properties": {"retry": {"type": "long"}}}}}}},
    ],
)
def test_settings_of_others_are_a_difference(theirs: dict[str, Any]) -> None:
    assert difference({"priority": 500, **theirs}, {"priority": 500}) != []


def test_what_a_policy_gets_from_the_server_is_no_difference() -> None:
    def policy(action: dict[str, Any], **added: object) -> dict[str, Any]:
        return {"states": [{"name": "written", "actions": [action]}], **added}

    rollover = {"min_index_age": "1d"}
    live = policy({"rollover": {**rollover, "copy_alias": False}, "retry": {"count": 3}}, schema_version=21)
    assert difference(live, policy({"rollover": rollover})) == []
    live = policy({"rollover": {**rollover, "copy_alias": True}})
    assert difference(live, policy({"rollover": rollover})) != []

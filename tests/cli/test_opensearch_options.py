"""Options of ``edgelift opensearch``: each is for some of its commands, and others refuse it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from edgelift.cli.arguments import Option, parameters
from edgelift.cli.opensearch.options import NEEDS, TAKEN_BY, Options

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

CLUSTER = ("--endpoint", "http://127.0.0.1:9")
DASHBOARDS = ("--dashboards", "http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["check", *CLUSTER, *DASHBOARDS], "check does not take --dashboards, which is for apply"),
        (["check", *CLUSTER, "--dry-run"], "check does not take --dry-run, which is for apply"),
        (
            ["check", *CLUSTER, "--attach-existing"],
            "check does not take --attach-existing, which is for apply",
        ),
        (["check", *CLUSTER, "--tenant", "global"], "check does not take --tenant, which is for apply"),
        (["check", *DASHBOARDS], "check does not take --dashboards, which is for apply"),
        (["apply", *CLUSTER, "--json"], "apply does not take --json, which is for check"),
        (
            ["show", "template", *CLUSTER],
            "show template does not take --endpoint, which is for apply and check",
        ),
        (
            ["show", "policy", "--user", "me"],
            "show policy does not take --user, which is for apply and check",
        ),
        (
            ["show", "template", "--role", "least"],
            "show template does not take --role, which is for show roles, apply and check",
        ),
        (
            ["show", "roles", "--data-stream"],
            "show roles does not take --data-stream, which is for show template, apply and check",
        ),
        (["apply", *DASHBOARDS, "--role", "least"], "--role has no effect without --endpoint"),
        (["apply", *DASHBOARDS, "--data-stream"], "--data-stream has no effect without --endpoint"),
        (["apply", *DASHBOARDS, "--attach-existing"], "--attach-existing has no effect without --endpoint"),
        (["apply", *CLUSTER, "--tenant", "global"], "--tenant has no effect without --dashboards"),
        (["apply", *CLUSTER, "--region", "eu-west-1"], "--region has no effect without --sigv4"),
        (["check", *CLUSTER, "--profile", "me"], "--profile has no effect without --sigv4"),
        (["check"], "--endpoint is missing, the URL of OpenSearch"),
        (["apply"], "--endpoint is missing, the URL of OpenSearch, or --dashboards, that of Dashboards"),
    ],
)
def test_option_without_effect_is_wrong_usage(run: Run, words: list[str], message: str) -> None:
    done = run("opensearch", *words)
    assert (done.code, done.out, done.err) == (2, b"", f"edgelift: {message}\n")


def test_each_option_is_for_some_commands() -> None:
    options = {each.name for each in parameters(Options) if isinstance(each.declared, Option)}
    assert options - TAKEN_BY.keys() == {"fields", "config", "input_format"}
    assert TAKEN_BY.keys() | NEEDS.keys() | set(NEEDS.values()) <= options


def test_input_format_replaces_that_of_the_configuration(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "edgelift.toml"
    config.write_text('[[layouts]]\nfields = ["timestamp", "c-ip"]\n[output]\ntimestamp = "verbatim"\n')

    def address_and_time(*words: str) -> list[object]:
        done = run("opensearch", "show", "template", "--config", config, *words)
        assert done.code == 0
        properties = json.loads(done.out)["template"]["mappings"]["properties"]
        return [properties["c-ip"], properties["timestamp"]["type"]]

    # Of a log with a header nobody knows whether a column has values of this kind.
    assert address_and_time() == [{"type": "ip", "ignore_malformed": True}, "keyword"]
    assert address_and_time("--input-format", "realtime") == [{"type": "ip"}, "date"]


def test_missing_layout_is_asked_for_with_the_whole_command(run: Run) -> None:
    done = run("opensearch", "apply", "--input-format", "realtime", *CLUSTER)
    assert done.code == 2
    assert done.err.splitlines()[-2:] == [
        f"  edgelift opensearch apply --fields timestamp,c-ip,sc-status {' '.join(CLUSTER)}",
        f"  edgelift opensearch apply --config edgelift.toml {' '.join(CLUSTER)}",
    ]
    done = run("opensearch", "show", "template", "--input-format", "realtime")
    assert done.err.splitlines()[-1] == "  edgelift opensearch show template --config edgelift.toml"

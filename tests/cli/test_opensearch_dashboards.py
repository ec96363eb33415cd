"""``edgelift opensearch apply --dashboards`` against a server that keeps what is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.recording_server import recording
from tests.dashboards.server import Dashboards, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Run

OBJECTS = 28


@pytest.fixture
def dashboards() -> Iterator[Dashboards]:
    with serving(Dashboards()) as server:
        yield server


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "edgelift.toml"
    path.write_text('[[layouts]]\nfields = ["timestamp", "c-ip"]\n')
    return path


def test_dashboards_are_imported_once(run: Run, dashboards: Dashboards, config: Path) -> None:
    words = ("opensearch", "apply", "--dashboards", dashboards.url, "--config", config)
    done = run(*words)
    assert (done.code, done.err) == (0, f"edgelift: {OBJECTS} saved objects imported and read back\n")
    lines = done.out.decode().splitlines()
    assert lines[0] == "index-pattern cdn-logs: create"
    assert lines[-1] == "dashboard cdn-logs-errors: create"
    assert len(lines) == OBJECTS
    done = run(*words)
    assert (done.code, done.err, done.out) == (0, "", f"{OBJECTS} saved objects: unchanged\n".encode())
    assert len(dashboards.imports) == 1


def test_dry_run_imports_nothing(run: Run, dashboards: Dashboards, config: Path) -> None:
    done = run("opensearch", "apply", "--dashboards", dashboards.url, "--config", config, "--dry-run")
    assert (done.code, done.err) == (0, "")
    assert done.out.count(b": create\n") == OBJECTS
    assert dashboards.imports == []


def test_tenant_and_password_go_to_dashboards(run: Run, dashboards: Dashboards, config: Path) -> None:
    words = ("--dashboards", dashboards.url, "--tenant", "global", "--user", "me", "--config", config)
    assert run("opensearch", "apply", *words, env={"OPENSEARCH_PASSWORD": "secret"}).code == 0
    assert dashboards.tenants.keys() == {"global"}
    assert dashboards.authorizations == {"Basic bWU6c2VjcmV0"}


def test_cluster_is_prepared_before_dashboards(run: Run, dashboards: Dashboards, config: Path) -> None:
    with recording() as cluster:
        where = ("--endpoint", cluster.url, "--dashboards", dashboards.url)
        done = run("opensearch", "apply", *where, "--config", config)
    assert done.code == 0
    assert done.err.splitlines() == [
        "edgelift: index template cdn-logs created",
        f"edgelift: {OBJECTS} saved objects imported and read back",
    ]


def test_nothing_is_done_if_dashboards_does_not_answer(run: Run, config: Path) -> None:
    gone = Dashboards()
    gone.server_close()
    with recording() as cluster:
        where = ("--endpoint", cluster.url, "--dashboards", gone.url)
        done = run("opensearch", "apply", *where, "--config", config)
        assert (done.code, done.out) == (3, b"")
        assert done.err.startswith(f"edgelift: cannot use {gone.url}: ")
        assert done.err.endswith("; is the URL right, and may this machine connect?\n")
        assert cluster.writes == []


def test_refused_import_stops_with_its_reason(run: Run, dashboards: Dashboards, config: Path) -> None:
    dashboards.answer = (403, {"statusCode": 403, "error": "Forbidden", "message": "no permissions"})
    done = run("opensearch", "apply", "--dashboards", dashboards.url, "--config", config)
    assert done.code == 3
    assert done.err == f"edgelift: cannot use {dashboards.url}: 403 no permissions\n"


def test_apply_without_a_server_says_which_are_possible(run: Run) -> None:
    done = run("opensearch", "apply")
    assert done.code == 2
    assert "--endpoint is missing, the URL of OpenSearch, or --dashboards, that of Dashboards" in done.err

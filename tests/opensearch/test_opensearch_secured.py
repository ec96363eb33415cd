"""A real OpenSearch with TLS, users and roles."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.opensearch.conftest import SECURITY
from tests.opensearch.server import ADMIN, certificate
from tests.reprocess.conftest import Logs, Reprocess, make_logs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.cli.conftest import Run
    from tests.opensearch.server import Server

INDEX = ("--index", "cdn-logs")
WRITER = ("writer", "a-Pass-word-of-9")

PAGE = Path(__file__).parents[2] / "docs/reprocess.md"


@pytest.fixture(scope="module")
def logs() -> Logs:
    return make_logs(3, 300, seed=10)


@pytest.fixture(scope="module")
def node(secured_node: Server) -> Server:
    """Give one with a user who may write to indices of logs, and do nothing else."""
    name, password = WRITER
    secured_node.ask("PUT", f"{SECURITY}/internalusers/{name}", {"password": password})
    secured_node.ask("PUT", f"{SECURITY}/roles/{name}", documented_role())
    secured_node.ask("PUT", f"{SECURITY}/rolesmapping/{name}", {"users": [name]})
    return secured_node


def documented_role() -> object:
    """Return the role that the page says a user needs."""
    blocks = map(json.loads, re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL))
    (role,) = (block for block in blocks if "index_permissions" in block)
    return role


@pytest.fixture
def to(run: Run, tmp_path: Path, aws: Mapping[str, str]) -> Reprocess:
    """Give the command line with the password of the user who may write."""
    return Reprocess(run, tmp_path / "journal", {**aws, "OPENSEARCH_PASSWORD": WRITER[1]})


def who(user: tuple[str, str], pem: Path) -> tuple[str | Path, ...]:
    return ("--user", user[0], "--ca-certs", pem)


def test_user_with_the_documented_role_writes_documents(
    to: Reprocess, logs: Logs, source: Path, opensearch: Server
) -> None:
    account = to.account(source, opensearch.url, *who(WRITER, opensearch.pem), *INDEX)
    assert {name: account["totals"][name] for name in logs.counts} == logs.counts
    assert opensearch.by_id() == logs.by_id
    account = to.account(source, opensearch.url, *who(WRITER, opensearch.pem), *INDEX)
    assert account["totals"]["already_there"] == logs.counts["written"]


def test_warning_of_guessed_types_names_a_command_that_can_be_run(
    to: Reprocess, run: Run, source: Path, opensearch: Server
) -> None:
    to.environment["OPENSEARCH_PASSWORD"] = ADMIN[1]
    done = to(source, opensearch.url, *who(ADMIN, opensearch.pem))
    warning = next(line for line in done.err.splitlines() if "OpenSearch guesses types; first run: " in line)
    command = shlex.split(warning.partition("first run: ")[2])
    assert command[-4:] == ["--user", ADMIN[0], "--ca-certs", str(opensearch.pem)]
    applied = run(*command[1:], env=to.environment)
    assert (applied.code, applied.err) == (0, "edgelift: index template cdn-logs created\n")


def test_index_without_permission_stops_the_job(to: Reprocess, source: Path, opensearch: Server) -> None:
    done = to(source, opensearch.url, *who(WRITER, opensearch.pem), "--index", "other")
    assert done.code == 3
    assert (
        f"edgelift: {opensearch.url} rejects documents for the index other: security_exception: " in done.err
    )
    assert "no permissions for [indices:" in done.err
    assert "read 0, written 0" in done.err
    assert "Traceback" not in done.err


def test_wrong_or_missing_password_stops_the_job(to: Reprocess, source: Path, opensearch: Server) -> None:
    to.environment["OPENSEARCH_PASSWORD"] = "wrong"  # noqa: S105 -- it is
    done = to(source, opensearch.url, *who(ADMIN, opensearch.pem))
    assert done.code == 3
    assert (
        f"edgelift: cannot use {opensearch.url}: 401 Unauthorized; check --user and OPENSEARCH_PASSWORD, "
        in done.err
    )
    assert not to.journal.exists()
    done = to(source, opensearch.url, "--ca-certs", opensearch.pem)
    assert done.code == 3
    assert (
        f"edgelift: cannot use {opensearch.url}: 401 Unauthorized; check --user and OPENSEARCH_PASSWORD, "
        in done.err
    )


@pytest.mark.parametrize("trusted", ["those that are trusted anyway", "another"])
def test_untrusted_certificate_stops_the_job(
    to: Reprocess, source: Path, opensearch: Server, trusted: str, tmp_path: Path
) -> None:
    words = ("--ca-certs", certificate(tmp_path, "other")) if trusted == "another" else ()
    done = to(source, opensearch.url, "--user", WRITER[0], *words)
    assert done.code == 3
    assert f"edgelift: cannot use {opensearch.url}: " in done.err
    assert "certificate verify failed: self-signed certificate" in done.err
    assert "name it or its CA with --ca-certs FILE" in done.err
    assert "Traceback" not in done.err


def test_certificate_of_another_host_stops_the_job(to: Reprocess, source: Path, opensearch: Server) -> None:
    url = f"https://localhost:{opensearch.port}"
    done = to(source, url, *who(WRITER, opensearch.pem), *INDEX)
    assert done.code == 3
    assert f"edgelift: cannot use {url}: " in done.err
    assert "certificate verify failed: Hostname mismatch" in done.err
    assert "--ca-certs" not in done.err

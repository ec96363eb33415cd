"""The real OpenSearch, and the command line that the tests of `reprocess` start."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.cli.conftest import command, environment, run
from tests.opensearch.server import Server, running
from tests.reprocess.conftest import aws, reprocess, s3, s3_url, source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.reprocess.conftest import Reprocess

__all__ = ["aws", "command", "environment", "reprocess", "run", "s3", "s3_url", "source"]


SECURITY = "/_plugins/_security/api"


@pytest.fixture(scope="session")
def node() -> Iterator[Server]:
    """Run one that takes everything."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def secured_node() -> Iterator[Server]:
    """Run one with TLS, users and roles, in which nobody may write without a role."""
    with running(secured=True) as server:
        # It comes with a role for everybody, who may write everywhere in a bulk.
        server.ask("PUT", f"{SECURITY}/rolesmapping/own_index", {"users": ["nobody"]})
        yield server


@pytest.fixture
def opensearch(node: Server) -> Iterator[Server]:
    """Give it, without indices and templates of other tests."""
    yield node
    clear(node)


def clear(server: Server) -> None:
    """Delete what tests make."""
    names = server.ask("GET", "/_cat/indices?format=json&h=index&expand_wildcards=open,closed")
    for stream in server.ask("GET", "/_data_stream")["data_streams"]:
        server.ask("DELETE", f"/_data_stream/{stream['name']}")
    for index in (name["index"] for name in names if not name["index"].startswith(".")):
        server.ask("DELETE", f"/{index}")
    for template in server.ask("GET", "/_index_template")["index_templates"]:
        server.ask("DELETE", f"/_index_template/{template['name']}")


def wait_for(happened: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"{what}: not in {seconds} seconds"
        time.sleep(0.05)


class Begin(Protocol):
    """Start a job, to be waited for or killed; what it says on standard error goes to the test's."""

    def __call__(self, *arguments: str | Path) -> subprocess.Popen[bytes]: ...


@pytest.fixture
def begin(reprocess: Reprocess, command: tuple[str, ...], environment: dict[str, str]) -> Begin:
    def begin(*arguments: str | Path) -> subprocess.Popen[bytes]:
        words = [*command, *reprocess.words(*arguments)]
        return subprocess.Popen(words, env=environment | reprocess.environment, stdout=subprocess.DEVNULL)

    return begin

"""Documents that a real OpenSearch has already: compared, replaced, and what neither may be done with."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from tests.opensearch.conftest import SECURITY
from tests.opensearch.test_opensearch_secured import WRITER, documented_role, node, to, who
from tests.reprocess.conftest import Logs, make_logs

if TYPE_CHECKING:
    from pathlib import Path

    from tests.opensearch.server import Server
    from tests.reprocess.conftest import Reprocess

# The secured node and the command line with its user; the other tests here have a node without security.
__all__ = ["node", "to"]

INDEX = ("--index", "cdn-logs")


@pytest.fixture(scope="module")
def logs() -> Logs:
    return make_logs(3, 300, seed=17)


@pytest.fixture
def words(opensearch: Server) -> tuple[str | Path, ...]:
    return (opensearch.url, *who(WRITER, opensearch.pem), *INDEX)


def change(server: Server, logs: Logs, index: str, count: int) -> None:
    """Change some documents, and the order of the members of others."""
    known = list(logs.by_id.items())
    for name, document in known[:count]:
        server.ask("PUT", f"/{index}/_doc/{name}", document | {"sc-status": 599})
    for name, document in known[count : count + 3]:
        server.ask("PUT", f"/{index}/_doc/{name}", dict(reversed(document.items())))


def allow(server: Server, *, reading: bool) -> None:
    """Give the user the role that the page says, and what comparing needs."""
    role: Any = copy.deepcopy(documented_role())
    if reading:
        role["cluster_permissions"].append("indices:data/read/mget")
        role["index_permissions"][0]["allowed_actions"].append("indices:data/read/mget*")
    server.ask("PUT", f"{SECURITY}/roles/{WRITER[0]}", role)


def test_documents_are_compared_and_replaced_with_the_rights_that_messages_name(
    to: Reprocess, logs: Logs, source: Path, opensearch: Server, words: tuple[str | Path, ...]
) -> None:
    documents = logs.counts["written"]
    allow(opensearch, reading=False)
    assert to.account(source, *words)["totals"]["written"] == documents
    change(opensearch, logs, "cdn-logs", 4)

    done = to(source, *words, "--compare")
    assert done.code == 3
    assert "403 security_exception: no permissions for [indices:data/read/mget]" in done.err
    assert "--compare reads documents: allow indices:data/read/mget for the cluster and" in done.err

    allow(opensearch, reading=True)
    # No object was completed: the same command starts over.
    totals = to.account(source, *words, "--compare")["totals"]
    assert (totals["written"], totals["already_there"], totals["different"]) == (0, documents, 4)

    # Writing replaces; that needs no other rights.
    allow(opensearch, reading=False)
    totals = to.account(source, *words, "--overwrite")["totals"]
    assert (totals["written"], totals["replaced"], totals["already_there"]) == (documents, documents, 0)
    assert opensearch.by_id() == logs.by_id


def test_data_stream_is_compared_and_never_replaced(
    to: Reprocess, logs: Logs, source: Path, opensearch: Server, words: tuple[str | Path, ...]
) -> None:
    documents = logs.counts["written"]
    template = {"index_patterns": ["cdn-logs"], "data_stream": {"timestamp_field": {"name": "timestamp"}}}
    opensearch.ask("PUT", "/_index_template/logs", template)
    role: Any = documented_role()
    role["cluster_permissions"].append("indices:data/read/mget")
    role["index_permissions"][0]["index_patterns"].append(".ds-cdn-logs*")
    role["index_permissions"][0]["allowed_actions"] += [
        "indices:data/read/mget*",
        "indices:admin/data_stream/*",
    ]
    opensearch.ask("PUT", f"{SECURITY}/roles/{WRITER[0]}", role)
    assert to.account(source, *words)["totals"]["written"] == documents
    totals = to.account(source, *words, "--compare")["totals"]
    assert (totals["already_there"], totals["different"]) == (documents, 0)

    done = to(source, *words, "--overwrite")
    assert done.code == 3
    assert (
        f"edgelift: {opensearch.url} rejects documents for the index cdn-logs: illegal_argument_exception: "
        "only write ops with an op_type of create are allowed in data streams: the documents of a data "
        "stream cannot be replaced; leave out --overwrite\n"
    ) in done.err
    assert "written 0 (replaced 0)" in done.err
    assert opensearch.by_id() == logs.by_id
    # Nothing was done: the corrected command just works.
    assert to(source, *words).code == 1

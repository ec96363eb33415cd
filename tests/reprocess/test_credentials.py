"""Credentials of OpenSearch: not over a network in the clear, and not to where a server redirects."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from edgelift.reprocess.aws import AwsOptions
from edgelift.reprocess.errors import JobError, UsageError
from edgelift.reprocess.sinks.opensearch.client import OpenSearchClient
from edgelift.reprocess.sinks.opensearch.options import ClusterOptions
from tests.reprocess.fault_proxy import fault_proxy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reprocess.conftest import Reprocess
    from tests.reprocess.fault_proxy import FaultProxy

USER, SIGNED = ("--user", "admin"), ("--sigv4", "es")
UNENCRYPTED = "edgelift: credentials would go over http:// unencrypted: use https://, or --insecure"


@pytest.fixture
def rows(reprocess: Reprocess, tmp_path: Path) -> Path:
    reprocess.environment["OPENSEARCH_PASSWORD"] = "secret"  # noqa: S105 -- of nobody
    (tmp_path / "rows").write_text("1700000000.123\t10.0.0.1\t200\tGET\t/\n")
    return tmp_path / "rows"


@pytest.mark.parametrize("credentials", [USER, SIGNED])
def test_credentials_over_http_are_refused(
    reprocess: Reprocess, rows: Path, credentials: tuple[str, ...]
) -> None:
    done = reprocess(rows, "http://search.example.com:9200", *credentials)
    assert (done.code, done.out) == (2, b"")
    assert UNENCRYPTED in done.err
    assert "secret" not in done.err
    assert not reprocess.journal.exists()


@pytest.mark.parametrize("credentials", [USER, SIGNED])
def test_credentials_over_http_to_this_machine_are_sent(
    reprocess: Reprocess, rows: Path, proxy: FaultProxy, credentials: tuple[str, ...]
) -> None:
    for url in proxy.url, proxy.url.replace("127.0.0.1", "localhost"):
        assert reprocess(rows, url, *credentials).code == 0
    assert all("authorization" in {name.lower() for name in headers} for _, headers in proxy.headers)


def test_insecure_lets_credentials_go_over_http(reprocess: Reprocess, rows: Path) -> None:
    # Nobody resolves this name: only the connection fails.
    done = reprocess(rows, "http://search.invalid:9200", *USER, "--insecure")
    assert done.code == 3
    assert "edgelift: cannot use http://search.invalid:9200: " in done.err


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1.example.com",
        "localhost.example.com",
        "128.0.0.1",
        "0.0.0.0",  # noqa: S104 -- all machines, not this one
        "127.1",
        "[::2]",
        "[::ffff:10.0.0.1]",
        "localhost%2eexample.com",
        "127.0.0.1\\.example.com",
    ],
)
def test_other_hosts_are_not_this_machine(host: str) -> None:
    with pytest.raises(UsageError, match="unencrypted"):
        OpenSearchClient(f"http://{host}", ClusterOptions(sigv4="es"), AwsOptions())


@pytest.mark.parametrize("host", ["127.0.0.1", "127.255.0.9", "[::1]", "LOCALHOST"])
def test_loopback_hosts_are_this_machine(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("OPENSEARCH_PASSWORD", "secret")
    OpenSearchClient(f"http://{host}", ClusterOptions(user="admin"), AwsOptions())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(
    proxy: FaultProxy, opensearch: str, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("OPENSEARCH_PASSWORD", "secret")
    with fault_proxy(opensearch) as other:
        proxy.page = lambda _method, path, _count: (status, f"text/html\r\nLocation: {other.url}{path}", b"")
        cluster = OpenSearchClient(proxy.url, ClusterOptions(user="admin"), AwsOptions())
        with pytest.raises(JobError, match=f"{status} it redirects: name the URL that it leads to"):
            cluster.check()
    assert other.headers == []
    ((_, headers),) = proxy.headers
    assert headers["authorization"] == "Basic " + base64.b64encode(b"admin:secret").decode()

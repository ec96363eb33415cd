"""An event chooses among the destinations that the environment allows: nothing goes elsewhere."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from edgelift import ConfigError
from edgelift.reprocess.allowed_destinations import PORTS, Destination, check_allowed
from edgelift.reprocess.aws import AwsOptions
from edgelift.reprocess.errors import UsageError
from edgelift.reprocess.sinks.opensearch.client import OpenSearchClient
from edgelift.reprocess.sinks.opensearch.options import ClusterOptions
from tests.handlers.s3batch.conftest import COUNTS, ROWS, event, task
from tests.reprocess.conftest import uploaded
from tests.reprocess.fault_proxy import fault_proxy

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgelift.s3batch import Handler
    from tests.reprocess.conftest import Client

    Make = Callable[..., Handler]

CREDENTIALS: list[dict[str, str]] = [{"USER": "admin"}, {"SIGV4": "es"}]


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENSEARCH_PASSWORD", "secret")


def send(handler: Handler, destination: Any) -> tuple[str, str]:  # noqa: ANN401 -- of JSON
    """Give what the handler answers to a task of a job that names a destination: code and account."""
    entry = event(task("a"), version="2.0", userArguments={"destination": destination})
    (only,) = handler(entry, None)["results"]
    return only["resultCode"], only["resultString"]


@pytest.mark.parametrize("credentials", [{}, *CREDENTIALS])
@pytest.mark.parametrize("own", [True, False])
def test_destinations_that_only_the_event_names_get_no_request(
    make: Make, s3: Client, opensearch: str, credentials: dict[str, str], *, own: bool
) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    with fault_proxy(opensearch) as good, fault_proxy(opensearch) as evil:
        handler = make(good.url if own else None, **credentials)
        for destination in evil.url, evil.url.replace("127.0.0.1", "localhost"), f"{evil.url}/path":
            code, account = send(handler, destination)
            assert code == "PermanentFailure"
            assert f"the destination {destination} is not allowed: EDGELIFT_DESTINATION or " in account
        assert (evil.headers, good.headers) == ([], [])
        assert json.loads(send(handler, good.url)[1]) == COUNTS if own else not good.headers


def test_credentials_go_to_allowed_destinations_only(make: Make, s3: Client, opensearch: str) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    with fault_proxy(opensearch) as one, fault_proxy(opensearch) as other:
        handler = make(
            "s3://documents/new", USER="admin", ALLOWED_DESTINATIONS=f"{one.url},\n {other.url}/\n"
        )
        assert {send(handler, url)[0] for url in (one.url, other.url, "s3://documents/new/b")} == {
            "Succeeded"
        }
        expected = "Basic " + base64.b64encode(b"admin:secret").decode()
        for server in one, other:
            assert {headers["authorization"] for _, headers in server.headers} == {expected}
    assert set(uploaded(s3)) == {"new/b/logs/a.ndjson"}


ALLOWED = [
    "https://search.example.com",
    "http://10.0.0.1:80/logs",
    "https://[2001:db8::1]:9200",
    "s3://documents/new",
    "s3://whole",
    "firehose:cdn",
    "kinesis:cdn",
]
SPELLINGS = {
    "https://search.example.com": "https://search.example.com",
    "HTTPS://Search.EXAMPLE.com.:443/": "https://search.example.com",
    "https://search.example.com/logs/": "https://search.example.com/logs",
    "http://10.0.0.1:080/logs": "http://10.0.0.1:80/logs",
    "http://10.0.0.1:80/logs/a": "http://10.0.0.1:80/logs/a",
    "https://[2001:DB8:0::1]:9200": "https://[2001:db8::1]:9200",
    "s3://documents/new": "s3://documents/new/",
    "s3://documents/new/": "s3://documents/new/",
    "s3://documents/new/2024 ü": "s3://documents/new/2024 ü/",
    "s3://whole": "s3://whole/",
    "s3://whole/a//b": "s3://whole/a//b/",
    "firehose:cdn": "firehose:cdn",
    "kinesis:cdn": "kinesis:cdn",
}


def check(text: str) -> str:
    return check_allowed(text, [Destination.parse(allowed) for allowed in ALLOWED])


@pytest.mark.parametrize("text", SPELLINGS)
def test_destinations_are_normalized_before_they_are_used(text: str) -> None:
    assert check(text) == SPELLINGS[text]
    assert check(SPELLINGS[text]) == SPELLINGS[text]


@pytest.mark.parametrize(
    "text",
    [
        # Another scheme, host, port or path.
        "http://search.example.com",
        "http://search.example.com:443",
        "https://search.example.com:444",
        "https://search.example.com.evil.com",
        "https://evil.com/search.example.com",
        "https://example.com",
        "https://sub.search.example.com",
        "http://10.0.0.1/logs",
        "http://10.0.0.1:80",
        "http://10.0.0.1:80/logs2",
        "http://167772161:80/logs",
        "http://0xa.0.0.1:80/logs",
        "http://10.1:80/logs",
        "https://[2001:db8::2]:9200",
        # Whatever a reader of URLs may find another host in.
        "https://search.example.com@evil.com",
        "https://search.example.com:443@evil.com",
        "https://evil.com@search.example.com",
        "https://evil.com\\@search.example.com",
        "https://evil.com\\.search.example.com",
        "https:\\\\search.example.com",
        "https:/search.example.com",
        "https:search.example.com",
        "https:///search.example.com",
        "https://evil.com#search.example.com",
        "https://evil.com?search.example.com",
        "https://search.example.com?x",
        "https://search.example.com#x",
        "https://search.example.com%2eevil.com",
        "https://search.example.com%00.evil.com",
        "https://search%2eexample.com",
        "https://search.example.com\x00.evil.com",
        "https://search.example.com\n.evil.com",
        "https://search.example.com\t",
        " https://search.example.com",
        "https://search.example.com ",
        "https://search.example.com..",
        "https://search。example.com",
        "https://\uff53earch.example.com",
        "https://\u017fearch.example.com",
        "https://search.example.com\ud800",
        "https://search.example.com:",
        "https://search.example.com:0",
        "https://search.example.com:65979",
        "https://search.example.com:٤٤٣",
        "https://[::ffff:10.0.0.1%25eth0]:9200",
        "https://[2001:db8::1:9200",
        "https://[:::1]",
        "http://10.0.0.1:80/logs/../_security",
        "http://10.0.0.1:80/logs/%2e%2e/_security",
        "http://10.0.0.1:80/logs//x",
        # Buckets, prefixes and streams.
        "s3://documents",
        "s3://documents/newer",
        "s3://documents/new/../old",
        "s3://documents/./new",
        "s3://whole2",
        "s3://Whole",
        "s3://whole\x00/",
        "s3:///whole",
        "S3://whole",
        "s3://whole/\ud800",
        "firehose:other",
        "firehose:cdn/",
        "firehose:cdn\n",
        "kinesis:CDN",
        "kinesis:arn:aws:kinesis:us-east-1:1:stream/cdn",
        "cdn",
        "/tmp/documents",  # noqa: S108 -- refused
        "",
        "x" * 1_000_000,
        "https://" + "x" * 1_000_000,
        "https://" + "/" * 100_000 + "x",
    ],
)
def test_other_destinations_are_refused_with_a_short_message(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        check(text)
    assert len(str(caught.value)) < 300
    str(caught.value).encode()


def test_urls_without_a_port_get_the_default_of_the_client() -> None:
    for scheme, port in PORTS.items():
        # The constructor opens no connection.
        cluster = OpenSearchClient(f"{scheme}://search.example.com", ClusterOptions(), AwsOptions())
        (connection,) = cluster._client.transport.connection_pool.connections  # noqa: SLF001 -- of opensearch-py
        assert connection.port == port


@pytest.mark.parametrize("credentials", CREDENTIALS)
@pytest.mark.parametrize("name", ["DESTINATION", "ALLOWED_DESTINATIONS"])
def test_credentials_over_http_fail_the_deployment(
    make: Make, name: str, credentials: dict[str, str]
) -> None:
    where = {name: "http://search.example.com"}
    with pytest.raises(ConfigError, match=f"^EDGELIFT_{name}: credentials would go over http:// unencrypted"):
        make(None, **where, **credentials)
    make(None, **where)
    make(None, **where, **credentials, INSECURE="1")
    with pytest.raises(ConfigError, match='EDGELIFT_INSECURE: "true" is not one of 0, 1'):
        make(None, INSECURE="true")


@pytest.mark.parametrize("text", ["https://a, https://u:p@b", "s3://", "out/", "https://b\\c", "kinesis:"])
def test_a_wrong_list_fails_the_deployment(make: Make, text: str) -> None:
    with pytest.raises(ConfigError, match=r"^EDGELIFT_ALLOWED_DESTINATIONS: "):
        make(ALLOWED_DESTINATIONS=text)


def test_destinations_of_map_items_are_checked_too(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    items = [{"Bucket": "logs", "Key": "a", "Destination": "s3://documents/elsewhere"}]
    with pytest.raises(Exception, match="the destination s3://documents/elsewhere is not allowed") as caught:
        make()({"Items": items, "BatchInput": {"Destination": "s3://documents/new"}}, None)
    assert type(caught.value).__name__ == "PermanentFailure"
    assert uploaded(s3) == {}

"""Requests that are too large (413): later ones are smaller, and grow again when the server takes more."""

from __future__ import annotations

import random
import sys
from typing import TYPE_CHECKING

import pytest

from edgelift.reprocess.sinks.opensearch.request_size import MOST_SUCCESSES, SUCCESSES, RequestSize

if TYPE_CHECKING:
    from edgelift.reprocess.sinks.opensearch.client import Delivery, OpenSearchClient
    from tests.reprocess.fault_proxy import FaultProxy


def documents(first: int, count: int) -> bytes:
    """Make a body of documents, each of 53 bytes."""
    return b"".join(
        b'{"create":{"_index":"i","_id":"%07d"}}\n{"n":%07d}\n' % (number, number)
        for number in range(first, first + count)
    )


@pytest.fixture
def sizes(proxy: FaultProxy) -> list[int]:
    """Give the sizes of all requests with documents, as they arrive. All that are not too large are taken."""
    arrived: list[int] = []

    def answer(path: str, sent: bytes, _count: int) -> object:
        if path != "/_bulk":
            return {}
        arrived.append(len(sent))
        items = [{"create": {"status": 201}}] * (sent.count(b"\n") // 2)
        return (
            None if proxy.most is not None and len(sent) > proxy.most else {"errors": False, "items": items}
        )

    proxy.instead = answer
    return arrived


def test_requests_grow_again_when_the_server_takes_more(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, sizes: list[int]
) -> None:
    body = documents(0, 200)
    proxy.most = 3000
    cluster.deliver(body, delivery, lambda: False)
    assert max(sizes[-4:]) <= 3000
    proxy.most = None
    for number in range(200):
        cluster.deliver(documents(number * 200, 200), delivery, lambda: False)
        if sizes[-1] == len(body):
            break
    # As large as at first, and so is the next one.
    sizes.clear()
    cluster.deliver(body, delivery, lambda: False)
    assert sizes == [len(body)]
    assert delivery.created == 200 * (number + 3)


def test_a_server_with_a_low_limit_is_rarely_sent_more(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, sizes: list[int], refused: list[object]
) -> None:
    proxy.most = 3000
    cluster.deliver(documents(0, 200), delivery, lambda: False)
    sizes.clear()
    for number in range(60):
        cluster.deliver(documents(number * 200, 200), delivery, lambda: False)
    too_large = [size for size in sizes if size > 3000]
    # After 16 successes, 32, 64, …: of hundreds of requests a few.
    assert 1 <= len(too_large) <= 8
    assert len(sizes) > 200
    assert max(too_large) <= 3000 * 5 // 4 + 1
    # What passes has most of the size that could.
    assert sorted(sizes)[len(sizes) // 2] > 3000 * 3 // 5
    assert (delivery.created, refused) == (200 * 61, [])


def test_a_document_that_is_too_large_alone_lowers_no_limit(
    cluster: OpenSearchClient, proxy: FaultProxy, delivery: Delivery, sizes: list[int], refused: list[object]
) -> None:
    proxy.most = 3000
    large = b'{"create":{"_index":"i","_id":"large"}}\n{"n":"%s"}\n' % (b"x" * 5000)
    for _ in range(3):
        cluster.deliver(large, delivery, lambda: False)
    assert (len(sizes), len(refused)) == (3, 3)
    cluster.deliver(documents(0, 50), delivery, lambda: False)
    assert sizes[3:] == [len(documents(0, 50))]


def test_request_size_approaches_the_limit_of_any_server() -> None:
    seed = 20261128
    print(f"seed {seed}")  # noqa: T201 -- pytest shows it if a test fails
    chance = random.Random(seed)  # noqa: S311 -- no secret
    for _ in range(50):
        limit, takes, refusals, tries = RequestSize(), chance.randrange(1000, 100_000), 0, 0
        for _ in range(20_000):
            size = min(200_000, limit.limit)
            if size > takes:
                refusals += 1
                limit.refused(size)
            else:
                limit.taken(size)
        # It settles near what passes. Up to 8 refusals are halvings, up to 7 double the successes needed.
        assert takes * 3 // 8 < limit.limit <= takes * 5 // 4 + 1
        assert refusals <= 8 + 7 + 20_000 // MOST_SUCCESSES + 7
        while limit.limit < 200_000:
            limit.taken(limit.limit)
            tries += 1
        assert tries <= MOST_SUCCESSES + 40 * SUCCESSES
        assert limit.limit == sys.maxsize


def test_small_requests_do_not_raise_the_limit() -> None:
    limit = RequestSize()
    limit.refused(1000)
    for _ in range(10 * SUCCESSES):
        limit.taken(10)
    assert limit.limit == 500


def test_concurrent_refusals_halve_the_limit_once() -> None:
    limit = RequestSize()
    for _ in range(8):
        limit.refused(1000)
    assert limit.limit == 500

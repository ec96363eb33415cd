"""A pytest fixture: delivery streams whose account must add up when the test ends.

In ``conftest.py``::

    from edgelift.simulate.fixture import delivery_stream  # noqa: F401

and in a test::

    def test_configuration_survives_a_new_field(delivery_stream):
        stream = delivery_stream(Path("edgelift.toml"))
        stream.put(Path("old.tsv").read_bytes())
        stream.put(Path("new.tsv").read_bytes())
        assert stream.run().in_backup == 0
        assert stream.index.documents()[-1]["asn"] == 64496
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from edgelift.simulate.stream import DeliveryStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["delivery_stream"]


@pytest.fixture
def delivery_stream() -> Iterator[Callable[..., DeliveryStream]]:
    """Return a function that makes delivery streams, with the arguments of `DeliveryStream`.

    After the test each stream is run again, so that nothing put is left, and the test fails if its account
    does not add up: records are still pending, or were lost.
    """
    streams: list[DeliveryStream] = []

    def make(*args: Any, **settings: Any) -> DeliveryStream:  # noqa: ANN401 - those of DeliveryStream
        streams.append(DeliveryStream(*args, **settings))
        return streams[-1]

    yield make
    for stream in streams:
        account = stream.run()
        if not account.is_balanced:
            pytest.fail(f"the account of the delivery stream does not add up:\n{account}", pytrace=False)

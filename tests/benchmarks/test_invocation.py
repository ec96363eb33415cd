"""Whole invocations go through the real runtime client, and wrong answers stop the benchmark."""

import dataclasses
import sys
from collections.abc import Iterator

import pytest

from benchmarks import contenders, invocation, runtime_api


@pytest.fixture
def _client() -> Iterator[None]:
    """Forget the runtime client afterwards: where it is loaded, the handler answers for it."""
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "awslambdaric"]:
        del sys.modules[name]


@pytest.mark.usefixtures("_client")
def test_invocations_go_through_the_newest_client_with_its_json_in_c(monkeypatch: pytest.MonkeyPatch) -> None:
    marshaller = invocation.client_marshaller()
    module = sys.modules[type(marshaller).__module__]
    assert f"{runtime_api.NEWEST}/awslambdaric" in str(module.__file__)
    monkeypatch.setattr("simplejson.encoder.c_make_encoder", None)
    with pytest.raises(AssertionError, match="no C speedups"):
        invocation.client_marshaller()


@pytest.mark.usefixtures("_client")
def test_an_invocation_with_a_wrong_answer_stops_the_benchmark(capsys: pytest.CaptureFixture[str]) -> None:
    invocations = invocation.Invocations.checked("c14")
    handlers = contenders.Handlers.checked("c14")
    assert '"records"' in str(invocations.dicts(invocations.event))

    def other(_event: bytes) -> bytes:
        return b'{"records":[]}'

    for wrong in (
        dataclasses.replace(invocations, raw=other),
        dataclasses.replace(invocations, dicts=other),
        dataclasses.replace(invocations, naive=other),
    ):
        with pytest.raises(AssertionError, match="answers other than its handler"):
            wrong.check(handlers)
    text = invocations.raw(invocations.event)
    assert isinstance(text, bytes)
    with pytest.raises(AssertionError, match="answered no bytes"):
        dataclasses.replace(invocations, raw=lambda _event: text.decode()).check(handlers)
    assert "edgelift.batch" in capsys.readouterr().out

"""The benchmarks of whole events: wrong answers stop them, and they measure what they say."""

import dataclasses
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import buffers, contenders, invocation, loopback, resident, runtime_api
from benchmarks import corpus as corpora
from benchmarks.verdict import Ratio


def test_events_are_filled_up_to_their_size() -> None:
    lines = corpora.block("c14").lines[:300]
    for size in (20_000, 50_000, 100_000):
        event = corpora.event_of_size(lines, size)
        count = len(json.loads(event)["records"])
        assert event == corpora.event_bytes(lines[:count])
        assert len(event) <= size < len(corpora.event_bytes(lines[: count + 1]))


def _answers(count: int, data: str = "YQ==") -> list[dict[str, str]]:
    return [{"recordId": str(number), "result": "Ok", "data": data} for number in range(count)]


def test_a_response_with_wrong_answers_stops_the_benchmark() -> None:
    expected = _answers(3)
    contenders.check_response(json.dumps({"records": expected}).encode(), expected)
    for wrong, message in (
        (expected[:2], "left out a record"),
        ([*expected[:2], expected[2] | {"data": ""}], "answers differently"),
        ([*expected[:2], expected[2] | {"result": "ProcessingFailed"}], "answers differently"),
    ):
        with pytest.raises(AssertionError, match=message):
            contenders.check_response(json.dumps({"records": wrong}).encode(), expected)


def test_a_response_may_leave_documents_out_only_if_all_are_too_long() -> None:
    expected = _answers(7, "x" * 1_000_000)
    failed = {"result": "ProcessingFailed", "data": ""}
    contenders.check_response(
        json.dumps({"records": [*expected[:6], expected[6] | failed]}).encode(), expected
    )
    for wrong in (expected, [*expected[:6], expected[6] | {"data": ""}]):
        with pytest.raises(AssertionError, match="too long, or differently"):
            contenders.check_response(json.dumps({"records": wrong}).encode(), expected)


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


def test_a_function_with_a_wrong_answer_stops_the_benchmark() -> None:
    loopback.check_outcome("raw", "response", b"{}", b"{}")
    for kind, body in (("response", b"[]"), ("error", b"{}"), ("too_large", b"{}")):
        with pytest.raises(AssertionError, match=f"raw posted {kind} of 2 bytes"):
            loopback.check_outcome("raw", kind, body, b"{}")


def test_functions_are_interleaved_and_warm_up_rounds_do_not_count(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(loopback, "SIZES", {"small": 20_000})
    monkeypatch.setattr(loopback, "ROUNDS", 2)
    counted: list[int] = []

    def cpu_seconds(process: int) -> float:
        counted.append(process)
        return len(counted)

    monkeypatch.setattr(loopback, "cpu_seconds", cpu_seconds)
    compared = loopback.against_echo(tmp_path, "c14", "small")
    raw, echo, *_ = counted
    assert counted == [raw, echo] * (loopback.WARM + 2 + 1)
    assert raw != echo
    # Each takes two readings from one event to the next.
    assert compared.cpu == Ratio(1.0, 1.0)
    assert '"path":"raw"' in (tmp_path / "raw.log").read_text()


def test_memory_is_measured_from_before_the_event() -> None:
    growth = resident.Growth(event=6_000_000, before=10_000_000, peak=28_000_000, sha256="")
    assert growth.times_the_event == 3.0


def test_a_process_with_a_wrong_answer_is_not_measured() -> None:
    digest = hashlib.sha256(b"response").hexdigest()
    growth = resident.Growth(event=5, before=10, peak=30, sha256=digest)
    resident.check_growth(growth, b"event", b"response")
    for wrong in ({"event": 4}, {"sha256": "0"}):
        with pytest.raises(AssertionError, match="answered something else"):
            resident.check_growth(dataclasses.replace(growth, **wrong), b"event", b"response")
    with pytest.raises(AssertionError, match="the size was not measured"):
        resident.check_growth(dataclasses.replace(growth, peak=15), b"event", b"response")


def test_memory_of_a_process_holds_the_event_and_its_response(tmp_path: Path) -> None:
    assert 1.9 <= resident.growth(tmp_path, "c14").times_the_event <= 6
    assert list(tmp_path.iterdir()) == []


def test_buffers_are_answered_completely(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(buffers, "SIZES", (0.01,))
    small, large = buffers.measure(tmp_path)
    assert (small["corpus"], large["corpus"]) == ("c14", "c45")
    for row in (small, large):
        assert row["event_bytes"] > 0.01 * 2**20
        assert row["without_room"] == 0
        # A Python process has more than a few megabytes, and this small event takes not many.
        assert 5 < row["peak_mb"] < 60
    assert not list(tmp_path.iterdir())
    assert buffers.table([small]).splitlines()[2].startswith("| c14 | 0.01 |")

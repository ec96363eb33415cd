"""Calls and processes are timed in interleaved rounds."""

import sys

import pytest

from benchmarks import interleaved


def test_calls_are_interleaved_and_the_first_round_does_not_count(
    capsys: pytest.CaptureFixture[str],
) -> None:
    order = []

    def noisy() -> None:
        order.append("b")
        sys.stdout.write("a line of the log")

    times = interleaved.calls({"a": lambda: order.append("a"), "b": noisy}, rounds=3)
    assert order == ["a", "b"] * 4
    assert {name: len(rounds) for name, rounds in times.items()} == {"a": 3, "b": 3}
    assert capsys.readouterr().out == ""


def test_a_process_that_fails_is_not_timed() -> None:
    assert interleaved.process(["sh", "-c", "exit 0"]) >= 0
    with pytest.raises(RuntimeError, match="sh … ended with 3: no"):
        interleaved.process(["sh", "-c", "echo no >&2; exit 3"])

"""The memory that an event takes is measured in a process with the right answer."""

import dataclasses
import hashlib
from pathlib import Path

import pytest

from benchmarks import resident


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

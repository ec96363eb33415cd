"""A short chaos; `make chaos` is the long one."""

from __future__ import annotations

import itertools
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.chaos import __main__ as command
from tests.chaos import run as runs
from tests.chaos.case import HANDLERS, choose

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.chaos.case import Case

# The last ones have records that are put into the stream again.
SEEDS = [*range(14, 46), 348, 430]

# One of each kind is enough.
SLOW: dict[str, Callable[[Case], bool]] = {
    "in the runtime client": lambda case: not case.in_process,
    "in the embedded engine": lambda case: case.place == "embedded",
    "by the command": lambda case: case.by_command,
}


def is_slow(case: Case) -> bool:
    return any(has_kind(case) for has_kind in SLOW.values())


CASES = {seed: choose(seed) for seed in SEEDS}
FAST = [seed for seed, case in CASES.items() if not is_slow(case)]


@pytest.mark.parametrize("seed", FAST)
def test_every_record_is_accounted_for(seed: int, tmp_path: Path) -> None:
    runs.run(CASES[seed], tmp_path)


@pytest.mark.parametrize("kind", SLOW)
def test_every_record_is_accounted_for_in_real_processes(kind: str, tmp_path: Path) -> None:
    cases = map(choose, itertools.count())
    case = next(case for case in cases if SLOW[kind](case) and len(case.rows) >= 30)
    runs.run(case, tmp_path)


def test_fixed_seeds_have_all_that_is_chosen() -> None:
    cases = [CASES[seed] for seed in FAST]
    assert {case.handler for case in cases} == set(HANDLERS)
    assert {case.settings["document_ids"] for case in cases} == {"FIREHOSE_DEFAULT", "NO_DOCUMENT_ID"}
    assert {case.settings["compression"] for case in cases} == {"UNCOMPRESSED", "GZIP"}
    assert {case.settings["backup_mode"] for case in cases} == {"FailedDocumentsOnly", "AllDocuments"}
    assert {case.knows_change for case in cases} == {case.reprocesses_all for case in cases} == {True, False}
    assert {row.reason for case in cases for row in case.rows} == {
        *("", "bad_value", "column_count", "empty_record", "too_large", "bad_json"),
    }
    assert any(row.others for case in cases for row in case.rows)
    assert any(row.is_dropped for case in cases for row in case.rows)
    assert any('"reingest"' in case.config for case in cases)
    # A response that is too large, and documents that end with a line feed.
    assert any(case.settings["buffer_mb"] == 3 and b"\x01" * 2000 in case.rows[0].data for case in cases)
    assert any('"newline" = true' in case.config for case in cases)


def test_case_follows_from_its_seed() -> None:
    assert choose(1) == choose(1)
    assert choose(1) != choose(2)


def test_finding_prints_the_command_that_repeats_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    read_backup = runs.read_backup

    def forgetful(*arguments: Any) -> dict[str, bytes]:  # noqa: ANN401
        objects = read_backup(*arguments)
        return dict(list(objects.items())[1:])

    monkeypatch.setattr(runs, "read_backup", forgetful)
    failing = [seed for seed in FAST if any(row.reason for row in CASES[seed].rows)]
    seed = next(seed for seed in failing if CASES[seed].settings["backup_mode"] == "FailedDocumentsOnly")
    monkeypatch.setattr(sys, "argv", ["chaos", "--runs", "1", "--seed", str(seed)])
    assert command.main() == 1
    printed = capsys.readouterr().out
    assert "FOUND: FoundError: error objects by code" in printed
    assert f"again: make chaos N=1 SEED={seed}\n" in printed

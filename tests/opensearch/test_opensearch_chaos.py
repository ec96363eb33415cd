"""Simulated delivery streams under faults into a real OpenSearch, and their backups reprocessed into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chaos.case import PREFIX, choose
from tests.chaos.places import ClusterPlace
from tests.chaos.run import run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.opensearch.server import Server

SEEDS = (1, 8, 9, 23, 30, 32, 36, 39)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_record_is_in_the_index_after_its_backup_was_reprocessed(
    opensearch: Server, seed: int, tmp_path: Path
) -> None:
    case = choose(seed, "opensearch")
    account = run(case, tmp_path, ClusterPlace(opensearch.url, PREFIX))
    assert account.source >= len(case.rows) > 0

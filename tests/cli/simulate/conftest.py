"""The rows that the tests of ``edgelift simulate`` run through a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

FIELDS = "timestamp,c-ip,sc-status,cs-uri-stem"


def rows(number: int, *, bad: int = 0) -> bytes:
    """Return lines with `FIELDS`: a number of good ones, then bad ones."""
    lines = [f"{1_700_000_000 + place}.123\t192.0.2.1\t200\t/{place}\n" for place in range(number)]
    lines += [f"1700000000.123\t192.0.2.1\t2x{place}\t/\n" for place in range(bad)]
    return "".join(lines).encode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file of 300 good rows and 2 bad ones."""
    path = tmp_path / "rows.tsv"
    path.write_bytes(rows(300, bad=2))
    return path

"""Logs that the scans read."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

FIELDS = ["timestamp", "c-ip", "time-to-first-byte", "sc-status", "cs-method", "x-forwarded-for"]
CONFIG = {"layouts": [{"fields": FIELDS}]}
NAMES = ["timestamp", "c_ip", "time_to_first_byte", "sc_status", "cs_method", "x_forwarded_for"]
GOOD = 5
"""Rows of `logs` that do not fail."""


def row(seconds: int, status: str = "200") -> bytes:
    return f"{1_700_000_000 + seconds}.123\t192.0.2.{seconds}\t0.25\t{status}\tGET\ta,b\n".encode()


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Make a folder with a plain file, a compressed one in a folder, and a row that fails in each."""
    folder = tmp_path / "logs"
    (folder / "b").mkdir(parents=True)
    (folder / "a.tsv").write_bytes(row(1) + row(2, "2x0") + row(3))
    (folder / "b" / "c.gz").write_bytes(gzip.compress(row(4) + row(5) + b"x\n" + row(6)))
    return folder

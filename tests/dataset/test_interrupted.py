"""Readers that stop in the middle, and interrupts by the keyboard."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pytest

import edgelift
from tests.dataset.conftest import CONFIG, row

READ = """
import sys, edgelift
from tests.dataset.conftest import CONFIG
scan = edgelift.scan(sys.argv[1], CONFIG)
try:
    {read}
except Exception:
    pass
print("went on")
"""
READERS = {
    "edgelift": "list(scan)",
    "polars": "import polars; polars.DataFrame(scan)",
    "pyarrow": "import pyarrow; pyarrow.table(scan)",
    "duckdb": "import duckdb; duckdb.sql('SELECT max(c_ip) FROM scan').fetchall()",
}

INTERRUPTED_AT = 50
"""Blocks of 1,000 rows before the interrupt: more than the pipe and the prefetch hold."""


def is_open(path: Path) -> bool:
    links = Path("/proc/self/fd").iterdir()
    return any(link.is_symlink() and link.resolve() == path.resolve() for link in links)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.tsv"
    # More than is read ahead.
    path.write_bytes(row(1) * 100_000)
    return path


def test_iteration_that_stops_closes_the_file(large: Path) -> None:
    batches = iter(edgelift.scan(large, CONFIG, rows=1))
    next(batches)
    assert is_open(large)
    batches.close()
    assert not is_open(large)


def test_stream_that_is_dropped_closes_the_file(large: Path) -> None:
    scan = edgelift.scan(large, CONFIG, rows=1)
    reader = pa.RecordBatchReader.from_stream(scan)
    assert len(reader.read_next_batch()) == 1
    assert is_open(large)
    del reader
    assert not is_open(large)
    assert 0 < scan.counts.read < 100_000


@pytest.mark.parametrize("reader", READERS)
def test_interrupt_ends_the_read_whatever_reads(tmp_path: Path, reader: str) -> None:
    pipe = tmp_path / "pipe.tsv"
    os.mkfifo(pipe)
    code = READ.format(read=READERS[reader])
    with subprocess.Popen(
        [sys.executable, "-c", code, pipe], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        # Opened when the reader has opened it, too. Rows come until the reader ends.
        with suppress(BrokenPipeError), pipe.open("wb", buffering=0) as writer:
            for count in itertools.count():
                writer.write(row(1) * 1000)
                if count == INTERRUPTED_AT:
                    process.send_signal(signal.SIGINT)
        out, err = process.communicate()
        if reader != "edgelift" and process.returncode == 0:
            # A package may make the interrupt its own error, which the program handles.
            assert out == "went on\n"
        else:
            assert (process.returncode, out) == (-signal.SIGINT, "")
            assert "KeyboardInterrupt" in err

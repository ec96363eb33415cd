"""Jobs of ``edgelift reprocess``, as whole processes: into OpenSearch, their memory, and how workers help."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import edgelift
from benchmarks import interleaved, machine, standard
from benchmarks.contenders import check
from benchmarks.corpus import BLOCK
from benchmarks.verdict import Ratio
from edgelift.reprocess.sinks.opensearch.sink import BODY

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 5
REPEATS = 12
"""Blocks of v1 in an object: some 60 MB of lines."""
OBJECTS = 4
PROGRAM = Path(sys.executable).with_name("edgelift")


def against_bodies(folder: Path) -> Ratio:
    """Compare the CPU time of a job from a gzip file with sending the same bulk bodies, rendered beforehand.

    Returns:
        The job / sending.

    """
    documents = str(BLOCK * REPEATS)
    with _scratch(folder) as scratch, _opensearch() as url:
        bodies = scratch / "bodies"
        sizes = map(str, _render(bodies))
        sender = [sys.executable, "-m", "benchmarks.bodies", url, str(bodies), *sizes]
        job = _job(scratch, _source(scratch), url)
        answered = subprocess.run(sender, check=True, capture_output=True, text=True).stdout.strip()
        check(answered == documents, f"the server took {answered} of {documents} rendered documents")
        reported = subprocess.run(job, check=True, capture_output=True, text=True).stderr
        check(f"written {documents}," in reported, f"the job printed {reported.strip()}")
        times = [(interleaved.process(job), interleaved.process(sender)) for _ in range(ROUNDS)]
    return Ratio.of(*zip(*times, strict=True))


def peak(folder: Path) -> int:
    """Measure the peak of the resident size of a job with `OBJECTS` workers, each with a large object.

    Returns:
        Bytes.

    """
    with _scratch(folder) as scratch, _opensearch() as url:
        code, size = interleaved.peak(_job(scratch, _copies(scratch), url, "--workers", str(OBJECTS)))
    check(code == 0, f"the job ended with {code}")
    return size


def two_workers(folder: Path) -> Ratio:
    """Compare the wall time of one worker with that of two, from gzip files to files.

    Returns:
        One worker / two.

    """
    with _scratch(folder) as scratch:
        copies, target = _copies(scratch), f"{scratch}/documents/"
        commands = [_job(scratch, copies, target, "--workers", str(workers)) for workers in (1, 2)]
        times = [[_seconds(command) for command in commands] for _ in range(ROUNDS)]
    return Ratio.of(*zip(*times, strict=True))


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="job-", dir=folder) as name:
        yield Path(name)


def _source(scratch: Path) -> str:
    path = scratch / "v1.log.gz"
    path.write_bytes(gzip.compress(standard.block("v1").data * REPEATS, 6, mtime=0))
    return str(path)


def _copies(scratch: Path) -> str:
    """Make a folder of the source under several names."""
    source, logs = _source(scratch), scratch / "logs"
    logs.mkdir()
    for number in range(OBJECTS):
        # No links: one file counts once.
        shutil.copyfile(source, logs / f"{number}.gz")
    return str(logs)


def _render(path: Path) -> list[int]:
    """Write the bulk bodies of the source; how many bytes each has."""
    stream = edgelift.Transformer({"input": {"format": "auto"}}).stream(format="bulk")
    data, sizes, size = standard.block("v1").data * REPEATS, [], 0
    with path.open("wb") as file:
        for start in range(0, len(data), 1 << 20):
            size += file.write(stream.feed(data[start : start + (1 << 20)]).output)
            if size >= BODY:
                sizes.append(size)
                size = 0
        size += file.write(stream.finish().output)
    return [*sizes, size]


def _job(scratch: Path, source: str, destination: str, *options: str) -> list[str]:
    journal = str(scratch / "journal")
    words = [str(PROGRAM), "reprocess", source, destination, "--journal", journal, *options]
    # Each time a new job.
    return ["/bin/sh", "-c", 'rm -f "$0" && exec "$@"', journal, *words]


def _seconds(command: list[str]) -> float:
    start = time.perf_counter()
    interleaved.process(command)
    return time.perf_counter() - start


@contextmanager
def _opensearch() -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.canned"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=machine.ROOT) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        finally:
            server.terminate()

"""How far a job is: a bar at a terminal, now and then a line anywhere else."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from edgelift.cli.console import eprint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edgelift.reprocess.job import Progress

INTERVAL = 10
"""Seconds between two lines."""


@contextmanager
def job_progress() -> Iterator[Callable[[Progress], None]]:
    """Show progress while the block runs; yield what to call with it, as often as one likes."""
    if sys.stderr is not None and sys.stderr.isatty():
        with _bar() as show:
            yield show
    else:
        yield _lines()


def _lines() -> Callable[[Progress], None]:
    began = last = time.monotonic()

    def show(progress: Progress) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= INTERVAL:
            last = now
            eprint(f"edgelift: {_words(progress, now - began)}, {progress.bytes_read} bytes read")

    return show


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console  # noqa: PLC0415 - 60 ms, which a pipe must not pay
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Bar  # noqa: PLC0415

    began = time.monotonic()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("listing", total=None)

        def show(progress: Progress) -> None:
            words = _words(progress, time.monotonic() - began)
            bar.update(task, description=words, total=progress.bytes, completed=progress.bytes_read)

        yield show


def _words(progress: Progress, seconds: float) -> str:
    rate = progress.read / seconds if seconds else 0
    return f"{progress.tried} of {progress.objects} objects, {rate:.0f} records/s, {progress.failed} failed"

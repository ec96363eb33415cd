"""Progress on standard error: a bar on a terminal with rich; of a job, now and then a line anywhere else."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from edgelift.cli.console import eprint, has_rich

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edgelift.reprocess.job import Progress

INTERVAL = 10
"""Seconds between two lines."""


@contextmanager
def progress(total: int | None, *, wanted: bool) -> Iterator[Callable[[int], object]]:
    """Show the bytes read while the block runs; yield what to call with each number of them.

    Args:
        total: bytes of all inputs, or None if that is not known.
        wanted: False shows nothing and imports nothing.

    """
    if not (wanted and _can_draw()):
        yield lambda _: None
        return
    with _bar(total=total) as update:
        yield lambda count: update(advance=count)


@contextmanager
def job_progress(*, wanted: bool = True) -> Iterator[Callable[[Progress], None]]:
    """Show how far a job is while the block runs; yield what to call with it, as often as one likes."""
    began = time.monotonic()
    if not wanted:
        yield lambda _: None
        return
    if not _can_draw():
        yield _print_lines(began)
        return
    with _bar("listing") as update:

        def show(job: Progress) -> None:
            words = _describe(job, time.monotonic() - began)
            update(description=words, total=job.bytes, completed=job.bytes_read)

        yield show


def _can_draw() -> bool:
    return sys.stderr is not None and sys.stderr.isatty() and has_rich()


def _print_lines(began: float) -> Callable[[Progress], None]:
    last = began

    def show(job: Progress) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= INTERVAL:
            last = now
            eprint(f"edgelift: {_describe(job, now - began)}, {job.bytes_read} bytes read")

    return show


def _describe(job: Progress, seconds: float) -> str:
    rate = job.read / seconds if seconds else 0
    return f"{job.tried} of {job.objects} objects, {rate:.0f} records/s, {job.failed} failed"


@contextmanager
def _bar(description: str | None = None, total: int | None = None) -> Iterator[Callable[..., None]]:
    """Show a bar while the block runs; yield the `rich.progress.Progress.update` of it."""
    from rich.console import Console  # 60 ms, which a pipe must not pay
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Bar

    # Both would not fit into a line of 80 columns.
    text = () if description is None else (TextColumn("{task.description}"),)
    speed = (TransferSpeedColumn(),) if description is None else ()
    columns = (*text, BarColumn(), DownloadColumn(), *speed, TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        yield partial(bar.update, bar.add_task(description or "", total=total))

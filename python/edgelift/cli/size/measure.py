"""From a file to what `size` reports: rows read, transformed and measured."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from edgelift.cli.console import ExitCode, Stop, say
from edgelift.cli.progress import progress
from edgelift.cli.size.answers import request_of
from edgelift.cli.size.buffer import LEAST_TENTHS
from edgelift.cli.size.cost import Function, least_cpu_seconds, million
from edgelift.cli.size.report import Result
from edgelift.cli.size.rows import LONGEST, Rows
from edgelift.cli.size.sample import WAYS, Sample
from edgelift.cli.source import Source, check_readable, source_name

if TYPE_CHECKING:
    from edgelift._core import Transformer


def measure(transformer: Transformer, path: str, limit: int, function: Function) -> Result:
    """Size the first ``limit`` rows of a file.

    Raises:
        Stop: it cannot be read, or no row of it became a document.

    """
    rows, sample = _read(transformer, path, limit)
    ways = {name: sample.way(name) for name in WAYS}
    batch = sample.batch(ways["raw"].tenths or LEAST_TENTHS)
    event = request_of(batch)
    cpu_seconds = least_cpu_seconds(lambda: transformer.transform_event(event))
    return Result(
        name=source_name(path),
        limit=limit,
        policy=transformer.options["overflow"]["policy"],
        rows=rows,
        sample=sample,
        ways=ways,
        function=function,
        records=len(batch),
        million=million(function, cpu_seconds, len(batch)),
    )


def _read(transformer: Transformer, path: str, limit: int) -> tuple[Rows, Sample]:
    status = check_readable(path)
    total = status.st_size if stat.S_ISREG(status.st_mode) else None
    with progress(total, wanted=True) as moved, Source(path, moved) as source:
        rows, sample = Rows(source.blocks(), limit), Sample(transformer)
        for row in rows:
            sample.add(row, rows.line)
    name = source_name(path)
    if rows.damage:
        say(f"edgelift: {name}: {rows.damage}")
    if not rows.read:
        what = f"blank lines {rows.blank}, lines longer than {LONGEST:,} bytes {rows.too_long}"
        raise Stop(ExitCode.STOPPED, f"there is no row in {name}, so there is nothing to size: {what}")
    _show_failures(sample, path)
    if sample.all_failed:
        what = f"none of the {rows.read:,} rows read became a document, so there is nothing to size"
        raise Stop(ExitCode.SOME_FAILED, f"{what}: do --fields or --config name the columns of {name}?")
    return rows, sample


def _show_failures(sample: Sample, path: str) -> None:
    for reason, (line, message) in sample.first_failures.items():
        say(f"{source_name(path)}:{line}: {reason}: {message}")
    if sample.failed:
        say("the first of each reason; edgelift transform --failed FILE writes every failed line")


def exit_code(result: Result) -> ExitCode:
    """Give the code for what was read."""
    amiss = result.sample.failed or result.rows.too_long or result.rows.damage
    return ExitCode.SOME_FAILED if amiss else ExitCode.DONE

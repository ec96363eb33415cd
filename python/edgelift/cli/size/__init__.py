"""``edgelift size``: how large records and answers are, which buffer is safe, what a million records cost."""

import json
import math
import stat
import sys
from enum import StrEnum
from typing import Annotated

import typer

from edgelift._core import Transformer
from edgelift.cli.configuration import ConfigOption, FieldsOption, load
from edgelift.cli.console import ExitCode, Stop, say
from edgelift.cli.progress import progress
from edgelift.cli.sink import write_standard_output
from edgelift.cli.size.answers import request_of
from edgelift.cli.size.buffer import LEAST_TENTHS
from edgelift.cli.size.cost import (
    ARM_GB_SECOND_USD,
    MILLION_REQUESTS_USD,
    ONE_VCPU_MB,
    X86_GB_SECOND_USD,
    Function,
    least_cpu_seconds,
    million,
)
from edgelift.cli.size.report import FACTS_HEAD, SIZES_HEAD, Result
from edgelift.cli.size.rows import LONGEST, Rows
from edgelift.cli.size.sample import WAYS, Sample
from edgelift.cli.source import STANDARD_INPUT, Source, check_readable, source_name
from edgelift.cli.table import write_table

MOST_RECORDS = 1_000_000
"""A few numbers are kept of each: 40 MB for so many."""


class Format(StrEnum):
    """What `size` writes."""

    TABLE = "table"
    JSON = "json"


def _price(value: float) -> float:
    if not math.isfinite(value):
        raise typer.BadParameter("a price is a finite number")
    return value


def size(  # noqa: PLR0913 - its parameters are the options
    file: Annotated[
        str | None,
        typer.Argument(metavar="FILE", help="Log file, plain or gzip; - or none: standard input."),
    ] = None,
    *,
    fields: FieldsOption = None,
    config: ConfigOption = None,
    records: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=1,
            max=MOST_RECORDS,
            help="How many rows to read, from the beginning of the file.",
        ),
    ] = 100_000,
    memory: Annotated[
        int,
        typer.Option(
            metavar="MB", min=128, max=10_240, help="Memory of the function, which sets its share of a CPU."
        ),
    ] = ONE_VCPU_MB,
    price_gb_second: Annotated[
        float,
        typer.Option(
            metavar="USD",
            min=0,
            callback=_price,
            help=f"Price of a GB-second; on arm64 {ARM_GB_SECOND_USD:.10f}.",
        ),
    ] = X86_GB_SECOND_USD,
    price_requests: Annotated[
        float,
        typer.Option(metavar="USD", min=0, callback=_price, help="Price of a million requests."),
    ] = MILLION_REQUESTS_USD,
    form: Annotated[Format, typer.Option("--format", help="Tables, or a JSON object.")] = Format.TABLE,
) -> None:
    """Size the buffer of a Firehose transformation, and its cost, from a sample of rows."""
    if file is None and sys.stdin is not None and sys.stdin.isatty():
        raise Stop(ExitCode.USAGE, "no FILE is given and standard input is a terminal; - reads it")
    transformer = load(fields, config, verb="size", operand="FILE")
    function = Function(memory, price_gb_second, price_requests)
    result = _size(transformer, file or STANDARD_INPUT, records, function)
    if form is Format.JSON:
        write_standard_output(json.dumps(result.as_object(), indent=2) + "\n")
    else:
        write_table(SIZES_HEAD, result.size_rows(), aligned=True)
        write_standard_output("\n")
        write_table(FACTS_HEAD, result.fact_rows(), aligned=True)
        write_standard_output(result.notes())
    raise typer.Exit(_exit_code(result))


def _size(transformer: Transformer, path: str, limit: int, function: Function) -> Result:
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


def _exit_code(result: Result) -> ExitCode:
    amiss = result.sample.failed or result.rows.too_long or result.rows.damage
    return ExitCode.SOME_FAILED if amiss else ExitCode.DONE

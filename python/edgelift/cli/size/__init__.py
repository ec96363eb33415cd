"""``edgelift size``: sizes of records and responses, the largest safe buffer, and the cost."""

import math
import sys
from enum import StrEnum
from typing import Annotated

import typer

from edgelift.cli.configuration import ConfigOption, FieldsOption, load
from edgelift.cli.console import CliExit, ExitCode
from edgelift.cli.sink import write_standard_output
from edgelift.cli.size.cost import (
    ARM_GB_SECOND_USD,
    MILLION_REQUESTS_USD,
    ONE_VCPU_MB,
    X86_GB_SECOND_USD,
    Function,
)
from edgelift.cli.source import STANDARD_INPUT
from edgelift.cli.table import write_table

MOST_RECORDS = 1_000_000
"""A few numbers are kept of each: 40 MB for this many."""


class Format(StrEnum):
    """Output format of `size`."""

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
        raise CliExit(ExitCode.USAGE, "no FILE is given and standard input is a terminal; - reads it")
    transformer = load(fields, config, verb="size", operand="FILE")
    # Imported here so that other verbs do not pay for it.
    from edgelift.cli.size.report import FACTS_HEAD, SIZES_HEAD, exit_code, measure  # noqa: PLC0415

    function = Function(memory, price_gb_second, price_requests)
    report = measure(transformer, file or STANDARD_INPUT, records, function)
    if form is Format.JSON:
        import json  # noqa: PLC0415 - 5 ms

        write_standard_output(json.dumps(report.as_object(), indent=2) + "\n")
    else:
        write_table(SIZES_HEAD, report.size_rows(), aligned=True)
        write_standard_output("\n")
        write_table(FACTS_HEAD, report.fact_rows(), aligned=True)
        write_standard_output(report.notes())
    raise typer.Exit(exit_code(report))

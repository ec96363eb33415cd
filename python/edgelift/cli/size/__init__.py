"""``edgelift size``: sizes of records and responses, the largest safe buffer, and the cost."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from edgelift.cli.arguments import Argument, Option, Verb, VerbOptions
from edgelift.cli.configuration import ConfigOption, FieldsOption, InputFormatOption, load
from edgelift.cli.console import CliExit, ExitCode
from edgelift.cli.sink import write_standard_output
from edgelift.cli.size.cost import (
    ARM_GB_SECOND_USD,
    MILLION_REQUESTS_USD,
    ONE_VCPU_MB,
    X86_GB_SECOND_USD,
    Function,
)
from edgelift.cli.source import STANDARD_INPUT, source_name
from edgelift.cli.standard_hints import NOT_FOR_SIZE, beginning
from edgelift.cli.table import write_table
from edgelift.inputs.detect import JSON_ARRAY
from edgelift.inputs.sniff import is_header, is_json_array

MOST_RECORDS = 1_000_000
"""A few numbers are kept of each: 40 MB for this many."""


class Format(StrEnum):
    """Output format of `size`."""

    TABLE = "table"
    JSON = "json"


class Options(VerbOptions):
    """The arguments and options."""

    file: Annotated[
        str | None,
        Argument(
            metavar="FILE",
            meaning="Log file or s3:// or https:// URL, plain or compressed; - or none: standard input.",
        ),
    ] = None
    fields: FieldsOption = None
    config: ConfigOption = None
    input_format: InputFormatOption = None
    records: Annotated[
        int,
        Option(
            "--records",
            metavar="N",
            least=1,
            most=MOST_RECORDS,
            meaning="How many rows to read, from the beginning of the file.",
        ),
    ] = 100_000
    memory: Annotated[
        int,
        Option(
            "--memory",
            metavar="MB",
            least=128,
            most=10_240,
            meaning="Memory of the function, which sets its share of a CPU.",
        ),
    ] = ONE_VCPU_MB
    price_gb_second: Annotated[
        float,
        Option(
            "--price-gb-second",
            metavar="USD",
            least=0,
            meaning=f"Price of a GB-second; on arm64 {ARM_GB_SECOND_USD:.10f}.",
        ),
    ] = X86_GB_SECOND_USD
    price_requests: Annotated[
        float,
        Option("--price-requests", metavar="USD", least=0, meaning="Price of a million requests."),
    ] = MILLION_REQUESTS_USD
    form: Annotated[Format, Option("--format", meaning="Tables, or a JSON object.")] = Format.TABLE


def size(options: Options) -> int:
    """Size the buffer of a Firehose transformation, and its cost, from a sample of rows."""
    if options.file is None and sys.stdin is not None and sys.stdin.isatty():
        raise CliExit(ExitCode.USAGE, "no FILE is given and standard input is a terminal; - reads it")
    _refuse_unfit(options)
    transformer = load(options.fields, options.config, options.input_format, verb="size", operand="FILE")
    # Imported here so that other verbs do not pay for it.
    from edgelift.cli.size.report import FACTS_HEAD, SIZES_HEAD, exit_code, measure

    function = Function(options.memory, options.price_gb_second, options.price_requests)
    report = measure(transformer, options.file or STANDARD_INPUT, options.records, function)
    if options.form is Format.JSON:
        import json  # 5 ms

        write_standard_output(json.dumps(report.as_object(), indent=2) + "\n")
    else:
        write_table(SIZES_HEAD, report.size_rows(), aligned=True)
        write_standard_output("\n")
        write_table(FACTS_HEAD, report.fact_rows(), aligned=True)
        write_standard_output(report.notes())
    return exit_code(report)


def _refuse_unfit(options: Options) -> None:
    """Say why a JSON array cannot be sized, or a standard log, which names no columns of real-time rows."""
    path = options.file
    # A pipe can be read only once.
    if path is None or not Path(path).is_file():
        return
    block = beginning(path)
    if is_json_array(block):
        raise CliExit(ExitCode.USAGE, f"{source_name(path)} is {JSON_ARRAY}")
    if is_header(block) and not (options.fields or options.config):
        raise CliExit(ExitCode.USAGE, f"{source_name(path)} is {NOT_FOR_SIZE}")


VERB = Verb(
    "size",
    "Size the buffer of a Firehose transformation, and its cost, from a sample of rows.",
    Options,
    size,
    (
        "edgelift size real-time.log --config edgelift.toml",
        "edgelift size real-time.log.gz --fields all --memory 1024 --format json",
    ),
)

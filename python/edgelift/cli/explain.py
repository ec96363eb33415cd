"""``edgelift explain``: shows the field and value of each column of one line."""

import os
import sys
from typing import Annotated

from edgelift._core import ExplainedColumn, Failure, Transformer, describe_record
from edgelift.alignment import COMPARED_REASONS, compare
from edgelift.cli.arguments import Argument, Verb, VerbOptions
from edgelift.cli.configuration import ConfigOption, FieldsOption, InputFormatOption, load, unnamed
from edgelift.cli.console import CliExit, ExitCode, eprint
from edgelift.cli.source import STANDARD_INPUT, Source
from edgelift.cli.table import write_table
from edgelift.errors import RecordError
from edgelift.inputs.damage import DamagedFile
from edgelift.inputs.detect import is_unexpected_header
from edgelift.inputs.errors import NOT_REALTIME

MOST_DIFFERENCES = 10
"""Differences from a layout that are printed."""

HEAD = ("column", "field", "kind", "raw", "value", "note")


class Options(VerbOptions):
    """The arguments and options."""

    line: Annotated[
        str | None,
        Argument(
            metavar="LINE",
            meaning="The line, with its tabs; - or none: first of standard input.",
            may_be_empty=True,
        ),
    ] = None
    fields: FieldsOption = None
    config: ConfigOption = None
    input_format: InputFormatOption = None


def explain(options: Options) -> int:
    """Show for each column of one line which field it is and what becomes of it."""
    line = options.line
    if line is None and sys.stdin is not None and sys.stdin.isatty():
        raise CliExit(ExitCode.USAGE, "no LINE is given and standard input is a terminal; - reads it")
    transformer = load(
        options.fields,
        options.config,
        options.input_format,
        verb="explain",
        operand="LINE",
        auto=True,
        shows_order=True,
    )
    record = _first_line(transformer) if line is None or line == STANDARD_INPUT else os.fsencode(line)
    failures = transformer.transform_lines(record).failures
    if not transformer.layouts and failures and failures[0].reason == "no_header":
        _hint_at_file(line)
        if describe_record(record):
            raise CliExit(ExitCode.USAGE, failures[0].message)
        raise unnamed(verb="explain", operand="LINE", config=options.config)
    rows = (
        (
            str(column.position),
            column.field or "",
            column.kind or "",
            column.raw.decode("utf-8", "backslashreplace"),
            "" if column.value is None else column.value,
            column.note,
        )
        for column in _columns(transformer, record)
    )
    write_table(HEAD, rows, aligned=False)
    problem = _problem(transformer, record, failures)
    if problem:
        eprint(f"edgelift: {problem}")
        if failures and is_unexpected_header(failures[0], transformer.options["input"]["format"]):
            eprint(f"edgelift: it is the header of {NOT_REALTIME}")
        if failures and failures[0].reason in COMPARED_REASONS and not describe_record(record):
            _show_differences(transformer, record)
        _hint_at_file(line)
        return ExitCode.SOME_FAILED
    return ExitCode.DONE


def _show_differences(transformer: Transformer, record: bytes) -> None:
    """Print how a row differs from the layouts, and the layout that would read it."""
    comparison = compare(transformer, record)
    if comparison is None:
        return
    for sentence in comparison.sentences[:MOST_DIFFERENCES]:
        eprint(f"edgelift: {sentence}")
    if len(comparison.sentences) > MOST_DIFFERENCES:
        eprint(f"edgelift: and {len(comparison.sentences) - MOST_DIFFERENCES} more columns")
    if comparison.fields is None:
        return
    eprint("edgelift: if these are the fields of the log configuration, add before the other layouts:")
    if not comparison.is_ordered:
        eprint("[input]")
        eprint('order = "as_written"')
    eprint("[[layouts]]")
    eprint("fields = [")
    import textwrap  # 2 ms, for such rows only

    names = ", ".join(f'"{name}"' for name in comparison.fields)
    for names_of_line in textwrap.wrap(names, 76, break_on_hyphens=False, break_long_words=False):
        eprint(f"  {names_of_line}")
    eprint("]")


def _hint_at_file(line: str | None) -> None:
    """Print how to explain a file if the line may be the name of one; the file system is not asked."""
    if not line or line == STANDARD_INPUT or "\t" in line or line.startswith(("{", "#")):
        return
    # Its error says what it is, such as a row whose tabs became blanks when it was pasted.
    if not describe_record(os.fsencode(line)):
        eprint("edgelift: LINE is the line itself; for the first line of a file: edgelift explain - < FILE")


VERB = Verb(
    "explain",
    "Show for each column of one line which field it is and what becomes of it.",
    Options,
    explain,
    (
        "edgelift explain - --config edgelift.toml < real-time.log",
        "zcat E2K1DISTRIBUTION.2024-11-15-19.d111111a.gz | edgelift explain",
    ),
)


def _columns(transformer: Transformer, record: bytes) -> list[ExplainedColumn]:
    """Explain the columns of a line; of one that is too large there are none."""
    try:
        return transformer.explain(record)
    except RecordError:
        return []


def _problem(transformer: Transformer, record: bytes, failures: tuple[Failure, ...]) -> str | None:
    """Return why a line fails, or None."""
    if record.startswith(b"#"):
        return f"{failures[0].reason}: {failures[0].message}" if failures else None
    try:
        transformer.transform(record)
    except RecordError as error:
        return f"{error.reason}: {error}"
    return None


def _first_line(transformer: Transformer) -> bytes:
    """Return the first row of standard input with its header; a row that is too large is truncated."""
    options = transformer.options["input"]
    enough = options["max_record_bytes"] + 1
    head, line = bytearray(), bytearray()
    with Source(STANDARD_INPUT) as source:
        try:
            for block in source.blocks():
                line += block
                while (end := line.find(b"\n")) >= 0:
                    if options["format"] == "realtime" or not line.startswith(b"#"):
                        return bytes(head + line[: end + 1])
                    head += line[: end + 1]
                    del line[: end + 1]
                if len(line) >= enough:
                    eprint(f"edgelift: only the first {enough} bytes of the line were read")
                    return bytes(head + line[:enough])
        except DamagedFile as damage:
            raise CliExit(ExitCode.STOPPED, f"{source.name}: {damage}") from None
    return bytes(head + line)

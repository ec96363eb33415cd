"""``edgelift explain``: what becomes of each column of one line."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from edgelift._core import Transformer
from edgelift.cli.configuration import ConfigOption, FieldsOption, load, unnamed
from edgelift.cli.console import ExitCode, Stop, say
from edgelift.cli.source import STANDARD_INPUT, Source
from edgelift.cli.table import write_table
from edgelift.damage import DamagedFile
from edgelift.errors import RecordError

HEAD = ("column", "field", "kind", "raw", "value", "note")


def explain(
    line: Annotated[
        str | None,
        typer.Argument(metavar="LINE", help="The line, with its tabs; - or none: first of standard input."),
    ] = None,
    fields: FieldsOption = None,
    config: ConfigOption = None,
) -> None:
    """Show for each column of one line which field it is and what becomes of it."""
    if line is None and sys.stdin is not None and sys.stdin.isatty():
        raise Stop(ExitCode.USAGE, "no LINE is given and standard input is a terminal; - reads it")
    transformer = load(fields, config, verb="explain", operand="LINE", auto=True)
    if line and "\t" not in line and line != STANDARD_INPUT and Path(line).is_file():
        say(f"edgelift: LINE is the line itself; for the file's first line: edgelift explain - < {line}")
    record = _first_line(transformer) if line in {None, STANDARD_INPUT} else os.fsencode(line)
    failures = transformer.transform_lines(record).failures
    if fields is None and config is None and failures and failures[0].reason == "no_header":
        raise unnamed(verb="explain", operand="LINE")
    rows = (
        (
            str(column.position),
            column.field or "",
            column.kind or "",
            column.raw.decode("utf-8", "backslashreplace"),
            "" if column.value is None else column.value,
            column.note,
        )
        for column in transformer.explain(record)
    )
    write_table(HEAD, rows, aligned=False)
    if not record.startswith(b"#"):
        _show_error(transformer, record)
    elif failures:
        say(f"edgelift: {failures[0].reason}: {failures[0].message}")
        raise typer.Exit(ExitCode.SOME_FAILED)


def _show_error(transformer: Transformer, record: bytes) -> None:
    try:
        transformer.transform(record)
    except RecordError as error:
        say(f"edgelift: {error.reason}: {error}")
        raise typer.Exit(ExitCode.SOME_FAILED) from None


def _first_line(transformer: Transformer) -> bytes:
    """First row of standard input, behind its header; of one that is too large so much that this shows."""
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
                    say(f"edgelift: only the first {enough} bytes of the line were read")
                    return bytes(head + line[:enough])
        except DamagedFile as damage:
            raise Stop(ExitCode.STOPPED, f"{source.name}: {damage}") from None
    return bytes(head + line)

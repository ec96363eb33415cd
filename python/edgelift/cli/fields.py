"""``edgelift fields``: the fields that edgelift knows."""

from enum import StrEnum
from typing import Annotated

from edgelift._core import FIELDS, Field
from edgelift.cli.arguments import Option, Verb, VerbOptions
from edgelift.cli.athena import create_table
from edgelift.cli.configuration import compile_fields
from edgelift.cli.console import ExitCode
from edgelift.cli.sink import write_standard_output
from edgelift.cli.table import write_list

HEAD = ("#", "name", "kind", "meaning")


class Format(StrEnum):
    """Output format of `fields`."""

    TABLE = "table"
    JSON = "json"
    ATHENA = "athena"


class Options(VerbOptions):
    """The arguments and options."""

    form: Annotated[
        Format,
        Option("--format", meaning="A table, a JSON list, or a CREATE TABLE statement for Amazon Athena."),
    ] = Format.TABLE
    names: Annotated[
        str | None,
        Option("--fields", metavar="NAMES", meaning="Only these fields, separated by commas."),
    ] = None


def fields(options: Options) -> int:
    """List the fields of real-time logs: kind, keys in the documents, meaning."""
    form, names = options.form, options.names
    # By way of a transformer, which refuses unknown names and knows CloudFront's order.
    chosen = [FIELDS[column.field] for column in compile_fields("all" if names is None else names).layouts[0]]
    if form is Format.JSON:
        import json  # 5 ms

        write_standard_output(json.dumps([_as_object(field) for field in chosen], indent=2) + "\n")
    elif form is Format.ATHENA:
        write_standard_output(create_table(chosen))
    else:
        write_list(HEAD, map(_as_row, chosen))
    return ExitCode.DONE


VERB = Verb(
    "fields",
    "List the fields of real-time logs: kind, keys in the documents, meaning.",
    Options,
    fields,
    (
        "edgelift fields --fields timestamp,c-ip,sc-status",
        "edgelift fields --format athena > table.sql",
    ),
)


def _as_row(field: Field) -> tuple[str, ...]:
    note = " (unproven)" if field.unproven else ""
    return str(field.position), field.name, field.kind, field.meaning + note


def _as_object(field: Field) -> dict[str, object]:
    return {
        "position": field.position,
        "name": field.name,
        "kind": field.kind,
        "unproven": field.unproven,
        "standard": field.standard,
        "keys": dict(field.keys),
        "meaning": field.meaning,
    }

"""``edgelift fields``: the fields that edgelift knows."""

import re
from enum import StrEnum
from typing import Annotated

from edgelift._core import CONNECTION_FIELDS, FIELDS, STANDARD_FIELDS, Field, Transformer
from edgelift.cli.arguments import Option, Verb, VerbOptions
from edgelift.cli.athena import create_table
from edgelift.cli.configuration import compile_fields, load
from edgelift.cli.console import CliExit, ExitCode
from edgelift.cli.ddl import DIALECTS
from edgelift.cli.output_section import Names
from edgelift.cli.sink import write_standard_output
from edgelift.cli.table import write_list

HEAD = ("#", "name", "kind", "meaning")


class Log(StrEnum):
    """Kind of log."""

    REALTIME = "realtime"
    STANDARD = "standard"
    CONNECTION = "connection"


TABLES = {Log.REALTIME: FIELDS, Log.STANDARD: STANDARD_FIELDS, Log.CONNECTION: CONNECTION_FIELDS}


class Format(StrEnum):
    """Output format of `fields`."""

    TABLE = "table"
    JSON = "json"
    ATHENA = "athena"
    ATHENA_PARQUET = "athena-parquet"
    ICEBERG = "iceberg"
    CLICKHOUSE = "clickhouse"
    DUCKDB = "duckdb"


class Options(VerbOptions):
    """The arguments and options."""

    form: Annotated[
        Format,
        Option("--format", meaning="A table, a JSON list, or a CREATE TABLE statement for a database."),
    ] = Format.TABLE
    log: Annotated[Log, Option("--log", "Kind of log whose fields are listed.")] = Log.REALTIME
    chosen: Annotated[
        str | None,
        Option("--fields", metavar="NAMES", meaning="Only these fields, separated by commas."),
    ] = None
    config: Annotated[
        str | None,
        Option("--config", metavar="FILE", meaning="TOML configuration whose layouts are the columns."),
    ] = None
    names: Annotated[
        Names | None,
        Option("--names", meaning="Names of the columns; default: those of the configuration, or snake."),
    ] = None


def fields(options: Options) -> int:
    """List the fields of a kind of log: kind, keys in the documents, meaning."""
    form = options.form
    if form in DIALECTS:
        write_standard_output(_create_table(options))
        return ExitCode.DONE
    if options.config is not None or options.names is not None:
        option = "--names" if options.config is None else "--config"
        raise CliExit(ExitCode.USAGE, f"{option} needs --format {', '.join(DIALECTS)}")
    if form is Format.ATHENA and options.log is not Log.REALTIME:
        raise CliExit(ExitCode.USAGE, "--format athena is for real-time logs only")
    chosen = _choose(options.log, options.chosen)
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
    "List the fields of a kind of log: kind, keys in the documents, meaning.",
    Options,
    fields,
    (
        "edgelift fields --fields timestamp,c-ip,sc-status",
        "edgelift fields --format duckdb > table.sql",
        "edgelift fields --log connection",
    ),
)


def _create_table(options: Options) -> str:
    """Return the statement for a table with the columns of a configuration, of fields, or of a kind of log.

    Raises:
        CliExit: the configuration or a name cannot be used.

    """
    dialect, schema = DIALECTS[options.form], _transformer(options).schema()
    refused = next((name for name in schema.names if not re.fullmatch(dialect.names, name)), None)
    if refused is not None:
        message = f'--format {options.form}: a column cannot be named "{refused}"; use --names snake'
        raise CliExit(ExitCode.USAGE, message)
    return dialect.create_table(schema)


def _transformer(options: Options) -> Transformer:
    output = {} if options.names is None else {"names": options.names.value}
    if options.config is not None or (options.log is Log.STANDARD and options.chosen is None):
        return load(options.chosen, options.config, None, verb="fields", operand="", auto=True, output=output)
    chosen = _choose(options.log, options.chosen)
    return compile_fields(",".join(field.name for field in chosen), output=output)


def _choose(log: Log, names: str | None) -> list[Field]:
    """Return the fields with these names, or all of them.

    Raises:
        CliExit: a name is not one of this kind of log.

    """
    table = TABLES[log]
    if names is None or names.strip() == "all":
        return list(table.values())
    # A transformer refuses unknown names and knows CloudFront's order.
    columns = compile_fields(names, shows_order=True).layouts[0]
    if log is Log.REALTIME and all(column.field in table for column in columns):
        return [table[column.field] for column in columns]
    wanted = [name.strip() for name in names.split(",")]
    for name in wanted:
        if name not in table:
            others = ", ".join(f"--log {other}" for other, fields in TABLES.items() if name in fields)
            raise CliExit(ExitCode.USAGE, f'"{name}" is not a field of {log} logs; see {others}')
    return [table[name] for name in wanted]


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

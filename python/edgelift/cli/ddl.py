"""CREATE TABLE statements for tables that hold the columns of logs, in several dialects of SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Column(NamedTuple):
    """A column: its name, and the kind of its values.

    The kind is that of a field, or ``pairs``: names with values, as in ``_unparsed``.
    """

    name: str
    kind: str


class Dialect(NamedTuple):
    """How a database writes the statement."""

    types: dict[str, str]
    """The type of each kind; every other kind is a ``text``."""
    quote: Callable[[str], str]
    """Returns a name with its quotes."""
    end: str = ""
    """End of the statement, after the columns."""
    by_time: str = ""
    """Follows ``end`` if a column is the time of a record, ``{time}``."""
    not_by_time: str = ""
    """Follows ``end`` if no column is."""
    takes_dots: bool = True
    """False if a dot in the name of a column has a meaning."""

    def create_table(self, columns: Sequence[Column]) -> str:
        """Return the statement that creates a table with these columns."""
        lines = [f"  {self.quote(column.name)} {self._type(column.kind)}" for column in columns]
        time = next((self.quote(column.name) for column in columns if column.kind == "timestamp"), None)
        by_time = self.not_by_time if time is None else self.by_time.format(time=time)
        inner = ",\n".join(lines)
        return f"CREATE TABLE IF NOT EXISTS cloudfront_logs (\n{inner}\n){self.end}{by_time};\n"

    def _type(self, kind: str) -> str:
        return self.types.get(_SAME_TYPE.get(kind, kind), self.types["text"])


def _in_double_quotes(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _in_backticks(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


_SAME_TYPE: Final = {"headers": "pairs", "names": "list"}
"""Kinds with the type of another one."""

_SPARK_TYPES: Final = {
    "timestamp": "timestamp",
    "integer": "bigint",
    "status": "int",
    "decimal": "double",
    "boolean": "boolean",
    "text": "string",
    "list": "array<string>",
    "pairs": "array<struct<name: string, value: string>>",
}

DUCKDB: Final = Dialect(
    types={
        "timestamp": "TIMESTAMP WITH TIME ZONE",
        "integer": "BIGINT",
        "status": "INTEGER",
        "decimal": "DOUBLE",
        "boolean": "BOOLEAN",
        "text": "VARCHAR",
        "list": "VARCHAR[]",
        "pairs": 'STRUCT("name" VARCHAR, "value" VARCHAR)[]',
    },
    quote=_in_double_quotes,
)

CLICKHOUSE: Final = Dialect(
    # Lists cannot be Nullable, and what the table is sorted by should not be.
    types={
        "timestamp": "DateTime64(6, 'UTC')",
        "integer": "Nullable(Int64)",
        "status": "Nullable(Int32)",
        "decimal": "Nullable(Float64)",
        "boolean": "Nullable(Bool)",
        "text": "Nullable(String)",
        "list": "Array(String)",
        "pairs": "Array(Tuple(name String, value String))",
    },
    quote=_in_backticks,
    end="\nENGINE = MergeTree\n",
    by_time="PARTITION BY toYYYYMM({time})\nORDER BY {time}",
    not_by_time="ORDER BY tuple()",
    takes_dots=False,
)

ICEBERG: Final = Dialect(
    types=_SPARK_TYPES,
    quote=_in_backticks,
    end="\nUSING iceberg",
    by_time="\nPARTITIONED BY (days({time}))",
)
"""SQL of Spark, whose ``timestamp`` is Iceberg's ``timestamptz``."""

DIALECTS: Final = {"iceberg": ICEBERG, "clickhouse": CLICKHOUSE, "duckdb": DUCKDB}
"""The dialects by the values of ``--format``."""

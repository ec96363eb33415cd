"""CREATE TABLE statements for tables that hold the columns of logs, in several dialects of SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgelift._core import ColumnSchema


class Dialect(NamedTuple):
    """How a database writes the statement."""

    types: dict[str, str]
    """The type for each of `ColumnSchema.types`."""
    quote: Callable[[str], str]
    """Returns a name with its quotes."""
    end: str = ""
    """End of the statement, after the columns."""
    by_time: str = ""
    """Follows ``end`` if a column is the time of a record, ``{time}``."""
    not_by_time: str = ""
    """Follows ``end`` if no column is."""
    names: str = ".*"
    """Pattern of the names that columns can have."""
    begin: str = "CREATE TABLE"

    def create_table(self, schema: ColumnSchema) -> str:
        """Return the statement that creates a table with the columns of a schema."""
        columns = [*zip(map(self.quote, schema.names), schema.types, strict=True)]
        lines = ",\n".join(f"  {name} {self.types[type_]}" for name, type_ in columns)
        time = next((name for name, type_ in columns if type_ == "timestamp"), None)
        by_time = self.not_by_time if time is None else self.by_time.format(time=time)
        return f"{self.begin} IF NOT EXISTS cloudfront_logs (\n{lines}\n){self.end}{by_time};\n"


def _in_double_quotes(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _in_backticks(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


_SPARK_TYPES: Final = {
    "timestamp": "timestamp",
    "int64": "bigint",
    "int32": "int",
    "float64": "double",
    "bool": "boolean",
    "utf8": "string",
    "list": "array<string>",
    "pairs": "array<struct<name: string, value: string>>",
}

DUCKDB: Final = Dialect(
    types={
        "timestamp": "TIMESTAMP WITH TIME ZONE",
        "int64": "BIGINT",
        "int32": "INTEGER",
        "float64": "DOUBLE",
        "bool": "BOOLEAN",
        "utf8": "VARCHAR",
        "list": "VARCHAR[]",
        "pairs": 'STRUCT("name" VARCHAR, "value" VARCHAR)[]',
    },
    quote=_in_double_quotes,
)

CLICKHOUSE: Final = Dialect(
    # Lists cannot be Nullable, and what the table is sorted by should not be.
    types={
        "timestamp": "DateTime64(6, 'UTC')",
        "int64": "Nullable(Int64)",
        "int32": "Nullable(Int32)",
        "float64": "Nullable(Float64)",
        "bool": "Nullable(Bool)",
        "utf8": "Nullable(String)",
        "list": "Array(String)",
        "pairs": "Array(Tuple(name String, value String))",
    },
    quote=_in_backticks,
    end="\nENGINE = MergeTree\n",
    by_time="PARTITION BY toYYYYMM({time})\nORDER BY {time}",
    not_by_time="ORDER BY tuple()",
    # A dot begins the name of a nested column.
    names="[^.]*",
)

ICEBERG: Final = Dialect(
    types=_SPARK_TYPES,
    quote=_in_backticks,
    end="\nUSING iceberg",
    by_time="\nPARTITIONED BY (days({time}))",
)
"""SQL of Spark, whose ``timestamp`` is Iceberg's ``timestamptz``."""

ATHENA: Final = Dialect(
    types=_SPARK_TYPES | {"pairs": "array<struct<name:string,value:string>>"},
    quote=_in_backticks,
    begin="CREATE EXTERNAL TABLE",
    end="\nPARTITIONED BY (`day` string)\nSTORED AS PARQUET\nLOCATION 's3://BUCKET/PREFIX/'",
    names="[a-z0-9_]*",
)
"""Athena over the files of ``--format parquet --partition-by day``; raw lines have another table."""

DIALECTS: Final = {"athena-parquet": ATHENA, "iceberg": ICEBERG, "clickhouse": CLICKHOUSE, "duckdb": DUCKDB}
"""The dialects by the values of ``--format``."""

"""`edgelift fields --format duckdb|clickhouse|iceberg|athena-parquet`: statements for tables of columns.

DuckDB runs its statements. Those for the others are parsed by sqlglot, which has their grammars.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest
import sqlglot
from sqlglot import expressions

import edgelift
from edgelift._core import CONNECTION_FIELDS, FIELDS, STANDARD_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from edgelift._core import Field
    from tests.cli.conftest import Run

    Statement = Callable[..., str]

PAIRS = 'STRUCT("name" VARCHAR, "value" VARCHAR)[]'
GRAMMARS = {"athena-parquet": "athena", "duckdb": "duckdb", "clickhouse": "clickhouse", "iceberg": "spark"}
ONE_OF_EACH = "timestamp,c-ip,time-to-first-byte,sc-status,sc-bytes,x-forwarded-for,cs-headers,cmcd-startup"

CLICKHOUSE = """\
CREATE TABLE IF NOT EXISTS cloudfront_logs (
  `timestamp` DateTime64(6, 'UTC'),
  `c_ip` Nullable(String),
  `time_to_first_byte` Nullable(Float64),
  `sc_status` Nullable(Int32),
  `sc_bytes` Nullable(Int64),
  `x_forwarded_for` Array(String),
  `cs_headers` Array(Tuple(name String, value String)),
  `cmcd_startup` Nullable(Bool),
  `_unparsed` Array(Tuple(name String, value String)),
  `_other` Array(Tuple(name String, value String))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`timestamp`)
ORDER BY `timestamp`;
"""

ICEBERG = """\
CREATE TABLE IF NOT EXISTS cloudfront_logs (
  `timestamp` timestamp,
  `c_ip` string,
  `time_to_first_byte` double,
  `sc_status` int,
  `sc_bytes` bigint,
  `x_forwarded_for` array<string>,
  `cs_headers` array<struct<name: string, value: string>>,
  `cmcd_startup` boolean,
  `_unparsed` array<struct<name: string, value: string>>,
  `_other` array<struct<name: string, value: string>>
)
USING iceberg
PARTITIONED BY (days(`timestamp`));
"""

ATHENA = """\
CREATE EXTERNAL TABLE IF NOT EXISTS cloudfront_logs (
  `timestamp` timestamp,
  `c_ip` string,
  `time_to_first_byte` double,
  `sc_status` int,
  `sc_bytes` bigint,
  `x_forwarded_for` array<string>,
  `cs_headers` array<struct<name:string,value:string>>,
  `cmcd_startup` boolean,
  `_unparsed` array<struct<name:string,value:string>>,
  `_other` array<struct<name:string,value:string>>
)
PARTITIONED BY (`day` string)
STORED AS PARQUET
LOCATION 's3://BUCKET/PREFIX/';
"""


@pytest.fixture
def statement(run: Run) -> Statement:
    def statement(dialect: str, *options: str | Path) -> str:
        done = run("fields", "--format", dialect, *options)
        assert (done.code, done.err) == (0, "")
        return done.out.decode()

    return statement


def created(statement: str) -> dict[str, str]:
    """Create the table in DuckDB; return the types of its columns."""
    with duckdb.connect() as database:
        database.execute(statement)
        described = database.execute("DESCRIBE cloudfront_logs").fetchall()
    return {row[0]: row[1] for row in described}


def names_of(statement: str, dialect: str) -> list[str]:
    """Return the columns of a statement as the grammar of its dialect reads it."""
    parsed = sqlglot.parse_one(statement, dialect=GRAMMARS[dialect])
    assert isinstance(parsed, expressions.Create)
    columns = list(parsed.find_all(expressions.ColumnDef))
    assert not any(column.kind.is_type("unknown") for column in columns if column.kind)
    return [column.name for column in columns if isinstance(column.parent, expressions.Schema)]


def test_duckdb_has_the_type_of_each_kind(statement: Statement) -> None:
    assert created(statement("duckdb", "--fields", ONE_OF_EACH)) == {
        "timestamp": "TIMESTAMP WITH TIME ZONE",
        "c_ip": "VARCHAR",
        "time_to_first_byte": "DOUBLE",
        "sc_status": "INTEGER",
        "sc_bytes": "BIGINT",
        "x_forwarded_for": "VARCHAR[]",
        "cs_headers": PAIRS,
        "cmcd_startup": "BOOLEAN",
        "_unparsed": PAIRS,
        "_other": PAIRS,
    }


@pytest.mark.parametrize(
    ("dialect", "expected"), [("clickhouse", CLICKHOUSE), ("iceberg", ICEBERG), ("athena-parquet", ATHENA)]
)
def test_statement_has_the_type_of_each_kind(statement: Statement, dialect: str, expected: str) -> None:
    assert statement(dialect, "--fields", ONE_OF_EACH) == expected


def test_tables_without_a_time_are_not_partitioned(statement: Statement) -> None:
    assert statement("clickhouse", "--fields", "c-ip").endswith("\nENGINE = MergeTree\nORDER BY tuple();\n")
    assert statement("iceberg", "--fields", "c-ip").endswith("\n)\nUSING iceberg;\n")


@pytest.mark.parametrize("dialect", GRAMMARS)
@pytest.mark.parametrize(
    ("log", "fields"),
    [("realtime", FIELDS), ("standard", STANDARD_FIELDS), ("connection", CONNECTION_FIELDS)],
)
def test_every_field_of_a_log_is_a_column(
    statement: Statement, dialect: str, log: str, fields: Mapping[str, Field]
) -> None:
    text = statement(dialect, "--log", log)
    names = names_of(text, dialect)
    assert len(names) == len({*names})
    expected = {field.keys["snake"] for field in fields.values() if field.kind not in {"date", "time"}}
    assert {*names} - {"cs_headers_truncated", "day"} == expected | {"_unparsed", "_other"}
    assert ("day" in names) is (dialect == "athena-parquet")
    if dialect == "duckdb":
        assert list(created(text)) == names


@pytest.mark.parametrize("profile", ["snake", "otel"])
def test_duckdb_has_the_types_of_a_scan(statement: Statement, profile: str) -> None:
    scan = edgelift.scan([], {"output": {"names": profile}, "layouts": [{"fields": "all"}]})
    described = duckdb.execute("DESCRIBE SELECT * FROM scan").fetchall()
    assert scan.counts.read == 0
    assert created(statement("duckdb", "--names", profile)) == {row[0]: row[1] for row in described}


@pytest.mark.parametrize("profile", ["cloudfront", "ecs", "otel"])
@pytest.mark.parametrize("dialect", ["duckdb", "iceberg"])
def test_names_of_another_profile_are_quoted(statement: Statement, dialect: str, profile: str) -> None:
    text = statement(dialect, "--names", profile)
    assert {*names_of(text, dialect)} >= {field.keys[profile] for field in FIELDS.values()}


def test_columns_are_those_of_all_layouts_of_a_configuration(statement: Statement, tmp_path: Path) -> None:
    config = tmp_path / "edgelift.toml"
    config.write_text(
        '[[layouts]]\nfields = ["timestamp", "sc-status", "x-new"]\n'
        '[[layouts]]\nfields = ["timestamp", "c-ip"]\n'
        '[[custom_fields]]\nname = "x-new"\nkind = "integer"\nafter = "sc-status"\n'
    )
    text = statement("duckdb", "--config", config)
    assert list(created(text).items()) == [
        ("timestamp", "TIMESTAMP WITH TIME ZONE"),
        ("sc_status", "INTEGER"),
        ("x_new", "BIGINT"),
        ("c_ip", "VARCHAR"),
        ("_unparsed", PAIRS),
        ("_other", PAIRS),
    ]


def test_names_are_those_that_a_configuration_names(statement: Statement, tmp_path: Path) -> None:
    config = tmp_path / "edgelift.toml"
    config.write_text('[output]\nnames = "cloudfront"\n[[layouts]]\nfields = ["c-ip"]\n')
    assert list(created(statement("duckdb", "--config", config))) == ["c-ip", "_unparsed", "_other"]
    assert list(created(statement("duckdb", "--config", config, "--names", "ecs"))) == [
        "source.ip",
        "_unparsed",
        "_other",
    ]


def test_date_and_time_of_a_layout_are_one_column(statement: Statement) -> None:
    text = statement("duckdb", "--log", "standard", "--fields", "date,time,c-ip")
    assert list(created(text)) == ["timestamp", "c_ip", "_unparsed", "_other"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--format", "clickhouse", "--names", "otel"], "use --names snake"),
        (["--format", "athena-parquet", "--names", "cloudfront"], 'a column cannot be named "c-ip"'),
        (
            ["--format", "json", "--config", "edgelift.toml"],
            "--config needs --format athena-parquet, iceberg",
        ),
        (["--names", "ecs"], "--names needs --format athena-parquet, iceberg"),
        (["--format", "duckdb", "--config", "missing.toml"], "cannot read the configuration missing.toml"),
        (["--format", "duckdb", "--config", "a.toml", "--fields", "c-ip"], "exclude each other"),
        (["--format", "duckdb", "--fields", "sc-statsu"], 'did you mean "sc-status"?'),
        (["--format", "duckdb", "--log", "connection", "--fields", "c-ip"], "see --log realtime"),
    ],
)
def test_options_that_do_not_fit_are_wrong_usage(run: Run, options: list[str], message: str) -> None:
    done = run("fields", *options)
    assert (done.code, done.out) == (2, b"")
    assert message in done.err

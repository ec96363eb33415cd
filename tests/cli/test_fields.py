"""`edgelift fields`: the table of fields for people, programs and Athena."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

import edgelift
from edgelift._core import CONNECTION_FIELDS, FIELDS, STANDARD_FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.cli.conftest import Run

ATHENA = re.compile(
    r"CREATE EXTERNAL TABLE IF NOT EXISTS cloudfront_realtime_logs \(\n"
    r"(?P<columns>(?:  `[a-z0-9_]+` (?:string|double|bigint|int),?\n)+)"
    r"\)\n"
    r"ROW FORMAT DELIMITED\n"
    r"  FIELDS TERMINATED BY '\\t'\n"
    r"  LINES TERMINATED BY '\\n'\n"
    r"  NULL DEFINED AS '-'\n"
    r"STORED AS TEXTFILE\n"
    r"LOCATION 's3://BUCKET/PREFIX/';\n"
)


def columns_of(statement: str) -> list[tuple[str, str]]:
    match = ATHENA.fullmatch(statement)
    assert match
    lines = match["columns"].splitlines()
    assert all(line.endswith(",") for line in lines[:-1])
    assert not lines[-1].endswith(",")
    pairs = [line.strip(" ,").split() for line in lines]
    return [(name.strip("`"), kind) for name, kind in pairs]


def test_table_lists_every_field(run: Run) -> None:
    done = run("fields")
    assert (done.code, done.err) == (0, "")
    head, *lines = done.out.decode().splitlines()
    assert head.split() == ["#", "name", "kind", "meaning"]
    # Aligned: the last column begins where its head does, also in lines that continue it.
    begin = head.index("meaning")
    rows: list[list[str]] = []
    for line in lines:
        if cells := line[:begin].split():
            rows.append([*cells, ""])
        rows[-1][-1] = f"{rows[-1][-1]} {line[begin:]}".lstrip()
    assert rows == [
        [
            str(field.position),
            field.name,
            field.kind,
            field.meaning + (" (unproven)" if field.unproven else ""),
        ]
        for field in edgelift.FIELDS.values()
    ]
    assert len(rows) == 71
    assert run("fields", "--format", "table").out == done.out


@pytest.mark.parametrize(("columns", "most"), [("", 80), ("80", 80), ("100", 100), ("200", 100)])
def test_table_fits_the_terminal(run: Run, columns: str, most: int) -> None:
    lines = run("fields", env={"COLUMNS": columns}).out.decode().splitlines()
    assert most - 10 < max(map(len, lines)) <= most


def test_json_lists_every_field_with_its_keys(run: Run) -> None:
    done = run("fields", "--format", "json")
    assert json.loads(done.out) == [
        {
            "position": field.position,
            "name": field.name,
            "kind": field.kind,
            "unproven": field.unproven,
            "standard": field.standard,
            "keys": dict(field.keys),
            "meaning": field.meaning,
        }
        for field in edgelift.FIELDS.values()
    ]


def test_athena_has_a_column_for_each_field(run: Run) -> None:
    columns = columns_of(run("fields", "--format", "athena").out.decode())
    assert [name for name, _ in columns] == [field.keys["snake"] for field in edgelift.FIELDS.values()]
    kinds = dict(
        zip((field.kind for field in edgelift.FIELDS.values()), (kind for _, kind in columns), strict=True)
    )
    assert kinds == {
        "timestamp": "double",
        "decimal": "double",
        "integer": "bigint",
        "status": "int",
        "boolean": "string",
        "address": "string",
        "text": "string",
        "keyword": "string",
        "list": "string",
        "names": "string",
        "headers": "string",
    }


def test_chosen_fields_are_listed_in_delivery_order(run: Run) -> None:
    chosen = ["--fields", "timestamp, sc-status,c-ip"]
    done = run("fields", "--format", "athena", *chosen)
    # In the order in which the columns come, and a word about it.
    assert columns_of(done.out.decode()) == [
        ("timestamp", "double"),
        ("c_ip", "string"),
        ("sc_status", "int"),
    ]
    assert done.err.startswith("warning: ")
    found = json.loads(run("fields", "--format", "json", *chosen).out)
    assert [field["position"] for field in found] == [1, 2, 5]
    assert len(run("fields", *chosen, env={"COLUMNS": "100"}).out.splitlines()) == 4


@pytest.mark.parametrize(
    ("log", "table"),
    [("realtime", FIELDS), ("standard", STANDARD_FIELDS), ("connection", CONNECTION_FIELDS)],
)
def test_fields_of_each_kind_of_log_are_listed(
    run: Run, log: str, table: Mapping[str, edgelift.Field]
) -> None:
    for names in ([], ["--fields", "all"]):
        found = json.loads(run("fields", "--log", log, "--format", "json", *names).out)
        assert [field["name"] for field in found] == list(table)
        assert [field["position"] for field in found] == list(range(1, len(table) + 1))
    listed = run("fields", "--log", log, env={"COLUMNS": "100"}).out.decode()
    assert all(f" {name} " in listed for name in table)
    first, second, third = list(table)[:3]
    found = json.loads(
        run("fields", "--log", log, "--format", "json", "--fields", f"{first}, {third},{second}").out
    )
    assert {field["name"] for field in found} == {first, second, third}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--fields", "sc-statsu"], 'did you mean "sc-status"?'),
        (["--fields", ","], "an empty name"),
        (["--fields", "clientIp,tlsSni"], '"clientIp" is not a field of realtime logs; see --log connection'),
        (["--log", "connection", "--fields", "c-ip"], "see --log realtime, --log standard"),
        (["--log", "connection", "--fields", "clientIp,c-ip"], "a list has fields of one kind of log"),
        (["--log", "connection", "--format", "athena"], "for real-time logs only"),
        (["--log", "access"], "access"),
        (["--format", "xml"], "xml"),
        (["surplus"], "surplus"),
    ],
)
def test_wrong_options_are_wrong_usage(run: Run, options: list[str], message: str) -> None:
    done = run("fields", *options)
    assert (done.code, done.out) == (2, b"")
    assert message in done.err
    assert "Traceback" not in done.err

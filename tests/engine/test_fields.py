"""The table of fields, against the fixture that was made from AWS's pages."""

import csv
from pathlib import Path
from typing import Any, cast

import pytest

import edgelift

TABLE = Path(__file__).parents[1] / "fixtures" / "fields.csv"


def rows() -> list[dict[str, str]]:
    with TABLE.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["realtime"]]


def test_fields_have_the_names_and_order_of_the_fixture() -> None:
    assert list(edgelift.FIELDS) == [row["realtime"] for row in rows()]
    assert len(edgelift.FIELDS) == 71


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["realtime"])
def test_field_equals_its_row_of_the_fixture(row: dict[str, str]) -> None:
    field = edgelift.FIELDS[row["realtime"]]
    assert field.name == row["realtime"]
    assert field.position == int(row["realtime_position"])
    assert field.kind == row["kind"]
    assert field.standard == (row["standard"] or None)
    assert field.unproven is (row["unproven"] == "1")
    keys = {"cloudfront": row["realtime"], "snake": row["snake"], "ecs": row["ecs"], "otel": row["otel"]}
    assert dict(field.keys) == keys


def test_meanings_are_one_line_each_and_all_different() -> None:
    meanings = [field.meaning for field in edgelift.FIELDS.values()]
    assert all(meaning and "\n" not in meaning and meaning == meaning.strip() for meaning in meanings)
    assert len(set(meanings)) == len(meanings)


@pytest.mark.parametrize("profile", ["cloudfront", "snake", "ecs", "otel"])
def test_keys_of_a_profile_are_all_different(profile: str) -> None:
    keys = [field.keys[profile] for field in edgelift.FIELDS.values()]
    assert len(set(keys)) == len(keys)


def test_the_table_is_read_only() -> None:
    # A table that could be written would let one user change what all others see.
    table = cast("Any", edgelift.FIELDS)
    with pytest.raises(TypeError):
        table["c-ip"] = None
    with pytest.raises(TypeError):
        del table["c-ip"]
    with pytest.raises(TypeError):
        cast("Any", edgelift.FIELDS["c-ip"].keys)["ecs"] = "x"
    with pytest.raises(AttributeError):
        cast("Any", edgelift.FIELDS["c-ip"]).kind = "text"
    assert edgelift.FIELDS["c-ip"].kind == "address"


def test_reasons_are_the_known_codes() -> None:
    expected = {
        "bad_base64",
        "too_large",
        "empty_record",
        "multiple_lines",
        "column_count",
        "bad_value",
        "no_layout",
    }
    assert expected <= set(edgelift._core.REASONS)  # noqa: SLF001 -- its place is part of the stub
    assert len(set(edgelift._core.REASONS)) == len(edgelift._core.REASONS)  # noqa: SLF001

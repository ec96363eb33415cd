"""`explain` of records of standard logs and of rows after their headers."""

from __future__ import annotations

import json

import pytest

import edgelift
from tests.engine.standard.samples import as_json, auto

NO_COLUMNS = "no header and no layout says what it is"


def test_a_tab_in_a_value_is_escaped() -> None:
    record = as_json(["cs(Cookie)", "cs(Referer)"], ["a\tb", "\t" * 200 + '"'])
    columns = auto().explain(record)
    values = {column.field: json.loads(column.value or "") for column in columns}
    assert values == json.loads(auto().transform(record))


def test_version_applies_to_the_next_header_only() -> None:
    names = "#Fields: cs(User-Agent)\n"
    for header in (f"#Version: 1.0\n{names}", f"#Version: 1.0\n{names}{names}", names):
        text = f"{header}a%2520b\n".encode()
        (column,) = auto().explain(text)
        document = json.loads(auto().transform_lines(text).output)
        assert document == {"cs-user-agent": json.loads(column.value or "")}


def test_columns_after_a_bad_header_are_unknown() -> None:
    transformer = edgelift.Transformer({"input": {"format": "standard"}, "layouts": [{"fields": ["asn"]}]})
    text = b"#Fields: asn asn\n1\n"
    assert "no_header" in transformer.transform_lines(text).counts.by_reason
    (column,) = transformer.explain(text)
    assert (column.field, column.value, column.note) == (None, None, NO_COLUMNS)


DATE, TIME, MILLISECONDS = (b'"date":"2024-11-15"', b'"time":"19:45:51"', b'"timestamp(ms)":"1731699951183"')


@pytest.mark.parametrize(
    ("members", "notes"),
    [
        ([b'"date":"-"', TIME, MILLISECONDS], ["omitted: timestamp(ms) has it"] * 2 + [""]),
        (
            [DATE, TIME, b'"timestamp(ms)":"-"'],
            ["with the time one timestamp", "part of the timestamp", "omitted: date and time have it"],
        ),
        (
            [DATE, TIME, b'"timestamp(ms)":"x"'],
            [
                "with the time one timestamp",
                "part of the timestamp",
                "not a timestamp in milliseconds: goes into _unparsed",
            ],
        ),
        ([b'"date":"-"', b'"time":""', b'"timestamp(ms)":null'], ["missing"] * 3),
    ],
)
def test_time_columns_are_explained_as_in_the_document(members: list[bytes], notes: list[str]) -> None:
    transformer = auto(input={"bad_value": "keep"}, output={"missing": "null"})
    record = b"{" + b",".join(members) + b"}"
    columns = transformer.explain(record)
    assert [column.note for column in columns] == notes
    # What `explain` shows is what the document has.
    values = [json.loads(column.value) for column in columns if column.value is not None]
    document = json.loads(transformer.transform(record))
    document.pop("_unparsed", None)
    assert values == list(document.values())

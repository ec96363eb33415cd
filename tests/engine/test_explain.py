"""`explain` says of each column what becomes of it, whether the record fits or not."""

import itertools
import json
from pathlib import Path
from typing import Literal

import pytest

import edgelift

FIELDS = ["timestamp", "c-ip", "sc-status", "cs-uri-query", "cmcd-encoded-bitrate"]
TRANSFORMER = edgelift.Transformer.from_fields(FIELDS)


def test_fitting_record_is_explained_column_by_column() -> None:
    columns = TRANSFORMER.explain(b"1700000000.123\t::1\t007\ta%20b\t3200\r\n")
    assert [column.position for column in columns] == [1, 2, 3, 4, 5]
    assert [column.field for column in columns] == FIELDS
    assert [column.raw for column in columns] == [b"1700000000.123", b"::1", b"007", b"a%20b", b"3200"]
    assert [column.value for column in columns] == ["1700000000123", '"::1"', "7", '"a b"', "3200"]
    assert [column.kind for column in columns] == ["timestamp", "address", "status", "text", "integer"]
    assert [column.note for column in columns] == [""] * 5


def test_values_are_those_of_the_document() -> None:
    path = Path(__file__).parents[1] / "fixtures" / "realtime" / "redacted-2020-40col.tsv"
    record = path.read_bytes()
    last = edgelift.FIELDS["cs-headers-count"].position
    launch = [name for name, field in edgelift.FIELDS.items() if field.position <= last and name != "s-ip"]
    transformer = edgelift.Transformer.from_fields(launch)
    values = {
        column.field: json.loads(column.value)
        for column in transformer.explain(record)
        if column.value is not None
    }
    assert values == json.loads(transformer.transform(record))


def test_missing_values_are_noted_as_left_out() -> None:
    columns = TRANSFORMER.explain(b"-\t\t200\t%2D\t-")
    assert [column.value for column in columns] == [None, None, "200", '"-"', None]
    left_out = "missing: left out"
    assert [column.note for column in columns] == [left_out, left_out, "", "", left_out]


@pytest.mark.parametrize(("missing", "value"), [("null", "null"), ("keep", '"-"')])
def test_kept_missing_values_are_noted(missing: Literal["null", "keep"], value: str) -> None:
    transformer = edgelift.Transformer.from_fields(["c-ip", "sr-reason"], missing=missing, values="text")
    assert [(column.value, column.note) for column in transformer.explain(b"-\t-")] == [
        (value, "missing")
    ] * 2


def test_every_misfit_is_noted() -> None:
    columns = TRANSFORMER.explain(b"now\tnobody\t200\ta\t1")
    assert [column.raw for column in columns] == [b"now", b"nobody", b"200", b"a", b"1"]
    assert [column.note for column in columns] == [
        "not a timestamp in seconds: the record fails",
        "not an IPv4 or IPv6 address: the record fails",
        *("", "", ""),
    ]
    assert [column.value for column in columns] == [None, None, "200", '"a"', "1"]


def test_misfit_of_an_unproven_field_goes_into_unparsed() -> None:
    column = TRANSFORMER.explain(b"1\t::1\t200\ta\t3200;")[-1]
    assert (column.field, column.raw, column.value) == ("cmcd-encoded-bitrate", b"3200;", None)
    assert column.note == "not an integer of 64 bits: goes into _unparsed"


def test_kept_misfit_goes_into_unparsed() -> None:
    transformer = edgelift.Transformer({"input": {"bad_value": "keep"}, "layouts": [{"fields": ["c-ip"]}]})
    (column,) = transformer.explain(b"nobody")
    assert column.value is None
    assert column.note == "not an IPv4 or IPv6 address: goes into _unparsed"


def test_extra_columns_have_no_field() -> None:
    columns = TRANSFORMER.explain(b"1\t::1\t200\ta\t1\tx\t")
    assert [column.position for column in columns] == [1, 2, 3, 4, 5, 6, 7]
    assert [column.field for column in columns] == [*FIELDS, None, None]
    assert [(column.raw, column.value, column.kind) for column in columns[5:]] == [
        (b"x", None, None),
        (b"", None, None),
    ]
    assert [column.note for column in columns] == [""] * 5 + ["the layout has 5 columns"] * 2


def test_absent_columns_are_noted() -> None:
    columns = TRANSFORMER.explain(b"1\t::1")
    assert [column.field for column in columns] == FIELDS
    assert [column.raw for column in columns] == [b"1", b"::1", b"", b"", b""]
    assert [column.value for column in columns] == ["1000", '"::1"', None, None, None]
    assert [column.note for column in columns] == [""] * 2 + ["the record ends before this column"] * 3


def test_truncated_headers_are_noted() -> None:
    transformer = edgelift.Transformer.from_fields(["cs-headers", "cs-headers-count"])
    notes = [column.note for column in transformer.explain(b"a:b%0A\t2")]
    assert notes == ["truncated: fewer entries than cs-headers-count", ""]
    assert [column.note for column in transformer.explain(b"a:b%0A\t1")] == ["", ""]


@pytest.mark.parametrize("order", ["x-h cs-headers cs-headers-count", "cs-headers x-h cs-headers-count"])
def test_only_cs_headers_are_truncated(order: str) -> None:
    fields = order.split()
    custom = [{"name": "x-h", "kind": "headers", "after": "cs-headers" if fields[1] == "x-h" else "c-ip"}]
    transformer = edgelift.Transformer({"layouts": [{"fields": fields}], "custom_fields": custom})
    note = "truncated: fewer entries than cs-headers-count"
    values = {"x-h": b"a:1%0A", "cs-headers": b"a:1%0Ab:2%0A", "cs-headers-count": b"2"}
    for values["x-h"], values["cs-headers"] in itertools.permutations((b"a:1%0A", b"a:1%0Ab:2%0A")):
        record = b"\t".join(values[field] for field in fields)
        notes = {column.field: column.note for column in transformer.explain(record)}
        is_truncated = b"cs-headers-truncated" in transformer.transform(record)
        assert is_truncated == (values["cs-headers"] == b"a:1%0A")
        assert notes == {"x-h": "", "cs-headers": note if is_truncated else "", "cs-headers-count": ""}


def test_a_list_of_nothing_is_missing() -> None:
    (column,) = edgelift.Transformer.from_fields(["x-forwarded-for"]).explain(b"%20,")
    assert (column.value, column.note) == (None, "missing: left out")


def test_the_layout_that_would_be_taken_is_explained() -> None:
    transformer = edgelift.Transformer(
        {"layouts": [{"fields": ["c-ip", "sc-status"]}, {"fields": ["sc-status", "cs-method"]}]}
    )
    assert [column.field for column in transformer.explain(b"200\tGET")] == ["sc-status", "cs-method"]
    assert [column.field for column in transformer.explain(b"::1\t200")] == ["c-ip", "sc-status"]


def test_nearest_layout_is_explained_for_an_unknown_column_count() -> None:
    transformer = edgelift.Transformer(
        {"layouts": [{"fields": ["c-ip"]}, {"fields": ["c-ip", "sc-status", "cs-method", "asn"]}]}
    )
    assert len(transformer.explain(b"::1\t200\tGET")) == 4
    assert len(transformer.explain(b"::1\t200")) == 2


@pytest.mark.parametrize("record", [b"", b"\n", b"\r\n"], ids=["nothing", "line feed", "line end"])
def test_every_column_of_an_empty_record_is_missing(record: bytes) -> None:
    columns = TRANSFORMER.explain(record)
    assert [column.field for column in columns] == FIELDS
    assert [(column.raw, column.value) for column in columns] == [(b"", None)] * 5


def test_raw_bytes_are_returned_unchanged() -> None:
    (column,) = edgelift.Transformer.from_fields(["cs-uri-query"]).explain(b"\xff%FF\x00")
    assert column.raw == b"\xff%FF\x00"
    assert column.value == '"\ufffd\ufffd\\u0000"'


def test_problems_of_the_whole_record_are_noted() -> None:
    transformer = edgelift.Transformer.from_fields(["cs-uri-stem", "cs-cookie"])
    assert transformer.explain(b"")[0].note == "the record is empty; missing: left out"
    assert transformer.explain(b"a\tb\nc\td")[0].note.startswith("the record holds more than one line: ")


@pytest.mark.filterwarnings("ignore:missing = .keep")
@pytest.mark.parametrize("missing", ["omit", "null", "keep"])
def test_a_list_without_entries_is_missing(missing: Literal["omit", "null", "keep"]) -> None:
    transformer = edgelift.Transformer.from_fields(["x-forwarded-for"], missing=missing)
    assert transformer.explain(b", ,%20")[0].note.startswith("missing")


def test_truncation_is_noted_only_where_the_document_has_it() -> None:
    fields = ["cs-headers", "cs-headers-count"]
    record = b"Host:a%0A\t7"
    assert edgelift.Transformer.from_fields(fields).explain(record)[0].note.startswith("truncated")
    assert edgelift.Transformer.from_fields(fields, values="text").explain(record)[0].note == ""


def test_what_is_too_large_is_not_explained() -> None:
    # Each of its columns would take a hundred bytes and more: 12 MB of tabs need over a gigabyte.
    for record in b"\t" * 12_000_000, b"x" * ((1 << 20) + 1), b"x" * (1 << 20) + b"\n":
        with pytest.raises(edgelift.RecordError, match="more than max_record_bytes = 1048576") as raised:
            TRANSFORMER.explain(record)
        assert (raised.value.reason, raised.value.column) == ("too_large", None)
        with pytest.raises(edgelift.RecordError) as transformed:
            TRANSFORMER.transform(record)
        assert str(raised.value) == str(transformed.value)


def test_header_and_row_are_limited_each_by_itself() -> None:
    transformer = edgelift.Transformer({"input": {"format": "standard", "max_record_bytes": 40}})
    header, row = b"#Fields: sc-status cs-method\n", b"200\t" + b"x" * 35 + b"\n"
    columns = transformer.explain(b"#Version: 1.0\n" + header + row)
    assert [column.field for column in columns] == ["sc-status", "cs-method"]
    for record in header + b"x" + row, b"#Fields: sc-status" + b" cs-method" * 3 + b"\n" + row:
        with pytest.raises(edgelift.RecordError) as raised:
            transformer.explain(record)
        assert raised.value.reason == "too_large"

"""The log line of a batch says how its first failed row differs from the layouts, without values."""

from __future__ import annotations

import base64
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import edgelift
from edgelift import Transformer, firehose, runtime
from edgelift.alignment import compare
from tests.handlers.test_handler import ROW_45 as ROW

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = ["timestamp", "c-ip", "sc-status", "sc-bytes", "cs-method", "cs-uri-query", "ssl-protocol"]
VALUES = ["1700000000.123", "192.0.2.77", "200", "2212", "GET", "secret=1", "TLSv1.3"]
CONFIG = {"layouts": [{"fields": NAMES}]}
WIDER = [*VALUES[:6], "198.51.100.9", VALUES[6]]
DIFFERENCE = (
    "column 7 looks inserted; fields that belong between cs-uri-query and ssl-protocol: x-forwarded-for"
)

MAKERS = pytest.mark.parametrize(
    "make", [firehose.make_handler, runtime.make_handler], ids=["dicts", "bytes"]
)


def event(*rows: list[str]) -> dict[str, Any]:
    data = [base64.b64encode("\t".join(row).encode()).decode() for row in rows]
    return {"records": [{"recordId": str(place), "data": text} for place, text in enumerate(data)]}


def log_of(
    handler: Callable[..., Any], sent: dict[str, Any], make: object, capsys: pytest.CaptureFixture[str]
) -> dict[str, Any]:
    handler(json.dumps(sent).encode() if make is runtime.make_handler else sent, None)
    line: dict[str, Any] = json.loads(capsys.readouterr().out)
    return line


@MAKERS
def test_the_first_failed_row_of_a_batch_is_compared_with_the_layouts(
    make: Any,  # noqa: ANN401 -- either handler
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = log_of(make(CONFIG), event(VALUES, WIDER, VALUES[:3]), make, capsys)
    assert line["diagnosis"] == [DIFFERENCE]
    written = json.dumps(line["diagnosis"])
    assert not any(value in written for value in WIDER)


@MAKERS
def test_batches_within_a_minute_are_not_compared_again(
    make: Any,  # noqa: ANN401 -- either handler
    capsys: pytest.CaptureFixture[str],
) -> None:
    handler = make(CONFIG)
    assert "diagnosis" not in log_of(handler, event(VALUES), make, capsys)
    assert "diagnosis" in log_of(handler, event(WIDER), make, capsys)
    assert "diagnosis" not in log_of(handler, event(WIDER), make, capsys)


def test_a_diagnosis_is_written_again_after_a_minute() -> None:
    now = 0.0
    diagnoses = firehose.Diagnoses(Transformer(CONFIG), lambda: now)
    report: Any = SimpleNamespace(first_failures={"column_count": ("0", "…")})
    for now, expected in [(5.0, True), (64.9, False), (65.0, True), (66.0, False)]:  # noqa: B007 -- the clock
        assert (diagnoses.take(report, lambda: event(WIDER)) == [DIFFERENCE]) is expected


@MAKERS
@pytest.mark.parametrize("row", [["{"], [""], ["a", "b"], VALUES[:1], ["\x00"], ["x"] * 3_000])
def test_other_failed_records_have_no_diagnosis(
    make: Any,  # noqa: ANN401 -- either handler
    row: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "diagnosis" not in log_of(make(CONFIG), event(row), make, capsys)


def test_a_record_that_cannot_be_compared_does_not_fail_its_batch() -> None:
    diagnoses = firehose.Diagnoses(Transformer(CONFIG), lambda: 1.0)
    report: Any = SimpleNamespace(first_failures={"column_count": ("0", "…")})
    assert diagnoses.take(report, lambda: {"records": [None]}) is None


def test_diagnoses_are_bounded(capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"x-{place}-{'n' * 300}" for place in range(10)]
    before = ["timestamp", *names]
    custom = [
        {"name": name, "kind": "address", "after": after} for name, after in zip(names, before, strict=False)
    ]
    config = {"layouts": [{"fields": [*FIELDS, *names]}], "custom_fields": custom}
    line = log_of(firehose.make_handler(config), event(KNOWN), None, capsys)
    # One of each field would be longer.
    assert [len(sentence) for sentence in line["diagnosis"]] == [300] * 5


KNOWN = ROW.decode().rstrip("\n").split("\t")
FIELDS = [name for name in edgelift.FIELDS if name != "s-ip"][: len(KNOWN)]
"""Fields of the recorded row."""


@pytest.mark.parametrize("place", range(len(FIELDS)), ids=FIELDS)
def test_each_inserted_column_of_a_recorded_row_is_found(place: int) -> None:
    transformer = Transformer.from_fields(FIELDS[:place] + FIELDS[place + 1 :])
    comparison = compare(transformer, ROW)
    assert comparison is not None
    assert comparison.fields is not None
    assert FIELDS[place] in " ".join(comparison.sentences)
    assert f"column {place + 1} looks inserted" in comparison.sentences[0]
    Transformer.from_fields(comparison.fields).transform(ROW)


@pytest.mark.parametrize("place", range(len(FIELDS)), ids=FIELDS)
def test_each_missing_column_of_a_recorded_row_is_found(place: int) -> None:
    row = "\t".join(KNOWN[:place] + KNOWN[place + 1 :]).encode()
    comparison = compare(Transformer.from_fields(FIELDS), row)
    assert comparison is not None
    assert comparison.fields is not None
    (sentence,) = comparison.sentences
    assert FIELDS[place] in sentence or sentence.endswith("…")
    assert "looks missing" in sentence
    Transformer.from_fields(comparison.fields).transform(row)


@pytest.mark.parametrize(
    ("first", "second"),
    [("c-ip", "sc-bytes"), ("cs-method", "x-edge-request-id"), ("sc-status", "x-host-header")],
)
def test_swapped_columns_are_found(first: str, second: str) -> None:
    one, other = FIELDS.index(first), FIELDS.index(second)
    values = [*KNOWN]
    values[one], values[other] = values[other], values[one]
    comparison = compare(Transformer.from_fields(FIELDS), "\t".join(values).encode())
    assert comparison is not None
    assert comparison.sentences == [f"columns {one + 1} ({first}) and {other + 1} ({second}) look swapped"]
    assert (comparison.is_ordered, comparison.fields) == (
        False,
        [{first: second, second: first}.get(name, name) for name in FIELDS],
    )


def test_rows_that_resemble_no_layout_are_not_compared() -> None:
    transformer = Transformer.from_fields(FIELDS)
    assert compare(transformer, b"a\tb\tc") is None
    assert compare(transformer, ROW) is None
    assert compare(Transformer({}), ROW) is None


def test_rows_of_standard_logs_are_compared_under_their_names() -> None:
    names = ["date", "time", "x-edge-location", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status"]
    row = b"2024-11-15\t19:45:51\tSEA900-P1\t392\t192.0.2.33\tGET\td1.cloudfront.net\t/js/a.js\t304"
    comparison = compare(Transformer({"layouts": [{"fields": names}]}), row)
    assert comparison is not None
    assert comparison.sentences == [
        "column 4 looks inserted; fields that belong between x-edge-location and c-ip: sc-bytes"
    ]
    assert comparison.fields == [*names[:3], "sc-bytes", *names[3:]]


def test_custom_fields_are_kept_in_their_places() -> None:
    config = {
        "custom_fields": [{"name": "x-mine", "kind": "integer", "after": "c-ip"}],
        "layouts": [{"fields": ["timestamp", "c-ip", "x-mine", "sc-status"]}],
    }
    comparison = compare(Transformer(config), b"1700000000.123\t192.0.2.1\t7\t200\tGET")
    assert comparison is not None
    assert comparison.sentences[0].startswith(
        "column 5 looks inserted; fields that belong next to sc-status: "
    )
    assert comparison.fields == ["timestamp", "c-ip", "x-mine", "sc-status", "cs-method"]


def test_lists_as_written_stay_so() -> None:
    names = ["sc-status", "timestamp", "c-ip"]
    config = {"input": {"order": "as_written"}, "layouts": [{"fields": names}]}
    comparison = compare(Transformer(config), b"200\t192.0.2.1")
    assert comparison is not None
    assert (comparison.sentences, comparison.fields) == (
        ["the column of timestamp looks missing"],
        ["sc-status", "c-ip"],
    )
    assert not comparison.is_ordered

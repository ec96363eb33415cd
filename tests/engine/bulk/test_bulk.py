"""Bulk bodies for OpenSearch: to the byte, and what becomes of records without time."""

from __future__ import annotations

import pytest

import edgelift
import edgelift.pure
from tests.engine.bulk.bulk_oracle import pairs

LAYOUT = {"layouts": [{"fields": ["timestamp", "c-ip", "x-edge-request-id"]}]}
ROW = b"1700000000.123\t192.0.2.1\t"


def test_body_has_an_action_with_index_and_id_before_each_document() -> None:
    # The hash is what `printf '…\t-' | b2sum -l 128` prints. It may never change: what is read a second time
    # would be there twice.
    transformer = edgelift.Transformer(LAYOUT)
    log = ROW + b"SOX4x==\n" + ROW + b"-\r\n" + ROW + b"-\n"
    document = b'{"timestamp":1700000000123,"c-ip":"192.0.2.1"}\n'
    lines = transformer.transform_lines(log, format="bulk")
    assert lines.output == (
        b'{"create":{"_index":"cdn-logs-2023-11-14","_id":"SOX4x=="}}\n'
        b'{"timestamp":1700000000123,"c-ip":"192.0.2.1","x-edge-request-id":"SOX4x=="}\n'
        b'{"create":{"_index":"cdn-logs-2023-11-14","_id":"4e67e0cd60e3b00bf15b0b51ba89d18e-1"}}\n'
        + document
        + b'{"create":{"_index":"cdn-logs-2023-11-14","_id":"4e67e0cd60e3b00bf15b0b51ba89d18e-2"}}\n'
        + document
    )
    assert transformer.transform_lines(ROW + b"-\n", format="bulk").output.count(b'-1"}}\n') == 1


def test_equal_lines_are_counted_per_stream_and_per_call() -> None:
    transformer = edgelift.Transformer.from_fields(["c-ip"])
    stream = transformer.stream(format="bulk", index="a")
    calls = [stream.feed(b"::1\n"), stream.feed(b"::1\n::2"), stream.finish()]
    numbers = [action["_id"][32:] for call in calls for action, _ in pairs(call.output)]
    assert numbers == ["-1", "-2", "-1"]
    (again,) = pairs(transformer.transform_lines(b"::1\n", format="bulk", index="a").output)
    assert again == pairs(calls[0].output)[0]


def test_a_row_that_looks_like_an_error_object_stays_a_row_in_every_format() -> None:
    # Kept in "_unparsed" by JSON lines. It has no time for an index, which does not make it an error object.
    config = {
        "input": {"format": "realtime", "bad_value": "keep"},
        "layouts": [{"fields": ["timestamp"]}],
    }
    transformer = edgelift.Transformer(config)
    row = b'{"e#rorCode":"x","lambdaARN":"arn","rawData":"MTcwMDAwMjc5OQo="}\n'
    assert b'"_unparsed"' in transformer.transform_lines(row).output
    lines = transformer.transform_lines(row, format="bulk")
    assert (lines.output, lines.counts.by_reason) == (b"", {"missing_timestamp": 1})


def test_a_record_without_time_fails_and_leaves_its_neighbours() -> None:
    transformer = edgelift.Transformer.from_fields(["timestamp", "c-ip"], values="text", timestamp="verbatim")
    log = b"1\t::1\n-\t::2\nyesterday\t::3\n4\t::4\n"
    lines = transformer.transform_lines(log, format="bulk")
    assert [document["c-ip"] for _, document in pairs(lines.output)] == ["::1", "::4"]
    reported = "the index is named by the time of the record, but column 1 (timestamp) is "
    advice = "; an index without a time in its name accepts it"
    assert [
        (failure.line, failure.reason, failure.field, failure.column, failure.message)
        for failure in lines.failures
    ] == [
        (2, "missing_timestamp", "timestamp", 1, f'{reported}"-"{advice}'),
        (3, "missing_timestamp", "timestamp", 1, f'{reported}"yesterday"{advice}'),
    ]
    assert lines.counts.by_reason == {"missing_timestamp": 2}
    taken = transformer.transform_lines(log, format="bulk", index="undated")
    assert taken.counts.ok == 4
    assert {action["_index"] for action, _ in pairs(taken.output)} == {"undated"}


def test_failures_name_the_column_without_a_time() -> None:
    transformer = edgelift.Transformer({"input": {"format": "standard"}})
    log = b'{"c-ip":"::1"}\n{"c-ip":"::1","timestamp(ms)":"-"}\n{"date":"-","time":"00:00:00"}\n'
    failures = transformer.transform_lines(log, format="bulk").failures
    assert [(failure.field, failure.column) for failure in failures] == [
        (None, None),
        ("timestamp", 2),
        ("date", 1),
    ]
    assert "but it has no column of the time;" in failures[0].message
    assert 'but column 2 (timestamp) is "-";' in failures[1].message


def test_index_argument_overrides_the_configuration() -> None:
    transformer = edgelift.Transformer(LAYOUT | {"bulk": {"index": "edge-{yyyy}-{MM}"}})
    assert transformer.options["bulk"] == {"index": "edge-{yyyy}-{MM}"}

    for given, expected in (None, "edge-2023-11"), ("x", "x"):
        ((action, _),) = pairs(transformer.transform_lines(ROW + b"a", format="bulk", index=given).output)
        assert action["_index"] == expected


def test_rows_of_one_day_go_to_the_index_of_their_own_hour() -> None:
    hours = [22, 23, 22, 0, 23]
    midnight = 1700000000 // 86400 * 86400
    rows = b"".join(b"%d.123\t::1\ta\n" % (midnight + 3600 * hour + 3599) for hour in hours)
    # 23:59:59 and 00:00:00 of the next day are one second apart.
    rows += b"%d\t::1\ta\n" % (midnight + 86400)
    transformer = edgelift.Transformer(LAYOUT)
    lines = transformer.transform_lines(rows, format="bulk", index="cdn-{dd}-{HH}")
    names = [action["_index"] for action, _ in pairs(lines.output)]
    assert names == [f"cdn-14-{hour:02}" for hour in hours] + ["cdn-15-00"]
    daily = transformer.transform_lines(rows, format="bulk", index="cdn-{dd}")
    assert [action["_index"] for action, _ in pairs(daily.output)] == ["cdn-14"] * 5 + ["cdn-15"]


def test_rows_of_a_standard_log_go_to_the_index_of_their_own_hour() -> None:
    times = ["22:59:59", "23:00:00", "23:59:59", "00:00:00", "22:00:00"]
    text = "#Fields: date time c-ip\n" + "".join(f"2024-11-15\t{time}\t::1\n" for time in times)
    transformer = edgelift.Transformer({"input": {"format": "standard"}})
    lines = transformer.transform_lines(text.encode(), format="bulk", index="cdn-{dd}-{HH}")
    names = [action["_index"] for action, _ in pairs(lines.output)]
    assert names == [f"cdn-15-{time[:2]}" for time in times]


TIMELESS = (
    '"cdn-logs-{yyyy}-{MM}-{dd}" is named by the time of each record, and %s has none; '
    "add the field of the time, or name an index without a time"
)


@pytest.mark.parametrize(
    ("layouts", "which"),
    [([["c-ip"]], "the layout"), ([["timestamp"], ["c-ip", "asn"]], "layouts[1]")],
)
def test_a_layout_without_time_is_refused_before_a_record_comes(layouts: list[list[str]], which: str) -> None:
    transformer = edgelift.Transformer({"layouts": [{"fields": fields} for fields in layouts]})
    with pytest.raises(edgelift.ConfigError) as caught:
        transformer.stream(format="bulk")
    assert str(caught.value) == f"bulk.index: {TIMELESS % which}"
    assert transformer.stream(format="bulk", index="cdn-logs")


def test_date_alone_names_daily_but_not_hourly_indices() -> None:
    config = {"input": {"format": "standard"}, "layouts": [{"fields": ["date", "c-ip"]}]}
    transformer = edgelift.Transformer(config)
    lines = transformer.transform_lines(b"2024-11-15\t::1\n", format="bulk")
    assert pairs(lines.output)[0][0]["_index"] == "cdn-logs-2024-11-15"
    with pytest.raises(edgelift.ConfigError, match="the layout has none"):
        transformer.stream(format="bulk", index="a-{HH}")


def test_unknown_formats_and_misplaced_indices_are_refused() -> None:
    transformer = edgelift.Transformer(LAYOUT)
    assert transformer.transform_lines(ROW, format="ndjson") == transformer.transform_lines(ROW)
    for call in transformer.stream, lambda **options: transformer.transform_lines(ROW, **options):
        with pytest.raises(ValueError, match=r'^the format is "ndjson", "bulk" or "raw", not "xml"$'):
            call(format="xml")  # type: ignore[arg-type]
        with pytest.raises(
            ValueError, match=r'^only format = "bulk" has an index; JSON lines and records go to none$'
        ):
            call(index="a")


def test_pure_accepts_the_bulk_section() -> None:
    assert edgelift.pure.Transformer(LAYOUT | {"bulk": {"index": "a"}}).transform(ROW + b"a")

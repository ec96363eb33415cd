"""The Lambda handler: answers, neighbours of bad records, the log line."""

import base64
import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

import edgelift
from edgelift import firehose

FIXTURES = Path(__file__).parents[1] / "fixtures"
ENVELOPES = sorted((FIXTURES / "firehose").glob("event-*.json"))
ROW_45 = (FIXTURES / "realtime" / "kds-2022-45col.tsv").read_bytes()
ROW_40 = (FIXTURES / "realtime" / "redacted-2020-40col.tsv").read_bytes()
# The launch fields; later ones were appended, except s-ip, which was inserted.
NAMES = [name for name in edgelift.FIELDS if name != "s-ip"]
REAL = {"layouts": [{"fields": NAMES[:45]}, {"fields": NAMES[:40]}]}

SMALL = {"layouts": [{"fields": ["timestamp", "c-ip", "sc-bytes", "cs-uri-stem"]}]}
GOOD = b"1700000000.123\t192.0.2.1\t7\t/a%20b\n"
GOOD_DOCUMENT = b'{"timestamp":1700000000123,"c-ip":"192.0.2.1","sc-bytes":7,"cs-uri-stem":"/a b"}'
OTHER = b"1700000001\t2001:db8::1\t-\t/%C3%BC\r\n"
OTHER_DOCUMENT = '{"timestamp":1700000001000,"c-ip":"2001:db8::1","cs-uri-stem":"/ü"}'.encode()

Captured = pytest.CaptureFixture[str]


def encoded(record: bytes) -> str:
    return base64.b64encode(record).decode("ascii")


def event_of(*data: object) -> dict[str, Any]:
    return {"records": [{"recordId": f"id{place}", "data": each} for place, each in enumerate(data)]}


def answers(config: dict[str, Any], event: dict[str, Any]) -> list[dict[str, str]]:
    return firehose.make_handler(config)(event, None)["records"]


def logged(captured: Captured) -> dict[str, Any]:
    """Read the one line that must be on stdout."""
    out, err = captured.readouterr()
    assert err == ""
    assert out.endswith("\n")
    (line,) = out.splitlines()
    entry = json.loads(line)
    assert isinstance(entry, dict)
    return entry


def reasons(entry: dict[str, Any]) -> dict[str, int]:
    """Take the counts by reason out of a log line."""
    prefix = "Failed_"
    return {name.removeprefix(prefix): count for name, count in entry.items() if name.startswith(prefix)}


def ok(record_id: str, document: bytes) -> dict[str, str]:
    return {"recordId": record_id, "result": "Ok", "data": encoded(document)}


def failed(record_id: str, data: str) -> dict[str, str]:
    return {"recordId": record_id, "result": "ProcessingFailed", "data": data}


def test_all_envelopes_are_found() -> None:
    assert len(ENVELOPES) == 4


@pytest.mark.parametrize("path", ENVELOPES, ids=lambda path: path.stem)
def test_envelopes_are_answered_record_by_record(path: Path, capsys: Captured) -> None:
    event = json.loads(path.read_text("utf-8"))
    untouched = copy.deepcopy(event)
    result = answers({"input": {"format": "realtime"}, "layouts": [{"fields": ["cs-uri-stem"]}]}, event)
    texts = [base64.b64decode(record["data"]).decode() for record in event["records"]]
    documents = [json.dumps({"cs-uri-stem": text}, separators=(",", ":")).encode() for text in texts]
    assert result == [ok("record1", documents[0]), ok("record2", documents[1])]
    assert event == untouched
    entry = logged(capsys)
    assert (entry["invocationId"], entry["deliveryStreamArn"]) == (
        event["invocationId"],
        event["deliveryStreamArn"],
    )


@pytest.mark.parametrize("path", ENVELOPES, ids=lambda path: path.stem)
def test_envelopes_of_other_data_fail_record_by_record(path: Path, capsys: Captured) -> None:
    event = json.loads(path.read_text("utf-8"))
    expected = [failed(record["recordId"], record["data"]) for record in event["records"]]
    assert answers({"input": {"format": "realtime"}, **REAL}, event) == expected
    entry = logged(capsys)
    assert reasons(entry) == {"column_count": 2}
    assert entry["first_failures"] == {
        "column_count": {
            "recordId": "record1",
            "message": "the record has 1 column, but the layouts have 45, 40",
        }
    }


def test_recorded_rows_find_their_layouts(capsys: Captured) -> None:
    first, second, third = answers(REAL, event_of(encoded(ROW_45), encoded(ROW_40), encoded(ROW_45)))
    transform = edgelift.Transformer(REAL).transform
    assert first == ok("id0", transform(ROW_45))
    assert second == ok("id1", transform(ROW_40))
    assert third == ok("id2", transform(ROW_45))
    document = json.loads(base64.b64decode(first["data"]))
    assert list(document.items())[:3] == [
        ("timestamp", 1671005351148),
        ("c-ip", "27.0.3.156"),
        ("time-to-first-byte", 0.001),
    ]
    assert (document["asn"], document["c-country"], document["cs-accept-encoding"]) == (
        16509,
        "JP",
        "gzip, deflate, br",
    )
    assert "sr-reason" not in document
    entry = logged(capsys)
    assert entry["layouts"] == [2, 1]
    assert entry["BytesIn"] == 2 * len(ROW_45) + len(ROW_40)
    assert entry["BytesOut"] == 2 * len(transform(ROW_45)) + len(transform(ROW_40))


def test_recorded_kinesis_event_is_transformed() -> None:
    # Firehose hands on the data of the Kinesis record as they are.
    recorded = json.loads((FIXTURES / "realtime" / "kds-2022-45col.event.json").read_text("utf-8"))
    (answer,) = answers(REAL, event_of(recorded["Records"][0]["kinesis"]["data"]))
    assert answer == ok("id0", edgelift.Transformer(REAL).transform(ROW_45))
    # As it is, it is no event of Firehose.
    with pytest.raises(edgelift.EdgeliftError, match="it is an event of a Kinesis trigger"):
        firehose.make_handler(REAL)(recorded, None)


def test_names_that_the_fixtures_page_lists_fit_the_recorded_row() -> None:
    (names,) = re.findall("^timestamp,.*$", (FIXTURES / "README.md").read_text("utf-8"), re.MULTILINE)
    assert edgelift.Transformer.from_fields(names.split(",")).transform(ROW_45) == edgelift.Transformer(
        REAL
    ).transform(ROW_45)


SEVERAL = '[firehose] multiple_lines = "ndjson" writes a document for each line, for destinations in S3'
NOT_BASE64 = "the record's data is not valid base64 (standard alphabet, padded)"
BAD: dict[str, tuple[object, str, str]] = {
    "too few columns": (
        encoded(b"1700000000\t192.0.2.1\t7"),
        "column_count",
        "the record has 3 columns, but the layout has 4",
    ),
    "too many columns": (
        encoded(GOOD[:-1] + b"\t-\n"),
        "column_count",
        "the record has 5 columns, but the layout has 4",
    ),
    "bad number": (
        encoded(b"1700000000\t192.0.2.1\t7.5\t/\n"),
        "bad_value",
        'column 3 (sc-bytes): "7.5" is not an integer of 64 bits',
    ),
    "bad address": (
        encoded(b"1700000000\t192.0.2.256\t7\t/\n"),
        "bad_value",
        'column 2 (c-ip): "192.0.2.256" is not an IPv4 or IPv6 address',
    ),
    "escape in a number": (
        encoded(b"1700000000\t192.0.2.1\t%37\t/"),
        "bad_value",
        'column 3 (sc-bytes): "%37" is not an integer of 64 bits',
    ),
    "invalid UTF-8 in a number": (
        encoded(b"1700000000\t192.0.2.1\t\xff7\t/"),
        "bad_value",
        'column 3 (sc-bytes): "\ufffd7" is not an integer of 64 bits',
    ),
    "NUL in an address": (
        encoded(b"1700000000\t192.0.2.1\0\t7\t/"),
        "bad_value",
        'column 2 (c-ip): "192.0.2.1\\u0000" is not an IPv4 or IPv6 address',
    ),
    "long value": (
        encoded(b"1700000000\t" + b"x" * 41 + b"\t7\t/"),
        "bad_value",
        f'column 2 (c-ip): "{"x" * 40}"… is not an IPv4 or IPv6 address',
    ),
    "empty": ("", "empty_record", "the record is empty"),
    "only a newline": (encoded(b"\n"), "empty_record", "the record is empty"),
    "only CR LF": (encoded(b"\r\n"), "empty_record", "the record is empty"),
    "two lines": (
        encoded(GOOD + GOOD),
        "multiple_lines",
        f"the record holds more than one line: line feed at byte {len(GOOD) - 1}; {SEVERAL}",
    ),
    "two newlines": (
        encoded(GOOD + b"\n"),
        "multiple_lines",
        f"the record holds more than one line: line feed at byte {len(GOOD) - 1}; {SEVERAL}",
    ),
    "no padding": ("Zm9vYg", "bad_base64", NOT_BASE64),
    "foreign characters": ("Zm9v!A==", "bad_base64", NOT_BASE64),
    "URL alphabet": ("_-__", "bad_base64", NOT_BASE64),
    "beyond ASCII": ("Zm9vü", "bad_base64", NOT_BASE64),
    "line feed in base64": (encoded(GOOD) + "\n", "bad_base64", NOT_BASE64),
    "a surrogate": ("\ud800", "bad_base64", NOT_BASE64),
    "too large": (
        encoded(GOOD[:-1] + b"a" * (1 << 20)),
        "too_large",
        f"the record has {len(GOOD) - 1 + (1 << 20)} bytes, more than max_record_bytes = 1048576",
    ),
    "a hundred thousand tabs": (
        encoded(b"\t" * 100_000),
        "column_count",
        "the record has 100001 columns, but the layout has 4",
    ),
    "a number as data": (7, "bad_base64", "the record's data is not a string but int"),
    "null as data": (None, "bad_base64", "the record's data is not a string but NoneType"),
    "bytes as data": (b"Zm9v", "bad_base64", "the record's data is not a string but bytes"),
    "a list as data": (["Zm9v"], "bad_base64", "the record's data is not a string but list"),
}


@pytest.mark.parametrize(("data", "reason", "message"), BAD.values(), ids=BAD.keys())
def test_bad_record_does_not_affect_its_neighbors(
    data: object, reason: str, message: str, capsys: Captured
) -> None:
    result = answers(SMALL, event_of(encoded(GOOD), data, encoded(OTHER)))
    assert result == [
        ok("id0", GOOD_DOCUMENT),
        failed("id1", data if isinstance(data, str) else ""),
        ok("id2", OTHER_DOCUMENT),
    ]
    assert [list(answer) for answer in result] == [["recordId", "result", "data"]] * 3
    if isinstance(data, str):
        assert result[1]["data"] is data
    entry = logged(capsys)
    assert (entry["RecordsIn"], entry["Ok"], entry["Dropped"], entry["Failed"]) == (3, 2, 0, 1)
    assert reasons(entry) == {reason: 1}
    assert entry["first_failures"] == {reason: {"recordId": "id1", "message": message}}


def test_record_without_data_fails_with_empty_data(capsys: Captured) -> None:
    event = event_of(encoded(GOOD), encoded(OTHER))
    event["records"].insert(1, {"recordId": "empty-handed"})
    assert answers(SMALL, event) == [
        ok("id0", GOOD_DOCUMENT),
        failed("empty-handed", ""),
        ok("id1", OTHER_DOCUMENT),
    ]
    assert logged(capsys)["first_failures"] == {
        "bad_base64": {"recordId": "empty-handed", "message": "the record has no data"}
    }


def test_record_that_fits_no_layout_names_each_misfit(capsys: Captured) -> None:
    config = {"layouts": [{"fields": ["c-ip", "cs-method"]}, {"fields": ["sc-status", "sc-bytes"]}]}
    data = encoded(b"nobody\tGET\n")
    assert answers(config, event_of(data)) == [failed("id0", data)]
    assert logged(capsys)["first_failures"]["no_layout"]["message"] == (
        "no layout of 2 columns fits: "
        'layout 1, column 1 (c-ip): "nobody" is not an IPv4 or IPv6 address; '
        'layout 2, column 1 (sc-status): "nobody" is not a status of three digits'
    )


ODD_BUT_GOOD = {
    "invalid UTF-8": (b"/\xff\xc3", "/\ufffd\ufffd"),
    "NUL": (b"/\0", "/\0"),
    "truncated escapes": (b"/%zz%2%", "/%zz%2%"),
    "a megabyte": (b"/" + b"a" * 1_000_000, "/" + "a" * 1_000_000),
    "a lone CR": (b"/a\r", "/a\r"),
}


@pytest.mark.parametrize(("column", "text"), ODD_BUT_GOOD.values(), ids=ODD_BUT_GOOD.keys())
def test_unusual_bytes_in_texts_do_not_fail(column: bytes, text: str) -> None:
    config = {"layouts": [{"fields": ["sc-status", "cs-uri-stem"]}]}
    (answer,) = answers(config, event_of(encoded(b"200\t" + column)))
    assert answer["result"] == "Ok"
    assert json.loads(base64.b64decode(answer["data"])) == {"sc-status": 200, "cs-uri-stem": text}


def test_event_without_records_is_answered_and_logged(capsys: Captured) -> None:
    assert firehose.make_handler(SMALL)({"records": []}, None) == {"records": []}
    entry = logged(capsys)
    assert entry.pop("Duration") >= 0
    del entry["_aws"]
    assert entry == {
        "event": "edgelift.batch",
        "RecordsIn": 0,
        "Ok": 0,
        "Dropped": 0,
        "Failed": 0,
        "BytesIn": 0,
        "BytesOut": 0,
        "path": "dict",
        "layouts": [0],
        "slimmed": 0,
        "reingested": 0,
        "first_failures": {},
        "duplicates": 0,
        "duplicate_ids": [],
    }


def test_newline_option_ends_each_document_with_a_line_feed() -> None:
    (answer,) = answers(SMALL | {"output": {"newline": True}}, event_of(encoded(GOOD)))
    assert answer == ok("id0", GOOD_DOCUMENT + b"\n")


def test_first_of_equal_ids_is_answered(capsys: Captured) -> None:
    event = event_of(encoded(GOOD), encoded(OTHER), "!", encoded(OTHER))
    event["records"][1]["recordId"] = event["records"][2]["recordId"] = "id0"
    assert answers(SMALL, event) == [ok("id0", GOOD_DOCUMENT), ok("id3", OTHER_DOCUMENT)]
    entry = logged(capsys)
    assert (entry["RecordsIn"], entry["Ok"], entry["Failed"]) == (2, 2, 0)
    assert (entry["duplicates"], entry["duplicate_ids"]) == (2, ["id0", "id0"])


def test_the_log_names_ten_duplicates_at_most(capsys: Captured) -> None:
    event = event_of(*[encoded(GOOD)] * 12)
    event["records"] += copy.deepcopy(event["records"])
    assert len(answers(SMALL, event)) == 12
    entry = logged(capsys)
    assert entry["duplicates"] == 12
    assert entry["duplicate_ids"] == [f"id{place}" for place in range(10)]


def test_log_line_has_all_counts_and_first_failures(capsys: Captured) -> None:
    bad = encoded(b"1\t192.0.2.1\tx\t/")
    event = event_of(encoded(GOOD), bad, "", bad, encoded(OTHER)) | {
        "invocationId": "invocation",
        "deliveryStreamArn": "arn:aws:firehose:eu-west-1:123456789012:deliverystream/logs",
        "region": "eu-west-1",
    }
    answers(SMALL, event)
    entry = logged(capsys)
    duration = entry.pop("Duration")
    del entry["_aws"], entry["OldestRecordAge"]
    assert isinstance(duration, float)
    assert duration > 0
    assert entry == {
        "event": "edgelift.batch",
        "DeliveryStream": "logs",
        "RecordsIn": 5,
        "Ok": 2,
        "Dropped": 0,
        "Failed": 3,
        "Failed_bad_value": 2,
        "Failed_empty_record": 1,
        "path": "dict",
        "first_failures": {
            "bad_value": {
                "recordId": "id1",
                "message": 'column 3 (sc-bytes): "x" is not an integer of 64 bits',
            },
            "empty_record": {"recordId": "id2", "message": "the record is empty"},
        },
        "BytesIn": len(GOOD) + 2 * len(b"1\t192.0.2.1\tx\t/") + len(OTHER),
        "BytesOut": len(GOOD_DOCUMENT) + len(OTHER_DOCUMENT),
        "layouts": [2],
        "slimmed": 0,
        "reingested": 0,
        "duplicates": 0,
        "duplicate_ids": [],
        "invocationId": "invocation",
        "deliveryStreamArn": "arn:aws:firehose:eu-west-1:123456789012:deliverystream/logs",
    }


def test_ids_of_the_event_that_are_no_strings_stay_out_of_the_log(capsys: Captured) -> None:
    answers(SMALL, event_of(encoded(GOOD)) | {"invocationId": 5, "deliveryStreamArn": None})
    assert not logged(capsys).keys() & {"invocationId", "deliveryStreamArn"}


def test_context_may_be_none() -> None:
    handler = firehose.make_handler(SMALL)
    event = event_of(encoded(GOOD))
    assert handler(event, None) == handler(event, object())

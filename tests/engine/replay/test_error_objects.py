"""Error objects of Firehose: source records are transformed, refused documents given back."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import edgelift
from tests.engine.replay.objects import ARN, FIXTURES, error_object, failed_of, processing_failed, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELDS = ["timestamp", "c-ip", "sc-status", "cs-uri-stem"]
AUTO = {"layouts": [{"fields": FIELDS}]}
REALTIME = {"input": {"format": "realtime"}, **AUTO}
ROW = b"1700000000.123\t192.0.2.1\t200\t/a%20b"
DOCUMENT = b'{"timestamp":1700000000123,"c-ip":"192.0.2.1","sc-status":200,"cs-uri-stem":"/a b"}\n'


def read(text: bytes, config: Mapping[str, Any] = REALTIME) -> edgelift.TransformResult:
    lines = edgelift.Transformer(config).transform_lines(text)
    assert lines.counts.read == lines.counts.ok + lines.counts.failed
    return lines


@pytest.mark.parametrize("config", [REALTIME, AUTO])
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_source_record_is_transformed(config: Mapping[str, Any], end: bytes) -> None:
    lines = read(processing_failed(ROW + end) + b"\n" + ROW, config)
    assert (lines.output, lines.failures) == (DOCUMENT * 2, ())


def test_a_json_record_in_an_error_object_is_transformed() -> None:
    lines = read(processing_failed(b'{"asn":"1","date":"2024-11-15"}'), AUTO)
    assert lines.output == b'{"asn":1,"date":"2024-11-15"}\n'
    (failure,) = read(processing_failed(b'{"asn":"1"}')).failures
    assert failure.reason == "column_count"


def test_a_header_in_the_file_does_not_apply_to_records() -> None:
    text = b"#Fields: asn\n7\n" + processing_failed(ROW) + b"\n8\n" + processing_failed(b"9")
    lines = read(text, AUTO)
    assert lines.output == b'{"asn":7}\n' + DOCUMENT + b'{"asn":8}\n'
    (failure,) = lines.failures
    assert (failure.line, failure.reason, failure.raw) == (5, "column_count", b"9")


@given(
    st.permutations(["attemptsMade", "arrivalTimestamp", "errorCode", "rawData", "lambdaArn", "Other"]),
    st.sampled_from([str.lower, str.upper, str.title, str]),
    st.booleans(),
)
def test_keys_may_have_any_order_case_and_type(names: list[str], spell: Any, strings: bool) -> None:  # noqa: ANN401, FBT001
    values = {
        "attemptsMade": "4" if strings else 4,
        "arrivalTimestamp": "1741088912364" if strings else 1741088912364,
        "errorCode": "Lambda.FunctionError",
        "rawData": base64.b64encode(ROW).decode(),
        "lambdaArn": None if strings else ARN,
        "Other": {"nested": [1, {"rawData": "x"}]},
    }
    text = json.dumps({spell(name): values[name] for name in names}).encode()
    lines = read(text)
    assert (lines.output, lines.failures) == (DOCUMENT, ())


@pytest.mark.parametrize("kind", ["es", "os"])
def test_documents_are_returned_unchanged(kind: str) -> None:
    document = b'{"c-ip" : "192.0.2.1","cs-uri-stem":"/a%20b","headers":[{"name":"x"}]}'
    names = {f"{kind}DocumentId": "49.0", f"{kind}IndexName": "logs"}
    for members in (names, {f"{kind}IndexName": "logs"}, {**names, f"{kind}TypeName": None}):
        for config in (REALTIME, AUTO):
            lines = read(error_object(document + b"\n", **members), config)
            assert (lines.output, lines.failures) == (document + b"\n", ())


def test_bulk_actions_have_the_index_and_id_of_the_document() -> None:
    text = b"\n".join(
        [
            refused(b'{"a":1}\n'),
            error_object(b"{}", osIndexName="d-\u00e9"),
            processing_failed(ROW + b"\n"),
            ROW,
            refused(b"[]"),
            ROW + ROW,
        ]
    )
    lines = edgelift.Transformer(REALTIME).transform_lines(text, format="bulk", index="x-{yyyy}")
    assert [failure.line for failure in lines.failures] == [5]
    actions = [json.loads(line)["create"] for line in lines.output.splitlines()[::2]]
    assert actions[0] == {"_index": "cdn-logs-2024-11-15", "_id": "49.0"}
    # Its delivery stream left the id to OpenSearch: it is that of its bytes.
    assert actions[1] == {
        "_index": "d-\u00e9",
        "_id": hashlib.blake2b(b"{}", digest_size=16).hexdigest() + "-1",
    }
    assert lines.output.splitlines()[1:4:2] == [b'{"a":1}', b"{}"]
    # A record has the id that it has outside of its error object, whatever its line end.
    (first,) = edgelift.Transformer(REALTIME).transform_lines(ROW, format="bulk").output.splitlines()[::2]
    own = json.loads(first)["create"]["_id"].removesuffix("-1")
    assert [action["_id"] for action in actions[2:]] == [f"{own}-{number}" for number in (1, 2, 3, 4)]
    assert {action["_index"] for action in actions[2:]} == {"x-2023"}


def test_lone_surrogates_in_keys_are_invalid() -> None:
    (failure,) = read(b'{"esIndexName":"\\ud83d","rawData":"e30="}').failures
    assert (failure.reason, failure.offset) == ("bad_error_object", 0)
    assert failure.message == "the error object is not JSON: expected whole characters at byte 15"


def test_records_that_the_handler_failed_are_transformed_later() -> None:
    # The layout was changed, and the function was not yet.
    row = (FIXTURES / "realtime" / "redacted-2020-40col.tsv").read_bytes()
    bad = ROW.replace(b"200", b"2x0")
    failed = failed_of(REALTIME, [ROW, row, b"", bad, ROW + b"\n" + ROW, row])
    assert failed.count(b"\n") == 5
    known = [name for name in edgelift.FIELDS if not name.startswith("cmcd-")]
    names = [name for name in known if name not in {"s-ip", "origin-fbl", "origin-lbl", "asn"}][:40]
    config = {"layouts": [*REALTIME["layouts"], {"fields": names}]}
    lines = read(failed, config)
    alone = edgelift.Transformer(config).transform(row) + b"\n"
    one = edgelift.Transformer(config).transform(ROW) + b"\n"
    assert lines.output == alone + one * 2 + alone
    assert [(failure.line, failure.reason, failure.raw) for failure in lines.failures] == [
        (2, "empty_record", b""),
        (3, "bad_value", bad),
    ]
    assert lines.failures[1].field == "sc-status"
    assert lines.failures[1].column == 3
    # Failed records can be tried again.
    again = b"".join(failure.raw + b"\n" for failure in lines.failures)
    assert read(again, config).counts == edgelift.Counts(
        read=1, failed=1, blank=1, by_reason={"bad_value": 1}
    )


AMBIGUOUS = (
    "rawData could be a source record or a document: --raw-data source or document (raw_data in Python) "
    "says which"
)
MESSAGES = [
    (
        b'{"attemptsMade":4,',
        "bad_error_object",
        "the error object is not JSON: expected a key in quotes at byte 18",
    ),
    (b'{"attemptsMade":4}', "bad_error_object", "the error object has no rawData"),
    (b'{"rawData":null,"lambdaArn":""}', "bad_error_object", "the error object has no rawData"),
    (
        b'{"rawData":5,"lambdaArn":""}',
        "bad_error_object",
        'the error object\'s "rawData" is not a string but int',
    ),
    (
        b'{"esIndexName":["a"],"rawData":"e30="}',
        "bad_error_object",
        'the error object\'s "esIndexName" is not a string but list',
    ),
    (
        b'{"rawData":"e30=","rawdata":"e30=","lambdaArn":""}',
        "bad_error_object",
        'the error object has "rawdata" twice',
    ),
    (
        b'{"EventId":"1","rawData":"e30="}',
        "bad_error_object",
        AMBIGUOUS,
    ),
    (
        b'{"esDocumentId":"1","esIndexName":"","rawData":"e30="}',
        "bad_error_object",
        "the error object holds a document, but has no esIndexName or osIndexName",
    ),
    (
        b'{"rawData":"e3\t0=","lambdaArn":""}',
        "bad_error_object",
        "the error object is not JSON: expected no control character in a string at byte 14",
    ),
    # What is wrong first is said, though the characters of the data are looked at last.
    (
        b'{"rawData":"e3\xff0=","rawdata":"e30=","lambdaArn":""}',
        "bad_error_object",
        "the error object is not JSON: expected UTF-8 at byte 14",
    ),
    (
        b'{"rawData":"e30="',
        "bad_error_object",
        "the error object is not JSON: expected a comma or } at byte 17",
    ),
    (
        b'{"rawData":"e30=',
        "bad_error_object",
        "the error object is not JSON: expected the end of a string at byte 16",
    ),
    (
        b'{"rawData":"e30","lambdaArn":""}',
        "bad_base64",
        "the error object's rawData is not valid base64 (standard alphabet, padded)",
    ),
    (
        refused(b'{"a":1,}'),
        "bad_json",
        "the document in rawData is not JSON: expected a key in quotes at byte 7",
    ),
    (refused(b"[1]"), "bad_json", "the document in rawData is not a JSON object but list"),
    (
        refused(b'{"a":1}\n{"a":2}'),
        "bad_json",
        "the document in rawData is more than one line: line feed at byte 7",
    ),
]


@pytest.mark.parametrize(("line", "reason", "message"), MESSAGES)
def test_invalid_error_objects_fail_with_a_message(line: bytes, reason: str, message: str) -> None:
    for config in (REALTIME, AUTO):
        lines = read(ROW + b"\n" + line + b"\r\n" + ROW, config)
        assert lines.output == DOCUMENT * 2
        (failure,) = lines.failures
        assert (failure.line, failure.offset) == (2, len(ROW) + 1)
        assert (failure.reason, failure.message) == (reason, message)
        assert (failure.field, failure.column) == (None, None)
        # All of it, so that id and index stay with the document.
        assert failure.raw == line + b"\r"


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (b"a", "in rawData: the record has 1 column, but the layout has 4"),
        (
            ROW.replace(b"200", b"2x0"),
            'in rawData: column 3 (sc-status): "2x0" is not a status of three digits',
        ),
        (b"\n", "in rawData: the record is empty"),
    ],
)
def test_invalid_source_records_fail_with_a_message(record: bytes, message: str) -> None:
    (failure,) = read(processing_failed(record)).failures
    assert failure.message == message


def test_source_records_may_have_the_maximal_size() -> None:
    limit = 1 << 20
    transformer = edgelift.Transformer.from_fields(["cs-uri-query"])
    for size, ok in ((limit, 1), (limit + 1, 0)):
        stream = transformer.stream()
        text = processing_failed(b"x" * size)
        pieces = [text[at : at + 100_000] for at in range(0, len(text), 100_000)]
        lines = [*(stream.feed(piece) for piece in pieces), stream.finish()]
        assert stream.counts.ok == ok
        for failure in lines[-1].failures:
            message = "in rawData: the record has 1048577 bytes, more than max_record_bytes = 1048576"
            assert (failure.message, len(failure.raw)) == (message, size)
    # A document may be as long as Lambda's answer.
    document = b'{"a":"' + b"x" * 4_700_000 + b'"}'
    assert transformer.transform_lines(refused(document)).output == document + b"\n"
    (failure,) = transformer.transform_lines(processing_failed(b"x" * 5_000_000)).failures
    assert failure.reason == "too_large"
    assert len(failure.raw) == limit


def test_single_records_are_not_read_as_error_objects() -> None:
    for config, reason in ((REALTIME, "column_count"), (AUTO, "bad_json")):
        with pytest.raises(edgelift.RecordError) as caught:
            edgelift.Transformer(config).transform(processing_failed(ROW))
        assert caught.value.reason == reason
    # Not even in the handlers.
    assert failed_of(AUTO, [processing_failed(ROW)]) == processing_failed(processing_failed(ROW)) + b"\n"

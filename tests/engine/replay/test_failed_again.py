"""Failed records that are read again: they are what they were, whatever they look like."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

import edgelift
from edgelift.inputs.detect import is_document
from edgelift.reprocess.error_objects.failures import ErrorObjectBuilder
from tests.engine.replay.objects import envelope, error_object, processing_failed, refused

if TYPE_CHECKING:
    from collections.abc import Sequence

FIELDS = ["cs-method", "c-ip", "sc-status"]
LAYOUTS: list[dict[str, Any]] = [{"fields": FIELDS}]
AUTO: dict[str, Any] = {"input": {"order": "as_written"}, "layouts": LAYOUTS}
LENIENT: dict[str, Any] = {"input": {"order": "as_written", "bad_value": "keep"}, "layouts": LAYOUTS}
BAD_ROW = b"{x\t192.0.2.1\t2x0"
BAD_DOCUMENT = b'{"cs-method":"{x","c-ip":"192.0.2.1","_unparsed":{"sc-status":"2x0"}}\n'
ROW = b"{x\t192.0.2.1\t200"
DOCUMENT = b'{"cs-method":"{x","c-ip":"192.0.2.1","sc-status":200}\n'
V2 = b'{"c-ip":"192.0.2.1","sc-status":"200"}'
SOURCE = b'{"cs(Host)":"a"}'
TYPED = b'{"c-ip":"x","sc-status":200}'
V2_DOCUMENT = b'{"c-ip":"192.0.2.1","sc-status":200}\n'


def lines(config: dict[str, Any], text: bytes, **options: Any) -> edgelift.TransformResult:  # noqa: ANN401
    return edgelift.Transformer(config).transform_lines(text, **options)


def written(failures: Sequence[edgelift.Failure]) -> bytes:
    builder = ErrorObjectBuilder("log", 1)
    return b"".join(map(builder.from_failure, failures))


def test_rows_that_begin_with_a_brace_are_rows_again() -> None:
    failed = lines(AUTO, ROW + b"\n" + BAD_ROW).failures
    assert [failure.log_format for failure in failed] == ["realtime"]
    text = written(failed)
    assert json.loads(text)["logFormat"] == "realtime"
    assert lines(LENIENT, text).output == BAD_DOCUMENT
    (again,) = lines(AUTO, text).failures
    assert (again.reason, again.raw, again.log_format) == ("bad_value", BAD_ROW, "realtime")
    assert again.message == 'in rawData: column 3 (sc-status): "2x0" is not a status of three digits'


def test_json_records_are_json_records_again() -> None:
    # It has tabs, and fits the layout.
    record = b'{"asn":\t{"a":1},\t"sc-status":200}'
    fields = ["cs-method", "cs-uri-stem", "cs-uri-query"]
    config = {"input": {"order": "as_written"}, "layouts": [{"fields": fields}]}
    failed = lines(config, V2 + b"\n" + record).failures
    assert [failure.log_format for failure in failed] == ["standard"]
    text = written(failed)
    again = lines(config, text)
    assert (again.output, [failure.reason for failure in again.failures]) == (b"", ["bad_json"])


@pytest.mark.parametrize(
    ("data", "output"),
    [
        (ROW, DOCUMENT),
        (ROW + b"\n", DOCUMENT),
        (V2, V2_DOCUMENT),
        (ROW + b"\n" + V2 + b"\n" + ROW, DOCUMENT + V2_DOCUMENT + DOCUMENT),
        (b'{"a":1}\t192.0.2.1\t200', b'{"cs-method":"{\\"a\\":1}","c-ip":"192.0.2.1","sc-status":200}\n'),
    ],
)
def test_source_records_of_firehose_are_what_first_records_are(data: bytes, output: bytes) -> None:
    result = lines(AUTO, processing_failed(data))
    assert (result.output, result.failures) == (output, ())


def test_each_record_says_its_own_format() -> None:
    objects = [
        error_object(ROW, lambdaArn=None, logFormat="realtime"),
        error_object(V2, lambdaArn=None, logFormat="standard"),
        error_object(b"7", lambdaArn=None, logHeader="#Fields: asn\n"),
        error_object(ROW, lambdaArn=None),
        error_object(V2, lambdaArn=None, logFormat=None),
        error_object(b"GET\t192.0.2.1\t200", lambdaArn=None),
    ]
    result = lines(AUTO, b"\n".join(objects))
    assert result.failures == ()
    assert result.output == (
        DOCUMENT + V2_DOCUMENT + b'{"asn":7}\n' + DOCUMENT + V2_DOCUMENT
    ) + DOCUMENT.replace(b"{x", b"GET")
    (failure,) = lines(AUTO, error_object(ROW, lambdaArn=None, logFormat="standard")).failures
    assert failure.reason == "bad_json"


def test_other_records_have_no_format() -> None:
    for config, text in (
        (AUTO, b"x\t192.0.2.1\t2x0"),
        (AUTO | {"input": {"format": "realtime", "order": "as_written"}}, BAD_ROW),
        ({}, b'{"asn":"x"}'),
        (AUTO, b'{"rawData":5,"lambdaArn":""}'),
    ):
        (failure,) = lines(config, text).failures
        assert (failure.log_format, failure.is_source) == (None, True)


def test_options_apply_again_to_what_its_keys_do_not_name() -> None:
    document = b'{"asn":"7","cs(User-Agent)":"a","sc-status":"2x0"}'
    text = error_object(document, errorCode="Splunk.ServerError")
    (failure,) = lines({}, text).failures
    assert (failure.is_source, failure.reason) == (False, "bad_value")
    again = written([failure])
    assert "lambdaArn" not in json.loads(again)
    assert lines({}, again, raw_data="document").output == document + b"\n"
    (failure,) = lines({}, processing_failed(document)).failures
    assert failure.is_source
    assert "lambdaArn" in json.loads(written([failure]))


@pytest.mark.parametrize(
    "data",
    [
        b"%s\n%s" % (SOURCE, TYPED),
        SOURCE + TYPED,
        gzip.compress(b"%s\n" % TYPED),
        envelope(TYPED),
        b'GET\t192.0.2.1\n{"asn":"x"}',
        b'GET\t192.0.2.1\n{"a":1}',
    ],
    ids=["lines", "back-to-back", "gzip", "envelope", "ambiguous", "no-fields"],
)
def test_records_of_a_source_record_are_no_documents_when_they_are_read_again(data: bytes) -> None:
    failures = lines({}, error_object(data, errorCode="Splunk.ServerError")).failures
    assert failures[-1].is_source
    for config in ({}, {"output": {"names": "ecs"}}):
        again = lines(config, written(failures))
        assert again.output == b""
        assert [failure.raw for failure in again.failures] == [failure.raw for failure in failures]
    text = error_object(b"%s\n%s" % (SOURCE, TYPED), errorCode="Splunk.ServerError")
    (failure,) = lines({}, text, raw_data="source").failures
    assert not failure.is_source


@pytest.mark.parametrize("layers", [2, 3, 4])
def test_packed_records_are_unpacked_in_one_pass(layers: int) -> None:
    packed, messages = V2 + b"\n" + V2, envelope(V2, V2)
    for _ in range(layers - 1):
        packed, messages = gzip.compress(packed), envelope(messages)
    for data in (gzip.compress(packed), messages, gzip.compress(gzip.compress(envelope(envelope(V2, V2))))):
        result = lines({}, processing_failed(data))
        assert (result.output, result.failures) == (V2_DOCUMENT * 2, ())


def test_records_that_are_packed_more_often_fail() -> None:
    data = V2
    for _ in range(5):
        data = gzip.compress(data)
    (failure,) = lines({}, processing_failed(data)).failures
    assert "compressed with gzip" in failure.message


@pytest.mark.parametrize("data", [envelope(), envelope(b""), gzip.compress(envelope() + envelope())])
def test_empty_envelopes_have_no_records(data: bytes) -> None:
    result = lines(AUTO, processing_failed(data) + b"\n" + processing_failed(V2))
    assert (result.output, result.failures, result.counts.read) == (V2_DOCUMENT, (), 1)


def test_error_objects_within_source_records_are_read() -> None:
    inner = (
        processing_failed(V2) + b"\n" + refused(V2_DOCUMENT, index="cdn") + b"\n" + processing_failed(b"2x0")
    )
    outer = error_object(inner, lambdaArn=None, logHeader="#Fields: sc-status\n")
    result = lines({}, outer + b"\n" + error_object(b"404", lambdaArn=None, logHeader="#Fields: sc-status\n"))
    assert result.output == V2_DOCUMENT * 2 + b'{"sc-status":404}\n'
    (failure,) = result.failures
    assert (failure.line, failure.raw, failure.header, failure.reason) == (1, b"2x0", None, "no_header")
    assert result.counts.read == 4


def test_error_objects_are_read_in_four_others() -> None:
    text = processing_failed(V2)
    for _ in range(4):
        text = processing_failed(text)
    assert lines({}, text).output == V2_DOCUMENT
    assert [failure.reason for failure in lines({}, processing_failed(text)).failures] == ["bad_json"]


@pytest.mark.parametrize(
    "text",
    [
        b'{"attemptsMade":4,',
        b'{"attemptsMade":4}',
        processing_failed(b"\n\n"),
        processing_failed(b"\r\n\r\n"),
        processing_failed(b""),
        processing_failed(b'{"attemptsMade":4,'),
    ],
)
def test_reasons_do_not_change(text: bytes) -> None:
    reasons = []
    for _ in range(4):
        (failure,) = lines(AUTO, text).failures
        reasons.append(failure.reason)
        text = written([failure])
    assert len(set(reasons)) == 1


@pytest.mark.parametrize("format", ["auto", "realtime"])
def test_rows_with_a_brace_fail_for_their_own_reason(format: str) -> None:  # noqa: A002 - the name of the option
    config = {"input": {"format": format, "order": "as_written"}, "layouts": LAYOUTS}
    result = lines(config, ROW + b"\n" + BAD_ROW + b"\n{x\n" + V2)
    assert [failure.message for failure in result.failures[:2]] == [
        'column 3 (sc-status): "2x0" is not a status of three digits',
        "the record has 1 column, but the layout has 3",
    ]
    assert "the record is a JSON object" in result.failures[2].message


def test_documents_in_error_objects_are_no_documents_of_a_file() -> None:
    document = b'{"timestamp":1700000000123,"c-ip":"x"}'
    (failure,) = lines({}, document).failures
    assert is_document(failure)
    (failure,) = lines({}, processing_failed(document)).failures
    assert not is_document(failure)

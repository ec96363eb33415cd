"""The pure path on its own: base64, batches, lines, and what it refuses."""

from __future__ import annotations

import array
import base64
import json
import types
from typing import TYPE_CHECKING, Any

import pytest

import edgelift
from edgelift import _core, pure
from edgelift.pure import batch
from edgelift.pure.transformer import refuse_engine_only_options

if TYPE_CHECKING:
    from typing import Unpack

    from edgelift._core import _Output

FIELDS = ["timestamp", "c-ip", "sc-bytes", "cs-uri-stem"]
GOOD = b"1700000000.123\t192.0.2.1\t7\t/a%20b"
DOCUMENT = b'{"timestamp":1700000000123,"c-ip":"192.0.2.1","sc-bytes":7,"cs-uri-stem":"/a b"}'


def core_and_pure(fields: list[str], **output: Unpack[_Output]) -> tuple[_core.Transformer, pure.Transformer]:
    return _core.Transformer.from_fields(fields, **output), pure.Transformer.from_fields(fields, **output)


BASE64 = {
    "": b"",
    "AA==": b"\0",
    "AAA=": b"\0\0",
    "AAAA": b"\0\0\0",
    "+/+/": b"\xfb\xff\xbf",
    "Zm9vYg==": b"foob",
}
NO_BASE64 = [
    "=",
    "==",
    "====",
    "A",
    "A=",
    "A===",
    "AA",
    "AA=",
    "AA===",
    "AAA",
    "AAA==",
    "AAAA=",
    "AAAA==",
    "AAAA====",
    "AAAAA",
    "AA==AAAA",
    "AA==AA==",
    "AA=A",
    "=AAA",
    "AB==",
    "AP==",
    "AAB=",
    "AAD=",
    "AAAAAB==",
    "-_-_",
    "AAA ",
    " AAAA",
    "AAAA\n",
    "AA\nAA",
    "AA AA===",
    "AAA\0",
    "AAA\u00e9",
    "\uff21AAA",
    "AAA\ud800",
    "AA*A",
]


@pytest.mark.parametrize(("data", "raw"), BASE64.items())
def test_base64_is_decoded_as_the_standard_library_does(data: str, raw: bytes) -> None:
    assert batch.decode(data) == raw == base64.b64decode(data)


@pytest.mark.parametrize("data", NO_BASE64)
def test_invalid_base64_is_refused(data: str) -> None:
    with pytest.raises(edgelift.RecordError) as caught:
        batch.decode(data)
    assert caught.value.reason == "bad_base64"
    assert str(caught.value) == "the record's data is not valid base64 (standard alphabet, padded)"


@pytest.mark.parametrize("data", [*BASE64, *NO_BASE64, None, 7, b"AAAA", ["AAAA"], True], ids=repr)
def test_core_and_pure_accept_the_same_base64(data: object) -> None:
    core, plain = core_and_pure(["cs-uri-stem"])
    records = [{"recordId": "r", "data": data}]
    assert summary(plain.transform_records(records)) == summary(core.transform_records(records))


def summary(answer: _core.Batch | pure.Batch) -> dict[str, Any]:
    return {
        "records": answer.records,
        "counts": answer.report.counts,
        "bytes": (answer.report.bytes_in, answer.report.bytes_out),
        "layouts": answer.report.layouts,
        "first_failures": dict(answer.report.first_failures),
        "duplicates": answer.report.duplicates,
    }


def test_batch_equals_that_of_the_core() -> None:
    config: dict[str, Any] = {
        "layouts": [{"fields": FIELDS}, {"fields": ["c-ip", "sc-status"]}],
        "output": {"newline": True},
    }
    rows = [
        GOOD,
        b"::1\t200\r\n",
        b"::1\t2000",
        b"",
        GOOD + b"\t",
        GOOD.replace(b"\t7\t", b"\tx\t"),
        b"::1\t2001",
    ]
    records: list[dict[str, Any]] = [
        {"recordId": str(place), "data": base64.b64encode(row).decode()} for place, row in enumerate(rows)
    ]
    records += [{"recordId": "3"}, {"recordId": "absent"}, {"recordId": "5", "data": "AAAA"}]
    answer = pure.Transformer(config).transform_records(records)
    assert summary(answer) == summary(_core.Transformer(config).transform_records(records))
    counts = answer.report.counts
    assert (counts.read, counts.ok, counts.failed) == (8, 2, 6)
    assert answer.report.layouts == (1, 1)
    assert answer.report.duplicates == ("3", "5")
    assert answer.report.bytes_out == len(DOCUMENT) + len(b'{"c-ip":"::1","sc-status":200}') + 2


@pytest.mark.parametrize("records", [(), {}, None, "records", [{}], [{"recordId": 1}], [None]])
def test_invalid_lists_of_records_raise_as_in_the_core(records: Any) -> None:  # noqa: ANN401
    core, plain = core_and_pure(FIELDS)
    with pytest.raises(edgelift.EdgeliftError) as of_core:
        core.transform_records(records)
    with pytest.raises(edgelift.EdgeliftError) as of_pure:
        plain.transform_records(records)
    assert str(of_pure.value) == str(of_core.value)


def test_lines_end_at_line_feeds_only() -> None:
    core, plain = core_and_pure(["cs-uri-stem"])
    data = b"/a\rb\n/c\x0bd\x0ce\n\x1c\x85\r\n\n\r\n/\xe2\x80\xa8\n\r\r\n/last"
    lines = plain.transform_lines(data)
    assert lines == core.transform_lines(data)
    texts = [json.loads(line)["cs-uri-stem"] for line in lines.output.split(b"\n")[:-1]]
    assert texts == ["/a\rb", "/c\x0bd\x0ce", "\x1c\ufffd", "/\u2028", "\r", "/last"]
    assert lines.counts == edgelift.Counts(read=6, ok=6, blank=2)


def test_lines_fail_as_in_the_engine() -> None:
    core, plain = core_and_pure(["sc-status", "sc-bytes"])
    data = b"200\t1\n\n20\t1\n200\tx\n200\n"
    lines = plain.transform_lines(data)
    assert lines == core.transform_lines(data)
    assert lines.output == b'{"sc-status":200,"sc-bytes":1}\n'
    assert lines.counts == edgelift.Counts(
        read=4, ok=1, failed=3, blank=1, by_reason={"bad_value": 2, "column_count": 1}
    )
    assert lines.failures[1] == edgelift.Failure(
        line=4,
        offset=12,
        reason="bad_value",
        field="sc-bytes",
        column=2,
        message='column 2 (sc-bytes): "x" is not an integer of 64 bits',
        raw=b"200\tx",
    )


def test_too_large_lines_show_their_beginning() -> None:
    config = {"layouts": [{"fields": ["cs-uri-stem"]}], "input": {"max_record_bytes": 5}}
    data = b"/abc\n/abcd\n/ab\r\n/ab\n/abcde\r\n"
    lines = pure.Transformer(config).transform_lines(data)
    assert lines == _core.Transformer(config).transform_lines(data)
    assert [(failure.line, failure.reason, failure.raw) for failure in lines.failures] == [
        (2, "too_large", b"/abcd"),
        (5, "too_large", b"/abcd"),
    ]


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda raw: array.array("B", raw)])
def test_bytes_like_objects_are_accepted(kind: Any) -> None:  # noqa: ANN401
    plain = pure.Transformer.from_fields(FIELDS)
    assert plain.transform(kind(GOOD)) == DOCUMENT
    assert plain.transform_lines(kind(GOOD)).output == DOCUMENT + b"\n"


@pytest.mark.parametrize("record", ["text", 5, None, [1]])
def test_other_types_raise_type_error(record: Any) -> None:  # noqa: ANN401
    plain = pure.Transformer.from_fields(FIELDS)
    with pytest.raises(TypeError):
        plain.transform(record)
    with pytest.raises(TypeError):
        plain.transform_lines(record)


def test_layouts_and_options_are_those_of_the_core() -> None:
    core = _core.Transformer({"layouts": [{"fields": FIELDS}], "output": {"names": "ecs"}})
    plain = pure.Transformer(core)
    assert plain.layouts is not None
    assert [column.key for column in plain.layouts[0]] == [column.key for column in core.layouts[0]]
    assert plain.options == core.options


def test_wrong_configurations_are_refused_by_the_core() -> None:
    with pytest.raises(edgelift.ConfigError, match='did you mean "c-ip"'):
        pure.Transformer({"layouts": [{"fields": ["c-ipp"]}]})
    with pytest.raises(edgelift.ConfigError, match='did you mean "c-ip"'):
        pure.make_handler({"layouts": [{"fields": ["c-ipp"]}]})


class PolicyTransformer:
    """A stand-in for an engine with more sections or formats than the pure path knows."""

    layouts = ()

    def __init__(self, options: dict[str, dict[str, Any]]) -> None:
        self.options = options


OPTIONS = edgelift.Transformer.from_fields(["c-ip"]).options
REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "a section": (
        {**OPTIONS, "redact": {}},
        "[redact]: edgelift.pure does not do that, edgelift does",
        "redact",
    ),
    "a format": (
        {**OPTIONS, "input": {"format": "standard"}},
        "input.format: edgelift.pure reads real-time rows only, edgelift reads standard logs",
        "input.format",
    ),
    "partition keys": (
        {**OPTIONS, "firehose": {"partition_keys": {"ip": "c-ip"}}},
        "firehose.partition_keys: edgelift.pure does not do that, edgelift does",
        "firehose.partition_keys",
    ),
    "records of several lines": (
        {**OPTIONS, "firehose": {**OPTIONS["firehose"], "multiple_lines": "ndjson"}},
        "firehose.multiple_lines: edgelift.pure does not do that, edgelift does",
        "firehose.multiple_lines",
    ),
    "a policy": (
        {**OPTIONS, "overflow": {"policy": "reingest"}},
        "overflow.policy: edgelift.pure does not do that, edgelift does",
        "overflow.policy",
    ),
}


@pytest.mark.parametrize(("options", "message", "key"), REFUSED.values(), ids=REFUSED.keys())
def test_options_of_the_engine_only_are_refused(
    options: dict[str, dict[str, Any]], message: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(edgelift.ConfigError) as caught:
        refuse_engine_only_options(options)
    assert (str(caught.value), caught.value.key) == (message, key)
    monkeypatch.setattr(
        "edgelift.pure.transformer._core", types.SimpleNamespace(Transformer=PolicyTransformer)
    )
    engine: Any = PolicyTransformer(options)
    with pytest.raises(edgelift.ConfigError) as caught:
        pure.Transformer(engine)
    assert (str(caught.value), caught.value.key) == (message, key)


def test_handler_answers_and_logs_as_that_of_the_core(capsys: pytest.CaptureFixture[str]) -> None:
    config = {"layouts": [{"fields": FIELDS}]}
    rows = [GOOD, b"x", GOOD.replace(b"\t7\t", b"\t-\t")]
    event = {
        "invocationId": "i",
        "records": [
            {"recordId": str(place), "data": base64.b64encode(row).decode()} for place, row in enumerate(rows)
        ],
    }
    answer = pure.make_handler(config)(event, None)
    of_pure = json.loads(capsys.readouterr().out)
    assert answer == edgelift.firehose.make_handler(config)(event, None)
    of_core = json.loads(capsys.readouterr().out)
    # The pure path does not look for the oldest record.
    del of_core["OldestRecordAge"]
    assert of_pure["_aws"].keys() == of_core["_aws"].keys()
    assert of_pure | {"Duration": 0, "_aws": 0} == of_core | {"Duration": 0, "_aws": 0}
    assert of_pure["Ok"] == 2

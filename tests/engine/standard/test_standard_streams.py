"""Headers in streams: where they come, what they change, and what becomes of rows without one."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import edgelift
from tests.engine.standard.samples import REALTIME, V1, as_file, as_json, auto

if TYPE_CHECKING:
    from collections.abc import Callable

NO_HEADER = (
    "the columns of the row are unknown: no valid #Fields: line precedes it; list the fields of real-time "
    "rows, and of standard rows without a header, under [[layouts]]"
)
TWICE = 'the field "cs-host" would write the key "cs-host" a second time'
TEXTS = [
    name
    for name in V1
    if name.startswith(("cs(", "x-", "ssl", "fle-status", "sc-content-type")) and "for" not in name
]


def failures(text: bytes, transformer: edgelift.Transformer | None = None) -> list[tuple[int, str, str]]:
    lines = (transformer or auto()).transform_lines(text)
    assert lines.counts.read == lines.counts.ok + lines.counts.failed
    return [(failure.line, failure.reason, failure.message) for failure in lines.failures]


@given(st.permutations(TEXTS).flatmap(lambda names: st.integers(1, len(names)).map(lambda n: names[:n])))
def test_fields_may_come_in_any_order(names: list[str]) -> None:
    row = [f"value-of-{name}" for name in names]
    expected = {REALTIME[name]: f"value-of-{name}" for name in names}
    for text in (as_file(names, row), as_file(names, row, version=False), as_json(names, row)):
        (document,) = auto().transform_lines(text).output.splitlines()
        assert list(json.loads(document).items()) == list(expected.items())


def test_unknown_names_are_texts() -> None:
    text = as_file(["c-ip", "x-new-field"], ["192.0.2.1", "007%20"])
    assert auto().transform_lines(text).output == b'{"c-ip":"192.0.2.1","x-new-field":"007 "}\n'
    keys = {"snake": "x_new_field", "ecs": "aws.cloudfront.x_new_field", "otel": "aws.cloudfront.x_new_field"}
    for names, key in keys.items():
        assert key in json.loads(auto(output={"names": names}).transform_lines(text).output)


def test_a_later_header_changes_the_columns() -> None:
    text = (
        as_file(["c-ip", "asn"], ["192.0.2.1", "1"])
        + as_file(["asn", "date", "time"], ["2", "2024-11-15", "19:45:51"], version=False)
        + as_json(["asn"], ["3"])
        + b"\n4\t-\t-\n"
    )
    lines = auto().transform_lines(text)
    assert lines.output.splitlines() == [
        b'{"c-ip":"192.0.2.1","asn":1}',
        b'{"asn":2,"timestamp":1731699951000}',
        b'{"asn":3}',
        b'{"asn":4}',
    ]
    assert lines.counts == edgelift.Counts(read=4, ok=4)


def test_lines_and_bytes_of_failures_count_headers() -> None:
    lines = auto().transform_lines(b"#Version: 1.0\n#Fields: asn\nx\n")
    (failure,) = lines.failures
    assert (failure.line, failure.offset, failure.reason, failure.field) == (3, 27, "bad_value", "asn")
    assert failure.message == 'column 1 (asn): "x" is not an integer of 64 bits'


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("#Fields:", "the #Fields: line names no field"),
        ("#Fields: \t ", "the #Fields: line names no field"),
        ("#Fields: c-ip asn c-ip", 'the #Fields: line names "c-ip" twice'),
        (
            "#Fields: name value",
            "the #Fields: line names no field of CloudFront's standard or connection logs",
        ),
        (
            "#Fields: x-host-header cs-host",
            f"the #Fields: line cannot be used: {TWICE}",
        ),
    ],
)
def test_rows_after_a_bad_header_fail(header: str, message: str) -> None:
    # The rows after it do not belong to the header before it.
    text = b"#Fields: asn\n1\n" + header.encode() + b"\n2\n#Fields: asn\n3\n"
    assert failures(text) == [(3, "bad_header", message), (4, "no_header", NO_HEADER)]
    assert auto().transform_lines(text).output == b'{"asn":1}\n{"asn":3}\n'


def test_names_with_the_same_key_fail_their_header() -> None:
    # Only in a profile that changes them: there is a way out.
    problem = (
        'the field "x_a" would write the key "x_a" a second time; '
        '[output] names = "cloudfront" leaves names as they are'
    )
    snake = auto(output={"names": "snake"})
    (failure,) = failures(b"#Fields: asn x-a x_a\n", snake)
    assert failure == (1, "bad_header", f"the #Fields: line cannot be used: {problem}")
    record = b'{"asn":"1","x-a":"2","x_a":"3"}'
    with pytest.raises(
        edgelift.RecordError, match=re.escape(f"the keys of the record cannot be used: {problem}")
    ):
        snake.transform(record)
    assert auto().transform(record) == b'{"asn":1,"x-a":"2","x_a":"3"}'


def test_rows_after_a_header_that_is_too_large_fail() -> None:
    transformer = auto(input={"max_record_bytes": 20})
    text = b"#Fields: asn\n1\n#Fields: asn c-ip cs-method\n2\n"
    message = "the record has 28 bytes, more than max_record_bytes = 20"
    assert failures(text, transformer) == [(3, "too_large", message), (4, "no_header", NO_HEADER)]


def streamed(transformer: edgelift.Transformer, *chunks: bytes) -> tuple[bytes, tuple[edgelift.Failure, ...]]:
    stream = transformer.stream()
    parts = [*map(stream.feed, chunks), stream.finish()]
    return b"".join(part.output for part in parts), sum((part.failures for part in parts), ())


@pytest.mark.parametrize("size", [1, 5, 20])
def test_a_header_that_is_too_large_goes_with_no_failure_wherever_a_chunk_ends(size: int) -> None:
    transformer = auto(input={"max_record_bytes": size})
    text = b"#Fields: asn c-ip cs-method\n2\t::1\tGET\n#Fields: asn\nx\n"
    whole = transformer.transform_lines(text)
    assert [failure.header for failure in whole.failures][:2] == [None, None]
    if size == 20:
        assert [failure.header for failure in whole.failures][2:] == ["#Fields: asn\n"]
    expected = (whole.output, whole.failures)
    for first in range(len(text) + 1):
        assert streamed(transformer, text[:first], text[first:]) == expected, first
        for second in range(first, min(first + 30, len(text))):
            parts = text[:first], text[first:second], text[second:]
            assert streamed(transformer, *parts) == expected, (first, second)


def test_the_word_of_a_header_line_that_is_too_large_is_read_wherever_a_chunk_ends() -> None:
    transformer = auto(input={"max_record_bytes": 7})
    text = b"#Fields: asn c-ip\n#Software: CloudFront\n#" + b"a" * 70 + b": no header\n"
    whole = transformer.transform_lines(text)
    assert [failure.line for failure in whole.failures] == [1, 3]
    for first in range(len(text) + 1):
        assert streamed(transformer, text[:first], text[first:]) == (whole.output, whole.failures), first


@pytest.mark.parametrize("beginning", [b"7", b'"a"', b'7 "x}'])
def test_a_row_that_begins_like_json_is_one_row_wherever_a_chunk_ends(beginning: bytes) -> None:
    row = beginning + b'{"asn":"1"}' * 6 + b"\n"
    for size in range(1, len(row) + 2):
        transformer = auto(input={"max_record_bytes": size})
        whole = transformer.transform_lines(row)
        assert whole.counts.read == 1
        for first in range(len(row) + 1):
            chunks = row[:first], row[first:]
            assert streamed(transformer, *chunks) == (whole.output, whole.failures), (size, first)


MARKED = (
    b"#Fields: asn c-ip cs-method\n2\n",
    b'{"asn":"1","cs-method":"GET","c-ip":"::1"}\n',
    b'{"asn":"1"}' * 9 + b"\n1\n",
    b"1700000000.123\t192.0.2.1\n",
)


@pytest.mark.parametrize("text", MARKED)
def test_a_byte_order_mark_does_not_count_wherever_a_chunk_ends(text: bytes) -> None:
    text = b"\xef\xbb\xbf" + text
    for size in range(1, len(text) + 2):
        transformer = auto(input={"max_record_bytes": size})
        whole = transformer.transform_lines(text)
        for first in range(len(text) + 1):
            chunks = text[:first], text[first:]
            assert streamed(transformer, *chunks) == (whole.output, whole.failures), (size, first)


@pytest.mark.parametrize("read", [as_file, lambda names, row: as_json(names, row) + b"\n"])
def test_a_header_may_have_as_many_names_as_fit(read: Callable[[list[str], list[str]], bytes]) -> None:
    # With a look at all names for each one it takes longer than a test may.
    names = ["asn", *(f"{number:x}" for number in range(250_000))]
    transformer = auto(input={"max_record_bytes": 1 << 22})
    lines = transformer.transform_lines(read(names, ["1"] * len(names)))
    assert lines.counts == edgelift.Counts(read=1, ok=1)
    assert list(json.loads(lines.output)) == names


def test_rows_before_the_header_and_short_rows_fail() -> None:
    message = "the record has 1 column, but the layout has 2"
    assert failures(b"1\t2\n#Fields: asn c-ip\n1\n1\t-\n") == [
        (1, "no_header", NO_HEADER),
        (3, "column_count", message),
    ]


def test_directives_are_recognized_by_word_and_colon() -> None:
    text = b"#Software: CloudFront\n#Start-Date: today\n#Fields: cs(Cookie)\n#no: word\n#9:\n# a\n#:\n"
    lines = auto().transform_lines(text)
    assert lines.output.splitlines() == [
        b'{"cs-cookie":"#9:"}',
        b'{"cs-cookie":"# a"}',
        b'{"cs-cookie":"#:"}',
    ]


def test_last_line_needs_no_line_feed() -> None:
    assert (
        auto().transform_lines(b"#Version: 1.0\r\n#Fields: asn\r\n1\r\n2").output == b'{"asn":1}\n{"asn":2}\n'
    )
    assert auto().transform_lines(b"#Fields: asn").counts == edgelift.Counts()
    assert auto().transform_lines(b"").counts == edgelift.Counts()


def test_double_encoding_is_undone_in_version_1_only() -> None:
    agents = [
        "a%2520b",
        "a%2520b%20c",
        "a%20b",
        "%2520",
        "a%252520b",
        "%25C3%25BC%2520%2522",
        "ab",
        "%2500%2520",
    ]
    rows = [[agent] for agent in agents]
    expected = ["a b", "a%20b c", "a b", " ", "a%2520b", 'ü "', "ab", "\0 "]
    names = ["cs(User-Agent)"]

    def read(text: bytes, **options: bool) -> list[str]:
        lines = auto(input=options).transform_lines(text).output.splitlines()
        return [json.loads(line)["cs-user-agent"] for line in lines]

    assert read(as_file(names, *rows)) == expected
    once = ["a%20b", "a%20b c", "a b", "%20", "a%2520b", "%C3%BC%20%22", "ab", "%00%20"]
    assert read(as_file(names, *rows, version=False)) == once
    assert read(as_file(names, *rows), decode_twice=False) == once


def test_configured_delimiters_separate_the_values() -> None:
    for delimiter in [",", "||", " ", "12345", "é"]:
        transformer = auto(input={"delimiter": delimiter})
        text = f"#Fields: asn cs(Cookie)\n1{delimiter}a\tb\n#Fields: asn{delimiter}c-ip\n2{delimiter}::1\n"
        assert transformer.transform_lines(text.encode()).output.splitlines() == [
            b'{"asn":1,"cs-cookie":"a\\tb"}',
            b'{"asn":2,"c-ip":"::1"}',
        ], delimiter
        # Version 1 has tabs.
        assert transformer.transform_lines(as_file(["asn", "c-ip"], ["1", "::1"])).counts.ok == 1
    assert auto(input={"delimiter": ""}).options["input"]["delimiter"] == "\t"


MARK = b"\xef\xbb\xbf"
OLD_LOG = b"#Version: 1.0\n#Fields: asn cs(User-Agent)\n1\ta%2520b\n"


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 4, len(MARK + OLD_LOG)])
def test_a_byte_order_mark_does_not_hide_the_version(cut: int) -> None:
    stream, data = auto().stream(), MARK + OLD_LOG
    lines = [stream.feed(data[:cut]), stream.feed(data[cut:]), stream.finish()]
    assert b"".join(part.output for part in lines) == b'{"asn":1,"cs-user-agent":"a b"}\n'
    assert (stream.counts.read, stream.counts.failed) == (1, 0)


def test_a_byte_order_mark_is_skipped_only_at_the_beginning() -> None:
    lines = auto().transform_lines(OLD_LOG + MARK + b'{"asn":"2"}\n')
    assert lines.counts.failed == 1
    assert auto().transform_lines(MARK + b'{"asn":"2"}').output == b'{"asn":2}\n'

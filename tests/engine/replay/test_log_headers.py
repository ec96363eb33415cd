"""Rows of standard logs that failed: with the header that a failure gives they are read as in their log."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import edgelift
from tests.engine.replay.objects import error_object, processing_failed

if TYPE_CHECKING:
    from collections.abc import Sequence

AUTO = edgelift.Transformer({"input": {"format": "auto"}})
V1 = "#Version: 1.0\n#Fields: c-ip cs(User-Agent) sc-status\n"
V2 = "#Fields: c-ip cs(User-Agent) sc-status\n"


def replayed(failures: Sequence[edgelift.Failure]) -> bytes:
    """Write the error objects of failures, as a job does."""
    return b"".join(
        error_object(failure.raw, lambdaArn=None, logHeader=failure.header) + b"\n" for failure in failures
    )


HEADERS = st.sampled_from(
    [
        "#Version: 1.0\n#Fields: c-ip cs(User-Agent) sc-status\n",
        "#Version: 1.0\n#Fields: sc-status cs(User-Agent) x-new c-ip\n",
        "#Fields: c-ip cs(User-Agent) sc-status\n",
        "#Fields: cs(User-Agent) x-edge-request-id sc-status\n",
    ]
)
CELLS = st.sampled_from(["200", "2x0", "-", "192.0.2.1", "Mozilla%252F5.0%20(X)", "a%2520b", "", "\xe9"])


@given(
    sections=st.lists(
        st.tuples(HEADERS, st.lists(st.lists(CELLS, min_size=3, max_size=4), min_size=1, max_size=4)),
        min_size=1,
        max_size=4,
    ),
    options=st.fixed_dictionaries(
        {}, optional={"decode_twice": st.just(value=False), "delimiter": st.sampled_from(["\t", ",", "::"])}
    ),
    form=st.sampled_from(["ndjson", "bulk"]),
)
def test_rows_make_the_documents_that_their_log_would_have_made(
    sections: list[tuple[str, list[list[str]]]], options: dict[str, Any], form: Literal["ndjson", "bulk"]
) -> None:
    lines: list[str] = []
    for header, rows in sections:
        delimiter = "\t" if "Version" in header else options.get("delimiter", "\t")
        lines += [header, *(delimiter.join(row) + "\n" for row in rows)]
    log = "".join(lines).encode("latin-1")
    config: dict[str, Any] = {"format": "standard", **options}
    strict, kept = (
        edgelift.Transformer({"input": options}) for options in (config, {**config, "bad_value": "keep"})
    )
    index = "logs" if form == "bulk" else None
    first = strict.transform_lines(log, format=form, index=index)
    again = kept.transform_lines(replayed(first.failures), format=form, index=index)
    whole = kept.transform_lines(log, format=form, index=index)

    # In bulk bodies with the action, and so with its id.
    between = b'{"create"' if form == "bulk" else b"\n"
    documents = Counter((first.output + again.output).split(between))
    assert documents == Counter(whole.output.split(between))
    # What fails again can be tried again.
    assert [(failure.reason, failure.message, failure.raw, failure.header) for failure in again.failures] == [
        (failure.reason, f"in rawData: {failure.message}", failure.raw, failure.header)
        for failure in whole.failures
    ]


@pytest.mark.parametrize(
    ("text", "header"),
    [
        (V1 + "1.2.3.4\ta\t2x0\n", V1),
        (V1.replace("1.0", "7") + "1.2.3.4\ta\t2x0", V1),
        ("#Version: 1.0\r\n#Software: x\r\n#Fields: asn\r\nx\r\n", "#Version: 1.0\n#Fields: asn\n"),
        (V1 + V2 + "1.2.3.4\ta\t2x0\n", V2),
        # Rows of a header that cannot be used: another configuration may do with it.
        ("#Fields: x-a x_a asn\n1\t2\t3\n", "#Fields: x-a x_a asn\n"),
        ("1\t2\n", None),
    ],
)
def test_failures_carry_the_header_of_their_row(text: str, header: str | None) -> None:
    snake = edgelift.Transformer({"input": {"format": "auto"}, "output": {"names": "snake"}})
    assert snake.transform_lines(text.encode()).failures[-1].header == header


def test_headers_of_more_than_8192_bytes_are_not_kept() -> None:
    def header(length: int) -> str | None:
        names = "#Fields: asn "
        line = names + "n" * (length - len(names) - 1) + "\n"
        (failure,) = AUTO.transform_lines(line.encode() + b"1\n").failures
        assert failure.reason == "column_count"
        return failure.header

    assert len(header(8192) or "") == 8192
    assert header(8193) is None


def test_each_log_header_applies_to_its_object_only() -> None:
    def record(header: str | None, row: bytes) -> bytes:
        return error_object(row, lambdaArn="", **({} if header is None else {"LOGHEADER": header})) + b"\n"

    text = (
        b"#Fields: c-ip asn\n"
        + record(V1, b"192.0.2.1\ta%2520b\t200")
        + record(V2, b"192.0.2.1\ta%2520b\t200")
        + record(V2, b"192.0.2.1\ta\t201\n")
        + processing_failed(b"192.0.2.1\ta\t202")
        + b"\n192.0.2.1\t1\n"
        + record("", b"192.0.2.1\ta\t203")
        + record("#Version: 1.0", b"192.0.2.1\ta\t204")
        + record(V1, b'{"asn":"2"}')
    )
    lines = AUTO.transform_lines(text)
    assert lines.output.splitlines() == [
        b'{"c-ip":"192.0.2.1","cs-user-agent":"a b","sc-status":200}',
        b'{"c-ip":"192.0.2.1","cs-user-agent":"a%20b","sc-status":200}',
        b'{"c-ip":"192.0.2.1","cs-user-agent":"a","sc-status":201}',
        b'{"c-ip":"192.0.2.1","asn":1}',
        b'{"asn":2}',
    ]
    assert [(failure.line, failure.reason) for failure in lines.failures] == [
        (5, "no_header"),
        (7, "no_header"),
        (8, "no_header"),
    ]


def test_real_time_formats_read_no_header() -> None:
    realtime = edgelift.Transformer(
        {"input": {"format": "realtime"}, "layouts": [{"fields": ["c-ip", "sc-status"]}]}
    )
    record = error_object(b"192.0.2.1\t200", lambdaArn="", logHeader="#Fields: sc-status c-ip\n")
    assert realtime.transform_lines(record).output == b'{"c-ip":"192.0.2.1","sc-status":200}\n'


def test_a_row_does_not_go_into_a_stream_without_its_header() -> None:
    row = b"192.0.2.1\ta\t200"
    (failure,) = AUTO.transform_lines(error_object(row, lambdaArn="", logHeader=V1), format="raw").failures
    assert (failure.reason, failure.raw, failure.header) == ("no_header", row, V1)
    assert failure.message.startswith("in rawData: only the #Fields: line of its log names the columns")


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"logHeader": 1}, 'the error object\'s "logHeader" is not a string but int'),
        ({"logHeader": "#", "LogHeader": "#"}, 'the error object has "LogHeader" twice'),
    ],
)
def test_invalid_log_headers_fail_with_a_message(members: dict[str, Any], message: str) -> None:
    (failure,) = AUTO.transform_lines(error_object(b"1", lambdaArn="", **members)).failures
    assert (failure.reason, failure.message) == ("bad_error_object", message)


def test_a_failure_of_damaged_gzip_has_no_header_of_the_object_before() -> None:
    text = error_object(b"7", lambdaArn=None, logHeader="#Fields: asn\n") + b"\n"
    text += error_object(b"\x1f\x8b\x02", lambdaArn=None) + b"\n"
    (failure,) = AUTO.transform_lines(text).failures
    assert (failure.line, failure.header) == (2, None)

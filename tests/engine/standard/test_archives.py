"""Files of an archive, which one stream reads: nothing of a file applies to the next one."""

from __future__ import annotations

import edgelift
from edgelift import Transformer

MARK = b"\xef\xbb\xbf"
ROW = b"1700000000.123\t::1\t200\n"
DOCUMENT = b'{"timestamp":1700000000123,"c-ip":"::1","sc-status":200}\n'
HEADER = b"#Version: 1.0\n#Fields: sc-status asn cs-method\n"


def transformer(*fields: str, **options: str) -> Transformer:
    return Transformer({"input": options, "layouts": [{"fields": list(fields)}]})


def read(stream: edgelift.Stream, *files: bytes) -> tuple[bytes, list[edgelift.Failure]]:
    """Return the documents and failures of files."""
    output = b""
    failures: list[edgelift.Failure] = []
    for file in files:
        for result in (stream.begin_file(), stream.feed(file)):
            output += result.output
            failures += result.failures
    last = stream.finish()
    return output + last.output, [*failures, *last.failures]


def test_a_header_does_not_apply_to_the_next_file() -> None:
    stream = transformer("timestamp", "c-ip", "sc-status").stream()
    output, failures = read(stream, HEADER + b"200\t7\tGET", ROW, HEADER + b"404\t7\tGET\n", ROW)
    assert output == (
        b'{"sc-status":200,"asn":7,"cs-method":"GET"}\n'
        + DOCUMENT
        + b'{"sc-status":404,"asn":7,"cs-method":"GET"}\n'
        + DOCUMENT
    )
    assert failures == []
    assert stream.counts.ok == 4
    assert stream.detected_formats == ("real-time rows", "a standard log, version 2 (3 columns)")


def test_rows_after_the_header_of_another_file_have_no_columns() -> None:
    stream = Transformer({}).stream()
    output, (failure,) = read(stream, b"#Fields: asn\n1\n", b"2\n")
    assert (output, failure.reason, failure.line, failure.offset) == (b'{"asn":1}\n', "no_header", 3, 15)
    assert failure.header is None


def test_a_version_does_not_apply_to_the_next_file() -> None:
    stream = Transformer({}).stream()
    read(stream, b"#Version: 1.0\n", b"#Fields: asn\n1\n")
    assert stream.detected_formats == ("a standard log, version 2 (1 column)",)


def test_each_file_may_have_a_byte_order_mark() -> None:
    files = [MARK + b"#Fields: asn\n1", MARK + b'{"asn":"2"}', MARK + b"#Fields: asn\n3\n"]
    output, failures = read(Transformer({}).stream(), *files)
    assert (output, failures) == (b'{"asn":1}\n{"asn":2}\n{"asn":3}\n', [])


def test_real_time_rows_of_another_file_make_no_row_of_a_header() -> None:
    stream = transformer("cs-uri-stem", "c-ip", order="as_written").stream()
    output, failures = read(stream, b"#x\t::1\n{x\t::1\n", b"#Fields: asn\n1\n")
    assert output == b'{"cs-uri-stem":"#x","c-ip":"::1"}\n{"cs-uri-stem":"{x","c-ip":"::1"}\n{"asn":1}\n'
    assert failures == []


def test_repeated_lines_are_counted_over_all_files() -> None:
    stream = transformer("timestamp", "c-ip", "sc-status").stream(format="bulk", index="cdn")
    output, _ = read(stream, ROW, ROW)
    actions = output.splitlines()[::2]
    assert len(set(actions)) == 2

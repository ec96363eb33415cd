"""Streams, and input that is large or strange."""

import json
import subprocess
import sys

import pytest

import edgelift

TRANSFORMER = edgelift.Transformer.from_fields(["timestamp", "c-ip"])
MEBIBYTE = 1 << 20


def test_counts_are_totals_and_failures_are_per_chunk() -> None:
    stream = TRANSFORMER.stream()
    first = stream.feed(b"1\t::1\nbad\n\n2\t:")
    assert first.output == b'{"timestamp":1000,"c-ip":"::1"}\n'
    assert [(failure.line, failure.offset, failure.raw) for failure in first.failures] == [(2, 6, b"bad")]
    assert first.counts == edgelift.Counts(read=2, ok=1, failed=1, blank=1, by_reason={"column_count": 1})
    second = stream.feed(b":2\nx\t::3\r\n4\t::4")
    assert second.output == b'{"timestamp":2000,"c-ip":"::2"}\n'
    (failure,) = second.failures
    assert (failure.line, failure.offset, failure.reason) == (5, 17, "bad_value")
    assert (failure.field, failure.column, failure.raw) == ("timestamp", 1, b"x\t::3\r")
    assert failure.message == 'column 1 (timestamp): "x" is not a timestamp in seconds'
    last = stream.finish()
    assert (last.output, last.failures) == (b'{"timestamp":4000,"c-ip":"::4"}\n', ())
    reasons = {"column_count": 1, "bad_value": 1}
    assert last.counts == edgelift.Counts(read=5, ok=3, failed=2, blank=1, by_reason=reasons)
    assert stream.counts == last.counts


def test_a_finished_stream_refuses_more() -> None:
    stream = TRANSFORMER.stream()
    assert stream.finish() == edgelift.TransformResult(b"", (), edgelift.Counts())
    with pytest.raises(ValueError, match=r"^the stream is finished; begin a new one$"):
        stream.feed(b"1\t::1\n")
    with pytest.raises(ValueError, match=r"^the stream is finished; begin a new one$"):
        stream.finish()
    assert stream.counts == edgelift.Counts()


def test_line_end_split_between_chunks_is_one_line_end() -> None:
    stream = TRANSFORMER.stream()
    assert stream.feed(b"1\t::1\r").output == b""
    assert stream.feed(b"\n\r").output == b'{"timestamp":1000,"c-ip":"::1"}\n'
    assert stream.feed(b"\n").counts == edgelift.Counts(read=1, ok=1, blank=1)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_carriage_return_alone_is_not_a_blank_line(end: bytes) -> None:
    counts = TRANSFORMER.transform_lines(b"\r" + end).counts
    assert (counts.read, counts.blank) == ((1, 0) if end != b"\n" else (0, 1))


@pytest.mark.parametrize("data", [b"", b"\n", b"\r\n", b"\n\r\n\n"])
def test_blank_lines_are_counted_only(data: bytes) -> None:
    assert TRANSFORMER.transform_lines(data) == edgelift.TransformResult(
        b"", (), edgelift.Counts(blank=data.count(b"\n"))
    )


def test_record_of_the_maximal_size_is_transformed() -> None:
    transformer = edgelift.Transformer.from_fields(["cs-uri-query"])
    longest = b"%20" * (MEBIBYTE // 3)
    record = longest + b"\n" * (MEBIBYTE - len(longest))
    assert len(record) == MEBIBYTE
    assert json.loads(transformer.transform(record)) == {"cs-uri-query": " " * (MEBIBYTE // 3)}
    with pytest.raises(edgelift.RecordError) as caught:
        transformer.transform(b"x" + record)
    assert str(caught.value) == "the record has 1048577 bytes, more than max_record_bytes = 1048576"


@pytest.mark.parametrize("byte", [b"\x00", b'"', b"\xff", b"\xf0", b"%", b"\x1f"], ids=repr)
def test_fields_may_grow_by_replacement_characters(byte: bytes) -> None:
    transformer = edgelift.Transformer.from_fields(["cs-uri-query", "cs-headers"])
    text = (byte * 400_000).decode("utf-8", "replace")
    expected = {"cs-uri-query": text, "cs-headers": [{"name": text, "value": ""}]}
    assert json.loads(transformer.transform(byte * 400_000 + b"\t" + byte * 400_000)) == expected


def test_many_one_byte_headers_are_listed() -> None:
    transformer = edgelift.Transformer.from_fields(["cs-headers", "cs-headers-count"])
    document = json.loads(transformer.transform(b"a%0A" * 200_000 + b"\t200001"))
    assert document["cs-headers"] == [{"name": "a", "value": ""}] * 200_000
    assert document["cs-headers-truncated"] is True


def test_record_of_many_tabs_fails_with_its_column_count() -> None:
    for record in (b"\t" * 100_000, b"\t" * 100_000 + b"\r\n"):
        with pytest.raises(edgelift.RecordError) as caught:
            TRANSFORMER.transform(record)
        assert str(caught.value) == "the record has 100001 columns, but the layout has 2"


def test_bad_lines_do_not_affect_their_neighbors() -> None:
    good = b"1\t::1\n"
    strange = [b"\t" * 100_000, b"\x00" * 1_000, b"\xff\xfe", b"x" * (MEBIBYTE + 5), b"\r", b'"', b"%\t%"]
    data = good + b"".join(line + b"\n" + good for line in strange)
    lines = TRANSFORMER.transform_lines(data)
    assert lines.output == b'{"timestamp":1000,"c-ip":"::1"}\n' * (len(strange) + 1)
    # A carriage return alone before a line feed is a blank line.
    assert [failure.raw for failure in lines.failures] == [
        line[:MEBIBYTE] for line in strange if line != b"\r"
    ]
    assert lines.counts.blank == 1


def test_endless_line_takes_constant_memory() -> None:
    # 400 MB without a line feed; a process of its own, since the peak of this one may be high already.
    code = """
import resource
import edgelift
stream = edgelift.Transformer.from_fields(["c-ip"]).stream()
chunk = b"x" * (1 << 20)
stream.feed(chunk * 4)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for _ in range(400):
    assert stream.feed(chunk).failures == ()
lines = stream.feed(b"\\n::1\\n")
(failure,) = lines.failures
assert failure.reason == "too_large"
assert failure.message == f"the record has {404 * (1 << 20) + 1} bytes, more than max_record_bytes = 1048576"
assert len(failure.raw) == 1 << 20
assert lines.output == b'{"c-ip":"::1"}\\n'
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 16 * 1024  # kibibytes

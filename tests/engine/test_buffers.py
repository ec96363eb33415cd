"""Accepted bytes-like objects, of which nothing is kept afterwards."""

import array
import contextlib
import mmap
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

import edgelift

RECORD = b"1700000000.123\t::1\tGET\n"
DOCUMENT = b'{"timestamp":1700000000123,"c-ip":"::1","cs-method":"GET"}'
TRANSFORMER = edgelift.Transformer.from_fields(["timestamp", "c-ip", "cs-method"])

# Every function that takes bytes, in one form: the documents as JSON lines.
WAYS: dict[str, Callable[[Any], bytes]] = {
    "transform": lambda data: TRANSFORMER.transform(data) + b"\n",
    "transform_lines": lambda data: TRANSFORMER.transform_lines(data).output,
    "stream": lambda data: TRANSFORMER.stream().feed(data).output,
}
ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())


@ways
@pytest.mark.parametrize(
    "kind",
    [
        bytes,
        bytearray,
        memoryview,
        lambda raw: memoryview(bytearray(raw)),
        lambda raw: memoryview(raw).cast("b"),
        lambda raw: memoryview(raw).cast("c"),
        lambda raw: memoryview(b"x" + raw + b"x")[1:-1],
        lambda raw: array.array("B", raw),
        lambda raw: array.array("b", raw),
    ],
    ids=["bytes", "bytearray", "view", "writable view", "cast b", "cast c", "slice", "array B", "array b"],
)
def test_bytes_like_objects_are_accepted(
    way: Callable[[Any], bytes], kind: Callable[[bytes], object]
) -> None:
    assert way(kind(RECORD)) == DOCUMENT + b"\n"


@ways
def test_memory_maps_are_accepted_and_released(way: Callable[[Any], bytes], tmp_path: Path) -> None:
    path = tmp_path / "record.tsv"
    path.write_bytes(RECORD)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert way(mapped) == DOCUMENT + b"\n"
        # close() raises BufferError while somebody still holds the buffer.
        mapped.close()


@ways
def test_buffers_are_released(way: Callable[[Any], bytes]) -> None:
    data = bytearray(RECORD)
    assert way(data) == DOCUMENT + b"\n"
    # Resizing raises BufferError while somebody still holds the buffer.
    data.extend(b"x" * 1_000_000)
    data.clear()


@ways
def test_buffers_are_released_after_a_failure(way: Callable[[Any], bytes]) -> None:
    data = bytearray(b"nonsense\n")
    with contextlib.suppress(edgelift.RecordError):
        assert way(data) == b""
    data.extend(b"x" * 1_000_000)


def test_a_stream_copies_the_rest_of_a_chunk() -> None:
    stream = TRANSFORMER.stream()
    data = bytearray(RECORD[:10])
    assert stream.feed(data).output == b""
    data[:] = b"x" * 1_000
    assert stream.feed(RECORD[10:]).output == DOCUMENT + b"\n"


def test_a_failure_copies_its_line() -> None:
    data = bytearray(b"nonsense\n")
    (failure,) = TRANSFORMER.transform_lines(data).failures
    data[:] = b"x" * 9
    assert failure.raw == b"nonsense"


# 24 bytes, so that they are whole shorts and whole doubles too.
EVEN = RECORD.removesuffix(b"\n") + b"\r\n"


@ways
@pytest.mark.parametrize(
    "view",
    [
        memoryview(RECORD[::-1])[::-1],
        memoryview(b"".join(bytes([byte, 0]) for byte in RECORD))[::2],
        memoryview(EVEN).cast("H"),
        memoryview(array.array("d", EVEN)),
        memoryview(EVEN).cast("B", shape=[4, 6]),
        memoryview(b"x" * 6 + EVEN).cast("B", shape=[5, 6])[1:],
    ],
    ids=["reversed", "every second byte", "shorts", "doubles", "two dimensions", "slice of two dimensions"],
)
def test_views_are_read_in_their_own_order(way: Callable[[Any], bytes], view: memoryview) -> None:
    # The bytes of `bytes(view)`, neither the underlying memory nor its elements.
    assert way(view) == DOCUMENT + b"\n"


@ways
@pytest.mark.parametrize("value", ["1\t::1\tGET", 5, None, 1.5, [49, 50], (b"1",), object], ids=repr)
def test_other_types_are_refused(way: Callable[[Any], bytes], value: object) -> None:
    with pytest.raises(TypeError):
        way(value)


def test_explain_accepts_bytes_like_objects() -> None:
    columns = TRANSFORMER.explain(bytearray(RECORD))
    assert [column.raw for column in columns] == [b"1700000000.123", b"::1", b"GET"]
    with pytest.raises(TypeError):
        TRANSFORMER.explain(cast("Any", "1\t::1\tGET"))

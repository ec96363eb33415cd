"""Calls on much data: results are those of small chunks, and signals and other threads get through."""

import json
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Literal

import pytest

import edgelift

MEBIBYTE = 1 << 20
TRANSFORMER = edgelift.Transformer.from_fields(["timestamp", "c-ip"])
ROW = b"1700000000.123\t192.0.2.1\n"
SEED = 20_261_128
Format = Literal["ndjson", "bulk", "raw"]


def mixed(size: int) -> bytes:
    """Give so many bytes of lines: good, bad, blank, under a header, in an error object, of all lengths."""
    print(f"seed {SEED}")  # noqa: T201 -- for a failure to be repeated
    choose = random.Random(SEED)  # noqa: S311
    bad = b"x" * 50_000
    error_object = json.dumps({"rawData": "MQk6OjEK", "lambdaArn": "arn"})
    kinds: list[Callable[[], bytes]] = [
        lambda: ROW * choose.randrange(1, 4_000),
        lambda: ROW.replace(b"\n", b"\r\n"),
        lambda: b"\n\r\n",
        lambda: bad[: choose.randrange(1, len(bad))] + b"\n",
        lambda: bad * 30 + b"\n",
        lambda: b"#Version: 1.0\n#Fields: date time c-ip\n2026-01-01\t00:00:00\t::1\n",
        lambda: error_object.encode() + b"\n",
    ]
    parts: list[bytes] = []
    length = 0
    while length < size:
        parts.append(choose.choices(kinds, weights=(20, 5, 5, 5, 1, 0, 5))[0]())
        length += len(parts[-1])
    # A header says which columns all later rows have.
    return b"".join([*parts, kinds[5](), *parts[: len(parts) // 4]])


def in_chunks(data: bytes, size: int, format_: Format) -> edgelift.TransformResult:
    stream = TRANSFORMER.stream(format=format_)
    parts = [stream.feed(data[start : start + size]) for start in range(0, len(data), size)]
    parts.append(stream.finish())
    failures = tuple(failure for part in parts for failure in part.failures)
    return edgelift.TransformResult(b"".join(part.output for part in parts), failures, stream.counts)


@pytest.mark.parametrize("format_", ["ndjson", "bulk", "raw"])
@pytest.mark.parametrize("end", [b"", ROW[:-1], b"bad"], ids=["whole", "row", "bad"])
def test_long_input_gives_what_its_chunks_give(format_: Format, end: bytes) -> None:
    data = mixed(12 * MEBIBYTE) + end
    expected = in_chunks(data, 100_000, format_)
    assert len(expected.failures) > 30
    assert TRANSFORMER.transform_lines(data, format=format_) == expected
    assert in_chunks(data, len(data), format_) == expected


@pytest.mark.parametrize("size", [4 * MEBIBYTE, 4 * MEBIBYTE + 1, 10 * MEBIBYTE, 25 * MEBIBYTE])
def test_lines_longer_than_a_slice_of_work_fail_as_too_large(size: int) -> None:
    data = ROW + b"x" * size + b"\n" + ROW
    lines = TRANSFORMER.transform_lines(data)
    assert lines.output == TRANSFORMER.transform_lines(ROW * 2).output
    (failure,) = lines.failures
    assert (failure.line, failure.offset, failure.reason) == (2, len(ROW), "too_large")
    assert failure.message == f"the record has {size + 1} bytes, more than max_record_bytes = 1048576"
    assert failure.raw == b"x" * MEBIBYTE


def test_outputs_of_every_size_are_whole() -> None:
    document = TRANSFORMER.transform(ROW) + b"\n"
    for rows in 100_000, 300_000, 400_000, 1_200_000:
        assert TRANSFORMER.transform_lines(ROW * rows).output == document * rows


@contextmanager
def signals(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Send this thread signals all the time."""
    main, stop = threading.get_ident(), threading.Event()

    def send() -> None:
        while not stop.wait(0.001):
            signal.pthread_kill(main, signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, handler)
    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        stop.set()
        sender.join()
        signal.signal(signal.SIGUSR1, before)


def test_signal_handlers_run_in_a_long_feed_and_may_ask_for_counts() -> None:
    stream = TRANSFORMER.stream()
    counts: list[int] = []
    with signals(lambda *_: counts.append(stream.counts.read)):
        stream.feed(ROW * 2_000_000)
    assert [read for read in counts if 0 < read < 2_000_000]


def test_a_signal_handler_cannot_feed_the_stream_that_it_interrupts() -> None:
    stream = TRANSFORMER.stream()
    problems: list[str] = []

    def feed(*_: object) -> None:
        if 0 < stream.counts.read < 2_000_000:
            with pytest.raises(edgelift.EdgeliftError) as caught:
                stream.feed(ROW)
            problems.append(str(caught.value))

    with signals(feed):
        lines = stream.feed(ROW * 2_000_000)
    assert set(problems) == {"the stream is in the middle of a chunk, which a signal handler cannot add to"}
    assert lines.counts.ok == stream.counts.ok == 2_000_000


def test_an_interrupted_stream_refuses_more_since_it_has_lost_documents() -> None:
    stream = TRANSFORMER.stream()

    interrupts: list[None] = []

    def interrupt(*_: object) -> None:
        if 0 < stream.counts.read < 2_000_000 and not interrupts:
            interrupts.append(None)
            raise KeyboardInterrupt

    with signals(interrupt), pytest.raises(KeyboardInterrupt):
        stream.feed(ROW * 2_000_000)
    assert 0 < stream.counts.read < 2_000_000
    problem = "^the stream was interrupted in the middle of a chunk; begin a new one$"
    with pytest.raises(ValueError, match=problem):
        stream.feed(ROW)
    with pytest.raises(ValueError, match=problem):
        stream.finish()


def test_ctrl_c_ends_a_long_call_early() -> None:
    data = ROW * 4_000_000
    # CPU time of this process, on which the load of the machine has no influence.
    began = time.process_time()
    TRANSFORMER.transform_lines(data)
    whole = time.process_time() - began
    before = signal.signal(signal.SIGVTALRM, signal.default_int_handler)
    try:
        began = time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, whole / 20)
        with pytest.raises(KeyboardInterrupt):
            TRANSFORMER.transform_lines(data)
        assert time.process_time() - began < whole / 2
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)

"""One Transformer in many threads, and one Stream where it should not be shared."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import edgelift

T = TypeVar("T")

THREADS = 8
ROUNDS = 10
REALTIME = Path(__file__).parents[1] / "fixtures" / "realtime"
ROWS = (REALTIME / "kds-2022-45col.tsv").read_bytes() + (REALTIME / "redacted-2020-40col.tsv").read_bytes()
LAUNCH = [
    name
    for name, field in edgelift.FIELDS.items()
    if field.position <= edgelift.FIELDS["cs-headers-count"].position and name != "s-ip"
]
LATER = ["primary-distribution-id", "primary-distribution-dns-name", "origin-fbl", "origin-lbl", "asn"]
TRANSFORMER = edgelift.Transformer({"layouts": [{"fields": LAUNCH + LATER}, {"fields": LAUNCH}]})
# Large enough that the interpreter lock is released while it is worked on.
DATA = (ROWS + b"a bad line\n\n") * 100


def in_threads(work: Callable[[int], T]) -> list[T]:
    barrier = threading.Barrier(THREADS)

    def begin_together(number: int) -> T:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(begin_together, range(THREADS)))


def test_transform_lines_gives_equal_results_in_eight_threads() -> None:
    expected = TRANSFORMER.transform_lines(DATA)
    assert expected.counts == edgelift.Counts(
        read=300, ok=200, failed=100, blank=100, by_reason={"column_count": 100}
    )
    results = in_threads(lambda _: [TRANSFORMER.transform_lines(DATA) for _ in range(3)])
    assert all(lines == expected for several in results for lines in several)


def test_transform_gives_equal_results_in_eight_threads() -> None:
    rows = ROWS.splitlines(keepends=True)
    # The long ones are worked on without the interpreter lock, by several threads at once.
    long = [row.replace(b"Mozilla", b"Mozilla%20" * 10_000) for row in rows]
    records = [*rows, *long]
    expected = [TRANSFORMER.transform(record) for record in records]
    results = in_threads(
        lambda _: [[TRANSFORMER.transform(record) for record in records] for _ in range(ROUNDS)]
    )
    assert all(documents == expected for several in results for documents in several)


def test_streams_of_one_transformer_are_independent() -> None:
    expected = TRANSFORMER.transform_lines(DATA)

    def work(number: int) -> tuple[bytes, edgelift.Counts]:
        stream = TRANSFORMER.stream()
        size = 1_000 + 777 * number
        output = [stream.feed(DATA[start : start + size]).output for start in range(0, len(DATA), size)]
        output.append(stream.finish().output)
        return b"".join(output), stream.counts

    assert in_threads(work) == [(expected.output, expected.counts)] * THREADS


def test_one_stream_in_many_threads_loses_nothing_and_does_not_crash() -> None:
    # Whole lines in each chunk: in whatever order the threads come, every line is there once.
    stream = TRANSFORMER.stream()

    def work(_: int) -> tuple[int, int]:
        output, failures = 0, 0
        for _ in range(5):
            lines = stream.feed(DATA)
            output += lines.output.count(b"\n")
            failures += len(lines.failures)
        return output, failures

    results = in_threads(work)
    stream.finish()
    total = 5 * THREADS
    assert (sum(ok for ok, _ in results), sum(failed for _, failed in results)) == (200 * total, 100 * total)
    assert stream.counts == edgelift.Counts(
        read=300 * total,
        ok=200 * total,
        failed=100 * total,
        blank=100 * total,
        by_reason={"column_count": 100 * total},
    )

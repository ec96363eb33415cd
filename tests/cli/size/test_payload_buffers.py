"""The largest safe buffer, against trying every buffer from every row on."""

from __future__ import annotations

from itertools import cycle, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgelift.cli.size.payload import (
    FILLED,
    LEAST_TENTHS,
    LIMIT,
    MEGABYTE,
    MOST_TENTHS,
    Payload,
    bytes_of,
    fullest,
    largest_buffer,
    percentile,
)

# Large rows, so that trying takes no time; the sizes in the payload from a tenth of the row's to forty times.
ROWS = st.lists(
    st.tuples(st.integers(10_000, 1_000_000), st.floats(0.1, 40)).map(
        lambda pair: (pair[0], int(pair[0] * pair[1]))
    ),
    min_size=1,
    max_size=30,
)


def tried(rows: list[int], payload: Payload, tenths: int) -> int:
    """Fill a buffer from every row on; give the size of the largest payload."""
    largest = 0
    for begin in range(len(rows)):
        taken, size = 0, payload.overhead
        for row, grown in islice(cycle(zip(rows, payload.sizes, strict=True)), begin, None):
            taken += row
            size += grown
            if taken >= tenths * MEGABYTE / 10:
                break
        largest = max(largest, size)
    return largest


@given(ROWS, st.integers(0, 1000))
def test_largest_buffer_is_safe_and_the_next_one_is_not(pairs: list[tuple[int, int]], overhead: int) -> None:
    rows = [row for row, _ in pairs]
    payload = Payload([size for _, size in pairs], overhead)
    safe = largest_buffer(rows, [payload])
    if safe is None:
        assert tried(rows, payload, LEAST_TENTHS) > FILLED
        return
    assert LEAST_TENTHS <= safe <= MOST_TENTHS
    assert tried(rows, payload, safe) <= FILLED
    assert safe == MOST_TENTHS or tried(rows, payload, safe + 1) > FILLED


@given(ROWS, st.integers(0, 1000), st.integers(LEAST_TENTHS, MOST_TENTHS))
def test_fullest_equals_the_brute_force_search(
    pairs: list[tuple[int, int]], overhead: int, tenths: int
) -> None:
    rows = [row for row, _ in pairs]
    payload = Payload([size for _, size in pairs], overhead)
    assert fullest(rows, payload, tenths) == tried(rows, payload, tenths)


def test_one_row_is_repeated_to_fill_the_buffer() -> None:
    # 2,000 rows of 2,988 bytes in the payload are 5,976,000 and 2,000,000 in the buffer, 1.9 megabytes.
    assert largest_buffer([1000], [Payload([2988], 456)]) == 19
    assert fullest([1000], Payload([2988], 456), 19) == 456 + 2988 * 1993


def test_a_stretch_of_rows_that_grow_most_decides() -> None:
    calm, stormy = [2000] * 50_000, [4000] * 2000
    # On average a row grows to 2,040 bytes, and twice the buffer would do.
    sizes = calm + stormy + calm
    assert largest_buffer([1000] * len(sizes), [Payload(sizes, 0)]) == 14
    assert largest_buffer([1000] * len(calm), [Payload(calm, 0)]) == 28


def test_the_tighter_payload_decides() -> None:
    loose, tight = Payload([1000], 0), Payload([5000], 0)
    assert largest_buffer([1000], [loose]) == MOST_TENTHS
    assert largest_buffer([1000], [loose, tight]) == largest_buffer([1000], [tight]) == 11


def test_no_buffer_is_safe_if_a_row_grows_too_much() -> None:
    assert largest_buffer([1000], [Payload([31_000], 0)]) is None
    assert largest_buffer([1000], [Payload([LIMIT + 1], 0)]) is None
    assert largest_buffer([1000, 1_000_000], [Payload([1, LIMIT], 1)]) is None


@pytest.mark.parametrize(
    ("ordered", "percent", "expected"),
    [
        ([7], 50, 7),
        ([1, 2], 50, 1),
        ([1, 2, 3], 50, 2),
        (range(1, 101), 99, 99),
        (range(1, 201), 99, 198),
        ([5, 6], 99, 6),
    ],
)
def test_percentile_is_the_nearest_rank(ordered: list[int], percent: int, expected: int) -> None:
    assert percentile(ordered, percent) == expected


def test_buffer_sizes_are_converted_to_bytes() -> None:
    assert [bytes_of(tenths) for tenths in (2, 10, 30)] == [209_716, MEGABYTE, 3 * MEGABYTE]


def test_five_percent_of_the_limit_stay_free() -> None:
    assert FILLED == LIMIT * 0.95 // 1

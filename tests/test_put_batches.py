"""Batches for one call to Data Firehose or Kinesis Data Streams: within its limits, and nothing left out."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from edgelift.put_batches import MOST_BYTES, MOST_RECORDS, batches


class Record(NamedTuple):
    size: int


@pytest.mark.parametrize(
    ("records", "lengths"),
    [
        (0, []),
        (1, [1]),
        (MOST_RECORDS, [MOST_RECORDS]),
        (MOST_RECORDS + 1, [MOST_RECORDS, 1]),
        (2 * MOST_RECORDS, [MOST_RECORDS, MOST_RECORDS]),
    ],
)
def test_every_record_is_in_a_batch_of_at_most_500(records: int, lengths: list[int]) -> None:
    assert [len(batch) for batch in batches(Record(1) for _ in range(records))] == lengths


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([MOST_BYTES], [[MOST_BYTES]]),
        ([MOST_BYTES - 1, 1], [[MOST_BYTES - 1, 1]]),
        ([MOST_BYTES - 1, 2], [[MOST_BYTES - 1], [2]]),
        ([MOST_BYTES - 1, 1, 1], [[MOST_BYTES - 1, 1], [1]]),
        ([1, MOST_BYTES + 1, 1], [[1], [MOST_BYTES + 1], [1]]),
    ],
)
def test_a_batch_has_at_most_4_mib_unless_one_record_is_larger(
    sizes: list[int], expected: list[list[int]]
) -> None:
    found = [[record.size for record in batch] for batch in batches(map(Record, sizes))]
    assert found == expected

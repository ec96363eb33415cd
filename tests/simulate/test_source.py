from __future__ import annotations

import hashlib
import random
from typing import TYPE_CHECKING

import pytest

from edgelift.errors import EdgeliftError
from edgelift.simulate.account import Ledger
from edgelift.simulate.clock import Clock
from edgelift.simulate.run import Run
from edgelift.simulate.settings import Settings
from edgelift.simulate.source import MemorySource

if TYPE_CHECKING:
    from collections.abc import Iterator


def source_of(seed: int = 1, *, shards: int = 1, rate: float = 1000) -> MemorySource:
    settings = Settings(shards=shards, rate=rate)
    return MemorySource(Run(settings, Clock(1000.0), random.Random(seed), Ledger()))  # noqa: S311


def test_each_line_is_a_record_with_its_line_feed() -> None:
    source = source_of()
    source.put(b"a\tb\r\nc\rd\n\nlast")
    assert [record.data for read in source.batches() for record in read] == [
        b"a\tb\r\n",
        b"c\rd\n",
        b"\n",
        b"last",
    ]


def test_records_arrive_at_the_rate_and_are_read_by_second() -> None:
    source = source_of(rate=2)
    source.put([b"%d" % number for number in range(5)])
    assert [[record.arrival for record in read] for read in source.batches()] == [
        [1_000_000, 1_000_500],
        [1_001_000, 1_001_500],
        [1_002_000],
    ]


@pytest.mark.parametrize("rate", [0.7, 3, 7, 999.9, 10_000_000])
def test_arrivals_follow_the_rate_and_each_read_is_of_one_second(rate: float) -> None:
    source = source_of(rate=rate)
    source.put([b"x"] * 2500)
    reads = list(source.batches())
    arrivals = [record.arrival for read in reads for record in read]
    assert arrivals == [int(1_000_000 + number * 1000 / rate) for number in range(2500)]
    seconds = [{record.arrival // 1000 for record in read} for read in reads]
    assert [len(each) for each in seconds] == [1] * len(reads)
    assert len(set.union(*seconds)) == len(reads)


def test_a_pause_and_an_earliest_time_delay_records() -> None:
    source = source_of(rate=1)
    source.put([b"a"])
    source.put([b"b"], pause=30)
    source.put([b"c"], earliest=2000)
    arrivals = [record.arrival for read in source.batches() for record in read]
    assert arrivals == [1_000_000, 1_031_000, 2_000_000]


def test_the_hash_of_the_partition_key_chooses_the_shard() -> None:
    source = source_of(shards=3)
    source.put([b"x"] * 2000)
    reads = list(source.batches())
    for read in reads:
        assert len({record.shard_id for record in read}) == 1
    records = [record for read in reads for record in read]
    for record in records:
        share = (
            int(hashlib.md5(record.partition_key.encode(), usedforsecurity=False).hexdigest(), 16) / 2**128
        )
        assert record.shard_id == f"shardId-{int(share * 3):012}"
    assert len({record.shard_id for record in records}) == 3


def test_sequence_numbers_are_unique_and_increase() -> None:
    source = source_of(shards=2)
    source.put([b"x"] * 500)
    numbers = [record.sequence_number for read in source.batches() for record in read]
    assert len(set(numbers)) == 500
    assert {len(number) for number in numbers} == {56}
    source.put([b"x"])
    (last,) = (record.sequence_number for read in source.batches() for record in read)
    assert last > max(numbers)


def test_the_seed_decides_the_partition_keys() -> None:
    def keys(seed: int) -> list[str]:
        source = source_of(seed)
        source.put([b"x"] * 3)
        return [record.partition_key for read in source.batches() for record in read]

    assert keys(1) == keys(1) != keys(2)


def test_a_read_has_ten_thousand_records_at_most() -> None:
    source = source_of(rate=1_000_000)
    source.put([b"x"] * 25_000)
    assert [len(read) for read in source.batches()] == [10_000, 10_000, 5_000]


def test_an_iterable_is_read_while_its_records_arrive() -> None:
    source = source_of(rate=1)
    taken: list[None] = []

    def endless() -> Iterator[bytes]:
        while True:
            taken.append(None)
            yield b"x\n"

    source.put(endless())
    reads = source.batches()
    for _ in range(10):
        next(reads)
    assert len(taken) < 20


def test_a_record_larger_than_kinesis_takes_is_refused() -> None:
    source = source_of()
    source.put([b"x" * (1 << 20), b"x" * ((1 << 20) + 1)])
    with pytest.raises(EdgeliftError, match="a record has 1048577 bytes; Kinesis takes 1048576 at most"):
        list(source.batches())

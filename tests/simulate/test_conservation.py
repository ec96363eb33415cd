"""No record is lost in silence: the account of a stream under faults against its index and its backup."""

from __future__ import annotations

import base64
import json
import random
from collections import Counter
from typing import Any

import pytest

from edgelift.simulate import DeliveryStream, MemoryBackup, MemoryIndex
from edgelift.simulate.faults import KINDS, Fault
from edgelift.simulate.faulty import Faults

CONFIG: dict[str, Any] = {"layouts": [{"fields": ["timestamp", "cs-method", "x-edge-request-id"]}]}
# A changed layout makes rows that no longer fit, which the tests of a stream have.
FAULTS = [(at, kind) for at, kinds in KINDS.items() for kind in kinds if kind != "layout_change"]


def lines(dice: random.Random, count: int) -> list[bytes]:
    """Return rows with a number as their request id, one in thirty of which cannot be transformed."""
    status = ("bad", "1704067200.123")
    return [f"{status[dice.random() > 0.03]}\tGET\t{number}\n".encode() for number in range(count)]


def faults(dice: random.Random) -> list[Fault]:
    chosen = []
    for at, kind in dice.sample(FAULTS, 6):
        probability = dice.choice([0.02, 0.1, 0.5])
        chosen.append(Fault(at, kind, probability=probability, duration_s=dice.choice([0, 5, 60, 400])))
    return chosen


def chaotic(seed: int, **settings: Any) -> tuple[DeliveryStream, list[bytes]]:  # noqa: ANN401
    dice = random.Random(seed)  # noqa: S311
    stream = DeliveryStream(
        CONFIG,
        seed=seed,
        faults=Faults(faults(dice), seed),
        shards=dice.choice([1, 3]),
        rate=dice.choice([5, 50, 500]),
        interval=dice.choice([0, 10, 60]),
        index_interval=dice.choice([0, 60]),
        retry_seconds=dice.choice([0, 60, 300]),
        document_ids=dice.choice(["FIREHOSE_DEFAULT", "NO_DOCUMENT_ID"]),
        backup_interval=dice.choice([0, 300]),
        **settings,
    )
    rows = lines(dice, 1500)
    for start in range(0, len(rows), 100):
        stream.put(rows[start : start + 100])
        stream.wait(dice.choice([0, 1, 100]))
    return stream, rows


def number_of(row: bytes) -> int:
    return int(row.split(b"\t")[2])


def ids_in_backup(backup: MemoryBackup) -> Counter[int]:
    """Return the request ids of error objects: of rows, and of documents that were not indexed."""
    ids = Counter[int]()
    for failed in backup.error_objects():
        data = base64.b64decode(failed["rawData"])
        ids[int(json.loads(data)["x-edge-request-id"]) if "esIndexName" in failed else number_of(data)] += 1
    return ids


@pytest.mark.parametrize("seed", range(40))
def test_each_record_is_in_the_index_or_in_the_backup_and_the_account_is_exact(seed: int) -> None:
    stream, rows = chaotic(seed)
    account = stream.run()
    assert isinstance(stream.index, MemoryIndex)
    assert isinstance(stream.backup, MemoryBackup)
    assert account.is_balanced, account
    assert account.source == len(rows) + account.copies

    indexed = Counter(int(document["x-edge-request-id"]) for document in stream.index.documents())
    failed = ids_in_backup(stream.backup)
    assert indexed.keys() | failed.keys() == set(range(len(rows)))
    assert all(
        number in failed and number not in indexed for number, row in enumerate(rows) if row[:3] == b"bad"
    )
    assert failed.total() == account.in_backup
    assert indexed.total() == account.documents
    assert indexed.total() - len(indexed) == account.repeated
    if not account.copies:
        assert len(indexed.keys() & failed.keys()) == account.unconfirmed


@pytest.mark.parametrize("seed", range(10))
def test_lost_records_are_counted(seed: int) -> None:
    stream, rows = chaotic(seed, retention=30)
    account = stream.run()
    assert isinstance(stream.index, MemoryIndex)
    assert isinstance(stream.backup, MemoryBackup)
    assert account.pending == 0
    assert account.in_backup == ids_in_backup(stream.backup).total()
    indexed = {int(document["x-edge-request-id"]) for document in stream.index.documents()}
    missing = set(range(len(rows))) - indexed - ids_in_backup(stream.backup).keys()
    assert len(missing) <= account.lost
    assert account.is_balanced == (account.lost == 0)


def test_the_account_is_the_same_in_every_run() -> None:
    assert chaotic(7)[0].run() == chaotic(7)[0].run()

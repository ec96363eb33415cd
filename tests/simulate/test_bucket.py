"""The objects of the backup: their names, their lines, and a backup that refuses them."""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from edgelift.simulate import DeliveryStream, MemoryBackup
from edgelift.simulate.ports import BulkAnswer
from tests.simulate.scripted import ScriptedBackup, ScriptedFunction, ScriptedIndex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = r"cdn-logs-1-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d-[0-9a-f]{32}"


def failing(backup: MemoryBackup | None = None, **settings: Any) -> DeliveryStream:  # noqa: ANN401
    """Return a stream whose function fails for good."""
    return DeliveryStream(function=ScriptedFunction(*[b"{}"] * 100), backup=backup, **settings)


def test_processing_failed_has_the_order_of_a_recorded_object() -> None:
    stream = failing()
    stream.put([b"a\tb\n"])
    stream.run()
    (failed,) = MemoryBackup.error_objects(stream.backup)  # type: ignore[arg-type]
    assert list(failed) == [
        "rawData",
        "errorCode",
        "errorMessage",
        "attemptsMade",
        "arrivalTimestamp",
        "attemptEndingTimestamp",
        "lambdaARN",
    ]
    assert base64.b64decode(failed["rawData"]) == b"a\tb\n"
    assert failed["attemptsMade"] == 1
    assert failed["arrivalTimestamp"] == 1_704_067_200_000
    assert failed["attemptEndingTimestamp"] == 1_704_067_260_100
    assert failed["lambdaARN"] == "arn:aws:lambda:us-east-1:123456789012:function:cdn-logs:$LATEST"


def test_error_objects_are_json_lines_of_a_buffer() -> None:
    backup = MemoryBackup()
    stream = failing(backup, rate=1)
    stream.put([b"%d\n" % number for number in range(1000)])
    stream.run()
    # Those of 300 seconds are one object.
    assert len(backup.objects) == 4
    lines = [line for body in backup.objects.values() for line in body.splitlines(keepends=True)]
    assert len(lines) == 1000
    assert all(line.endswith(b"}\n") and json.loads(line) for line in lines)


def test_names_have_the_hour_of_the_oldest_record_and_the_time_of_writing() -> None:
    backup = MemoryBackup()
    stream = failing(backup)
    stream.wait(3590)
    stream.put([b"x\n"])
    stream.run()
    (key,) = backup.objects
    assert re.fullmatch(f"processing-failed/2024/01/01/00/{NAME}", key)
    # 60 seconds in the buffer of the processor, 300 in that of the backup.
    assert "-2024-01-01-01-05-50-" in key


def test_documents_that_were_not_indexed_have_a_folder_of_their_own() -> None:
    backup = MemoryBackup()
    stream = DeliveryStream(
        function=ScriptedFunction(), index=ScriptedIndex(BulkAnswer(500)), backup=backup, retry_seconds=0
    )
    stream.put([b"x\n"])
    stream.run()
    (key,) = backup.objects
    assert re.fullmatch(f"AmazonOpenSearchService_failed/2024/01/01/00/{NAME}", key)


def test_source_records_are_backed_up_as_they_are_if_asked_to() -> None:
    backup = MemoryBackup()
    stream = failing(backup, backup_mode="AllDocuments")
    stream.put(b"a\nb\nlast")
    account = stream.run()
    (key,) = (key for key in backup.objects if not key.startswith("processing-failed/"))
    assert re.fullmatch(f"2024/01/01/00/{NAME}", key)
    assert backup.objects[key] == b"a\nb\nlast"
    assert (account.source_backup, account.in_backup, account.objects) == (3, 3, 2)


def test_objects_may_be_compressed() -> None:
    backup = MemoryBackup()
    stream = failing(backup, compression="GZIP")
    stream.put([b"x\n"])
    stream.run()
    ((key, body),) = backup.objects.items()
    assert key.endswith(".gz")
    assert json.loads(gzip.decompress(body))["rawData"] == "eAo="


def test_an_object_is_put_again_until_the_backup_takes_it() -> None:
    backup = ScriptedBackup(refused=range(20))
    stream = failing(backup)
    stream.put([b"a\n", b"b\n"])
    account = stream.run()
    assert account.failed == {"Lambda.MissingRecordId": 2}
    assert (account.objects, account.refused_objects, account.lost) == (1, 20, 0)
    assert account.is_balanced


def test_records_are_lost_when_the_retention_is_over_and_counted() -> None:
    backup = ScriptedBackup(refused=[-1])
    stream = failing(backup)
    stream.put([b"a\n", b"b\n"])
    account = stream.run()
    assert (account.source, account.lost, account.in_backup) == (2, 2, 0)
    assert not account.is_balanced
    assert "2 lost" in str(account)
    assert 86_000 < account.seconds < 86_900


def test_lost_source_records_unbalance_the_account() -> None:
    stream = DeliveryStream(
        function=ScriptedFunction(), backup=ScriptedBackup(refused=[-1]), backup_mode="AllDocuments"
    )
    stream.put([b"a\n"])
    account = stream.run()
    assert (account.indexed, account.lost, account.source_backup_lost) == (1, 0, 1)
    assert not account.is_balanced


def test_reading_pauses_while_the_backup_refuses() -> None:
    # Each record is a batch, and the first hundred fail.
    stream = failing(
        ScriptedBackup(refused=range(20)), interval=0, index_interval=0, backup_interval=0, rate=1
    )
    pending = []

    def lines() -> Iterator[bytes]:
        for _ in range(500):
            pending.append(stream.account.pending)
            yield b"x\n"

    stream.put(lines())
    account = stream.run()
    assert (account.in_backup, account.indexed) == (100, 400)
    # Those in the function and before it, once what has arrived in the meantime is read.
    assert max(pending) == 12


def test_saved_objects_are_files(tmp_path: Path) -> None:
    backup = MemoryBackup()
    stream = failing(backup)
    stream.put([b"x\n"])
    stream.run()
    backup.save(tmp_path)
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert {str(path.relative_to(tmp_path)): path.read_bytes()} == backup.objects


@pytest.mark.parametrize("size", [1, 2])
def test_objects_are_split_by_size(size: int) -> None:
    backup = MemoryBackup()
    stream = failing(backup, backup_buffer_mb=size)
    stream.put([b"x" * 300_000] * 12)
    stream.run()
    assert [len(body) <= size << 20 for body in backup.objects.values()] == [True] * (6 if size == 1 else 3)

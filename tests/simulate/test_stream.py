"""A whole stream with the engine as its function, and a user's questions to it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from edgelift import ConfigError, Transformer, firehose
from edgelift.errors import EdgeliftError
from edgelift.simulate import DeliveryStream, MemoryBackup, MemoryIndex
from edgelift.simulate.faults import Fault
from edgelift.simulate.faulty import Faults
from edgelift.simulate.ports import SourceRecord
from tests.simulate.scripted import ScriptedFunction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

OLD = ["timestamp", "c-ip", "sc-status"]
NEW = [*OLD, "cs-method"]
CONFIG: dict[str, Any] = {"layouts": [{"fields": OLD}]}


def rows(start: int, stop: int, more: str = "") -> bytes:
    return b"".join(
        f"17040672{n % 100:02}.000\t192.0.2.{n % 256}\t200{more}\n".encode() for n in range(start, stop)
    )


def memory(stream: DeliveryStream) -> tuple[MemoryIndex, MemoryBackup]:
    assert isinstance(stream.index, MemoryIndex)
    assert isinstance(stream.backup, MemoryBackup)
    return stream.index, stream.backup


def test_lines_become_documents() -> None:
    stream = DeliveryStream(CONFIG)
    stream.put(rows(0, 2))
    account = stream.run()
    index, backup = memory(stream)
    assert str(account) == "2 source records = 2 indexed + 0 dropped + 0 in backup"
    assert index.documents("cdn-logs-*") == [
        {"timestamp": 1_704_067_200_000, "c-ip": "192.0.2.0", "sc-status": 200},
        {"timestamp": 1_704_067_201_000, "c-ip": "192.0.2.1", "sc-status": 200},
    ]
    assert index.documents("other-*") == backup.error_objects() == []


def test_numbers_of_one_are_in_the_singular() -> None:
    faults = Faults([Fault("function", "raise", batches=(1,))])
    stream = DeliveryStream(CONFIG, faults=faults)
    stream.put(rows(0, 1))
    first, second, *_ = str(stream.run()).splitlines()
    assert first == "1 source record = 1 indexed + 0 dropped + 0 in backup"
    assert second.startswith("1 invocation failed: ")


def test_a_changed_field_list_fails_without_its_layout_and_not_with_it() -> None:
    for layouts, failed in (([OLD], 100), ([NEW, OLD], 0)):
        stream = DeliveryStream({"layouts": [{"fields": fields} for fields in layouts]})
        stream.put(rows(0, 100))
        stream.put(rows(100, 200, "\tGET"))
        stream.put(rows(200, 250))
        account = stream.run()
        assert (account.indexed, account.in_backup) == (250 - failed, failed)
        assert account.is_balanced


def test_dropped_records_are_counted() -> None:
    def drop_two(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [record | {"result": "Dropped"} for record in records[:2]] + records[2:]

    stream = DeliveryStream(function=ScriptedFunction(drop_two))
    stream.put(rows(0, 11))
    account = stream.run()
    assert (account.indexed, account.dropped) == (9, 2)
    assert account.is_balanced
    assert len(memory(stream)[0]) == 9


def test_the_backup_can_be_reprocessed_after_the_configuration_is_mended(tmp_path: Path) -> None:
    stream = DeliveryStream(CONFIG)
    stream.put(rows(0, 100) + rows(100, 150, "\tGET"))
    assert stream.run().in_backup == 50
    memory(stream)[1].save(tmp_path / "backup")
    reprocess(tmp_path / "backup", tmp_path / "out", NEW)
    outputs = [path.read_bytes() for path in (tmp_path / "out").rglob("*.ndjson")]
    lines = [json.loads(line) for line in b"".join(outputs).splitlines()]
    assert len(lines) == 50
    assert {line["cs-method"] for line in lines} == {"GET"}


def test_an_hour_takes_less_than_a_second() -> None:
    stream = DeliveryStream(CONFIG, rate=1)
    stream.put(rows(0, 3600))
    began = time.process_time()
    account = stream.run()
    assert time.process_time() - began < 1
    assert account.indexed == 3600
    assert 3600 <= account.seconds < 3600 + 60 + 60 + 1


def reprocess(source: Path, destination: Path, fields: list[str]) -> None:
    command = [sys.executable, "-m", "edgelift", "reprocess", str(source), f"{destination}/"]
    words = [*command, "--fields", ",".join(fields), "--journal", str(destination.with_name("journal"))]
    subprocess.run(words, check=True, capture_output=True)


def everything(stream: DeliveryStream) -> Any:  # noqa: ANN401
    index, backup = memory(stream)
    return index.indices, backup.objects


def test_the_same_seed_gives_the_same_bytes() -> None:
    def run(seed: int) -> Any:  # noqa: ANN401
        stream = DeliveryStream(CONFIG, seed=seed, shards=3, backup_mode="AllDocuments")
        stream.put(rows(0, 500) + b"bad\n" * 10)
        stream.run()
        return everything(stream)

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_a_stream_can_be_run_again() -> None:
    stream = DeliveryStream(CONFIG)
    stream.put(rows(0, 10))
    first = stream.run()
    stream.put(rows(10, 30))
    stream.wait(10)
    stream.put(rows(30, 31))
    second = stream.run()
    assert (first.indexed, second.indexed) == (10, 31)
    assert second.seconds > first.seconds + 10
    assert stream.run() == second == stream.account


def test_nothing_put_is_a_balanced_account() -> None:
    account = DeliveryStream(CONFIG).run()
    assert account.is_balanced
    assert (account.source, account.seconds, account.invocations) == (0, 0, 0)


def test_a_stopped_stream_delivers_what_it_has_read() -> None:
    stream = DeliveryStream(CONFIG, rate=1)

    def lines() -> Iterator[bytes]:
        while True:
            yield rows(0, 1)
            if stream.account.source == 100:
                stream.stop()

    stream.put(lines())
    account = stream.run()
    assert 100 <= account.source < 110
    assert account.indexed == account.source


@pytest.mark.parametrize("settings", [{"buffer_mb": 3}, {"buffer_mb": 0.2}, {"interval": 0}, {"shards": 7}])
def test_no_setting_changes_what_is_delivered(settings: dict[str, Any]) -> None:
    stream = DeliveryStream(CONFIG, rate=100, **settings)
    stream.put(rows(0, 20_000))
    account = stream.run()
    assert account.indexed == len(memory(stream)[0]) == 20_000


def test_a_handler_is_a_function() -> None:
    stream = DeliveryStream(function=firehose.make_handler(CONFIG))
    stream.put(rows(0, 10) + b"bad\n")
    account = stream.run()
    assert (account.indexed, account.failed) == (10, {"Lambda.ProcessingFailedStatus": 1})


def test_a_handler_gets_a_context() -> None:
    contexts = []

    def handler(event: Any, context: Any) -> Any:  # noqa: ANN401
        contexts.append((context.aws_request_id, context.get_remaining_time_in_millis()))
        return {"records": [{"recordId": each["recordId"], "result": "Dropped"} for each in event["records"]]}

    stream = DeliveryStream(function=handler, timeout=30, interval=0, rate=1)
    stream.put(rows(0, 2))
    assert stream.run().dropped == 2
    assert len(set(contexts)) == 2
    assert {remaining for _, remaining in contexts} == {30_000}


def test_an_exception_of_a_handler_fails_the_batch() -> None:
    def handler(event: Any, context: Any) -> Any:  # noqa: ANN401, ARG001
        raise KeyError("records")

    stream = DeliveryStream(function=handler)
    stream.put(rows(0, 10))
    assert stream.run().failed == {"Lambda.FunctionError": 10}


def test_configurations_come_in_every_form(tmp_path: Path) -> None:
    text = 'layouts = [{fields = ["timestamp", "c-ip", "sc-status"]}]\n'
    path = tmp_path / "edgelift.toml"
    path.write_text(text)
    for config in (text, path, CONFIG, Transformer(CONFIG)):
        stream = DeliveryStream(config)
        stream.put(rows(0, 3))
        assert stream.run().indexed == 3


def test_wrong_configurations_raise() -> None:
    with pytest.raises(ConfigError):
        DeliveryStream({"layouts": [{"fields": ["c_ip"]}]})
    message = "a delivery stream takes either a configuration or a function"
    with pytest.raises(TypeError, match=message):
        DeliveryStream()
    with pytest.raises(TypeError, match=message):
        DeliveryStream(CONFIG, function=ScriptedFunction())


class TwoRecords:
    """A source with its own records."""

    def batches(self) -> Iterator[Sequence[SourceRecord]]:
        yield []
        for number in range(2):
            yield [SourceRecord(rows(0, 1), f"{number}", "key", "shardId-000000000000", 1_704_067_200_000)]


def test_a_source_brings_its_own_records() -> None:
    stream = DeliveryStream(CONFIG, source=TwoRecords())
    assert stream.run().indexed == 2
    with pytest.raises(EdgeliftError, match="none can be put"):
        stream.put(b"x")


class SameNumbers:
    """A source whose shards number their records alike, with a record that was aggregated."""

    def batches(self) -> Iterator[Sequence[SourceRecord]]:
        for shard in range(2):
            for part in range(3):
                yield [
                    SourceRecord(
                        rows(part, part + 1), "1", 'a "key"', f"shardId-{shard}", 1_704_067_200_000, part
                    )
                ]


def test_sequence_numbers_need_not_be_unique_across_shards() -> None:
    stream = DeliveryStream(CONFIG, source=SameNumbers())
    account = stream.run()
    assert (account.indexed, account.repeated) == (6, 0)
    assert len(memory(stream)[0]) == 6


def test_an_empty_index_of_the_user_is_used() -> None:
    index, backup = MemoryIndex(), MemoryBackup()
    stream = DeliveryStream(CONFIG, index=index, backup=backup)
    assert stream.index is index
    assert stream.backup is backup


def test_small_records_that_fill_a_large_buffer_exceed_the_request_limit() -> None:
    """AWS's page on transformation warns of it: the metadata of each record counts, too."""
    stream = DeliveryStream(CONFIG, buffer_mb=3, rate=100_000)
    stream.put(rows(0, 90_000))
    account = stream.run()
    assert account.failed["Lambda.FunctionError"] > 10_000
    assert account.is_balanced


def test_nothing_is_imported_before_it_is_needed() -> None:
    code = """\
import sys
import edgelift.simulate
print(*(name for name in ("boto3", "opensearchpy", "awslambdaric", "rich", "pytest") if name in sys.modules))
"""
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout == "\n"

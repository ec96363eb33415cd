"""Faults: how they are read, which batches they strike, and what they do there."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from edgelift.errors import ConfigError
from edgelift.simulate.clock import Clock
from edgelift.simulate.faults import KINDS, Fault, Schedule, load_faults, parse_faults
from edgelift.simulate.faulty import FaultyBackup, FaultyFunction, FaultyIndex, FaultySource
from edgelift.simulate.function import RAW_HANDLER, LambdaProcess
from edgelift.simulate.memory import MemoryBackup, MemoryIndex
from edgelift.simulate.ports import (
    BackupRefused,
    BulkAnswer,
    FunctionFailed,
    FunctionKilled,
    FunctionRaised,
    FunctionThrottled,
    FunctionTimedOut,
    IndexUnreachable,
    SourceRecord,
)
from tests.simulate.scripted import ScriptedFunction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

GOOD = """
[[fault]]
at = "opensearch"
kind = "status_429"
batches = [2, 5]
duration_s = 60

[[fault]]
at = "function"
kind = "kill"
probability = 0.25
"""

BODY = b"".join(b'{"index":{"_index":"cdn"}}\n{"n":%d}\n' % number for number in range(4))


CLOCK = Clock()


def schedule_of(at: str, kind: str, *batches: int, duration_s: float = 0.0) -> Schedule:
    return Schedule([Fault(at, kind, batches=batches or (1,), duration_s=duration_s)], seed=1)


def test_faults_are_read_from_toml(tmp_path: Path) -> None:
    (tmp_path / "faults.toml").write_text(GOOD)
    assert load_faults(tmp_path / "faults.toml") == [
        Fault("opensearch", "status_429", batches=(2, 5), duration_s=60),
        Fault("function", "kill", probability=0.25),
    ]


def test_every_kind_can_be_written() -> None:
    for at, kinds in KINDS.items():
        for kind in kinds:
            text = f"[[fault]]\nat = '{at}'\nkind = '{kind}'\nprobability = 1\n"
            assert parse_faults(text) == [Fault(at, kind, probability=1)]


@pytest.mark.parametrize(
    ("text", "message", "key", "suggestion"),
    [
        ("", "there is no [[fault]]", "fault", None),
        ("fault = 1", "there is no [[fault]]", "fault", None),
        (
            GOOD.partition("\n\n")[0].replace("[[fault]]", "[fault]"),
            "[fault] is one table, and there may be many: write [[fault]]",
            "fault",
            None,
        ),
        ("fault = [1]", "fault 1: not a table", None, None),
        ("[[faults]]\nat = 1", 'unknown key "faults"; did you mean "fault"?', "faults", "fault"),
        (
            GOOD + "[[fault]]\nat = 'functoin'\nkind = 'kill'\nbatches = [1]",
            'fault 3: at: unknown value "functoin"; did you mean "function"?',
            "fault[2].at",
            "function",
        ),
        (
            "[[fault]]\nat = 'backup'\nkind = 'kill'\nbatches = [1]",
            'fault 1: kind: unknown value "kill"; known are full, read_only',
            "fault[0].kind",
            None,
        ),
        (
            "[[fault]]\nat = 'backup'\nkind = 'full'\nbatch = [1]",
            'fault 1: unknown key "batch"; did you mean "batches"?',
            "fault[0].batch",
            "batches",
        ),
        ("[[fault]]\nat = 'backup'", "fault 1: kind is missing", "fault[0].kind", None),
        ("[[fault]]\nat = 1\nkind = 'full'", "fault 1: at: a text is expected", "fault[0].at", None),
        (
            "[[fault]]\nat = 'backup'\nkind = 'full'",
            "fault 1: one of probability and batches is needed",
            "fault[0].batches",
            None,
        ),
        (
            "[[fault]]\nat = 'backup'\nkind = 'full'\nbatches = [1]\nprobability = 0.5",
            "fault 1: probability and batches are both set; set one of them",
            "fault[0].batches",
            None,
        ),
        (
            "[[fault]]\nat = 'backup'\nkind = 'full'\nbatches = []",
            "fault 1: batches: the list is empty; it has the numbers of batches, from 1",
            "fault[0].batches",
            None,
        ),
        (
            "[[fault]]\nat = 'backup'\nkind = 'full'\nprobability = 1.5",
            "fault 1: probability: 1.5 is not above 0 and at most 1",
            "fault[0].probability",
            None,
        ),
        (
            "[[fault]]\nat = 'backup'\nkind = 'full'\nprobability = true",
            "fault 1: probability: a number is expected",
            "fault[0].probability",
            None,
        ),
        (
            "[[fault]]\nat = 'backup'\nkind = 'full'\nbatches = [1, 0]",
            "fault 1: batches: 0 is not a number from 1",
            "fault[0].batches",
            None,
        ),
        (
            "[[fault]]\nat = 'backup'\nkind = 'full'\nbatches = 1",
            "fault 1: batches: a list of whole numbers is expected",
            "fault[0].batches",
            None,
        ),
        (
            "[[fault]]\nat = 'backup'\nkind = 'full'\nbatches = [1]\nduration_s = inf",
            "fault 1: duration_s: inf is not a number of seconds",
            "fault[0].duration_s",
            None,
        ),
    ],
)
def test_wrong_file_is_refused_with_file_fault_and_key(
    text: str, message: str, key: str | None, suggestion: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "faults.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as raised:
        load_faults(path)
    assert (str(raised.value), raised.value.key, raised.value.suggestion) == (
        f"{path}: {message}",
        key,
        suggestion,
    )


def test_text_that_is_not_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "faults.toml"
    path.write_text("[[fault]]\nat = function\n")
    with pytest.raises(ConfigError, match=r"faults\.toml: not TOML: .*line 2"):
        load_faults(path)
    path.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match=r"faults\.toml: not UTF-8"):
        load_faults(path)


def strikes(schedule: Schedule, at: str, *times: float) -> list[str]:
    return [strike.kind if (strike := schedule.next_batch(at, time)) else "" for time in times]


def test_listed_batches_are_struck_at_their_place_only() -> None:
    schedule = schedule_of("function", "raise", 2, 4)
    assert strikes(schedule, "opensearch", 0, 0, 0) == ["", "", ""]
    assert strikes(schedule, "function", 0, 0, 0, 0, 0) == ["", "raise", "", "raise", ""]
    assert schedule.struck == {("function", "raise"): 2}


def test_duration_goes_on_for_that_time() -> None:
    schedule = schedule_of("opensearch", "down", 2, duration_s=60)
    assert strikes(schedule, "opensearch", 0, 10, 20, 69, 70, 80) == ["", "down", "down", "down", "", ""]


def test_same_seed_strikes_the_same_batches() -> None:
    fault = Fault("function", "kill", probability=0.3)
    found = [strikes(Schedule([fault], seed), "function", *range(200)) for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]
    assert 30 < found[0].count("kill") < 90
    # Another fault beside it changes nothing.
    beside = Schedule([fault, Fault("function", "raise", probability=0.3)], 1)
    assert [kind == "kill" for kind in strikes(beside, "function", *range(200))] == [
        kind == "kill" for kind in found[0]
    ]


def echo_function() -> ScriptedFunction:
    """Return a function that answers with the data of its records."""
    return ScriptedFunction(document=bytes)


def event(records: int) -> bytes:
    data = base64.b64encode(b"1700000000.123\t192.0.2.1\t200\n").decode()
    return json.dumps({"records": [{"recordId": f"r{n}", "data": data} for n in range(records)]}).encode()


def answer_with(kind: str) -> dict[str, Any]:
    function = FaultyFunction(echo_function(), schedule_of("function", kind), CLOCK)
    answer = function.invoke(event(5), timeout=60)
    assert json.loads(function.invoke(event(5), timeout=60)) == json.loads(
        echo_function().invoke(event(5), timeout=60)
    )
    found: dict[str, Any] = json.loads(answer)
    if kind == "oversize":
        assert len(answer) > 6_291_456
    return found


def ids(answer: dict[str, Any]) -> list[str]:
    return [record["recordId"] for record in answer["records"]]


SENT = [f"r{number}" for number in range(5)]


def test_wrong_answers_have_one_mistake() -> None:
    assert len(ids(answer_with("missing_id"))) == 4
    duplicated = ids(answer_with("duplicate_id"))
    assert duplicated[:5] == SENT
    assert duplicated[5] in SENT
    unknown = ids(answer_with("unknown_id"))
    assert (unknown.count("unknown"), len(set(unknown) & set(SENT))) == (1, 4)
    damaged = answer_with("bad_base64")
    assert ids(damaged) == SENT
    assert sum(record["data"].startswith("*") for record in damaged["records"]) == 1
    assert ids(answer_with("oversize")) == SENT
    assert answer_with("no_records") == {}


def test_answer_without_records_stays_as_it_is() -> None:
    function = FaultyFunction(echo_function(), schedule_of("function", "missing_id"), CLOCK)
    assert json.loads(function.invoke(event(0), timeout=60)) == {"records": []}


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("raise", FunctionRaised),
        ("throttle", FunctionThrottled),
        ("kill", FunctionKilled),
        ("timeout", FunctionTimedOut),
    ],
)
def test_function_that_fails_answers_the_next_time(kind: str, error: type[FunctionFailed]) -> None:
    inner = echo_function()
    function = FaultyFunction(inner, schedule_of("function", kind), CLOCK)
    with pytest.raises(error):
        function.invoke(event(1), timeout=60)
    assert inner.events == []
    function.invoke(event(1), timeout=60)


@pytest.mark.parametrize("kind", ["kill", "timeout"])
def test_process_of_the_function_is_killed_indeed(kind: str) -> None:
    with LambdaProcess(RAW_HANDLER, {"EDGELIFT_FIELDS": "timestamp,c-ip,sc-status"}) as process:
        function = FaultyFunction(process, schedule_of("function", kind, 2), CLOCK)
        function.invoke(event(1), timeout=60)
        before = process.pid
        with pytest.raises(FunctionFailed):
            function.invoke(event(1), timeout=60)
        assert process.pid is None
        function.invoke(event(1), timeout=60)
        assert process.pid != before
        assert process.starts == 2


class CountingIndex:
    """An index that takes everything."""

    def __init__(self) -> None:
        self.documents: list[bytes] = []

    def bulk(self, body: bytes) -> BulkAnswer:
        documents = body.splitlines()[1::2]
        self.documents += documents
        return BulkAnswer(200, [{"_index": "cdn", "status": 201} for _ in documents])


@pytest.mark.parametrize(("kind", "status"), [("status_429", 429), ("status_413", 413), ("status_503", 503)])
def test_refused_request_reaches_no_index(kind: str, status: int) -> None:
    inner = CountingIndex()
    answer = FaultyIndex(inner, schedule_of("opensearch", kind), CLOCK).bulk(BODY)
    assert (answer.status, answer.items, inner.documents) == (status, (), [])


def test_connection_that_is_reset_loses_the_answer_of_a_processed_request() -> None:
    inner = CountingIndex()
    with pytest.raises(IndexUnreachable) as raised:
        FaultyIndex(inner, schedule_of("opensearch", "reset"), CLOCK).bulk(BODY)
    assert raised.value.lost_answer is not None
    assert [item["status"] for item in raised.value.lost_answer.items] == [201] * len(inner.documents)


def test_server_that_is_down_processes_nothing() -> None:
    inner = CountingIndex()
    with pytest.raises(IndexUnreachable) as raised:
        FaultyIndex(inner, schedule_of("opensearch", "down"), CLOCK).bulk(BODY)
    assert (raised.value.lost_answer, inner.documents) == (None, [])


def test_read_only_index_rejects_every_document() -> None:
    answer = FaultyIndex(CountingIndex(), schedule_of("opensearch", "read_only"), CLOCK).bulk(BODY)
    assert [(item["status"], item["error"]["type"]) for item in answer.items] == [
        (403, "cluster_block_exception")
    ] * 4


@pytest.mark.parametrize("documents", [1, 4])
def test_rejected_document_is_one_that_the_index_does_not_see(documents: int) -> None:
    inner = CountingIndex()
    body = b"".join(BODY.splitlines(keepends=True)[: 2 * documents])
    answer = FaultyIndex(inner, schedule_of("opensearch", "reject_item"), CLOCK).bulk(body)
    statuses = [item["status"] for item in answer.items]
    assert sorted(statuses) == [201] * (documents - 1) + [400]
    assert b'{"n":%d}' % statuses.index(400) not in inner.documents
    assert len(inner.documents) == documents - 1


@pytest.mark.parametrize("kind", ["read_only", "reject_item"])
def test_carriage_return_in_a_document_ends_no_line(kind: str) -> None:
    action = BODY.split(b"\n")[0] + b"\n"
    body = (action + b'{"a":1,\r"b":2}\n') * 2
    answer = FaultyIndex(MemoryIndex(), schedule_of("opensearch", kind), CLOCK).bulk(body)
    assert len(answer.items) == 2


@pytest.mark.parametrize(
    ("kind", "words"), [("full", "No space left on device"), ("read_only", "Read-only file system")]
)
def test_refused_object_is_not_there(kind: str, words: str) -> None:
    inner = MemoryBackup()
    backup = FaultyBackup(inner, schedule_of("backup", kind), CLOCK)
    with pytest.raises(BackupRefused, match=f"cannot write a/b: {words}"):
        backup.put("a/b", b"1")
    backup.put("a/b", b"2")
    assert inner.objects == {"a/b": b"2"}


class ListSource:
    """A source of two reads."""

    def batches(self) -> Iterator[Sequence[SourceRecord]]:
        for read in range(2):
            numbers = range(3 * read, 3 * read + 3)
            yield [SourceRecord(b"r%d\n" % n, str(n), "k", f"shard-{n % 2}", 1000 * read) for n in numbers]
        yield []


def read_with(kind: str) -> list[list[SourceRecord]]:
    return [list(read) for read in FaultySource(ListSource(), schedule_of("source", kind)).batches()]


def test_records_that_are_sent_twice_have_numbers_of_their_own() -> None:
    first, second, last = read_with("duplicate")
    assert [record.data for record in first] == [b"r0\n", b"r1\n", b"r2\n"] * 2
    assert [record.data for record in second] == [b"r3\n", b"r4\n", b"r5\n"]
    assert last == []
    for shard in "shard-0", "shard-1":
        numbers = [int(r.sequence_number) for r in (*first, *second) if r.shard_id == shard]
        assert numbers == sorted(set(numbers))
    assert [copy.copy_of for copy in first[3:]] == [record.sequence_number for record in first[:3]]
    assert {record.copy_of for record in (*first[:3], *second)} == {None}


def test_changed_layout_has_one_column_more() -> None:
    first, second, _ = read_with("layout_change")
    assert [record.data for record in first] == [b"r0\t-\n", b"r1\t-\n", b"r2\t-\n"]
    assert [record.data for record in second] == [b"r3\n", b"r4\n", b"r5\n"]

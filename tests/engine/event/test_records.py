"""`Transformer.transform_records`: records are distinguished by equal keys and ids, not by identity."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

import edgelift
from edgelift import _core

from .invariants import encoded

SMALL = edgelift.Transformer.from_fields(["c-ip", "sc-status"])
DATA = [encoded(f"192.0.2.{place}\t200\n".encode()) for place in range(6)]


def fresh(text: str) -> str:
    """Make a string that is nobody else's."""
    made = "".join(list(text))
    assert made is not text
    return made


class OwnText(str):
    """A string that is a key like others, and none that may stand for them."""

    __slots__ = ()


class OwnDict(dict[Any, Any]):
    def __getitem__(self, key: object) -> object:
        raise AssertionError(key)


def answered(ids: list[str]) -> _core.Batch:
    return SMALL.transform_records(
        [{"recordId": record_id, "data": data} for record_id, data in zip(ids, DATA, strict=False)]
    )


def records_of(keys: str) -> list[Any]:
    """Make records that differ in the objects of their keys."""
    records: list[Any] = [
        {"recordId": str(place), "more": 1, "data": data} for place, data in enumerate(DATA)
    ]
    records[1] = {"data": DATA[1], "recordId": "1"}
    if keys == "of json":
        return list(json.loads(json.dumps(records)))
    if keys == "each its own":
        return [{fresh(key): value for key, value in record.items()} for record in records]
    if keys == "of a class":
        return [{OwnText(key): value for key, value in record.items()} for record in records]
    if keys == "of a class first":
        return [{OwnText(key): value for key, value in records[0].items()}, *records[1:]]
    if keys == "none like those of the first":
        first, *others = json.loads(json.dumps(records))
        return [first, *({7: 7, fresh("recordId"): r["recordId"], "data": r["data"]} for r in others)]
    assert keys == "in a dict of a class"
    return [OwnDict(record) for record in records]


@pytest.mark.parametrize(
    "keys",
    [
        "of json",
        "each its own",
        "of a class",
        "of a class first",
        "none like those of the first",
        "in a dict of a class",
    ],
)
def test_keys_are_compared_by_text_and_not_by_identity(keys: str) -> None:
    batch = SMALL.transform_records(records_of(keys))
    assert batch.records == answered([str(place) for place in range(6)]).records
    assert [answer["result"] for answer in batch.records] == ["Ok"] * 6
    assert [list(answer) for answer in batch.records] == [["recordId", "result", "data"]] * 6


@pytest.mark.parametrize("first", [{}, {"data": 7}, {"recordId": 7}, None, 7, "recordId", ["recordId"]])
@pytest.mark.parametrize("place", [0, 3])
def test_a_record_without_an_id_is_named_by_its_place(first: object, place: int) -> None:
    records = records_of("of json")
    records.insert(place, first)
    with pytest.raises(edgelift.EdgeliftError, match=rf"^records\[{place}\] is no"):
        SMALL.transform_records(records)


def test_a_first_record_without_data_does_not_affect_the_others() -> None:
    batch = SMALL.transform_records([{fresh("recordId"): "-"}, *records_of("each its own")])
    assert batch.records[0] == {"recordId": "-", "result": "ProcessingFailed", "data": ""}
    assert [answer["result"] for answer in batch.records[1:]] == ["Ok"] * 6


@pytest.mark.parametrize(
    ("ids", "duplicates"),
    [
        (["1", "2", "3", "3"], ["3"]),
        (["1", "3", "2", "3", "1", "4"], ["3", "1"]),
        (["9", "10", "9", "10", "11"], ["9", "10"]),
        (["", "", "1", ""], ["", ""]),
        (["", "1", "2", "1"], ["1"]),
        (["\xe9", "\u20ac", "\xe9"], ["\xe9"]),
        # Different ones have the same text where a replacement stands for them.
        (["\ud800", "\ud801", "1"], []),
        (["1", "\ud800", "\ud800", "2", "1"], ["\ufffd\ufffd\ufffd", "1"]),
        (["1\ud800", "2", "1\udfff", "1\ud800"], ["1\ufffd\ufffd\ufffd"]),
        ([OwnText("1"), "2", "1", OwnText("2")], ["1", "2"]),
    ],
    ids=ascii,
)
def test_repeated_ids_are_left_out(ids: list[str], duplicates: list[str]) -> None:
    batch = answered(ids)
    assert [answer["recordId"] for answer in batch.records] == list(dict.fromkeys(ids))
    assert batch.report.duplicates == tuple(duplicates)
    for answer in batch.records:
        given = base64.b64decode(DATA[ids.index(answer["recordId"])]).decode().split()
        assert json.loads(base64.b64decode(answer["data"]))["c-ip"] == given[0]


# A document has some bytes more than its row: as failed records more of them have room.
LONG = encoded(b"1700000000\t192.0.2.1\t" + b"/" * 600_000 + b"\t-\n")
OK, DROPPED, FAILED = "Ok", "Dropped", "ProcessingFailed"


@pytest.mark.parametrize("key", [str, fresh])
@pytest.mark.parametrize(
    ("policy", "results", "reingest"),
    [
        ("fail", [FAILED] * 10, []),
        ("reingest", [OK] * 7 + [DROPPED] * 3, [(7, 9), (8, 10), (9, 11)]),
    ],
)
def test_records_without_room_are_found_after_duplicates(
    policy: str, results: list[str], reingest: list[tuple[int, int]], key: Callable[[str], str]
) -> None:
    fields = ["timestamp", "c-ip", "cs-uri-stem", "cs-cookie"]
    transformer = edgelift.Transformer({"layouts": [{"fields": fields}], "overflow": {"policy": policy}})
    ids = ["b", "b", "a", "a", *"cdefgh", "\ud800", "\ud801", "b"]
    batch = transformer.transform_records(
        [{key("recordId"): record_id, key("data"): LONG} for record_id in ids]
    )
    assert batch.report.duplicates == ("b", "a", "b")
    assert [answer["recordId"] for answer in batch.records] == ["b", "a", *ids[4:-1]]
    assert [answer["result"] for answer in batch.records] == results
    assert list(batch.reingest) == reingest
    data = [answer["data"] for answer in batch.records]
    assert data[7:] == [""] * 3
    assert all(
        (given is LONG) == (result == FAILED) for given, result in zip(data[:7], results, strict=False)
    )

"""JSON records of standard logs, version 2, through edgelift and through a loop in Python with orjson.

The loop is what somebody writes who knows the fields and wants it fast: one function a field, chosen
beforehand, no checks but those that come with typing. It makes the same documents, to the last byte.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

import edgelift
from benchmarks import interleaved, standard
from benchmarks.contenders import check
from benchmarks.verdict import Ratio

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 15
_ESCAPES: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_BLANK: Final = re.compile(r"(?:\\x20)+")


def against_orjson() -> Ratio:
    """Compare the loop in Python with `Transformer.transform_lines`, in one process.

    Returns:
        Loop / edgelift.

    """
    data = standard.block("v2").data
    transformer = edgelift.Transformer({"input": {"format": "standard"}})
    loop = make_loop()
    check(loop(data) == standard.documents(), "the core and the loop make different documents")
    times = interleaved.calls(
        {"loop": lambda: loop(data), "core": lambda: transformer.transform_lines(data)}, ROUNDS
    )
    return Ratio.of(times["loop"], times["core"])


def make_loop() -> Callable[[bytes], bytes]:
    """Choose what is done with each field, and make the loop over the lines."""
    fields = {field.standard: field for field in edgelift.FIELDS.values() if field.standard}
    encoders: dict[str, tuple[str, Callable[[str], Any]]] = {
        name: (field.name, _ENCODERS.get(field.kind, decoded)) for name, field in fields.items()
    }
    encoders["cs-uri-stem"] = ("cs-uri-stem", decoded)
    loads, dumps, newline = orjson.loads, orjson.dumps, orjson.OPT_APPEND_NEWLINE

    def loop(data: bytes) -> bytes:
        documents = []
        for line in data.splitlines():
            record = loads(line)
            document: dict[str, Any] = {"timestamp": milliseconds(record.pop("date"), record.pop("time"))}
            for name, value in record.items():
                if value not in ("-", ""):
                    key, encode = encoders[name]
                    document[key] = encode(value)
            documents.append(dumps(document, option=newline))
        return b"".join(documents)

    return loop


def decoded(value: str) -> str:
    """Percent-decode once; `urllib.parse.unquote` takes longer for the same."""
    return _ESCAPES.sub(_unescaped, value) if "%" in value else value


def _unescaped(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "replace")


def addresses(value: str) -> list[str]:
    """Split a list at its commas, without the blanks around the entries."""
    return [decoded(_BLANK.sub("", entry)) for entry in value.split(",")]


_days: dict[str, int] = {}


def milliseconds(date: str, time: str) -> int:
    """Make a timestamp of a day, which is nearly always that of the record before, and a time of day."""
    day = _days.get(date)
    if day is None:
        day = _days[date] = int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp())
    return (day + int(time[:2]) * 3600 + int(time[3:5]) * 60 + int(time[6:])) * 1000


_ENCODERS: Final[dict[str, Callable[[str], Any]]] = {
    "integer": int,
    "status": int,
    # The digits stay as they are; a float might come out as others.
    "decimal": orjson.Fragment,
    "list": addresses,
}

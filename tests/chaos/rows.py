"""Rows of real-time logs: of several layouts, with odd values, and some that cannot be transformed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edgelift import FIELDS
from tests.fuzz.values import FIT, PIECES, SHAPED

if TYPE_CHECKING:
    from random import Random

ID = "x-edge-request-id"

NEW = list(FIELDS)[-1]
"""The field that rows of a changed layout have at their end, as the one that is behind all others."""

# A time, a value that can be bad, one that can be large, and the identity.
NEEDED = ("timestamp", "sc-status", "cs-uri-stem", ID)
CHOSEN = [name for name in FIELDS if name not in {*NEEDED, NEW}]

_LARGE = b"\x01" * 2000
"""A value whose bytes take six each in JSON, so that the answer for a full buffer is too large."""

# Within a line they would end it, or begin another value.
_ODD = [piece for piece in PIECES if not {*piece} & {*b"\t\n\r"}]


@dataclass(frozen=True)
class Row:
    """A record of the source.

    Attributes:
        data: its bytes.
        request_id: what identifies it.
        reason: why it cannot be transformed; empty if it can.

    """

    data: bytes
    request_id: str
    reason: str = ""

    @property
    def as_changed(self) -> Row:
        """The row with one column more, as a log configuration with another field writes it."""
        text = self.data.removesuffix(b"\n")
        # None of the layouts has as few, or as many, columns.
        reason = "column_count" if self.reason == "empty_record" else self.reason
        return Row(text + b"\t-" + self.data[len(text) :], self.request_id, reason)


@dataclass(frozen=True)
class Layouts:
    """What a configuration says of the rows.

    Attributes:
        fields: the fields of each layout, none of which has as many as another one, or one more.
        keeps: whether bad values are kept in documents.
        is_text: whether all values are text in documents, so that none is bad.

    """

    fields: list[list[str]]
    keeps: bool
    is_text: bool

    def tables(self, *, changed: bool) -> list[dict[str, Any]]:
        """Return the tables of the configuration, those of changed layouts included or not."""
        added = [[*fields, NEW] for fields in self.fields] if changed else []
        return [{"fields": fields} for fields in [*self.fields, *added]]


def choose_layouts(chance: Random, most: int, *, is_text: bool) -> Layouts:
    """Choose one to three lists of fields."""
    sizes = chance.sample(range(1, most, 2), chance.randint(1, 3))
    fields = []
    for size in sizes:
        names = {*NEEDED, *chance.sample(CHOSEN, size)}
        fields.append([name for name in FIELDS if name in names])
    return Layouts(fields, keeps=chance.random() < 0.2, is_text=is_text)


def make(  # noqa: PLR0913 - each is chosen by the case
    chance: Random, layouts: Layouts, number: int, start: float, bad: float, *, large: bool = False
) -> list[Row]:
    """Make rows, some of which are bad; the list of fields changes now and then."""
    rows: list[Row] = []
    fields = layouts.fields[0]
    for count in range(number):
        if chance.random() < 0.01:
            fields = chance.choice(layouts.fields)
        name = f"{chance.getrandbits(60):x}-{count}=="
        values = [_value(chance, field, name, start + count / 50) for field in fields]
        if large:
            values[fields.index("cs-uri-stem")] = _LARGE
        if chance.random() >= bad:
            rows.append(_row(values, name))
        else:
            rows.append(_bad(chance, layouts, fields, values, name))
    return rows


def _row(values: list[bytes], name: str, reason: str = "") -> Row:
    return Row(b"\t".join(values) + b"\n", name, reason)


def _bad(chance: Random, layouts: Layouts, fields: list[str], values: list[bytes], name: str) -> Row:
    """Return a row that cannot be transformed."""
    match chance.randrange(4):
        case 0:
            values[fields.index("sc-status")] = b"2x0"
            return _row(values, name, "" if layouts.keeps or layouts.is_text else "bad_value")
        case 1:
            # More than a changed row of the longest layout has.
            longest = max(map(len, layouts.fields))
            return _row([*values, *[b"-"] * (longest + 2 - len(values))], name, "column_count")
        case 2:
            return Row(b"\n", name, "empty_record")
        case _:
            garbage = b"".join(chance.choices(_ODD, k=5))
            return _row([b"x" + garbage, name.encode()], name, "column_count")


def _value(chance: Random, field: str, name: str, time: float) -> bytes:
    if field == ID:
        return name.encode()
    if field == "timestamp":
        return f"{time:.3f}".encode()
    kind = FIELDS[field].kind
    dice = chance.random()
    if dice < 0.1:
        return b"-"
    if dice < 0.3 and kind in {"text", "keyword"}:
        return b"".join(chance.choices(_ODD, k=chance.randint(1, 6)))
    return chance.choice(SHAPED[field] if field in SHAPED and dice < 0.5 else FIT[kind])


def id_of(document: bytes, key: str) -> str:
    """Return what identifies a document, by the key that the configuration gives to the request id."""
    return str(json.loads(document)[key])

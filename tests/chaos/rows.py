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
"""The field that rows of a changed layout have at their end, which comes after all others."""

# A time, a value that can be bad, one that can be large, and the identity.
OPTIONAL = "cs-uri-stem"
NEEDED = ("timestamp", "sc-status", OPTIONAL, ID)
CHOSEN = [name for name in FIELDS if name not in {*NEEDED, NEW}]

_LARGE = b"\x01" * 2000
"""A value whose bytes take six each in JSON, so that the answer for a full buffer is too large."""

MOST_BYTES = 9000
"""Bytes of a record; a value of as many makes it too large."""

# Within a line they would end it, or begin another value.
_ODD = [piece for piece in PIECES if not {*piece} & {*b"\t\n\r"}]


@dataclass(frozen=True)
class Row:
    """A record of the source.

    Attributes:
        data: its bytes.
        request_id: what identifies it.
        reason: why it cannot be transformed; empty if it can.
        others: request ids of the lines after the first. The function refuses several lines in a record;
            as error objects they are taken apart.
        is_dropped: whether it is a message that is left out.
        changed_reason: the reason if it has one column more.

    """

    data: bytes
    request_id: str
    reason: str = ""
    others: tuple[str, ...] = ()
    is_dropped: bool = False
    changed_reason: str | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The request ids of its documents once it was reprocessed."""
        return () if self.reason or self.is_dropped else (self.request_id, *self.others)

    @property
    def as_changed(self) -> Row:
        """The row with one column more, as a log configuration with another field writes it."""
        text = self.data.removesuffix(b"\n")
        reason = self.reason if self.changed_reason is None else self.changed_reason
        return Row(text + b"\t-" + self.data[len(text) :], self.request_id, reason, self.others)


@dataclass(frozen=True)
class Layouts:
    """The settings of a configuration for the rows.

    Attributes:
        fields: the fields of each layout, none of which has as many as another one, or one more.
        keeps: whether bad values are kept in documents.
        is_text: whether all values are text in documents, so that none is bad.
        reads_json: whether records may be JSON of other logs, so that data that begins like it is not a row.

    """

    fields: list[list[str]]
    keeps: bool
    is_text: bool
    reads_json: bool

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
    return Layouts(fields, keeps=chance.random() < 0.2, is_text=is_text, reads_json=chance.random() < 0.5)


class Maker:
    """Makes rows of some layouts.

    Args:
        chance: chooses the values.
        layouts: the lists of fields, which change now and then.
        start: the time of the first row.
        bad: share of rows that are bad or odd.
        as_lines: whether the records must be lines of a file, too, each of which says the same there.
        is_large: whether the answer for a full buffer is too large.

    """

    def __init__(  # noqa: PLR0913 - each is chosen by the case
        self, chance: Random, layouts: Layouts, *, start: float, bad: float, as_lines: bool, is_large: bool
    ) -> None:
        self._chance = chance
        self._layouts = layouts
        self._fields = layouts.fields[0]
        self._time = start
        self._bad = bad
        self._is_large = is_large
        self._made = 0
        self._kinds = [self._misfit, self._columns, self._empty, self._garbage, self._too_large]
        self._kinds += [self._several_lines, self._other_end]
        if not as_lines:
            self._kinds += [self._json, self._control_message, self._no_end]

    def row(self) -> Row:
        """Make a row."""
        if self._chance.random() < 0.01:
            self._fields = self._chance.choice(self._layouts.fields)
        return self._chance.choice(self._kinds)() if self._chance.random() < self._bad else self._valid()

    def _valid(self) -> Row:
        values, name = self._values()
        return Row(_line(values), name)

    def _values(self) -> tuple[list[bytes], str]:
        self._made += 1
        self._time += 0.02
        name = f"{self._chance.getrandbits(60):x}-{self._made}=="
        values = [_value(self._chance, field, name, self._time) for field in self._fields]
        if self._is_large:
            values[self._fields.index(OPTIONAL)] = _LARGE
        return values, name

    def _misfit(self) -> Row:
        values, name = self._values()
        values[self._fields.index("sc-status")] = b"2x0"
        fits = self._layouts.keeps or self._layouts.is_text
        return Row(_line(values), name, "" if fits else "bad_value")

    def _columns(self) -> Row:
        values, name = self._values()
        # More than a changed row of the longest layout has.
        missing = max(map(len, self._layouts.fields)) + 2 - len(values)
        return Row(_line([*values, *[b"-"] * missing]), name, "column_count")

    def _empty(self) -> Row:
        return Row(b"\n", "empty", "empty_record", changed_reason="column_count")

    def _garbage(self) -> Row:
        _, name = self._values()
        garbage = b"".join(self._chance.choices(_ODD, k=5))
        return Row(_line([b"x" + garbage, name.encode()]), name, "column_count")

    def _too_large(self) -> Row:
        values, name = self._values()
        values[self._fields.index(OPTIONAL)] = b"x" * MOST_BYTES
        return Row(_line(values), name, "too_large")

    def _several_lines(self) -> Row:
        rows = [self._valid() for _ in range(self._chance.randint(2, 3))]
        first, *others = rows
        return Row(b"".join(row.data for row in rows), first.request_id, others=_names(others))

    def _other_end(self) -> Row:
        row = self._valid()
        # With one column more it would be a part of the last value.
        if self._fields[-1] == ID or FIELDS[self._fields[-1]].kind not in {"text", "keyword"}:
            return row
        return Row(row.data[:-1] + b"\r\n", row.request_id)

    def _no_end(self) -> Row:
        row = self._valid()
        return Row(row.data[:-1], row.request_id)

    def _json(self) -> Row:
        _, name = self._values()
        reason = "bad_json" if self._layouts.reads_json else "column_count"
        data = json.dumps({"name": name}).encode() + b"\n"
        # With another column it is no JSON, and error objects of such records are read as rows.
        return Row(data, name, reason, changed_reason="column_count")

    def _control_message(self) -> Row:
        _, name = self._values()
        message = {"messageType": "CONTROL_MESSAGE", "owner": "CloudwatchLogs", "logGroup": name}
        data = json.dumps(message | {"logStream": "", "subscriptionFilters": [], "logEvents": []}).encode()
        return Row(data, name, is_dropped=True, changed_reason="column_count")


def _line(values: list[bytes]) -> bytes:
    return b"\t".join(values) + b"\n"


def _names(rows: list[Row]) -> tuple[str, ...]:
    return tuple(row.request_id for row in rows)


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

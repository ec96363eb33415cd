"""Compares a failed row with the layouts, column by column, and says where they differ.

It gives positions and names of fields, and no values, since it is written to logs, too. The forms of values
show to which fields they may belong.
"""

from __future__ import annotations

from binascii import a2b_base64

from edgelift._core import FIELDS, STANDARD_FIELDS, Transformer, describe_record
from edgelift.usual_values import MISFIT, SIMILAR, UNUSUAL, WRONG_SHAPE, Place

# Said like this and not imported: typing costs more than this module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any, Protocol

    from edgelift._core import LayoutColumn

    class LayoutOwner(Protocol):
        """Has layouts: `edgelift.Transformer` and its like."""

        @property
        def layouts(self) -> tuple[tuple[LayoutColumn, ...], ...]: ...


__all__ = ["COMPARED_REASONS", "Comparison", "compare", "diagnose"]

COMPARED_REASONS = frozenset({"column_count", "bad_value", "no_layout", "shape_mismatch"})
"""Reasons of failed rows that are compared with the layouts."""

MOST_COLUMNS = 200
"""Columns of a row that is compared; the time grows with their square."""

_MOST_BYTES = 512
_MOST_SENTENCES, _MOST_CHARS = 5, 300
_CANDIDATES = 4

# Costs of what may have happened, beside those of values.
_ADDED, _MISSING, _UNKNOWN = 2.5, 2.5, 3.5
_SKIPPED, _MATCHED, _EXTRA = 0, 1, 2
"""Steps of an alignment: a field without a column, a column of a field, a column without a field."""


class Comparison:
    """Differences between a row and the layout that is most like it.

    Attributes:
        sentences: the differences, for people.
        fields: the fields of a layout that would read the row, or None if none was found.
        is_ordered: False if they are not in CloudFront's order.

    """

    __slots__ = ("fields", "is_ordered", "sentences")

    def __init__(self, sentences: list[str], fields: list[str] | None, *, is_ordered: bool) -> None:
        self.sentences = sentences
        self.fields = fields
        self.is_ordered = is_ordered


def compare(transformer: LayoutOwner, record: bytes) -> Comparison | None:
    """Compare a failed row with the layouts. Return None if it resembles none of them."""
    columns = [raw[:_MOST_BYTES] for raw in _line(record).split(b"\t")]
    if not 1 < len(columns) <= MOST_COLUMNS or b"\n" in record.rstrip(b"\r\n"):
        return None
    known = _known_places()
    alignments = [_Alignment(_universe(layout, known), columns) for layout in transformer.layouts]
    if not alignments:
        return None
    best = min(alignments, key=lambda alignment: alignment.cost)
    if best.cost > len(columns) + _ADDED:
        return None
    sentences, fields, is_ordered = best.differences()
    # A list that is not in CloudFront's order may have been meant so.
    is_ordered = is_ordered and _is_sorted(fields or [])
    if fields is not None and not _reads(transformer, fields, record, is_ordered=is_ordered):
        fields = None
    return Comparison(sentences, fields, is_ordered=is_ordered) if sentences else None


def diagnose(
    transformer: LayoutOwner, first_failures: Mapping[str, tuple[str, str]], records: Sequence[Any]
) -> list[str] | None:
    """Compare the first failed row of an event with the layouts.

    Args:
        transformer: has the layouts.
        first_failures: id and message of the first record of each reason.
        records: those of the event.

    Returns:
        A few sentences without values, or None.

    """
    wanted = {record_id for reason, (record_id, _) in first_failures.items() if reason in COMPARED_REASONS}
    for data in (record["data"] for record in records if record["recordId"] in wanted):
        record = a2b_base64(data)
        comparison = None if describe_record(record) else compare(transformer, record)
        if comparison is not None:
            return [sentence[:_MOST_CHARS] for sentence in comparison.sentences[:_MOST_SENTENCES]]
    return None


def _line(record: bytes) -> bytes:
    return record.removesuffix(b"\n").removesuffix(b"\r")


def _known_places() -> dict[str, Place]:
    """Return the fields of real-time logs by name, as if no layout had them."""
    columns = Transformer.from_fields("all").layouts[0]
    return {column.field: _place(column, is_in_layout=False) for column in columns}


def _place(column: LayoutColumn, *, is_in_layout: bool) -> Place:
    return Place(
        column.field,
        column.kind,
        shape=column.shape,
        unproven=column.unproven,
        is_in_layout=is_in_layout,
    )


def _universe(layout: Sequence[LayoutColumn], known: dict[str, Place]) -> list[Place]:
    """Return the fields that columns may have, in order: those of a layout, and all others between them.

    If the layout is not in CloudFront's order, only its own are known.
    """
    columns = [_place(column, is_in_layout=True) for column in layout]
    names = {place.name for place in columns}
    if {"date", "time"} & names:
        return _standard_universe(columns, known)
    if not _is_sorted([place.name for place in columns]):
        return columns
    others = [place for name, place in known.items() if name not in names]
    return _merged(columns, others, lambda place: FIELDS[place.name].position if place.name in FIELDS else 0)


def _is_sorted(names: list[str]) -> bool:
    """Return True if fields of real-time logs are in CloudFront's order."""
    positions = [FIELDS[name].position for name in names if name in FIELDS]
    return positions == sorted(positions)


def _standard_universe(columns: list[Place], known: dict[str, Place]) -> list[Place]:
    """Return the same for rows of a standard log, under the names that these have."""
    shown = {field.standard: name for name, field in FIELDS.items() if field.standard}
    standard = {shown.get(name, name): name for name in STANDARD_FIELDS}
    order = {name: place for place, name in enumerate(STANDARD_FIELDS)}
    for place in columns:
        place.name = standard.get(place.name, place.name)
    positions = [order[place.name] for place in columns if place.name in order]
    if positions != sorted(positions):
        return columns
    names = {place.name for place in columns}
    others = []
    for name, field in STANDARD_FIELDS.items():
        like = known.get(shown.get(name, name))
        if name not in names:
            shape = like.shape if like else None
            place = Place(name, field.kind, shape=shape, unproven=field.unproven, is_in_layout=False)
            place.usual = like.name if like else name
            others.append(place)
    return _merged(columns, others, lambda place: order.get(place.name, 0))


def _merged(columns: list[Place], others: list[Place], position: Callable[[Place], int]) -> list[Place]:
    """Put other fields between those of a layout, by their positions; custom fields, at 0, stay in place."""
    merged: list[Place] = []
    rest = list(others)
    for place in columns:
        while rest and 0 < position(rest[0]) < position(place):
            merged.append(rest.pop(0))
        merged.append(place)
    return merged + rest


class _Alignment:
    """The cheapest assignment of columns to fields in order."""

    def __init__(self, places: list[Place], columns: list[bytes]) -> None:
        self._places = places
        self._columns = columns
        self._costs = [[place.cost(raw) for place in places] for raw in columns]
        self.cost, self._fields = self._align()

    def _align(self) -> tuple[float, list[int | None]]:
        """Return the cost, and the index of the field of each column."""
        skips = [_MISSING if place.is_in_layout else 0.0 for place in self._places]
        # Of two fields the one that logs are known to have.
        extras = [0.0 if place.is_in_layout else _ADDED + SIMILAR * place.unproven for place in self._places]
        totals = [0.0]
        for skip in skips:
            totals.append(totals[-1] + skip)
        steps = [[_SKIPPED] * len(totals)]
        for costs in self._costs:
            row, step = [totals[0] + _UNKNOWN], [_EXTRA]
            for at, cost in enumerate(costs):
                # The order of the steps. Of equal ways the first field is taken: a later one is skipped.
                ways = (row[at] + skips[at], totals[at] + cost + extras[at], totals[at + 1] + _UNKNOWN)
                least = min(ways)
                row.append(least)
                step.append(ways.index(least))
            totals = row
            steps.append(step)
        fields: list[int | None] = [None] * len(self._costs)
        column, at = len(self._costs), len(self._places)
        while column:
            taken = steps[column][at]
            if taken == _MATCHED:
                fields[column - 1] = at - 1
            column, at = column - (taken != _SKIPPED), at - (taken != _EXTRA)
        return totals[-1], fields

    def differences(self) -> tuple[list[str], list[str] | None, bool]:
        """Return the differences in words, the list of fields that would fit, and if it is in order."""
        layout = [at for at, place in enumerate(self._places) if place.is_in_layout]
        if len(layout) == len(self._columns) and (swapped := self._swapped(layout)):
            return swapped
        places = self._places
        taken = [field for field in self._fields if field is not None]
        added = [
            column
            for column, field in enumerate(self._fields)
            if field is None or not places[field].is_in_layout
        ]
        missing = [field for field in layout if field not in taken]
        is_only = len(missing) == 1 and not added
        sentences = [self._added(column) for column in added]
        sentences += [self._missing(field, is_only=is_only) for field in missing]
        is_complete = len(taken) == len(self._fields)
        return sentences, [places[field].name for field in taken] if is_complete else None, True

    def _added(self, column: int) -> str:
        places = self._places
        before = self._in_layout(reversed(self._fields[:column]))
        after = self._in_layout(self._fields[column + 1 :])
        low, high = -1 if before is None else before, len(places) if after is None else after
        names = " and ".join(places[at].name for at in (before, after) if at is not None)
        where = f"between {names}" if before is not None and after is not None else f"next to {names}"
        costs = self._costs[column]
        between = [at for at in range(low + 1, high) if not places[at].is_in_layout]
        likely = sorted((at for at in between if costs[at] <= UNUSUAL), key=lambda at: (costs[at], at))
        if not likely:
            return f"column {column + 1} looks inserted {where}, where no field of CloudFront fits it"
        names = ", ".join(places[at].name for at in likely[:_CANDIDATES])
        more = ", …" if len(likely) > _CANDIDATES else ""
        return f"column {column + 1} looks inserted; fields that belong {where}: {names}{more}"

    def _in_layout(self, fields: Iterable[int | None]) -> int | None:
        """Return the first one that is in the layout."""
        found = (field for field in fields if field is not None and self._places[field].is_in_layout)
        return next(found, None)

    def _missing(self, field: int, *, is_only: bool) -> str:
        names = [self._places[field].name]
        if is_only:
            layout = [at for at, place in enumerate(self._places) if place.is_in_layout]
            costs = {at: self._cost_without(layout, at) for at in layout}
            names = [self._places[at].name for at in layout if costs[at] <= costs[field] + SIMILAR]
        if len(names) == 1:
            return f"the column of {names[0]} looks missing"
        more = ", …" if len(names) > _CANDIDATES else ""
        return f"the column of one of these looks missing: {', '.join(names[:_CANDIDATES])}{more}"

    def _cost_without(self, layout: list[int], missing: int) -> float:
        rest = (at for at in layout if at != missing)
        return sum(costs[at] for costs, at in zip(self._costs, rest, strict=False))

    def _swapped(self, layout: list[int]) -> tuple[list[str], list[str], bool] | None:
        """Look for two columns of which each has the value of the other."""
        costs = self._costs
        gains = {
            (column, other): costs[column][layout[column]]
            + costs[other][layout[other]]
            - costs[column][layout[other]]
            - costs[other][layout[column]]
            for column in range(len(layout))
            if costs[column][layout[column]] >= WRONG_SHAPE
            for other in range(len(layout))
        }
        (column, other), gain = max(gains.items(), key=lambda item: item[1], default=((0, 0), 0.0))
        # Another misfit shows that something else is wrong.
        if gain < MISFIT or max(costs[column][layout[other]], costs[other][layout[column]]) >= UNUSUAL:
            return None
        first, second = sorted((column, other))
        names = [self._places[field].name for field in layout]
        words = f"columns {first + 1} ({names[first]}) and {second + 1} ({names[second]}) look swapped"
        names[first], names[second] = names[second], names[first]
        return [words], names, False


def _reads(transformer: LayoutOwner, fields: list[str], record: bytes, *, is_ordered: bool) -> bool:
    """Return True if a layout of these fields reads the row."""
    options = {"order": "cloudfront" if is_ordered else "as_written"}
    kinds = {column.field: column.kind for layout in transformer.layouts for column in layout}
    custom = [
        {"name": name, "kind": kinds.get(name, "text"), "after": before}
        for before, name in zip(["timestamp", *fields], fields, strict=False)
        if name not in FIELDS and name not in STANDARD_FIELDS
    ]
    try:
        config = {"input": options, "layouts": [{"fields": fields}]}
        tried = Transformer(config | ({"custom_fields": custom} if custom else {}))
        tried.transform(record)
    except ValueError:
        return False
    return True

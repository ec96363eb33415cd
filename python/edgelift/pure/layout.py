"""One compiled layout: turns the columns of a record into a document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import orjson

from edgelift.pure import values
from edgelift.pure.values import Misfit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edgelift._core import LayoutColumn
    from edgelift.pure.values import Encoder

    Document = dict[str, object]
    Step = tuple[str, Encoder, bool]
    """Key, encoder, and whether the value may stay as it is if it is ASCII and has no escapes."""

_SHAPES: Final = {
    "method": re.compile(r"[A-Z][A-Z-]{2,19}").fullmatch,
    "http_version": re.compile(r"HTTP/\d(?:\.\d)?", re.ASCII).fullmatch,
    "ip_version": re.compile(r"IPv[46]").fullmatch,
    "tls_version": re.compile(r"TLSv1(?:\.\d)?|SSLv3", re.ASCII).fullmatch,
    "scheme": re.compile(r"https?|wss?|grpcs").fullmatch,
    "edge_location": re.compile(r"[A-Z]{3}\d", re.ASCII).match,
    "country": re.compile(r"[A-Z][A-Z0-9]").fullmatch,
    "request_id": re.compile(r"[A-Za-z0-9_-]+={1,2}").fullmatch,
    "result_type": re.compile(r"[A-Z][A-Z]*[a-z][A-Za-z]*").fullmatch,
}
_FIXED_WORDS: Final = {"http_version", "ip_version", "tls_version", "scheme"}
_REQUIREMENTS: Final = {
    "timestamp": "a timestamp in seconds",
    "integer": "an integer of 64 bits",
    "status": "a status of three digits",
    "decimal": "a decimal number of at most 32 bytes",
    "boolean": "a boolean (true, false, 1 or 0)",
    "address": "an IPv4 or IPv6 address",
}
_SHAPE_REQUIREMENTS: Final = {
    "http_version": "an HTTP version such as HTTP/2.0",
    "ip_version": "IPv4 or IPv6",
    "tls_version": "a TLS version such as TLSv1.3",
    "scheme": "http, https, grpcs, ws or wss",
    "edge_location": "an edge location such as IAD89-C1",
    "country": "a country code such as US",
    "request_id": "a request id (URL-safe base64 that ends in =)",
    "result_type": "a result type such as RefreshHit",
}
_TRUNCATED: Final = {
    "cloudfront": "cs-headers-truncated",
    "snake": "cs_headers_truncated",
    "ecs": "aws.cloudfront.headers_truncated",
    "otel": "aws.cloudfront.headers_truncated",
}
_SHOWN_BYTES: Final = 40


class Layout:
    """The columns of one layout, with every decision that does not depend on the record.

    Args:
        number: its place in the configuration, from 1.
        columns: its columns, as the engine has resolved them.
        output: every option of ``[output]``.

    """

    def __init__(self, number: int, columns: Sequence[LayoutColumn], output: Mapping[str, Any]) -> None:
        self.number = number
        self.columns = columns
        self._missing: str = output["missing"]
        encoders = [values.encoder(column, output) for column in columns]
        self._plan: list[Step] = [
            (column.key, encode, encode is values.decoded or encode is values.plain)
            for column, encode in zip(columns, encoders, strict=True)
        ]
        self._unselected = {place for place, column in enumerate(columns) if not column.selected}
        self._careful_plan: list[Step] = [(key, encode, False) for key, encode, _ in self._plan]
        shapes = [(place, column.shape) for place, column in enumerate(columns)]
        self._shapes = [(place, _SHAPES[shape]) for place, shape in shapes if shape]
        self._counted_shapes = [
            (place, _SHAPES[shape]) for place, shape in shapes if shape and shape != "method"
        ]
        typed = output["values"] == "typed"
        # The encoders of typed values check them; as text they must be checked on their own.
        self._checks = [
            (place, values.CHECKED[column.kind])
            for place, column in enumerate(columns)
            if column.kind in values.CHECKED and not typed
        ]
        self._lists = [
            (place, column.key)
            for place, column in enumerate(columns)
            if column.kind == "list" and typed and column.selected
        ]
        places = {column.field: place for place, column in enumerate(columns)}
        count = places.get("cs-headers-count") if typed and "cs-headers" in places else None
        self._count_key = None if count is None or count in self._unselected else columns[count].key
        self._headers = places.get("cs-headers", 0)
        self._headers_key = None if self._headers in self._unselected else columns[self._headers].key
        self._truncated_key = _TRUNCATED[output["names"]]

    def shape_misfits(self, record: Sequence[str]) -> list[int]:
        """Return the columns, from 0, whose values lack their shape; a missing value has every shape."""
        return [
            place
            for place, shape in self._shapes
            if not _is_missing(record[place]) and not shape(record[place])
        ]

    def shape_mismatch(self, record: Sequence[str]) -> int | None:
        """Return the first column, from 0, whose value lacks a shape that CloudFront itself writes."""
        for place, shape in self._counted_shapes:
            if not shape(record[place]) and not _is_missing(record[place]):
                return place
        return None

    def is_outweighed(self, record: Sequence[str], older: Layout) -> bool:
        """Return True if an older layout is the better choice: by one fixed word, or by two values."""
        misfits, others = self.shape_misfits(record), older.shape_misfits(record)
        if len(misfits) >= len(others) + 2:
            return True
        return len(misfits) > len(others) and self._fixed_words(misfits) > older._fixed_words(others)

    def _fixed_words(self, places: Sequence[int]) -> int:
        return sum(self.columns[place].shape in _FIXED_WORDS for place in places)

    def has_kinds_of(self, record: Sequence[str]) -> bool:
        """Return True if every value that `document` does not check is of its kind or missing."""
        return all(_is_missing(record[place]) or _fits(check, record[place]) for place, check in self._checks)

    def document(self, record: Sequence[str], *, is_ascii: bool) -> Document:
        """Make the document of a record with as many columns as the layout.

        Raises:
            Misfit: a value is not of its kind.

        """
        plan = self._plan if is_ascii else self._careful_plan
        if self._unselected:
            for place in self._unselected:
                if not _is_missing(record[place]):
                    # It is not written, but must be of its kind.
                    plan[place][1](record[place])
            return self._selected(plan, record, ())
        return self._finished(self._encoded(plan, record), record)

    def misfits(self, record: Sequence[str]) -> list[int]:
        """Return the columns, from 0, for which `document` raises."""
        return [
            place
            for place, (raw, (_, encode, _)) in enumerate(zip(record, self._plan, strict=True))
            if not _is_missing(raw) and not _fits(encode, raw)
        ]

    def salvaged(self, record: Sequence[str], misfits: Sequence[int]) -> Document:
        """Make the document of a record with its misfits, as text, under ``_unparsed``."""
        document = self._selected(self._careful_plan, record, misfits)
        unparsed = [place for place in misfits if place not in self._unselected]
        if unparsed:
            document["_unparsed"] = {
                self.columns[place].field: self._text(place, record[place]) for place in unparsed
            }
        return document

    def _selected(self, plan: Sequence[Step], record: Sequence[str], misfits: Sequence[int]) -> Document:
        """Make the document of the selected columns without these misfits."""
        left_out = {*misfits, *self._unselected}
        places = [place for place in range(len(record)) if place not in left_out]
        selected = [record[place] for place in places]
        return self._finished(self._encoded([plan[place] for place in places], selected), record)

    def _text(self, place: int, raw: str) -> str:
        return values.decoded(raw) if self.columns[place].decode else values.plain(raw)

    def misfit_message(self, record: Sequence[str], place: int) -> str:
        """Return the message for a value that is not of its kind."""
        column = self.columns[place]
        value = _shown(record[place])
        return f"column {place + 1} ({column.field}): {value} is not {_REQUIREMENTS[column.kind]}"

    def shape_message(self, record: Sequence[str], place: int) -> str:
        """Return the message for a value that lacks its shape."""
        column = self.columns[place]
        value, requirement = _shown(record[place]), _SHAPE_REQUIREMENTS[column.shape or ""]
        return (
            f"column {place + 1} ({column.field}): {value} is not {requirement}; the record fits the layout "
            "in number and kinds only, so the fields of the log configuration may have changed"
        )

    def _encoded(self, plan: Sequence[Step], record: Sequence[str]) -> Document:
        columns = zip(plan, record, strict=True)
        if self._missing == "omit":
            return {
                key: raw if is_text and "%" not in raw else encode(raw)
                for (key, encode, is_text), raw in columns
                if raw and raw != "-"
            }
        null = self._missing == "null"
        return {
            key: encode(raw) if raw and raw != "-" else None if null else raw
            for (key, encode, _), raw in columns
        }

    def _finished(self, document: Document, record: Sequence[str]) -> Document:
        """Return the document after the checks that need more than one value."""
        for place, key in self._lists:
            if document.get(key) == []:
                self._mark_missing(document, key, record[place])
        if self._count_key is not None:
            count = document.get(self._count_key)
            headers = self._headers_of(document, record)
            # What is not a list is missing, or moved into _unparsed.
            if isinstance(headers, list) and isinstance(count, int) and len(headers) < count:
                return self._with_truncated(document, self._count_key)
        return document

    def _headers_of(self, document: Document, record: Sequence[str]) -> object:
        if self._headers_key is not None:
            return document.get(self._headers_key)
        raw = record[self._headers]
        return None if _is_missing(raw) else self._plan[self._headers][1](raw)

    def _mark_missing(self, document: Document, key: str, raw: str) -> None:
        if self._missing == "omit":
            del document[key]
        else:
            document[key] = None if self._missing == "null" else values.plain(raw)

    def _with_truncated(self, document: Document, preceding_key: str) -> Document:
        items = list(document.items())
        items.insert(list(document).index(preceding_key) + 1, (self._truncated_key, True))
        return dict(items)


def _is_missing(raw: str) -> bool:
    return not raw or raw == "-"


def _shown(raw: str) -> str:
    value = orjson.dumps(values.plain(raw[:_SHOWN_BYTES])).decode()
    return value + ("\u2026" if len(raw) > _SHOWN_BYTES else "")


def _fits(encode: Encoder, raw: str) -> bool:
    try:
        encode(raw)
    except Misfit:
        return False
    return True

"""Generates the tables of failure reasons with example messages, and of the expectations of kinds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import edgelift
from docs.generator.tables import Block, code, table

if TYPE_CHECKING:
    from collections.abc import Iterable

_STATUS, _INTEGER = {"fields": ["sc-status"]}, {"fields": ["sc-bytes"]}
_ONE = {"layouts": [_STATUS]}
_TWO_COLUMNS = [{"fields": ["sc-status", "cs-host"]}, {"fields": ["sc-bytes", "cs-host"]}]
_STANDARD = {"input": {"format": "standard"}}
_DOCUMENT = b'{"rawData":"e30=","esDocumentId":"1","esIndexName":"cdn"}'


@dataclass(frozen=True)
class _Record:
    """A record of a Firehose event that fails."""

    when: str
    config: dict[str, Any]
    data: object

    def failure(self) -> tuple[str, str]:
        transformer = edgelift.Transformer(self.config)
        record = {"recordId": "r"} if self.data is None else {"recordId": "r", "data": self.data}
        ((reason, (_, message)),) = transformer.transform_records([record]).report.first_failures.items()
        return reason, message


@dataclass(frozen=True)
class _Line:
    """A line that fails, in a format of output."""

    when: str
    config: dict[str, Any]
    line: bytes
    format: Literal["ndjson", "raw", "bulk"]

    def failure(self) -> tuple[str, str]:
        transformer = edgelift.Transformer(self.config)
        (failure,) = transformer.transform_lines(self.line, format=self.format).failures
        return failure.reason, failure.message


_CASES: tuple[_Record | _Line, ...] = (
    _Record("the data of a Firehose record is not valid base64", _ONE, "%"),
    _Record("the data is not a string", _ONE, 5),
    _Record("the data is missing", _ONE, None),
    _Record(
        "the record is longer than `max_record_bytes`",
        {"input": {"max_record_bytes": 10}, **_ONE},
        "MTIzNDU2Nzg5MDEK",
    ),
    _Record("the record is empty, or only a line end", _ONE, ""),
    _Record("the record contains a line feed", _ONE, "MjAwCjIwMA=="),
    _Line("an [error object](formats.md#error-objects) is invalid", _ONE, b'{"attemptsMade":4}', "ndjson"),
    _Line(
        "DEST is [a stream](reprocess.md#streams), which takes source records only", _ONE, _DOCUMENT, "raw"
    ),
    _Record("a JSON record is not a valid object", _STANDARD, "eyJhIjoiIg=="),
    _Record("a value is an object or array", _STANDARD, "eyJhc24iOlsxXX0="),
    _Record("a key is repeated", _STANDARD, "eyJhc24iOiIxIiwiYXNuIjoiMiJ9"),
    _Record("no key is a CloudFront field", _STANDARD, "eyJhIjoxfQ=="),
    _Record("a `#Fields:` line is invalid", _STANDARD, "I0ZpZWxkczogYy1pcCBjLWlw"),
    _Record("a row has no header, and there are no layouts", _STANDARD, "MQky"),
    _Line(
        "DEST is [a stream](reprocess.md#streams), which does not carry the header of the row",
        _STANDARD,
        b"#Fields: asn\n1",
        "raw",
    ),
    _Record("no layout has this number of columns", {"layouts": [_STATUS, _TWO_COLUMNS[0]]}, "YQliCWM="),
    _Record("the only layout with this number of columns does not fit", _ONE, "MngwCg=="),
    _Record(
        "none of several layouts with this number of columns fits",
        {"layouts": [_INTEGER, *_TWO_COLUMNS]},
        "YWIJeAo=",
    ),
    _Record(
        '`shapes = "fail"`, and a value does not have the [shape](values.md#shapes) of its field',
        {"input": {"shapes": "fail"}, "layouts": [{"fields": ["cs-protocol"]}]},
        "VExTdjEuMw==",
    ),
    _Line(
        "the [index](bulk.md#index) is named by time, and the record has none",
        {"layouts": [{"fields": ["timestamp"]}]},
        b"-",
        "bulk",
    ),
)
"""The rows of the table, in the order of the engine's reasons."""


def reasons(_block: Block) -> str:
    """Return the table of reasons.

    Raises `LookupError` if the cases do not match the reasons of the engine and their order.
    """
    failures = [case.failure() for case in _CASES]
    found = list(dict.fromkeys(reason for reason, _ in failures))
    known = list(edgelift._core.REASONS)  # noqa: SLF001 - its place is part of the stub
    if found != known:
        raise LookupError(f"the reasons of the table are {found}, those of the engine {known}")
    body = (
        [code(reason), case.when, code(message)]
        for case, (reason, message) in zip(_CASES, failures, strict=True)
    )
    return table(("reason", "when", "message"), body)


def expectations(_block: Block) -> str:
    """Return the expectation in the messages of each checked kind."""
    kinds = dict.fromkeys(field.kind for field in edgelift.FIELDS.values())
    return table(("kind", "the message says"), _expected(kinds))


def _expected(kinds: Iterable[str]) -> Iterable[list[str]]:
    for kind in kinds:
        custom = {"name": "x", "kind": kind, "after": "asn"}
        transformer = edgelift.Transformer({"custom_fields": [custom], "layouts": [{"fields": ["x"]}]})
        try:
            transformer.transform(b"?")
        except edgelift.RecordError as error:
            yield [kind, str(error).partition(' "?" is not ')[2]]

"""The reasons of failures with a message of each, and the words for what the kinds expect."""

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
    _Record("the data of a Firehose record cannot be decoded", _ONE, "%"),
    _Record("it is not a string", _ONE, 5),
    _Record("it is absent", _ONE, None),
    _Record(
        "the record is longer than `max_record_bytes`",
        {"input": {"max_record_bytes": 10}, **_ONE},
        "MTIzNDU2Nzg5MDEK",
    ),
    _Record("there is nothing but perhaps a line end", _ONE, ""),
    _Record("a line feed is inside", _ONE, "MjAwCjIwMA=="),
    _Line(
        "an [error object](formats.md#error-objects) cannot be used", _ONE, b'{"attemptsMade":4}', "ndjson"
    ),
    _Line("a source record is needed [for a stream](reprocess.md#streams)", _ONE, _DOCUMENT, "raw"),
    _Record("a JSON record is not one flat object", _STANDARD, "eyJhIjoiIg=="),
    _Record("a value is not flat", _STANDARD, "eyJhc24iOlsxXX0="),
    _Record("a key is there twice", _STANDARD, "eyJhc24iOiIxIiwiYXNuIjoiMiJ9"),
    _Record("it is not a record of CloudFront", _STANDARD, "eyJhIjoxfQ=="),
    _Record("a `#Fields:` line cannot be used", _STANDARD, "I0ZpZWxkczogYy1pcCBjLWlw"),
    _Record("a row comes without header, and there are no layouts", _STANDARD, "MQky"),
    _Line(
        "the record is wanted [for a stream](reprocess.md#streams), into which its header does not go",
        _STANDARD,
        b"#Fields: asn\n1",
        "raw",
    ),
    _Record("no layout has that number of columns", {"layouts": [_STATUS, _TWO_COLUMNS[0]]}, "YQliCWM="),
    _Record("the only layout with that number does not fit", _ONE, "MngwCg=="),
    _Record("none of several with that number fits", {"layouts": [_INTEGER, *_TWO_COLUMNS]}, "YWIJeAo="),
    _Line(
        "its [index](bulk.md#index) is named by time, and it has none",
        {"layouts": [{"fields": ["timestamp"]}]},
        b"-",
        "bulk",
    ),
)
"""The rows of the table, in the order of the engine's reasons."""


def reasons(_block: Block) -> str:
    """Return the table of reasons.

    Raises `LookupError` if a reason of the engine has no case here, or another place.
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
    """Return for each kind that not every value fits the words of its messages."""
    kinds = dict.fromkeys(field.kind for field in edgelift.FIELDS.values())
    return table(("kind", "words of the message"), _expected(kinds))


def _expected(kinds: Iterable[str]) -> Iterable[list[str]]:
    for kind in kinds:
        custom = {"name": "x", "kind": kind, "after": "asn"}
        transformer = edgelift.Transformer({"custom_fields": [custom], "layouts": [{"fields": ["x"]}]})
        try:
            transformer.transform(b"?")
        except edgelift.RecordError as error:
            yield [kind, str(error).partition(' "?" is not ')[2]]

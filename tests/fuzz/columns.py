"""Compares columns with documents."""

from __future__ import annotations

import json
import warnings
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

import edgelift

from .documents import DisagreementError, same

if TYPE_CHECKING:
    from edgelift._core import ColumnBatch

    from .cases import Case

OF_DOCUMENTS = {"names": "snake", "missing": "omit", "timestamp": "epoch_millis"}
"""The options of documents whose values are those of columns."""


def check_columns(case: Case) -> None:
    """Compare the rows of a case with its documents, and their failures and counts.

    Raises:
        DisagreementError: what is wrong.

    """
    text = b"".join(case.lines)
    output = case.config.get("output", {})
    source = _transformer(case.config)
    try:
        stream = source.column_stream(rows=max(1, case.sizes[0]))
    except edgelift.ConfigError as error:
        if output.get("values") != "text":
            raise DisagreementError(f"no columns: {error}") from error
        return
    if b"rawData" in text:
        # A document in an error object has no types.
        return
    batches, start = [], 0
    for size in case.sizes * (len(text) // sum(case.sizes) + 1):
        batches += stream.feed(text[start : start + size])
        start += size
    batches += stream.finish()
    config = {
        **case.config,
        "output": {**OF_DOCUMENTS, **output, "missing": "omit", "timestamp": "epoch_millis"},
    }
    whole = _transformer(config).transform_lines(text)
    same("counts of columns and documents", stream.counts, whole.counts)
    failures = [
        (failure.line, failure.reason, failure.raw) for batch in batches for failure in batch.failures
    ]
    expected = [(failure.line, failure.reason, failure.raw) for failure in whole.failures]
    same("failures of columns and documents", failures, expected)
    rows = [row for batch in batches for row in _rows(batch)]
    documents = [_members(line, pa.schema(stream.schema)) for line in whole.output.split(b"\n")[:-1]]
    same("columns and documents", rows, documents)


def _transformer(config: dict[str, Any]) -> edgelift.Transformer:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return edgelift.Transformer(config)


def _rows(batch: ColumnBatch) -> list[dict[str, Any]]:
    """Return the values of each row that are not null, as documents have them."""
    record_batch = pa.record_batch(batch)
    record_batch.validate(full=True)
    return [
        {name: _plain(value) for name, value in row.items() if value is not None}
        for row in record_batch.to_pylist()
    ]


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [(pair["name"], pair["value"]) for pair in value]
    return value


def _members(line: bytes, schema: pa.Schema) -> dict[str, Any]:
    """Return the members of a document by the column that has them."""
    row: dict[str, Any] = {}
    others = []
    for key, value in json.loads(line, parse_int=_Integer, parse_float=_Decimal).items():
        column = schema.field(key).type if key in schema.names else None
        if column is not None and _fits(column, value):
            row[key] = _typed(column, value)
        elif "_other" in schema.names:
            text = (
                value
                if isinstance(value, str)
                else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            )
            others.append((key, text))
    if others:
        row["_other"] = others
    return row


class _Integer(str):
    """The digits of an integer, as they are written."""

    __slots__ = ()


class _Decimal(str):
    """The digits of a decimal, as they are written."""

    __slots__ = ()


def _fits(column: pa.DataType, value: object) -> bool:
    """Return true if a value of a document has the type of a column."""
    kind = str(column).partition("<")[0].partition("[")[0]
    if isinstance(value, bool):
        return kind == "bool"
    if isinstance(value, _Integer):
        return kind in ("int32", "int64", "double", "timestamp")
    if isinstance(value, _Decimal):
        return kind == "double"
    if isinstance(value, str):
        return kind == "string"
    has_pairs = isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict))
    return kind == "list" and (not has_pairs or "struct" in str(column))


def _typed(column: pa.DataType, value: object) -> object:
    if isinstance(value, _Integer | _Decimal):
        return float(value) if pa.types.is_floating(column) else int(value)
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [(pair["name"], pair["value"]) for pair in value]
    return value

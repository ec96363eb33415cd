"""Reads the records of a Firehose event and builds the response."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from collections import Counter
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from edgelift._core import Counts, describe_record
from edgelift.errors import EdgeliftError, RecordError
from edgelift.pure.foreign import foreign_message, is_control_message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_ABSENT: Final = object()
_NOT_BASE64: Final = "the record's data is not valid base64 (standard alphabet, padded)"
_SEVERAL: Final = (
    '; [firehose] multiple_lines = "ndjson" writes a document for each line, for destinations in S3'
)


@dataclass(frozen=True, slots=True)
class Batch:
    """The answers to the records of one Firehose event; see `edgelift._core.Batch`."""

    records: list[dict[str, Any]]
    report: Report
    reingest: tuple[tuple[int, int], ...] = ()
    bytes_left: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """Counts of the records; see `edgelift._core.Report`."""

    counts: Counts
    bytes_in: int
    bytes_out: int
    layouts: tuple[int, ...]
    first_failures: Mapping[str, tuple[str, str]]
    duplicates: tuple[str, ...]
    oldest: None = None
    slimmed: int = 0
    reingested: int = 0


def answer(
    records: Sequence[Any],
    convert: Callable[[bytes], tuple[int, bytes, str | None]],
    *,
    layouts: int,
    newline: bool,
) -> Batch:
    """Answer the records of an event.

    Args:
        records: its ``records``.
        convert: returns the index of the layout, from 0, the document and the field that lacks its shape, or
            raises `RecordError`.
        layouts: number of layouts.
        newline: whether each document is to end with a line feed.

    Raises:
        EdgeliftError: ``records`` is not a list, or a record has no string ``recordId``.

    """
    if not isinstance(records, list):
        raise EdgeliftError(f"an event has a list \"records\", not '{type(records).__name__}'")
    answers: list[dict[str, Any]] = []
    failed: Counter[str] = Counter()
    mismatched: list[str] = []
    first_failures: dict[str, tuple[str, str]] = {}
    used = [0] * layouts
    seen: set[str] = set()
    duplicates: list[str] = []
    bytes_in = bytes_out = 0
    for place, record in enumerate(records):
        record_id = _record_id(record, place)
        if record_id in seen:
            duplicates.append(record_id)
            continue
        seen.add(record_id)
        data = record.get("data", _ABSENT)
        try:
            raw = decode(data)
            bytes_in += len(raw)
            layout, document, field = convert(raw)
        except RecordError as error:
            if error.reason not in {"bad_base64", "too_large"} and is_control_message(raw):
                answers.append({"recordId": record_id, "result": "Dropped", "data": ""})
                continue
            failed[error.reason] += 1
            is_several = error.reason == "multiple_lines"
            is_rows = is_several and foreign_message(raw) is None and describe_record(raw) is None
            hint = _SEVERAL if is_rows else ""
            first_failures.setdefault(error.reason, (record_id, f"{error}{hint}"))
            untouched = data if isinstance(data, str) else ""
            answers.append({"recordId": record_id, "result": "ProcessingFailed", "data": untouched})
            continue
        if newline:
            document += b"\n"
        bytes_out += len(document)
        used[layout] += 1
        if field is not None:
            mismatched.append(field)
        encoded = b2a_base64(document, newline=False).decode("ascii")
        answers.append({"recordId": record_id, "result": "Ok", "data": encoded})
    report = Report(
        counts=Counts(
            read=len(answers),
            ok=sum(used),
            dropped=len(answers) - sum(used) - failed.total(),
            failed=failed.total(),
            by_reason=failed,
            shape_mismatches=len(mismatched),
            shape_field=next(iter(mismatched), None),
        ),
        bytes_in=bytes_in,
        bytes_out=bytes_out,
        layouts=tuple(used),
        first_failures=MappingProxyType(first_failures),
        duplicates=tuple(duplicates),
    )
    return Batch(answers, report)


def _record_id(record: object, place: int) -> str:
    record_id = record.get("recordId") if isinstance(record, dict) else None
    if not isinstance(record_id, str):
        raise EdgeliftError(
            f'records[{place}] is not a Firehose record: expected an object with a string "recordId"'
        )
    return record_id


def decode(data: object) -> bytes:
    """Decode the ``data`` of a record: canonical base64 of the standard alphabet, padded.

    Raises:
        RecordError: it is not that.

    """
    if not isinstance(data, str):
        what = "the record has no data"
        if data is not _ABSENT:
            what = f"the record's data is not a string but {type(data).__name__}"
        raise RecordError(what, "bad_base64")
    try:
        raw = a2b_base64(data, strict_mode=True)
    except ValueError:
        raise RecordError(_NOT_BASE64, "bad_base64") from None
    if data.endswith("=") and not _is_canonical(data, raw):
        raise RecordError(_NOT_BASE64, "bad_base64")
    return raw


def _is_canonical(data: str, raw: bytes) -> bool:
    """Return False for what strict mode accepts: padding after a whole group, or unused bits that are set."""
    last = (len(raw) - 1) // 3 * 3
    return data.endswith(b2a_base64(raw[last:], newline=False).decode())

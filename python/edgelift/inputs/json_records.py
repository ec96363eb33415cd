"""Describes a failed record that is JSON: a document of edgelift, or an object of another log."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from edgelift._core import CONNECTION_FIELDS, FIELDS, STANDARD_FIELDS

if TYPE_CHECKING:
    from collections.abc import Collection

    from edgelift._core import Failure

_DOCUMENT: Final = re.compile(rb'\{"[^"]+":(\d{13}|"\d{4}-\d\d-\d\dT[^"]+")[,}]')
"""The beginning of a document of edgelift: its timestamp."""

IN_ERROR_OBJECT: Final = "in rawData:"
"""The beginning of the message of a source record."""

_SHOWN_KEYS: Final = 3
_SHOWN_CHARS: Final = 40


def is_document(failure: Failure) -> bool:
    """Return True for a failed record that looks like a document of edgelift, transformed a second time.

    It begins with a timestamp in milliseconds or as UTC text, and most of its keys are keys of a profile. The
    records that CloudFront writes have no numbers, and such text in no field. An error object may hold a
    document.
    """
    if not _may_be_json(failure) or not _DOCUMENT.match(failure.raw):
        return False
    return _are_mostly(_profile_keys(), _keys(failure.raw))


def foreign_keys(failure: Failure) -> str | None:
    """Return the first keys of a failed record that is JSON of another log, separated by commas.

    None for any other record. Most keys of such JSON are keys of no log of CloudFront and of no document.
    """
    if failure.reason != "bad_json" or not _may_be_json(failure):
        return None
    keys = _keys(failure.raw)
    if not keys or _are_mostly(_profile_keys() | _log_keys(), keys):
        return None
    import json  # as below

    # In ASCII: a key may hold characters that a terminal obeys.
    return ", ".join(
        json.dumps(key[:_SHOWN_CHARS]) + "…" * (len(key) > _SHOWN_CHARS) for key in keys[:_SHOWN_KEYS]
    )


def _may_be_json(failure: Failure) -> bool:
    return failure.reason in {"bad_json", "bad_value"} and not failure.message.startswith(IN_ERROR_OBJECT)


def _keys(record: bytes) -> list[str]:
    import json  # 5 ms, for failures only

    try:
        value = json.loads(record)
    except (ValueError, RecursionError):
        return []
    return list(value) if isinstance(value, dict) else []


def _are_mostly(known: Collection[str], keys: Collection[str]) -> bool:
    return sum(key in known for key in keys) * 2 > len(keys)


@cache
def _profile_keys() -> frozenset[str]:
    tables = FIELDS, STANDARD_FIELDS, CONNECTION_FIELDS
    return frozenset(key for table in tables for field in table.values() for key in field.keys.values())


@cache
def _log_keys() -> frozenset[str]:
    return frozenset(STANDARD_FIELDS) | frozenset(CONNECTION_FIELDS)

"""Recognizes a failed record that is a document of edgelift, by its keys."""

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


def is_document(failure: Failure) -> bool:
    """Return True for a failed record that looks like a document of edgelift, transformed a second time.

    It begins with a timestamp in milliseconds or as UTC text, and most of its keys are keys of a profile. The
    records that CloudFront writes have no numbers, and such text in no field. An error object may hold a
    document.
    """
    if not may_be_json(failure) or not _DOCUMENT.match(failure.raw):
        return False
    return are_mostly(profile_keys(), keys_of(failure.raw))


def may_be_json(failure: Failure) -> bool:
    """Return True if a failed record of a file may be JSON."""
    return failure.reason in {"bad_json", "bad_value"} and not failure.message.startswith(IN_ERROR_OBJECT)


def keys_of(record: bytes) -> list[str]:
    """Return the keys of a JSON object; none of anything else."""
    import json  # 5 ms, for failures only

    try:
        value = json.loads(record)
    except (ValueError, RecursionError):
        return []
    return list(value) if isinstance(value, dict) else []


def are_mostly(known: Collection[str], keys: Collection[str]) -> bool:
    """Return True if more than half of the keys are known."""
    return sum(key in known for key in keys) * 2 > len(keys)


@cache
def profile_keys() -> frozenset[str]:
    """Return the keys of all profiles."""
    tables = FIELDS, STANDARD_FIELDS, CONNECTION_FIELDS
    return frozenset(key for table in tables for field in table.values() for key in field.keys.values())

"""Describes JSON of another log by its first keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edgelift._core import CONNECTION_FIELDS, STANDARD_FIELDS
from edgelift.inputs.detect import are_mostly, keys_of, may_be_json, profile_keys

if TYPE_CHECKING:
    from edgelift._core import Failure

_SHOWN_KEYS: Final = 3
_SHOWN_CHARS: Final = 40
_LOG_KEYS: Final = frozenset(STANDARD_FIELDS) | frozenset(CONNECTION_FIELDS)


def foreign_keys(failure: Failure) -> str | None:
    """Return the first keys of a failed record that is JSON of another log, separated by commas.

    None for any other record. Most keys of such JSON are keys of no log of CloudFront and of no document.
    """
    if failure.reason != "bad_json" or not may_be_json(failure):
        return None
    keys = keys_of(failure.raw)
    # An error object that cannot be read has its own message.
    if not keys or "rawData" in keys or are_mostly(profile_keys() | _LOG_KEYS, keys):
        return None
    import json  # 5 ms, for failures only

    # In ASCII: a key may hold characters that a terminal obeys.
    return ", ".join(
        json.dumps(key[:_SHOWN_CHARS]) + "…" * (len(key) > _SHOWN_CHARS) for key in keys[:_SHOWN_KEYS]
    )

"""Error objects of Firehose: recognized, so that they are refused rather than read as rows."""

from __future__ import annotations

import re
from typing import Final

import orjson

from edgelift.errors import RecordError

_DOCUMENT_KEYS: Final = frozenset(
    f"{service}{name}" for service in ("es", "os") for name in ("documentid", "indexname", "typename")
)
_KEYS: Final = _DOCUMENT_KEYS | {
    "attemptsmade",
    "arrivaltimestamp",
    "errorcode",
    "errormessage",
    "lasterrorcode",
    "lasterrormessage",
    "attemptendingtimestamp",
    "rawdata",
    "logheader",
    "lambdaarn",
}
"""Keys in lower case, since objects differ in it."""

_BLANKS: Final = r"[ \t\r\n]*"
"""White space of JSON."""

_OBJECT: Final = r"[ \t\r\n]{0,64}\{"
"""The beginning of an object, with as much white space before it as the engine recognizes."""

_BEGINS = re.compile(
    rf'{_OBJECT}{_BLANKS}"(?:{"|".join(sorted(_KEYS))})"{_BLANKS}:'.encode(), re.IGNORECASE
).match
_IS_OBJECT = re.compile(_OBJECT.encode()).match


def is_error_object(line: bytes) -> bool:
    """Return True if the first key of a JSON object is one of an error object: no field has such a name."""
    return _BEGINS(line) is not None


def has_data(line: bytes) -> bool:
    """Return True if a JSON object whose first key is unknown has the data of an error object."""
    return _IS_OBJECT(line) is not None and "rawdata" in _keys(line)


def refusal(line: bytes) -> RecordError:
    """Return the error that says what an error object holds, and what reads it."""
    is_document = not _DOCUMENT_KEYS.isdisjoint(_keys(line))
    content = "a document that is transformed already" if is_document else "a source record"
    return RecordError(
        f"the line is an error object of Firehose with {content}: "
        "edgelift.pure reads rows only, edgelift.Transformer reads error objects",
        "bad_error_object",
    )


def _keys(line: bytes) -> set[str]:
    try:
        found = orjson.loads(line)
    except ValueError:
        return set()
    return {key.lower() for key in found} if isinstance(found, dict) else set()

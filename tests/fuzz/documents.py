"""Documents as the strictest reader sees them, and what error objects hold."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

RAW_DATA = re.compile(rb'"rawData"\s*:\s*"([A-Za-z0-9+/]*)=*"')


class DisagreementError(AssertionError):
    """Two ways of reading do not agree, or an output is wrong."""


def same(what: str, one: object, other: object) -> None:
    """Compare two results.

    Raises:
        DisagreementError: they differ.

    """
    if one != other:
        raise DisagreementError(f"{what}:\n  {one!r}\n  {other!r}")


def strict(document: bytes) -> dict[str, Any]:
    """Read a document as the strictest reader does: UTF-8, one line, no key twice, no constant beyond JSON.

    Raises:
        DisagreementError: it is not one JSON object.

    """
    try:
        value = json.loads(document.decode(), object_pairs_hook=_unique, parse_constant=_refuse)
    except ValueError as error:
        raise DisagreementError(f"{document!r} is not JSON: {error}") from None
    if not isinstance(value, dict) or b"\n" in document:
        raise DisagreementError(f"{document!r} is not one object on one line")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError(f"a key is there twice: {pairs}")
    return members


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def raw_data(text: bytes) -> Iterator[bytes]:
    """Yield what error objects hold, and what error objects in it hold."""
    for found in RAW_DATA.finditer(text):
        with contextlib.suppress(binascii.Error):
            data = base64.b64decode(found[1] + b"==")
            yield data
            yield from raw_data(data)

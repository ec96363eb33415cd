"""Failed files of earlier versions of ``edgelift transform``, which are read as error objects."""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING, Any, Final

from edgelift.inputs.damage import DamagedFile

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEYS: Final = {"file", "line", "offset", "reason", "field", "column", "message", "raw"}

LONGEST_LINE: Final = 16 * 1024 * 1024
"""Bytes of a line that is held. A longer one is passed on as it is, and fails."""


def error_objects(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield failed lines as error objects, and other lines as they are.

    Raises:
        DamagedFile: as ``blocks``.

    """
    rest, unfinished = b"", 0
    try:
        for block in blocks:
            *lines, rest = (rest + block).split(b"\n")
            if lines:
                unfinished = 0
                yield b"".join(_error_object(line) + b"\n" for line in lines)
            if len(rest) > LONGEST_LINE:
                unfinished += len(rest)
                yield rest
                rest = b""
    except DamagedFile as damage:
        if damage.unfinished:
            damage.unfinished = unfinished
        elif rest:
            yield _error_object(rest)
        raise
    if rest:
        yield _error_object(rest)


def _error_object(line: bytes) -> bytes:
    failure = parse(line)
    if failure is None:
        return line
    import json

    if failure["reason"] in {"bad_error_object", "bad_base64"}:
        # The line is an error object itself.
        return binascii.a2b_base64(failure["raw"]).replace(b"\n", b"")
    data = "truncatedData" if failure["reason"] == "too_large" else "rawData"
    code = f"edgelift.{failure['reason']}"
    error_object = {"attemptsMade": 1, "errorCode": code, data: failure["raw"], "lambdaArn": None}
    return json.dumps(error_object).encode()


def parse(line: bytes) -> dict[str, Any] | None:
    """Return a failed line as an object, or None if the line is something else."""
    if not line.startswith(b'{"file":'):
        return None
    import json

    try:
        failure = json.loads(line)
        binascii.a2b_base64(failure["raw"], strict_mode=True)
    except (KeyError, RecursionError, TypeError, ValueError):
        return None
    return failure if failure.keys() == _KEYS else None

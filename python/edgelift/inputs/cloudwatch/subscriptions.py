"""Envelopes of CloudWatch Logs subscriptions: JSON objects back to back that hold messages in ``logEvents``.

Source: Amazon CloudWatch Logs User Guide, "Log group-level subscription filters".
"""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING, Any, Final

from edgelift.inputs.cloudwatch.json_objects import JsonObjects
from edgelift.inputs.damage import DamagedFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LARGEST: Final = 32 * 1024 * 1024
"""Bytes of an envelope at most, decompressed. A subscription sends at most 1 MiB, compressed."""

OUTPUT_BLOCK: Final = 256 * 1024

DETECT: Final = re.compile(rb'"(?:messageType"\s*:\s*"(?:DATA|CONTROL)_MESSAGE"|logEvents"\s*:\s*\[)')
"""A member that every envelope has. The quotes of one within a string would be escaped."""


class DamagedEnvelope(DamagedFile):
    """An envelope is truncated; the messages before that have been yielded."""


def messages(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the messages of envelopes, one per line. A ``CONTROL_MESSAGE`` has none.

    An envelope that cannot be read becomes one line, which fails as a record. So does any other text.

    Raises:
        DamagedEnvelope: the last envelope is truncated.
        DamagedFile: as ``blocks``, when the messages before the damage have been yielded.

    """
    objects = JsonObjects(LARGEST)
    try:
        for block in blocks:
            yield from _in_blocks(line for item in objects.feed(block) for line in _lines(item))
    except DamagedFile as damage:
        yield from _in_blocks(_saved(objects))
        damage.unfinished = 0
        raise
    if DETECT.search(objects.rest):
        yield from _in_blocks(_saved(objects))
        raise DamagedEnvelope("damaged envelope of CloudWatch Logs: it ends too early")
    yield from _in_blocks(_lines(objects.rest))


def _in_blocks(lines: Iterable[bytes]) -> Iterator[bytes]:
    block = bytearray()
    for line in lines:
        block += line
        if len(block) >= OUTPUT_BLOCK:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


def _lines(item: bytes) -> Iterator[bytes]:
    """Yield the messages of an envelope, or the one line of anything else."""
    item = item.strip()
    events = _events(item)
    if events is not None:
        yield from map(_line, events)
    elif item:
        yield _line(item)


def _saved(objects: JsonObjects) -> Iterator[bytes]:
    """Yield the messages of an envelope that has not ended."""
    yield from map(_line, _events(objects.complete_members + b"]}") or ())


def _events(item: bytes) -> list[bytes] | None:
    """Return the messages of an envelope, or None for anything else."""
    import json  # 3 ms, for envelopes only

    try:
        # Bytes that are not UTF-8 stay as they are.
        envelope = json.loads(item.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(envelope, dict):
        return None
    kind, events = envelope.get("messageType", "DATA_MESSAGE"), envelope.get("logEvents")
    if kind == "CONTROL_MESSAGE":
        return []
    if kind != "DATA_MESSAGE" or not isinstance(events, list):
        return None
    texts = [event.get("message") if isinstance(event, dict) else None for event in events]
    return [_encoded(text) for text in texts] if all(isinstance(text, str) for text in texts) else None


def _encoded(text: Any) -> bytes:  # noqa: ANN401 - a string, as its caller has checked
    try:
        encoded: bytes = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # Half of a surrogate pair, which an escape of JSON can name and UTF-8 cannot.
        encoded = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    return encoded


def _line(message: bytes) -> bytes:
    """Return a message as a line that the engine reads as one record with exactly these bytes."""
    message = message.removesuffix(b"\n").removesuffix(b"\r")
    if b"\n" not in message and not message.startswith(b"#"):
        return message + b"\n"
    # Several lines, or what would be a header: a source record, of which an error object holds the bytes.
    return b'{"rawData":"%b","lambdaArn":""}\n' % binascii.b2a_base64(message, newline=False)

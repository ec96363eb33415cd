"""JSON on a terminal: characters that a terminal obeys, or that reorder what people read, as escapes."""

from __future__ import annotations

import re
from typing import Final

# In UTF-8: DEL, C1 controls (U+0080-9F), Arabic letter mark (U+061C), LRM and RLM (U+200E-F), line and
# paragraph separator with the bidi embeddings and overrides (U+2028-2E), bidi isolates (U+2066-69). No byte
# that begins a character is part of another one. JSON itself escapes the C0 controls.
_HARMFUL: Final = re.compile(
    rb"\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]"
)

# Of a character that may be one of them.
_BEGINNING: Final = re.compile(rb"(?:\xc2|\xd8|\xe2[\x80\x81]?)\Z")


class TerminalFilter:
    r"""Escapes characters of JSON text that comes in pieces, of which each may end inside a character.

    The result is the same JSON: such characters are only in strings, where ``\u0085`` means the same.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> bytes:
        """Return the next piece with escapes; the beginning of a character is kept for the next piece."""
        data = self._rest + data
        beginning = _BEGINNING.search(data, max(len(data) - 2, 0))
        end = len(data) if beginning is None else beginning.start()
        self._rest = data[end:]
        return _HARMFUL.sub(_escape, data[:end])

    def finish(self) -> bytes:
        """Return what has been kept, which is part of a character."""
        rest, self._rest = self._rest, b""
        return rest


def _escape(match: re.Match[bytes]) -> bytes:
    return b"\\u%04x" % ord(match[0].decode())

"""Splits JSON objects that are back to back, as they come, without parsing them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+("?)|[{}]', re.DOTALL)

_NOT_BLANK: Final = re.compile(rb"[^ \t\r\n]")


class JsonObjects:
    """Splits a stream of JSON objects, which may be separated by blanks.

    Attributes:
        largest: bytes of an object at most.

    """

    def __init__(self, largest: int) -> None:
        self.largest = largest
        self._data = b""
        self._at = 0
        self._depth = 0
        self._member_end = 0

    def feed(self, block: bytes) -> Iterator[bytes]:
        """Yield the objects that end in a block; text between them up to its line feed.

        Of an object that is too large its beginning is yielded, of ``largest`` bytes. Text follows it.
        """
        self._data += block
        start = 0
        while (end := self._item_end(start)) is not None:
            yield self._data[start:end]
            start = self._at = end
            self._depth = self._member_end = 0
        self._data = self._data[start:]
        self._at -= start
        self._member_end = max(0, self._member_end - start)

    @property
    def rest(self) -> bytes:
        """The bytes that have not ended an object yet."""
        return self._data.strip()

    @property
    def complete_members(self) -> bytes:
        """The beginning of an object that has not ended, up to the last object in it."""
        return self._data[: self._member_end].lstrip()

    def _item_end(self, start: int) -> int | None:
        """Return the end of the object or text that begins at ``start``, or None if it has not come yet."""
        begin = _NOT_BLANK.search(self._data, start)
        if begin is None:
            return None
        end = None
        if begin[0] == b"{" or self._depth:
            end = self._object_end(max(self._at, begin.start()))
        elif (line_feed := self._data.find(b"\n", begin.start())) >= 0:
            end = line_feed + 1
        if end is None and len(self._data) - start > self.largest:
            end = start + self.largest
        return end

    def _object_end(self, at: int) -> int | None:
        for token in _TOKEN.finditer(self._data, at):
            if token[0] == b"{":
                self._depth += 1
            elif token[0] == b"}":
                self._depth -= 1
                if not self._depth:
                    return token.end()
                if self._depth == 1:
                    self._member_end = token.end()
            elif not token[1]:
                # Its string has not ended yet.
                self._at = token.start()
                return None
        self._at = len(self._data)
        return None


def first_object(text: bytes) -> bytes | None:
    """Return the JSON object that text begins with, or None if it does not end there."""
    return next(JsonObjects(len(text)).feed(text), None)

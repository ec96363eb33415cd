"""Reading an object to its end, although connections break."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, Final, Protocol

from edgelift.inputs.content import BLOCK
from edgelift.reprocess.errors import ObjectError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from edgelift.reprocess.stopped import Stopped

TRIES: Final = 6
"""Times that a connection may break without a byte in between."""

PAUSE: Final = 0.25
"""Seconds after the first time; twice as many after each further one."""


class Body(Protocol):
    """The content of a response."""

    def read(self, amt: int, /) -> bytes:
        """Return the next bytes, at most so many; none at the end."""

    def close(self) -> None:
        """Close the connection."""


def read_resumed(
    open_at: Callable[[int], Body], interruptions: tuple[type[Exception], ...], stopped: Stopped
) -> Generator[bytes]:
    """Yield the bytes of an object; go on where a connection has broken.

    Args:
        open_at: opens the object at an offset in bytes.
        interruptions: exceptions of a body whose connection has broken.
        stopped: returns true if nothing is to be retried.

    Raises:
        ObjectError: connections break without a byte in between; or as ``open_at``.

    """
    position, broken = 0, 0
    while True:
        with closing(open_at(position)) as body:
            block = _next_block(body, interruptions)
            while block:
                broken = 0
                position += len(block)
                yield block
                block = _next_block(body, interruptions)
        if block is not None:
            return
        broken += 1
        if broken == TRIES or stopped():
            words = f"the connection broke after {position} bytes, {broken} times"
            raise ObjectError(words, temporary=True)
        time.sleep(PAUSE * 2**broken)


def check_part(
    content_range: str | None, etag: str | None, *, position: int, size: int | None, version: str | None
) -> None:
    """Check that a response to a ``Range`` is the rest of an object whose connection broke.

    Args:
        content_range: its header ``Content-Range``, as in RFC 9110; None: it has none.
        etag: its header ``ETag``; None: it has none.
        position: offset of the first byte that is missing.
        size: bytes of the whole object; None: not known.
        version: ETag of the object that has been begun.

    Raises:
        ObjectError: it is another part, or one of another object.

    """
    begin, _, whole = (content_range or "").partition("/")
    if not begin.startswith(f"bytes {position}-") or (size is not None and whole != str(size)):
        raise ObjectError(
            f"the connection broke after {position} bytes, and what follows is not the rest of the object"
        )
    if etag != version:
        raise ObjectError("it has changed while it was read")


def _next_block(body: Body, interruptions: tuple[type[Exception], ...]) -> bytes | None:
    """Return the next bytes: none at the end, None if the connection has broken."""
    try:
        return body.read(BLOCK)
    except interruptions:
        return None

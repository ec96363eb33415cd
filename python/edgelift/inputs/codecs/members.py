"""Joins the contents of a file that was compressed in several pieces, such as logs that were concatenated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HEADERS: Final = (b"#Version:", b"#Fields:")
"""Beginnings of a log: the last line of a log before it ends there, with or without a line feed."""


def joined(members: Iterable[Iterator[bytes]]) -> Iterator[bytes]:
    """Yield the content of all members, each of which is read to its end before the next one begins.

    A line may go on in the next member, unless that one begins like a log: then a line feed comes first.
    """
    last = b"\n"
    for member in members:
        for block in member if last == b"\n" else _apart(member):
            last = block[-1:]
            yield block


def _apart(member: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the content of a member that follows an unfinished line."""
    head = b""
    try:
        while len(head) < max(map(len, HEADERS)):
            block = next(member, b"")
            head += block
            if not block:
                break
    finally:
        # Damage or not.
        if head:
            yield b"\n" + head if head.startswith(HEADERS) else head
    yield from member

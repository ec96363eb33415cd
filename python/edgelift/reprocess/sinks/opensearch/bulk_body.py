"""Bulk bodies as bytes: alternating lines of an action and its document, each with a line feed."""

from __future__ import annotations

import io


def lines(body: bytes) -> list[bytes]:
    """Return the actions and documents of a body, each with its line feed."""
    # Not by splitlines, for which a CR ends a line, too: a document may have one between its members.
    return io.BytesIO(body).readlines()


def replacing(body: bytes) -> bytes:
    """Return a body whose actions replace documents (``index``) in place of creating them."""
    parts = lines(body)
    parts[::2] = [b'{"index"' + action.removeprefix(b'{"create"') for action in parts[::2]]
    return b"".join(parts)


def documents(body: bytes) -> int:
    """Return how many documents a body has."""
    return body.count(b"\n") // 2


def end_of_part(body: bytes, start: int, most: int) -> int:
    """Return where a part of a body ends that has ``most`` bytes at most, but one document at least.

    Args:
        body: the body.
        start: where the part begins, which is an action.
        most: bytes.

    """
    if len(body) - start <= most:
        return len(body)
    end = body.rfind(b"\n", start, start + most) + 1
    if body.count(b"\n", start, end) % 2:
        # Its document is not in it.
        end = body.rfind(b"\n", start, end - 1) + 1
    if end > start:
        return end
    document = body.index(b"\n", start) + 1
    return body.index(b"\n", document) + 1


def indices(body: bytes, count: int) -> set[str]:
    """Return the names that the actions of a body with `count` documents have; no name has a quote in it."""
    name = body[: body.index(b"\n")].split(b'"', 6)[5]
    # Nearly always there is one, and to count is seven times as fast as to look at each.
    if body.count(b'\n{"create":{"_index":"%s"' % name) == count - 1:
        return {name.decode()}
    return {action.split(b'"', 6)[5].decode() for action in body.split(b"\n")[:-1:2]}

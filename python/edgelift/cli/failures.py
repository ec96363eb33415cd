"""Failed lines: all in the failed file, or the first ones on standard error."""

from __future__ import annotations

import binascii
from functools import cache
from typing import TYPE_CHECKING, Protocol

from edgelift.cli.console import eprint, shown_name
from edgelift.cli.source import source_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edgelift._core import Failure
    from edgelift.cli.sink import Sink

SHOWN = 10
"""Maximum number of failures shown without a failed file."""

PENDING_BYTES = 1024 * 1024
"""The failed file is written in pieces of about this size."""


@cache
def _encoder() -> Callable[[object], str]:
    """Return the encoder that json.dumps with options would create for each call."""
    import json  # 5 ms, which help need not take

    return json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class FailureLog(Protocol):
    """Receives the failures of each block and keeps none of them."""

    def take(self, path: str, failures: Sequence[Failure]) -> None:
        """Receive failures of one input; ``path`` is its name on the command line."""

    def hint(self) -> str | None:
        """Return a hint to print at the end, or None."""


class FailedFile:
    """Writes every failure as one JSON line."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def take(self, path: str, failures: Sequence[Failure]) -> None:
        """Write the failures of a block."""
        name = shown_name(path)
        pending = bytearray()
        for failure in failures:
            pending += _json_line(name, failure)
            if len(pending) >= PENDING_BYTES:
                self._sink.write(bytes(pending))
                pending.clear()
        self._sink.write(bytes(pending))

    def hint(self) -> None:
        """Return None: the failed file has every failure."""


class FirstFailures:
    """Prints the first failures, and a hint how to get the others."""

    def __init__(self) -> None:
        self._taken = 0

    def take(self, path: str, failures: Sequence[Failure]) -> None:
        """Print the failures of a block, until `SHOWN` are printed."""
        for failure in failures[: max(SHOWN - self._taken, 0)]:
            eprint(f"{source_name(path)}:{failure.line}: {failure.reason}: {failure.message}")
        self._taken += len(failures)

    def hint(self) -> str | None:
        """Return how to get all failures, or None if there are none."""
        if not self._taken:
            return None
        more = f"and {self._taken - SHOWN} more; " if self._taken > SHOWN else ""
        return f"{more}--failed FILE writes every failed line with its reason"


def _json_line(name: str, failure: Failure) -> bytes:
    line = {
        "file": name,
        "line": failure.line,
        "offset": failure.offset,
        "reason": failure.reason,
        "field": failure.field,
        "column": failure.column,
        "message": failure.message,
        "raw": binascii.b2a_base64(failure.raw, newline=False).decode("ascii"),
    }
    return _encoder()(line).encode() + b"\n"

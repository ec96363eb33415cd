"""Lines that failed: into the failed file, or the first few onto standard error."""

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
"""Failures shown when there is no failed file."""

PENDING_BYTES = 1024 * 1024
"""The failed file is written in pieces of about this size."""


@cache
def _encoder() -> Callable[[object], str]:
    """Make, once, what json.dumps with options would make a call."""
    import json  # noqa: PLC0415 - 5 ms, which help need not take

    return json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class FailureLog(Protocol):
    """Takes the failures of a block as they come and keeps none of them."""

    def take(self, path: str, failures: Sequence[Failure]) -> None:
        """Take failures of one input; ``path`` is its name on the command line."""

    def hint(self) -> str | None:
        """Say what users should know at the end, or None."""


class FailedFile:
    """Every failure as one JSON line."""

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
        """Say nothing: all failures are where the user wants them."""


class FirstFailures:
    """The first failures on standard error, and how to get at the others."""

    def __init__(self) -> None:
        self._taken = 0

    def take(self, path: str, failures: Sequence[Failure]) -> None:
        """Show the failures of a block, as long as there is room."""
        for failure in failures[: max(SHOWN - self._taken, 0)]:
            eprint(f"{source_name(path)}:{failure.line}: {failure.reason}: {failure.message}")
        self._taken += len(failures)

    def hint(self) -> str | None:
        """Say how to get at all failures."""
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

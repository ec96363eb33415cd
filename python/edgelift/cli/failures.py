"""Failed lines: all in the failed file, or the first ones on standard error."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Protocol

from edgelift.cli.console import CliExit, ExitCode, eprint, shown_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgelift._core import Failure
    from edgelift.cli.sink import Sink
    from edgelift.cli.source import Source

SHOWN = 10
"""Maximum number of failures shown without a failed file."""

FILE_IN_FOLDER: Final = "transform.failed.json"
"""Name of the failed file in a folder."""

PENDING_BYTES = 1024 * 1024
"""The failed file is written in pieces of about this size."""


def failed_path(place: str) -> str:
    """Return the path of the failed file: the place itself, or `FILE_IN_FOLDER` in it if it is a folder."""
    is_folder = place.endswith("/") or os.path.isdir(place)  # noqa: PTH112 - bytes that are not UTF-8 stay
    return os.path.join(place, FILE_IN_FOLDER) if is_folder else place  # noqa: PTH118


def create_folder(place: str) -> None:
    """Create the folder of the failed file, if it is named by a slash at its end.

    Raises:
        CliExit: it cannot be created.

    """
    if not place.endswith("/"):
        return
    try:
        os.makedirs(place, exist_ok=True)  # noqa: PTH103
    except OSError as error:
        message = f"cannot create {shown_name(place)}: {error.strerror}"
        raise CliExit(ExitCode.STOPPED, message) from None


class FailureLog(Protocol):
    """Receives the failures of each block and keeps none of them."""

    def take(self, source: Source, failures: Sequence[Failure]) -> None:
        """Receive failures of one input."""

    def hint(self) -> str | None:
        """Return a hint to print at the end, or None."""


class FailedFile:
    """Writes every failure as an error object, as ``reprocess`` and Firehose do."""

    def __init__(self, sink: Sink) -> None:
        # Imported here, since help and runs without a failed file need no JSON: 5 ms.
        from edgelift.reprocess.error_objects.failures import ErrorObjectBuilder

        self._sink = sink
        self._new_builder = ErrorObjectBuilder

    def take(self, source: Source, failures: Sequence[Failure]) -> None:
        """Write the failures of a block."""
        builder = self._new_builder(source.place, source.modified)
        pending = bytearray()
        for failure in failures:
            pending += builder.from_failure(failure)
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

    def take(self, source: Source, failures: Sequence[Failure]) -> None:
        """Print the failures of a block, until `SHOWN` are printed."""
        for failure in failures[: max(SHOWN - self._taken, 0)]:
            eprint(f"{source.name}:{failure.line}: {failure.reason}: {failure.message}")
        self._taken += len(failures)

    def hint(self) -> str | None:
        """Return how to get all failures, or None if there are none."""
        if not self._taken:
            return None
        more = f"and {self._taken - SHOWN} more; " if self._taken > SHOWN else ""
        return f"{more}--failed FILE writes every failed line with its reason"

"""Where documents and failures go: unbuffered, every byte or a clear reason why not."""

from __future__ import annotations

import os
import select
import stat
from typing import TYPE_CHECKING, Self

from edgelift.cli.console import ExitCode, Stop, shown_name

if TYPE_CHECKING:
    from edgelift.cli.terminal_filter import TerminalFilter

STANDARD_OUTPUT = "-"

Identity = tuple[int, int] | str | None


class Sink:
    """A file or standard output, open for writing. What it held before is gone only after `truncate`.

    A terminal shows JSON with the escapes of `TerminalFilter`; everything else gets the bytes as they are.

    Attributes:
        written: bytes written so far.

    Raises:
        Stop: it cannot be opened, written or closed, or its reader went away.

    """

    def __init__(self, path: str) -> None:
        self._name = "standard output" if path == STANDARD_OUTPUT else shown_name(path)
        self._owned = path != STANDARD_OUTPUT
        self.written = 0
        try:
            if self._owned:
                self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
            else:
                self._fd = 1
                os.fstat(1)
        except OSError as error:
            raise self._unwritable(error) from None
        self._filter = _filter_for(self._fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._filter and kind is None:
            self._write_all(self._filter.finish())
        if not self._owned:
            return
        try:
            os.close(self._fd)
        except OSError as error:
            # Network file systems and quotas may refuse only here. Another reason to stop goes first.
            if kind is None:
                raise self._unwritable(error) from None

    def truncate(self) -> None:
        """Empty the file, if it is a regular one of ours."""
        try:
            if self._owned and stat.S_ISREG(os.fstat(self._fd).st_mode):
                os.ftruncate(self._fd, 0)
        except OSError as error:
            raise self._unwritable(error) from None

    def write(self, data: bytes) -> None:
        """Write all of ``data``; a pipe may take it in pieces."""
        self._write_all(self._filter.feed(data) if self._filter else data)

    def _write_all(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                count = os.write(self._fd, rest)
            except BlockingIOError:
                select.select([], [self._fd], [])
            except BrokenPipeError:
                raise Stop(ExitCode.BROKEN_PIPE) from None
            except OSError as error:
                raise self._unwritable(error) from None
            else:
                self.written += count
                rest = rest[count:]

    def _unwritable(self, error: OSError) -> Stop:
        return Stop(ExitCode.STOPPED, f"cannot write {self._name}: {error.strerror}")


def _filter_for(descriptor: int) -> TerminalFilter | None:
    if not os.isatty(descriptor):
        return None
    from edgelift.cli.terminal_filter import TerminalFilter  # noqa: PLC0415 - not for a pipe

    return TerminalFilter()


def write_standard_output(text: str) -> None:
    """Write text to standard output.

    Raises:
        Stop: it cannot be written.

    """
    with Sink(STANDARD_OUTPUT) as sink:
        sink.write(text.encode())


def identity_of(status: os.stat_result) -> Identity:
    """Return what two names of one file share; None for devices and sockets, which may serve twice."""
    if stat.S_ISCHR(status.st_mode) or stat.S_ISSOCK(status.st_mode):
        return None
    return status.st_dev, status.st_ino


def file_identity(path: str) -> Identity:
    """Return the identity of a file, which need not exist yet, or of standard output."""
    try:
        return identity_of(os.fstat(1) if path == STANDARD_OUTPUT else os.stat(path))  # noqa: PTH116
    except OSError:
        # Not Path.resolve, which raises for a loop of links; that is for the opening to report.
        return os.path.realpath(path)

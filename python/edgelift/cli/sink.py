"""Outputs of documents and failures: unbuffered, every byte is written or the reason is reported."""

from __future__ import annotations

import errno
import os
import re
import select
import stat
from contextlib import ExitStack, nullcontext
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

from edgelift.cli.console import CliExit, ExitCode, SignalExit, printable, shown_name
from edgelift.cli.signals import signals_held

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edgelift.cli.terminal_filter import TerminalFilter

STANDARD_OUTPUT = "-"

Identity = tuple[int, int] | str | None

_DESCRIPTORS: Final = re.compile(r"/proc/\d+(/task/\d+)?/fd")

_MOST_LINKS: Final = 40
"""Links that Linux follows in a path."""

# What says that a folder takes no new files, whatever the files in it take.
_NO_NEW_FILES: Final = {errno.EACCES, errno.EPERM, errno.EROFS}


class Sink:
    """A file or standard output, open for writing.

    A regular file is written atomically: under another name, which `commit` replaces by its own. Devices,
    pipes and standard output get their bytes at once. `truncate` empties a file that is open as
    ``/dev/stdout``.

    JSON on a terminal gets the escapes of `TerminalFilter`; every other output gets the bytes unchanged.

    Attributes:
        name: its name for people.
        written: bytes written so far.

    Raises:
        CliExit: it cannot be opened, locked, written or closed, or its reader went away.

    """

    def __init__(self, path: str) -> None:
        self.name = "standard output" if path == STANDARD_OUTPUT else shown_name(path)
        self.written = 0
        try:
            self._output: _Output = _StandardOutput() if path == STANDARD_OUTPUT else _output(path)
        except OSError as error:
            raise self._unwritable(error) from None
        self._filter = _filter_for(self._output.descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._filter and kind is None:
            self._write_all(self._filter.finish())
        try:
            self._output.close()
        except OSError as error:
            # Network file systems and quotas may refuse only here. Another reason to stop goes first.
            if kind is None:
                raise self._unwritable(error) from None

    @property
    def is_file(self) -> bool:
        """True for a regular file or the null device; False for terminals, pipes and sockets."""
        mode = os.fstat(self._output.descriptor).st_mode
        return stat.S_ISREG(mode) or (stat.S_ISCHR(mode) and not os.isatty(self._output.descriptor))

    @property
    def is_atomic(self) -> bool:
        """True if the output keeps its old content until `commit`."""
        return self._output.is_atomic

    @property
    def replaces_content(self) -> bool:
        """True if `commit` replaces a file that has content."""
        return self._output.replaces_content

    def begin_source(self, place: str) -> None:
        """Do nothing: one output has the documents of all inputs."""

    def truncate(self) -> None:
        """Empty the file, if it is a regular one that is written in place."""
        try:
            self._output.truncate()
        except OSError as error:
            raise self._unwritable(error) from None

    def commit(self) -> None:
        """Replace the old content of a regular file."""
        try:
            self._output.commit()
        except OSError as error:
            raise self._unwritable(error) from None

    def write(self, data: bytes) -> None:
        """Write all of ``data``; a pipe may take it in pieces."""
        self._write_all(self._filter.feed(data) if self._filter else data)

    def _write_all(self, data: bytes) -> None:
        rest = memoryview(data)
        descriptor = self._output.descriptor
        while rest:
            try:
                count = os.write(descriptor, rest)
            except BlockingIOError:
                select.select([], [descriptor], [])
            except BrokenPipeError:
                raise CliExit(ExitCode.BROKEN_PIPE) from None
            except OSError as error:
                raise self._unwritable(error) from None
            else:
                self.written += count
                rest = rest[count:]

    def _unwritable(self, error: OSError) -> CliExit:
        return CliExit(ExitCode.STOPPED, f"cannot write {self.name}: {error.strerror}")


class Documents(Protocol):
    """An output of `transform`: a `Sink`, or tables in place of documents.

    Attributes:
        name: its name for people.

    """

    name: str

    @property
    def written(self) -> int:
        """Bytes written so far."""

    @property
    def is_file(self) -> bool:
        """True for files, False for terminals and pipes."""

    @property
    def is_atomic(self) -> bool:
        """True if nothing is replaced before `commit`."""

    @property
    def replaces_content(self) -> bool:
        """True if `commit` replaces a file that has content."""

    def begin_source(self, place: str) -> None:
        """Begin the input of this path or URL."""

    def truncate(self) -> None:
        """Empty an output that is written in place."""

    def write(self, output: Any, /) -> None:  # noqa: ANN401 - of a stream of the same format
        """Write the output of a stream."""

    def commit(self) -> None:
        """Replace the old content."""


def _filter_for(descriptor: int) -> TerminalFilter | None:
    if not os.isatty(descriptor):
        return None
    from edgelift.cli.terminal_filter import TerminalFilter  # not for a pipe

    return TerminalFilter()


class _Output(Protocol):
    """The target of a sink."""

    descriptor: int
    is_atomic: bool
    """True if nothing is replaced before `commit`."""
    replaces_content: bool
    """True if `commit` replaces a file that has content."""

    def truncate(self) -> None: ...
    def commit(self) -> None: ...
    def close(self) -> None: ...


class _StandardOutput:
    is_atomic = False
    replaces_content = False

    def __init__(self) -> None:
        self.descriptor = 1
        os.fstat(1)

    def truncate(self) -> None:
        pass

    def commit(self) -> None:
        pass

    def close(self) -> None:
        pass


class _InPlace:
    """A device, a pipe, or an open descriptor."""

    is_atomic = False
    replaces_content = False

    def __init__(self, path: str) -> None:
        self.descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)

    def truncate(self) -> None:
        if stat.S_ISREG(os.fstat(self.descriptor).st_mode):
            os.ftruncate(self.descriptor, 0)

    def commit(self) -> None:
        pass

    def close(self) -> None:
        os.close(self.descriptor)


class _Whole:
    """A regular file, which no other job may write to meanwhile."""

    is_atomic = True

    def __init__(self, path: str) -> None:
        # Imported here, since standard output needs none of them.
        from pathlib import Path

        from edgelift.atomic_file import AtomicFile
        from edgelift.output_lock import LockedError, OutputLock

        # A link means the file to which it leads.
        file = Path(os.path.realpath(path))
        self.replaces_content = file.is_file() and file.stat().st_size > 0
        with ExitStack() as stack:
            try:
                stack.enter_context(OutputLock(files=[file]))
                self._file = stack.enter_context(AtomicFile(file))
            except LockedError as error:
                raise CliExit(ExitCode.USAGE, str(error)) from None
            self._stack = stack.pop_all()
        self.descriptor = self._file.descriptor
        _unclosed.append(self)

    def truncate(self) -> None:
        pass

    def commit(self) -> None:
        self._file.commit()

    def close(self) -> None:
        with signals_held():
            self._stack.close()
            _unclosed.remove(self)


_unclosed: Final[list[_Whole]] = []
"""Files that are written: one whose closing a signal has interrupted is closed at the end of the process."""


def close_all() -> None:
    """Close the files that are still open at the end of the process, so that nothing is left of them."""
    while _unclosed:
        try:
            _unclosed[-1].close()
        except SignalExit:
            continue
        except OSError:
            _unclosed.pop()


def open_sink(path: str, stack: ExitStack) -> Sink:
    """Open a sink that ``stack`` closes, also if a signal arrives at this moment.

    Raises:
        CliExit: it cannot be opened or locked.

    """
    # Opening a FIFO waits for its reader, and must end with Ctrl-C.
    held = nullcontext() if path == STANDARD_OUTPUT or _is_written_in_place(path) else signals_held()
    with held:
        return stack.enter_context(Sink(path))


def _is_written_in_place(path: str) -> bool:
    try:
        return not stat.S_ISREG(os.stat(path).st_mode) or _is_descriptor(path)  # noqa: PTH116
    except OSError:
        return _is_descriptor(path)


def _output(path: str) -> _Output:
    if path.endswith("/"):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    try:
        status = os.stat(path)  # noqa: PTH116 - strings, as they came
    except FileNotFoundError:
        status = None
    if _is_written_in_place(path):
        return _InPlace(path)
    if status and not os.access(path, os.W_OK):
        # Its folder may allow a replacement, but a read-only file is not meant to be replaced.
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    try:
        return _Whole(path)
    except OSError as error:
        folder = os.path.dirname(os.path.realpath(path))  # noqa: PTH120
        if status and error.errno in _NO_NEW_FILES and not os.access(folder, os.W_OK):
            hint = "its folder takes no new file, which would replace it; > FILE in the shell writes in place"
            raise OSError(error.errno, f"{error.strerror}: {hint}") from None
        raise


def _is_descriptor(path: str) -> bool:
    """Return true for ``/dev/stdout``, ``/dev/fd/63`` and links to them."""
    for _ in range(_MOST_LINKS):
        folder, name = os.path.split(path)
        folder = os.path.realpath(folder)
        if _DESCRIPTORS.fullmatch(folder):
            return True
        path = os.path.join(folder, name)  # noqa: PTH118
        try:
            path = os.path.join(folder, os.readlink(path))  # noqa: PTH115, PTH118
        except OSError:
            return False
    return False


def write_standard_output(text: str) -> None:
    """Write text to standard output.

    Raises:
        CliExit: it cannot be written.

    """
    with Sink(STANDARD_OUTPUT) as sink:
        sink.write(text.encode())


def write_lines(lines: Iterable[str]) -> None:
    """Write lines to standard output; characters that are not printable are escaped.

    Raises:
        CliExit: it cannot be written.

    """
    write_standard_output("".join(f"{printable(line)}\n" for line in lines))


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

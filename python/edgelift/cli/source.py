"""One input, read in blocks; compression and Parquet are detected by the first bytes."""

from __future__ import annotations

import errno
import os
import select
import stat
from typing import TYPE_CHECKING, Protocol, Self

from edgelift.cli.console import CliExit, ExitCode
from edgelift.cli.objects import ObjectOptions, Objects, is_object, object_name
from edgelift.inputs.content import BLOCK, content
from edgelift.inputs.errors import CopyError, NoLogError, UnreadableError
from edgelift.inputs.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STANDARD_INPUT = "-"


class Source:
    """A file, an object or standard input, open for reading.

    Attributes:
        name: its name for people.
        place: its path or URL for people and programs; ``-`` is standard input.
        modified: when it was written, in milliseconds since 1970; None if it is not a regular file.
        position: bytes read so far, before decompression.
        waits_on: descriptor of a pipe, terminal or socket; None: reading it does not wait for a writer.

    Raises:
        CliExit: it cannot be opened or read.

    """

    def __init__(
        self,
        path: str,
        on_bytes_read: Callable[[int], object] = lambda _: None,
        limits: Limits | None = None,
        objects: Objects | None = None,
    ) -> None:
        self.name = source_name(path)
        self.place = object_name(path)
        self.position = 0
        self._on_bytes_read = on_bytes_read
        self._limits = limits or Limits()
        self._input: _Input = (
            _Object(path, objects or Objects(ObjectOptions())) if is_object(path) else _File(path, self.name)
        )
        self.modified = self._input.modified
        self.waits_on = self._input.descriptor if self.modified is None else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._input.close()

    def blocks(self) -> Iterator[bytes]:
        """Yield what the input holds, at most `BLOCK` bytes at a time, as soon as it is there.

        Each file of an archive begins on a new line.

        Raises:
            CliExit: it cannot be read, or is not a log.
            DamagedFile: it is compressed or Parquet, and all that could be read of it has been yielded.

        """
        last = b"\n"
        try:
            for block in self.content():
                if block:
                    yield block
                elif last != b"\n":
                    yield b"\n"
                last = block[-1:] or b"\n"
        except NoLogError as error:
            raise CliExit(ExitCode.STOPPED, f"{self.name} is {error.problem}") from None

    def content(self) -> Iterator[bytes]:
        """Yield blocks as `inputs.content.content` does, for a caller that can skip the file.

        Raises:
            NoLogError: it is a Parquet file of something else.
            CliExit: it cannot be read.
            DamagedFile: as for `blocks`.

        """
        try:
            yield from content(self._read, self._limits, self._input.descriptor)
        except UnreadableError as error:
            raise CliExit(ExitCode.STOPPED, f"{self.name} is {error.what}") from None
        except CopyError as error:
            raise CliExit(ExitCode.STOPPED, f"cannot read {self.name}: {error}") from None

    def _read(self) -> bytes:
        block = self._input.read()
        self.position += len(block)
        self._on_bytes_read(len(block))
        return block


class _Input(Protocol):
    """The place that a source reads."""

    @property
    def modified(self) -> int | None: ...
    @property
    def descriptor(self) -> int | None: ...
    def read(self) -> bytes: ...
    def close(self) -> None: ...


class _File:
    """A file or standard input."""

    def __init__(self, path: str, name: str) -> None:
        self._name = name
        self._owned = path != STANDARD_INPUT
        try:
            self.descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC) if self._owned else 0
            status = os.fstat(self.descriptor)
        except OSError as error:
            raise _unreadable(name, error) from None
        self.modified = status.st_mtime_ns // 1_000_000 if stat.S_ISREG(status.st_mode) else None

    def read(self) -> bytes:
        while True:
            try:
                return os.read(self.descriptor, BLOCK)
            except BlockingIOError:
                # Another process that shares the terminal or pipe has made it non-blocking.
                select.select([self.descriptor], [], [])
            except OSError as error:
                raise _unreadable(self._name, error) from None

    def close(self) -> None:
        if self._owned:
            os.close(self.descriptor)


class _Object:
    """An object in S3 or at a URL, which is streamed."""

    descriptor = None

    def __init__(self, place: str, objects: Objects) -> None:
        self.modified = objects.stat(place).modified
        self._blocks = objects.read(place)

    def read(self) -> bytes:
        return next(self._blocks, b"")

    def close(self) -> None:
        self._blocks.close()


def is_standard_input(path: str) -> bool:
    """Return true for ``-``, and for a name such as ``/dev/stdin`` of a pipe on standard input."""
    if path == STANDARD_INPUT:
        return True
    try:
        status, own = os.stat(path), os.fstat(0)  # noqa: PTH116 - strings, as they came
    except (OSError, ValueError):
        return False
    # A file is opened again by such a name, and then read from its beginning.
    return (stat.S_ISFIFO(own.st_mode) or stat.S_ISSOCK(own.st_mode)) and os.path.samestat(status, own)


def check_readable(path: str) -> os.stat_result:
    """Make sure that an input can be opened, before anything is written.

    Of a pipe only the permissions are checked: opening and closing it would end its writer.

    Raises:
        CliExit: it is missing, a directory or not readable.

    """
    try:
        # Not Path.stat: Path("") is the current folder.
        status = os.fstat(0) if path == STANDARD_INPUT else os.stat(path)  # noqa: PTH116
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if path == STANDARD_INPUT:
            return status
        if stat.S_ISREG(status.st_mode):
            os.close(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
        elif not os.access(path, os.R_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise _unreadable(source_name(path), error) from None
    return status


def source_name(path: str) -> str:
    """Name of an input for people."""
    return "standard input" if path == STANDARD_INPUT else object_name(path)


def _unreadable(name: str, error: OSError) -> CliExit:
    return CliExit(ExitCode.STOPPED, f"cannot read {name}: {error.strerror}")

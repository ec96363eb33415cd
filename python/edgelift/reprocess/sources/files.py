"""Files: one, all of a folder and its folders, or those that a pattern names."""

from __future__ import annotations

import glob
import os
import select
import stat
from typing import TYPE_CHECKING

from edgelift.inputs.content import BLOCK
from edgelift.inputs.folders import files_of
from edgelift.reprocess.errors import JobError, MissingSourceError, NothingFoundError, ObjectError
from edgelift.reprocess.objects import LogObject, absolute_path, display_path

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from edgelift.reprocess.stopped import Stopped

STOP_POLL_SECONDS = 0.2
"""Seconds after which a pipe without data lets the job see whether it is to end."""


def listing(source: str) -> Iterator[LogObject]:
    """Yield the files of a folder, sorted by name, or those of a pattern, or the one file.

    Of a folder hidden files and folders are left out, and links to folders; each file comes once.

    Raises:
        MissingSourceError: there is nothing of that name.
        JobError: a folder cannot be read.

    """
    if os.path.isdir(source):  # noqa: PTH112 - strings, as they came, to the end
        yield from _walk(absolute_path(source))
    elif os.path.lexists(source):
        yield as_listed(absolute_path(source), os.path.basename(source))  # noqa: PTH119
    elif glob.has_magic(source):
        yield from _matches(source)
    else:
        raise MissingSourceError(f"cannot read {display_path(source)}: No such file or directory")


def _walk(folder: str) -> Iterator[LogObject]:
    try:
        # Not through links to folders: what is deleted when it is done must be in this one.
        for path, name in files_of(folder, follow=False):
            yield as_listed(path, name)
    except OSError as error:
        raise JobError(
            f"cannot read the folder {display_path(error.filename or folder)}: {error.strerror}"
        ) from None


def _matches(pattern: str) -> Iterator[LogObject]:
    # Names begin where the pattern does: "logs/*/x.gz" gives "a/x.gz".
    folders = pattern.split("/")[:-1]
    fixed = next((at for at, part in enumerate(folders) if glob.has_magic(part)), len(folders))
    root = "".join(f"{part}/" for part in folders[:fixed])
    found = False
    for path in sorted(glob.iglob(pattern, recursive=True)):  # noqa: PTH207 - as above
        if os.path.isfile(path):  # noqa: PTH113
            found = True
            yield as_listed(absolute_path(path), path.removeprefix(root))
    if not found:
        raise NothingFoundError(f"no file matches {display_path(pattern)}")


def as_listed(path: str, name: str) -> LogObject:
    """Return a file as it is now, or what is known of one that is not there."""
    try:
        return _stat(path, name)
    except ObjectError:
        # Gone between two glances: reading will say so.
        return LogObject(path, name)


def _stat(path: str, name: str) -> LogObject:
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError as error:
        raise ObjectError(f"cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(status.st_mode):
        # A pipe has neither size nor version.
        return LogObject(path, name)
    return LogObject(path, name, status.st_size, _version(status), status.st_mtime_ns // 1_000_000)


def _version(status: os.stat_result) -> str:
    return f"{status.st_size}-{status.st_mtime_ns}-{status.st_ino}"


class Files:
    """The store of files."""

    def stat(self, place: str, name: str) -> LogObject:
        """Return a file as it is now."""
        return _stat(place, name)

    def read(self, wanted: LogObject, stopped: Stopped) -> Generator[bytes]:
        """Yield the bytes of a file, if it is what was listed from the first byte to the last."""
        try:
            descriptor = os.open(wanted.place, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise ObjectError(f"cannot be read: {error.strerror}") from None
        try:
            self._check(descriptor, wanted)
            yield from read_descriptor(descriptor, stopped)
            self._check(descriptor, wanted)
        finally:
            os.close(descriptor)

    def delete(self, done: LogObject) -> None:
        """Delete a file, if it still is what was listed; of a link the link, and not what it points to."""
        if not os.path.lexists(done.place):
            # A job that was killed may have done so.
            return
        if _is_through_link(done):
            raise ObjectError("not deleted: a link leads to its folder, which the pattern does not name")
        if self.stat(done.place, done.name).version != done.version:
            raise ObjectError("not deleted: it has changed since it was listed")
        try:
            os.unlink(done.place)  # noqa: PTH108
        except OSError as error:
            raise ObjectError(f"not deleted: {error.strerror}") from None

    @staticmethod
    def _check(descriptor: int, wanted: LogObject) -> None:
        if wanted.version is not None and _version(os.fstat(descriptor)) != wanted.version:
            raise ObjectError("it has changed since it was listed")


def _is_through_link(listed: LogObject) -> bool:
    """Return true if folders that a pattern matched are links, so that a file is not below the source.

    A line of a list names all of its folders, and its name is the whole path.
    """
    root = listed.place.removesuffix(listed.name)
    if root == "/":
        return False
    folders = [os.path.dirname(path) for path in (listed.place, listed.name)]  # noqa: PTH120
    return os.path.realpath(folders[0]) != os.path.join(os.path.realpath(root), folders[1]).rstrip("/")  # noqa: PTH118


def read_descriptor(descriptor: int, stopped: Stopped) -> Generator[bytes]:
    """Yield what can be read; of what may let a reader wait, until the job is to end.

    Raises:
        ObjectError: it cannot be read, or the job ended before it did.

    """
    try:
        waits = not stat.S_ISREG(os.fstat(descriptor).st_mode)
        while True:
            while waits and not select.select([descriptor], [], [], STOP_POLL_SECONDS)[0]:
                if stopped():
                    raise ObjectError("the job ended before it did")
            try:
                block = os.read(descriptor, BLOCK)
            except BlockingIOError:
                continue
            if not block:
                return
            yield block
    except OSError as error:
        raise ObjectError(f"cannot be read: {error.strerror}") from None

"""A file that is there whole or not at all, also after a crash."""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING, Self

from edgelift.reprocess.errors import JobError, ObjectError
from edgelift.reprocess.objects import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The file of another object has the name of a folder, or a key is longer than a name may be: no fault of the
# destination.
_OF_THE_NAME = {errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.EILSEQ}


class NewFile:
    """Written under another name (``.name.partial``); takes the place of ``path`` by `keep` only.

    Leaving the context removes what was not kept. Missing folders are made.

    Attributes:
        written: bytes written so far.

    Raises:
        JobError: it cannot be made, written or renamed.
        ObjectError: the file system cannot have such a name.

    """

    def __init__(self, path: Path) -> None:
        self.written = 0
        self._path = path
        self._partial = path.with_name(f".{path.name}.partial")
        if "\0" in str(path):
            # A key may hold one, a name of a file may not.
            raise ObjectError(f"cannot write {shown(str(path))}: there is a zero byte in its name")
        with self._errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                # Not only when it is renamed: by then the documents of the object may lie in the one file.
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            self._file = self._partial.open("wb", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._file.closed:
            with contextlib.suppress(OSError):
                self._file.close()
            with contextlib.suppress(OSError):
                self._partial.unlink()

    def write(self, data: bytes) -> None:
        """Write all of ``data``."""
        with self._errors():
            write_all(self._file.fileno(), data)
        self.written += len(data)

    def keep(self) -> None:
        """Make it last, under its name; what had the name before is gone."""
        with self._errors():
            os.fsync(self._file.fileno())
            self._file.close()
            self._partial.replace(self._path)
            sync_folder(self._path.parent)

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise unwritable(self._path, error) from None


def write_all(descriptor: int, data: bytes) -> None:
    """Write ``data`` to the last byte: a nearly full disk takes a part first."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder last."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unwritable(path: Path, error: OSError) -> JobError | ObjectError:
    """Return what to raise for an error of writing."""
    kind = ObjectError if error.errno in _OF_THE_NAME else JobError
    return kind(f"cannot write {shown(str(path))}: {error.strerror}")

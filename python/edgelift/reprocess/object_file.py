"""The file that an object becomes, and what its errors mean for the job."""

from __future__ import annotations

import contextlib
import errno
from typing import TYPE_CHECKING, Self

from edgelift.atomic_file import AtomicFile, is_unchanged
from edgelift.reprocess.errors import JobError, ObjectError
from edgelift.reprocess.objects import display_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The file of another object has the name of a folder, or a key is longer than a name may be: no fault of the
# destination.
_INVALID_NAME_ERRNOS = {errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.EILSEQ}


class ObjectFile:
    """An atomic file below a folder; missing folders are made.

    Args:
        path: name of the file.
        below: the folder of all objects, without links in its path.

    Raises:
        JobError: it cannot be made, written or renamed.
        ObjectError: the file system cannot have such a name.

    """

    def __init__(self, path: Path, below: Path) -> None:
        self._path = path
        if "\0" in str(path):
            # A key may hold one, a name of a file may not.
            raise ObjectError(f"cannot write {display_path(str(path))}: there is a zero byte in its name")
        with self._errors():
            self._file = AtomicFile(path, below=below)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.__exit__()

    @property
    def written(self) -> int:
        """Bytes written so far."""
        return self._file.written

    def write(self, data: bytes) -> None:
        """Write all of ``data``."""
        with self._errors():
            self._file.write(data)

    def commit(self) -> str:
        """Give it its name; what had the name before is replaced. Return its identity."""
        with self._errors():
            self._file.commit()
        return self._file.identity

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise unwritable(self._path, error) from None


def is_still(path: Path, identity: str | None) -> bool:
    """Return true if the file is the one of this identity.

    Raises:
        ObjectError: it cannot be examined.

    """
    try:
        return is_unchanged(path, identity)
    except OSError as error:
        raise ObjectError(f"cannot examine {display_path(str(path))}: {error.strerror}") from None


def unwritable(path: Path, error: OSError) -> JobError | ObjectError:
    """Return what to raise for an error of writing."""
    kind = ObjectError if error.errno in _INVALID_NAME_ERRNOS else JobError
    return kind(f"cannot write {display_path(str(path))}: {error.strerror}")

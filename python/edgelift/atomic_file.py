"""Files that appear under their name whole or not at all, also after a crash of the machine.

A file is written under a random name in the folder where it belongs, and renamed. Its data is on the disk
before it gets its name, and the name is before `AtomicFile.commit` returns: fsync, rename, fsync of the
folder.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import threading
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from pathlib import Path

FOLDER_FLAGS: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC

_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

_TEMPORARY: Final = re.compile(r"\.edgelift-[0-9a-f]{32}\.partial")

# A folder that another thread has made may not be used before it is on the disk.
_making_folders = threading.Lock()


class AtomicFile:
    """Written under a random name; takes the place of ``path`` by `commit` only.

    Leaving the context removes what was not committed. The permissions are those of the umask, without those
    that a file of this name did not have before. A link of this name is replaced and not followed.

    Args:
        path: name of the file.
        below: folder below which missing folders are made and links to folders are not followed; None: the
            folder of ``path`` must exist.

    Attributes:
        descriptor: descriptor of the file, until it is committed.
        written: bytes written so far by `write`.
        identity: identity of the committed file, as `identity_of` returns it; empty before.

    Raises:
        OSError: it cannot be made, written or renamed.

    """

    def __init__(self, path: Path, *, below: Path | None = None) -> None:
        self.written = 0
        self.identity = ""
        self._name = path.name
        self._folder = (
            os.open(path.parent, FOLDER_FLAGS) if below is None else _open_below(below, path.parent)
        )
        try:
            self._temporary = temporary_name("partial")
            self.descriptor = create(self._folder, self._temporary, replaces=self._name)
        except BaseException:
            os.close(self._folder)
            raise
        self._is_open = self._is_temporary = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_open:
            self._is_open = False
            with contextlib.suppress(OSError):
                os.close(self.descriptor)
        if self._is_temporary:
            self._is_temporary = False
            with contextlib.suppress(OSError):
                os.unlink(self._temporary, dir_fd=self._folder)
        if self._folder >= 0:
            os.close(self._folder)
            self._folder = -1

    def write(self, data: bytes) -> None:
        """Write all of ``data``."""
        write_all(self.descriptor, data)
        self.written += len(data)

    def commit(self) -> None:
        """Give the file its name, durably; what had the name before is replaced."""
        os.fsync(self.descriptor)
        self.identity = identity_of(os.fstat(self.descriptor))
        # Network file systems may report a full disk here: closed before it is renamed.
        self._is_open = False
        os.close(self.descriptor)
        rename(self._folder, self._temporary, self._name)
        self._is_temporary = False
        os.fsync(self._folder)


def temporary_name(ending: str) -> str:
    """Return a name that nobody can guess, of a length that every file system takes."""
    return f".edgelift-{os.urandom(16).hex()}.{ending}"


def create(folder: int, name: str, *, replaces: str) -> int:
    """Create a file that is to replace another one, and return its descriptor.

    Args:
        folder: descriptor of the folder.
        name: name of the new file.
        replaces: name of the file that it replaces, if there is one.

    """
    mode, owner = 0o666, None
    with contextlib.suppress(FileNotFoundError):
        before = os.stat(replaces, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISDIR(before.st_mode):
            # Not only when it is renamed: by then the work would have been done in vain.
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if stat.S_ISREG(before.st_mode):
            # What only its owner could read stays so.
            # Its owner may write, without which a job that was killed could not be resumed.
            mode &= before.st_mode | stat.S_IWUSR
            owner = before.st_uid, before.st_gid
    descriptor = os.open(name, _CREATE, mode, dir_fd=folder)
    if owner is not None and owner != (os.geteuid(), os.getegid()):
        # Only root may give a file away: others keep what they write, as they own it.
        with contextlib.suppress(OSError):
            os.fchown(descriptor, *owner)
    return descriptor


def rename(folder: int, name: str, to: str) -> None:
    """Rename a file within a folder; what had the name before is replaced."""
    os.rename(name, to, src_dir_fd=folder, dst_dir_fd=folder)


def write_all(descriptor: int, data: bytes) -> None:
    """Write ``data`` to the last byte: a nearly full disk takes a part first."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def identity_of(status: os.stat_result) -> str:
    """Return what changes if a file is replaced or written to."""
    return f"{status.st_ino}-{status.st_size}-{status.st_mtime_ns}"


def is_unchanged(path: Path, identity: str | None) -> bool:
    """Return true if the file of this name is the one of this identity.

    Raises:
        OSError: it cannot be examined.

    """
    try:
        return identity_of(os.lstat(path)) == identity
    except FileNotFoundError:
        return False


def make_folder(folder: Path) -> None:
    """Make a folder whose parent exists, durably.

    Raises:
        OSError: it cannot be made; FileExistsError: it is there.

    """
    with _making_folders:
        folder.mkdir()
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, FOLDER_FLAGS)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_temporaries(folder: Path) -> None:
    """Remove what killed jobs have left in a folder and in its folders.

    Only for who holds the lock on the folder: else they may be those of a job that is running.
    """
    for parent, _, names in os.walk(folder):
        for name in filter(_TEMPORARY.fullmatch, names):
            with contextlib.suppress(OSError):
                os.unlink(f"{parent}/{name}")  # noqa: PTH108 - names need not be UTF-8


def _open_below(root: Path, folder: Path) -> int:
    """Open a folder below another one; make what is missing, and follow no links."""
    descriptor = os.open(root, FOLDER_FLAGS)
    try:
        with _making_folders:
            for part in folder.relative_to(root).parts:
                inner = _open_or_make(descriptor, part)
                os.close(descriptor)
                descriptor = inner
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _open_or_make(parent: int, name: str) -> int:
    flags = FOLDER_FLAGS | os.O_NOFOLLOW
    try:
        return os.open(name, flags, dir_fd=parent)
    except FileNotFoundError:
        os.mkdir(name, dir_fd=parent)
        os.fsync(parent)
        return os.open(name, flags, dir_fd=parent)
    except NotADirectoryError:
        if stat.S_ISLNK(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
            # It may lead to where another job writes, or to what nobody has named.
            shown = os.fsencode(name).decode(errors="backslashreplace")
            raise NotADirectoryError(
                errno.ENOTDIR, f"the folder {shown} is a link, not followed here"
            ) from None
        raise

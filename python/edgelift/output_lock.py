"""A lock on outputs: one job at a time writes to a file, or to a folder and what is below it.

The kernel releases the locks when the process ends, however it ends. A folder is locked itself, exclusively,
and the lock on each folder above it is shared with the other jobs that write below that (flock). A file is
locked by a file beside it, which is removed with the lock: the file itself is replaced, or is not there yet.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from edgelift.atomic_file import FOLDER_FLAGS, make_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

_LOCK_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

# Of file systems without such locks, and of NFS, which has none for folders.
_NO_LOCKS: Final = {errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


class LockedError(Exception):
    """Another job is writing there."""

    def __init__(self, path: Path) -> None:
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        super().__init__(
            f"another job is writing to {shown}, or a program has locked it (flock); wait for it to end, "
            "or name another place"
        )


class OutputLock:
    """Held from when it is made until the context is left.

    Missing folders are made. Those that are empty are removed if the context is left by an exception.

    Args:
        files: files that are written; their folders must exist.
        folders: folders that are written to.

    Raises:
        LockedError: another job has one of them, or a folder above or below it.
        OSError: one of them cannot be made or opened.

    """

    def __init__(self, *, files: Iterable[Path] = (), folders: Iterable[Path] = ()) -> None:
        self._open: list[int] = []
        self._folders: dict[Path, int] = {}
        self._lock_files: list[tuple[int, str]] = []
        self._made: list[Path] = []
        self._held: set[Path] = set()
        exclusive = {_real(folder) for folder in folders}
        # Not by the path of a file: if it is a link, the link is replaced.
        wanted = {_real(file.parent) / file.name for file in files}
        shared = {above for path in (*exclusive, *wanted) for above in path.parents}
        self._to_make = exclusive.union(*(folder.parents for folder in exclusive))
        with contextlib.ExitStack() as on_error:
            on_error.callback(self._release)
            on_error.callback(self.remove_empty, self._made)
            # All jobs in the same order, from the outside to the inside: of two one gets it.
            for folder in sorted(exclusive | shared):
                self._lock_folder(folder, exclusive=folder in exclusive)
            for file in sorted(wanted):
                self._lock_file(file)
            on_error.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.remove_empty(self._made)
        self._release()

    def is_held(self, folder: Path) -> bool:
        """Return true if the folder is locked, false if its file system has no such locks."""
        return _real(folder) in self._held

    def remove_empty(self, folders: Iterable[Path]) -> None:
        """Remove those of the folders that were made here and are empty."""
        wanted = {_real(folder) for folder in folders}
        for folder in reversed(self._made):
            # Another job may have locked it since it was made, and is about to write there.
            if folder in wanted and self._is_unused(folder):
                with contextlib.suppress(OSError):
                    folder.rmdir()

    def _is_unused(self, folder: Path) -> bool:
        """Return true if no other job has a lock on the folder, or the file system has no locks."""
        if folder not in self._folders:
            return False
        try:
            _lock(self._folders[folder], folder, fcntl.LOCK_EX)
        except (LockedError, OSError):
            return False
        return True

    def _release(self) -> None:
        # Removed while it is locked: nobody else can have it.
        for folder, name in self._lock_files:
            with contextlib.suppress(OSError):
                os.unlink(name, dir_fd=folder)
        for descriptor in reversed(self._open):
            os.close(descriptor)
        self._lock_files.clear()
        self._open.clear()
        self._folders.clear()

    def _lock_folder(self, folder: Path, *, exclusive: bool) -> None:
        while True:
            try:
                descriptor = os.open(folder, FOLDER_FLAGS)
            except FileNotFoundError:
                if folder not in self._to_make:
                    raise
                with contextlib.suppress(FileExistsError):
                    make_folder(folder)
                    self._made.append(folder)
                continue
            except PermissionError:
                if exclusive:
                    raise
                # A folder that may only be passed through: a job that may not read it does not have it.
                return
            self._open.append(descriptor)
            self._folders[folder] = descriptor
            if not _lock(descriptor, folder, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH):
                return
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), folder.stat()):
                    if exclusive:
                        self._held.add(folder)
                    return
            # Somebody has put another one in its place meanwhile.

    def _lock_file(self, path: Path) -> None:
        folder = os.open(path.parent, FOLDER_FLAGS)
        self._open.append(folder)
        name = lock_name(path)
        while True:
            try:
                descriptor = os.open(name, _LOCK_FLAGS, 0o666, dir_fd=folder)
            except OSError as error:
                if error.errno in {errno.ELOOP, errno.EISDIR, errno.ENXIO}:
                    raise _not_a_lock(name, error.errno) from None
                raise
            self._open.append(descriptor)
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _not_a_lock(name, errno.EEXIST)
            is_locked = _lock(descriptor, path, fcntl.LOCK_EX)
            with contextlib.suppress(FileNotFoundError):
                there = os.stat(name, dir_fd=folder, follow_symlinks=False)
                if not is_locked or os.path.samestat(os.fstat(descriptor), there):
                    self._lock_files.append((folder, name))
                    return
            # The job that had it has removed it meanwhile.


def lock_name(path: Path) -> str:
    """Return the name of the file by which another one is locked; every file system takes its length."""
    return f".edgelift-{hashlib.blake2b(os.fsencode(path.name), digest_size=16).hexdigest()}.lock"


def _lock(descriptor: int, path: Path, kind: int) -> bool:
    """Lock a descriptor; return false if the file system has no locks.

    Raises:
        LockedError: somebody else has the lock.

    """
    try:
        # Never waiting: the user is to decide, and two jobs of one process would wait for ever.
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LockedError(path) from None
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return False
        raise
    return True


def _not_a_lock(name: str, number: int) -> OSError:
    return OSError(number, f"the lock {name} is not a regular file: remove it")


def _real(path: Path) -> Path:
    """Return a path without links; two slashes at its beginning mean the same as one."""
    return Path("/" + os.path.realpath(path).lstrip("/"))

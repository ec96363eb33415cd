"""The file of a journal: its owner's only, and not a link, which SQLite would follow."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from edgelift.reprocess.errors import UsageError
from edgelift.reprocess.objects import display_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


SUFFIXES: Final = ("", "-wal", "-shm", "-journal")
"""Suffixes of the database and of the files that SQLite writes next to it."""


def create(path: Path) -> None:
    """Create the file of a journal if it is missing, for its owner only.

    Raises:
        UsageError: it cannot be created.

    """
    # Not opened if it is there: to close it would release the locks that this process has on it.
    with _usable(path), suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def check_regular(path: Path) -> None:
    """Make sure that the files of a journal are files, and not links.

    Raises:
        UsageError: one of them is a link or something else.

    """
    with _usable(path):
        for file, status in _files(path):
            if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
                raise UsageError(
                    f"cannot use the journal {display_path(str(path))}: {display_path(str(file))} is a "
                    "link or not a regular file; --journal names another place"
                )


def make_private(path: Path) -> None:
    """Make the files of a journal readable for their owner only; SQLite gives new ones the same permissions.

    Raises:
        UsageError: it is not allowed.

    """
    with _usable(path):
        for file, status in _files(path):
            if stat.S_IMODE(status.st_mode) & 0o077:
                file.chmod(0o600)


def _files(path: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield the files of a journal that are there."""
    for suffix in SUFFIXES:
        file = path.parent / f"{path.name}{suffix}"
        with suppress(FileNotFoundError):
            yield file, file.lstat()


@contextmanager
def _usable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot use the journal {display_path(str(path))}: {error.strerror}") from None


def delete(path: Path) -> None:
    """Delete the file of a journal, and those that SQLite keeps next to it."""
    for suffix in SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)

"""The file of a journal: its owner's only, and not a link, which SQLite would follow."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from edgelift.reprocess.errors import UsageError
from edgelift.reprocess.objects import display_path

if TYPE_CHECKING:
    from pathlib import Path


SUFFIXES: Final = ("", "-wal", "-shm", "-journal")
"""Suffixes of the database and of the files that SQLite writes next to it."""


def make_private(path: Path) -> None:
    """Make the file of a journal, for its owner only; SQLite gives its other files the same permissions.

    Raises:
        UsageError: it is not a file of its own, or cannot be made.

    """
    try:
        # Not opened if it is there: to close it would release the locks that this process has on it.
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        for suffix in SUFFIXES:
            file = path.parent / f"{path.name}{suffix}"
            with suppress(FileNotFoundError):
                status = file.lstat()
                if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
                    raise UsageError(
                        f"cannot use the journal {display_path(str(path))}: {display_path(str(file))} is a "
                        "link or not a regular file; --journal names another place"
                    )
                if stat.S_IMODE(status.st_mode) & 0o077:
                    file.chmod(0o600)
    except OSError as error:
        raise UsageError(f"cannot use the journal {display_path(str(path))}: {error.strerror}") from None


def delete(path: Path) -> None:
    """Delete the file of a journal, and those that SQLite keeps next to it."""
    for suffix in SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)

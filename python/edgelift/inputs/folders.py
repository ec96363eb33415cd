"""The files of a folder, in an order that is the same every time."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Identity = tuple[int, int]
"""Device and inode."""


def files_of(folder: str, *, follow: bool) -> Iterator[tuple[str, str]]:
    """Yield the files in a folder and in its folders, sorted by name: path, and name below the folder.

    Hidden files and folders (``.name``) and special files are skipped. Each file is yielded once and each
    folder is entered once, even if several links point to it, so loops of links end. A broken link is
    yielded as a file, so that opening it gives the error.

    Args:
        folder: its path.
        follow: whether links to folders are entered.

    Raises:
        OSError: a folder cannot be read, which is its ``filename``.

    """
    yield from _files_of(folder, "", set(), follow=follow)


def _files_of(folder: str, below: str, seen: set[Identity], *, follow: bool) -> Iterator[tuple[str, str]]:
    if not _is_new(os.stat(folder), seen):  # noqa: PTH116 - strings, as they came, to the end
        return
    with os.scandir(folder) as entries:
        ordered = sorted(entries, key=lambda entry: os.fsencode(entry.name))
    for entry in ordered:
        if entry.name.startswith("."):
            continue
        name = below + entry.name
        try:
            status = entry.stat()
        except OSError:
            yield entry.path, name
            continue
        if stat.S_ISDIR(status.st_mode):
            if follow or not entry.is_symlink():
                yield from _files_of(entry.path, f"{name}/", seen, follow=follow)
        elif stat.S_ISREG(status.st_mode) and _is_new(status, seen):
            yield entry.path, name


def _is_new(status: os.stat_result, seen: set[Identity]) -> bool:
    identity = (status.st_dev, status.st_ino)
    is_new = identity not in seen
    seen.add(identity)
    return is_new

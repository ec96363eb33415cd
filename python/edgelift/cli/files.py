"""Folders among the arguments: the files in them, in an order that is the same every time."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from edgelift.cli.console import ExitCode, Stop, say, shown_name

if TYPE_CHECKING:
    from collections.abc import Iterator


def expand(paths: list[str]) -> list[str]:
    """Put the files of a folder into its place, those of its folders too, sorted by name.

    Hidden files and folders (``.name``) and what is no file are left out. In one argument each file counts
    once and each folder is entered once, through whatever links, so that no loop of links is one. Files that
    were named themselves stay as they were named.

    Raises:
        Stop: a folder cannot be read.

    """
    files: list[str] = []
    for path in paths:
        # Not Path.is_dir: Path("") is the current folder.
        if os.path.isdir(path):  # noqa: PTH112
            found = list(_walk(path, set()))
            if not found:
                say(f"edgelift: {shown_name(path)} holds no file")
            files += found
        else:
            files.append(path)
    return files


def _walk(folder: str, seen: set[tuple[int, int]]) -> Iterator[str]:
    try:
        status = os.stat(folder)  # noqa: PTH116 - strings, as they came, to the end
        if (status.st_dev, status.st_ino) in seen:
            return
        seen.add((status.st_dev, status.st_ino))
        names = sorted(os.listdir(folder))  # noqa: PTH208
    except OSError as error:
        raise Stop(ExitCode.STOPPED, f"cannot read {shown_name(folder)}: {error.strerror}") from None
    for name in names:
        path = os.path.join(folder, name)  # noqa: PTH118
        if name.startswith("."):
            continue
        try:
            status = os.stat(path)  # noqa: PTH116
        except OSError as error:
            raise Stop(ExitCode.STOPPED, f"cannot read {shown_name(path)}: {error.strerror}") from None
        if stat.S_ISDIR(status.st_mode):
            yield from _walk(path, seen)
        elif stat.S_ISREG(status.st_mode) and (status.st_dev, status.st_ino) not in seen:
            seen.add((status.st_dev, status.st_ino))
            yield path

"""Folders among the arguments."""

from __future__ import annotations

import os

from edgelift.cli.console import CliExit, ExitCode, eprint, shown_name
from edgelift.inputs.folders import files_of


def expand(paths: list[str]) -> tuple[list[str], set[str]]:
    """Replace each folder by the `files_of` it; paths of files stay unchanged.

    Returns:
        The paths of all files, and of those that are in a folder and not given themselves.

    Raises:
        CliExit: a folder cannot be read.

    """
    files: list[str] = []
    in_folders: set[str] = set()
    for path in paths:
        # Not Path.is_dir: Path("") is the current folder.
        if os.path.isdir(path):  # noqa: PTH112
            try:
                found = [file for file, _ in files_of(path, follow=True)]
            except OSError as error:
                name = shown_name(error.filename or path)
                raise CliExit(ExitCode.STOPPED, f"cannot read {name}: {error.strerror}") from None
            if not found:
                eprint(f"edgelift: {shown_name(path)} contains no files")
            files += found
            in_folders.update(found)
        else:
            files.append(path)
    return files, in_folders.difference(paths)

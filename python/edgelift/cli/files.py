"""Folders, and prefixes and patterns in S3, among the arguments."""

from __future__ import annotations

import os

from edgelift.cli.console import CliExit, ExitCode, eprint, shown_name
from edgelift.cli.objects import Objects, is_object, object_name
from edgelift.inputs.folders import files_of


def expand(paths: list[str], objects: Objects) -> tuple[list[str], set[str]]:
    """Replace each folder by the `files_of` it, prefixes and patterns by their objects; keep other paths.

    Returns:
        The paths of all files and objects, and of those that were found and not given themselves.

    Raises:
        CliExit: a folder or prefix cannot be read.

    """
    files: list[str] = []
    in_folders: set[str] = set()
    for path in paths:
        if is_object(path):
            found, is_listed = objects.expand(path)
            if not found:
                eprint(f"edgelift: {object_name(path)} contains no objects")
            files += found
            in_folders.update(found if is_listed else ())
        # Not Path.is_dir: Path("") is the current folder.
        elif os.path.isdir(path):  # noqa: PTH112
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

"""Error objects in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgelift.reprocess.error_objects import failed_name
from edgelift.reprocess.errors import UsageError
from edgelift.reprocess.object_file import ObjectFile, is_still
from edgelift.reprocess.objects import display_path, file_name

if TYPE_CHECKING:
    from pathlib import Path


class ErrorObjectFolder:
    """A folder of error objects."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self, name: str) -> ObjectFile:
        """Begin a file."""
        return ObjectFile(self._path(name), self._folder)

    def is_unchanged(self, name: str, identity: str | None) -> bool:
        """Return true if the file is the one that was written."""
        return is_still(self._path(name), identity)

    def is_empty(self) -> bool:
        """Return true if the folder is empty or missing."""
        try:
            return not any(self._folder.iterdir())
        except FileNotFoundError:
            return True
        except OSError as error:
            raise UsageError(
                f"cannot use the folder of failed records {display_path(str(self._folder))}: {error.strerror}"
            ) from None

    def _path(self, name: str) -> Path:
        return self._folder / failed_name(_visible_name(file_name(name)))


def _visible_name(name: str) -> str:
    """Return a name of which no part is hidden: a job that reads the folder would skip it."""
    return "/".join(f"%2E{part[1:]}" if part.startswith(".") else part for part in name.split("/"))

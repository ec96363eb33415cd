"""A folder with a file for each object, in folders as the source has them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from edgelift.reprocess.errors import JobError
from edgelift.reprocess.object_file import ObjectFile, is_still
from edgelift.reprocess.objects import display_path, file_name
from edgelift.reprocess.sinks import Put

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edgelift.reprocess.object_progress import ObjectProgress
    from edgelift.reprocess.sinks import Refuse


def target_name(name: str, suffix: str) -> str:
    """Return the name of what an object becomes: of ``a/b.gz`` it is ``a/b.ndjson`` and the suffix."""
    return f"{name.removesuffix('.gz')}.ndjson{suffix}"


class Folder:
    """One file an object. A file is there only when it is whole; what had its name before is replaced."""

    in_order = False
    is_service = False

    def __init__(self, folder: Path, suffix: str) -> None:
        self._folder = folder
        self._suffix = suffix

    def target(self, name: str) -> str:
        """Return the path of a file."""
        return str(self._folder / file_name(target_name(name, self._suffix)))

    def begin(self, end: int | None) -> None:
        """Make sure that there is the folder, which the lock on it has made."""
        del end
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise JobError(
                f"cannot make the folder {display_path(str(self._folder))}: {error.strerror}"
            ) from None

    def put(
        self, target: str | None, blocks: Iterable[bytes], refuse: Refuse, progress: ObjectProgress
    ) -> Put:
        """Write a file."""
        del refuse, progress
        with ObjectFile(Path(target or ""), self._folder) as file:
            for block in blocks:
                file.write(block)
            identity = file.commit()
        return Put(file.written, identity=identity)

    def is_unchanged(self, target: str | None, identity: str | None) -> bool:
        """Return true if the file is the one that was written."""
        return is_still(Path(target or ""), identity)

    def finish(self) -> None:
        """Do nothing: every file has its name already."""

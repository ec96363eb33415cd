"""One file with the documents of all objects, in the order of the listing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from edgelift.reprocess.errors import JobError
from edgelift.reprocess.newfile import sync_folder, unwritable, write_all
from edgelift.reprocess.objects import shown
from edgelift.reprocess.sinks import Put

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from edgelift.reprocess.sinks import Refuse
    from edgelift.reprocess.sources import Stopped


class OneFile:
    """A file that has its name only when the job has ended; until then it is ``.name.partial``.

    What a killed job left behind the confirmed bytes is cut off before the job goes on.
    """

    in_order = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial = path.with_name(f".{path.name}.partial")
        self._end = 0
        self._descriptor = -1

    def target(self, name: str) -> None:
        """Return None: the objects share the file."""
        del name

    def begin(self, end: int | None) -> None:
        """Make the file, or open the one that is there and cut off what is not confirmed."""
        try:
            if end and not self._partial.exists() and self._path.exists():
                # The job had ended, and goes on with the objects that had failed.
                self._path.replace(self._partial)
            flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
            self._descriptor = os.open(self._partial, flags, 0o666)
            if os.fstat(self._descriptor).st_size < (end or 0):
                raise JobError(
                    f"{shown(str(self._partial))} has fewer bytes than the {end} that the journal knows of: "
                    "somebody has changed it; begin anew"
                )
            self._cut(end or 0)
        except OSError as error:
            raise JobError(str(unwritable(self._path, error))) from None

    def put(self, target: str | None, blocks: Iterable[bytes], refuse: Refuse, stopped: Stopped) -> Put:
        """Write the documents of an object behind those of the others."""
        del refuse, stopped
        del target
        begin = self._end
        try:
            for block in blocks:
                self._write(block)
            os.fsync(self._descriptor)
        except OSError as error:
            raise JobError(str(unwritable(self._path, error))) from None
        except BaseException:
            self._cut(begin)
            raise
        return Put(self._end - begin, self._end)

    def finish(self) -> None:
        """Give the file its name; what had it before is gone."""
        try:
            os.close(self._descriptor)
            self._partial.replace(self._path)
            sync_folder(self._path.parent)
        except OSError as error:
            raise JobError(str(unwritable(self._path, error))) from None

    def _write(self, block: bytes) -> None:
        write_all(self._descriptor, block)
        self._end += len(block)

    def _cut(self, end: int) -> None:
        os.ftruncate(self._descriptor, end)
        os.lseek(self._descriptor, end, os.SEEK_SET)
        self._end = end

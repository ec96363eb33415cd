"""One file with the documents of all objects, in the order of the listing."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from typing import TYPE_CHECKING, Final

from edgelift.atomic_file import (
    FOLDER_FLAGS,
    create,
    identity_of,
    is_unchanged,
    rename,
    temporary_name,
    write_all,
)
from edgelift.reprocess.errors import JobError
from edgelift.reprocess.object_file import is_still, unwritable
from edgelift.reprocess.objects import display_path
from edgelift.reprocess.sinks import Put

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from edgelift.reprocess.object_progress import ObjectProgress
    from edgelift.reprocess.sinks import Refuse, SinkState

_REOPEN: Final = os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

# Not the ending of other temporary files: a job that removes those must not remove what a killed one needs.
_ENDING: Final = "resumable"
_TEMPORARY: Final = re.compile(rf"\.edgelift-[0-9a-f]{{32}}\.{_ENDING}")

_COPY_BYTES: Final = 1 << 20

_NAME, _IDENTITY = "temporary file", "identity"


class OneFile:
    """A file that has its name only when the job has ended; until then it has a random one.

    That name is in the journal. What a killed job has written after the confirmed bytes is truncated before
    the job goes on.

    Attributes:
        state: keeps the random name, and the identity of the whole file, for a job that is resumed.

    """

    in_order = True
    is_service = False

    def __init__(self, path: Path) -> None:
        self.state: SinkState = {}
        self._path = path
        self._end = 0
        self._folder = self._descriptor = -1
        # The job had ended, and the file has its name. It keeps it until a longer one is complete.
        self._is_complete = False

    def target(self, name: str) -> None:
        """Return None: the objects share the file."""
        del name

    def begin(self, end: int | None) -> None:
        """Make the file, or open the one that is there and truncate what is not confirmed."""
        with self._errors():
            self._folder = os.open(self._path.parent, FOLDER_FLAGS)
            if end is None or not self._reopen(self._name(), end):
                self._remove()
                # Last: a job that cannot begin forgets the name.
                self._create()
            elif not self._is_complete:
                self._truncate(end)

    def put(
        self, target: str | None, blocks: Iterable[bytes], refuse: Refuse, progress: ObjectProgress
    ) -> Put:
        """Write the documents of an object after those of the others."""
        del refuse, progress
        del target
        if self._is_complete:
            with self._errors():
                self._copy()
        begin = self._end
        try:
            for block in blocks:
                with self._errors():
                    self._write(block)
            with self._errors():
                os.fsync(self._descriptor)
        except BaseException:
            with self._errors():
                self._truncate(begin)
            raise
        return Put(self._end - begin, self._end)

    def finish(self) -> None:
        """Give the file its name; what had it before is replaced."""
        if self._is_complete:
            # Nothing was left to do: the copy has not been begun.
            with self._errors():
                os.close(self._descriptor)
                os.unlink(self._name(), dir_fd=self._folder)
                os.close(self._folder)
            return
        with self._errors():
            os.fsync(self._descriptor)
            # Known before it has the name: a job that is killed in between can be resumed.
            self.state[_IDENTITY] = identity_of(os.fstat(self._descriptor))
            os.close(self._descriptor)
            rename(self._folder, self._name(), self._path.name)
            os.fsync(self._folder)
            os.close(self._folder)

    def is_unchanged(self, target: str | None, identity: str | None) -> bool:
        """Return true if the file is the one that the job has written."""
        del target, identity
        return is_still(self._path, self.state.get(_IDENTITY))

    def _name(self) -> str:
        name = self.state.get(_NAME) or ""
        if name and not _TEMPORARY.fullmatch(name):
            raise JobError(
                f"the journal names {display_path(name)}, which this job has not written; start over"
            )
        return name

    def _remove(self) -> None:
        """Remove the file of an earlier attempt, of which nothing is confirmed."""
        if name := self._name():
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name, dir_fd=self._folder)

    def _create(self) -> None:
        name = temporary_name(_ENDING)
        # Before it is there: a job that is killed in between leaves nothing that nobody knows.
        self.state[_NAME] = name
        self._descriptor = create(self._folder, name, replaces=self._path.name)

    def _reopen(self, name: str, end: int) -> bool:
        """Open what the job has written before. Returns false if there is nothing to go on with."""
        shown_name = display_path(str(self._path.parent / name))
        # Without a name it is the folder: the job has ended before it had written anything.
        size = self._size(name) if name else None
        if size is None or size < end:
            if is_unchanged(self._path, self.state.get(_IDENTITY)) and self._path.stat().st_size >= end:
                self._is_complete, self._end = True, end
                # While the journal has its name: a job that is killed in between leaves nothing unknown.
                if size is not None:
                    os.unlink(name, dir_fd=self._folder)
                # Here and not when it is copied: the journal is of this thread.
                self._create()
                return True
            if size is None:
                if not end:
                    return False
                raise JobError(
                    f"{shown_name} is gone, and {display_path(str(self._path))} is not what the job has "
                    "written; delete the journal and start over"
                )
            raise JobError(
                f"{shown_name} has fewer bytes than the {end} that the journal knows of: "
                "somebody has changed it; start over"
            )
        self._descriptor = os.open(name, _REOPEN, dir_fd=self._folder)
        status = os.fstat(self._descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
            raise JobError(
                f"{shown_name} is not a regular file with one name: somebody has replaced it; start over"
            )
        return True

    def _copy(self) -> None:
        """Continue in a copy of the complete file."""
        end = self._end
        self._truncate(0)
        try:
            with self._path.open("rb", buffering=0) as source:
                while self._end < end and (block := source.read(min(_COPY_BYTES, end - self._end))):
                    self._write(block)
            copied = self._end
        finally:
            self._end = end
        if copied < end:
            raise JobError(f"{display_path(str(self._path))} was truncated; start over")
        self._is_complete = False

    def _size(self, name: str) -> int | None:
        """Return the size of a file in the folder, or None if it is not there."""
        try:
            return os.stat(name, dir_fd=self._folder, follow_symlinks=False).st_size
        except FileNotFoundError:
            return None

    def _write(self, block: bytes) -> None:
        write_all(self._descriptor, block)
        self._end += len(block)

    def _truncate(self, end: int) -> None:
        os.ftruncate(self._descriptor, end)
        os.lseek(self._descriptor, end, os.SEEK_SET)
        self._end = end

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise JobError(str(unwritable(self._path, error))) from None

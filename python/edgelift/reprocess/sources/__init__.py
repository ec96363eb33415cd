"""Where objects come from: a folder, a glob, S3, a list. One file for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Generator

    from edgelift.reprocess.objects import LogObject
    from edgelift.reprocess.stopped import Stopped


class Store(Protocol):
    """Where objects lie, and how they are read."""

    def stat(self, place: str, name: str) -> LogObject:
        """Return an object as it is now.

        Raises:
            ObjectError: it is gone or cannot be looked at.

        """

    def read(self, wanted: LogObject, stopped: Stopped) -> Generator[bytes]:
        """Yield the bytes of an object in blocks.

        Raises:
            ObjectError: it is gone, refused, or not what was listed.
            JobError: nothing at all can be read there.

        """

    def delete(self, done: LogObject) -> None:
        """Delete an object, if it still is what was listed.

        Raises:
            ObjectError: it is not, or may not be deleted.

        """

"""Sources, one module each: files of a folder or glob, S3, lists, standard input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Generator

    from edgelift.reprocess.objects import LogObject
    from edgelift.reprocess.stopped import Stopped


class Store(Protocol):
    """A place that objects are read from."""

    def stat(self, place: str, name: str) -> LogObject:
        """Return an object as it is now.

        Raises:
            ObjectError: it is gone or cannot be examined.

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

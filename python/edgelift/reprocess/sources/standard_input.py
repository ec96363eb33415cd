"""Standard input as an object: it can be read once, and never again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgelift.reprocess.errors import ObjectError
from edgelift.reprocess.objects import LogObject
from edgelift.reprocess.sources.files import read_descriptor

if TYPE_CHECKING:
    from collections.abc import Generator

    from edgelift.reprocess.stopped import Stopped


class StandardInput:
    """The store of the one object."""

    def stat(self, place: str, name: str) -> LogObject:
        """Return what little is known of it."""
        return LogObject(place, name)

    def read(self, wanted: LogObject, stopped: Stopped) -> Generator[bytes]:
        """Yield what it holds."""
        del wanted
        yield from read_descriptor(0, stopped)

    def delete(self, done: LogObject) -> None:
        """Refuse: there is nothing to delete."""
        raise ObjectError(f"not deleted: {done.name} is not an object")

"""Where objects come from: a folder, a glob, S3, a list. One file for each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgelift.reprocess.objects import LogObject
    from edgelift.reprocess.sources.s3 import S3Options

Stopped = Callable[[], bool]
"""Whether the job is to end; asked where reading might wait for ever."""


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


class Stores:
    """The stores, by what a place looks like; each is made when it is needed first, by whatever thread."""

    def __init__(self, s3: S3Options) -> None:
        self._s3_options = s3
        self._made: dict[str, Store] = {}
        self._lock = threading.Lock()

    def of(self, place: str) -> Store:
        """Return the store in which a place lies."""
        kind = "s3" if place.startswith("s3://") else "-" if place == "-" else "file"
        with self._lock:
            if kind not in self._made:
                self._made[kind] = self._make(kind)
            return self._made[kind]

    def _make(self, kind: str) -> Store:
        if kind == "s3":
            from edgelift.reprocess.sources.s3 import S3  # noqa: PLC0415 - boto3 takes 0.3 s

            return S3(self._s3_options)
        if kind == "-":
            from edgelift.reprocess.sources.standard_input import StandardInput  # noqa: PLC0415

            return StandardInput()
        from edgelift.reprocess.sources.files import Files  # noqa: PLC0415

        return Files()


def listing(source: str, stores: Stores) -> Iterator[LogObject]:
    """List the objects of a source as the command line names it.

    Raises:
        UsageError: there is no such source.
        JobError: it cannot be listed.

    """
    from edgelift.reprocess.sources import files, lists, s3  # noqa: PLC0415 - they need this module

    kind, colon, rest = source.partition(":")
    if source == "-":
        yield stores.of("-").stat("-", "standard-input")
    elif colon and kind == "list":
        yield from lists.listed(rest)
    elif colon and kind == "inventory":
        yield from lists.inventory(rest)
    elif source.startswith("s3://"):
        store = stores.of(source)
        assert isinstance(store, s3.S3)  # noqa: S101 - for the type
        yield from store.list(source)
    else:
        yield from files.listing(source)

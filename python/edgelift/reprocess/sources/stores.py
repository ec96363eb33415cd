"""The stores of a job, and the listing of its source."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from edgelift.reprocess.sources import files, lists, s3
from edgelift.reprocess.sources.standard_input import StandardInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgelift.reprocess.objects import LogObject
    from edgelift.reprocess.sources import Store
    from edgelift.reprocess.sources.s3 import S3Options


class Stores:
    """The stores, by the kind of place; each is built when first needed, in any thread."""

    def __init__(self, s3_options: S3Options) -> None:
        self._s3_options = s3_options
        self._made: dict[str, Store] = {}
        self._lock = threading.Lock()

    def for_place(self, place: str) -> Store:
        """Return the store of a place."""
        kind = "s3" if place.startswith("s3://") else "-" if place == "-" else "file"
        with self._lock:
            if kind not in self._made:
                self._made[kind] = self._make(kind)
            return self._made[kind]

    def _make(self, kind: str) -> Store:
        if kind == "s3":
            return s3.S3(self._s3_options)
        if kind == "-":
            return StandardInput()
        return files.Files()


def listing(source: str, stores: Stores) -> Iterator[LogObject]:
    """List the objects of a source as the command line names it.

    Raises:
        UsageError: the source does not exist.
        JobError: it cannot be listed.

    """
    kind, colon, rest = source.partition(":")
    if source == "-":
        yield stores.for_place("-").stat("-", "standard-input")
    elif colon and kind == "list":
        yield from lists.listed(rest)
    elif colon and kind == "inventory":
        yield from lists.inventory(rest)
    elif source.startswith("s3://"):
        store = stores.for_place(source)
        assert isinstance(store, s3.S3)  # noqa: S101 - for the type
        yield from store.list(source)
    else:
        yield from files.listing(source)

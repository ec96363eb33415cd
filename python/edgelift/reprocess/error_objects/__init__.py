"""Error objects of failed records, as Firehose writes them, to be reprocessed like those."""

from __future__ import annotations

from typing import Final, Protocol

SUFFIX: Final = ".failed.json"
"""Ending of the names of error objects."""


class NewObject(Protocol):
    """An output for error objects: complete after `commit`, otherwise absent."""

    def write(self, data: bytes) -> None:
        """Write all of ``data``.

        Raises:
            JobError: it cannot be written.

        """

    def commit(self) -> str | None:
        """Give it its name, durably; what had the name before is replaced. Return its identity if known.

        Raises:
            JobError: it cannot be kept.

        """

    def __exit__(self, *_: object) -> None:
        """Remove what was not committed."""


class ErrorObjectStore(Protocol):
    """A store of error objects, one for each object with failed records."""

    def new(self, name: str) -> NewObject:
        """Begin the error object of the object of this name.

        Raises:
            JobError: it cannot be made.
            ObjectError: it cannot have such a name.

        """

    def is_unchanged(self, name: str, identity: str | None) -> bool:
        """Return true if the error object of this identity is still there.

        Raises:
            ObjectError: it cannot be examined.

        """

    def is_empty(self) -> bool:
        """Return true if there is no error object yet.

        Raises:
            UsageError: it cannot be examined.

        """


def failed_name(name: str) -> str:
    """Return the name of the error object of an object."""
    return name + SUFFIX

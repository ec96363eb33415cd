"""Errors, by their consequence for the job."""

from __future__ import annotations

from edgelift.errors import EdgeliftError


class ReprocessError(EdgeliftError):
    """Root of what reprocessing raises on purpose.

    Attributes:
        temporary: whether the same may succeed a little later, with nothing changed by anybody.

    """

    def __init__(self, message: str, *, temporary: bool = False) -> None:
        super().__init__(message)
        self.temporary = temporary


class UsageError(ReprocessError):
    """The request cannot be carried out; nothing has been written."""


class NothingFoundError(UsageError):
    """A pattern or prefix matches nothing; nothing has been written."""


class MissingSourceError(UsageError):
    """The source or a list of objects is missing or cannot be opened; nothing has been written."""


class ObjectError(ReprocessError):
    """One object cannot be read or has nowhere to go; the others go on."""


class UnusableObjectError(ObjectError):
    """One object is gone, or is not a log: it cannot be read, whatever is retried or configured."""


class JobError(ReprocessError):
    """Nothing can go on: the destination is full or gone, the source refuses everything."""


class UnreadableSourceError(JobError):
    """No object can be read, as one of them shows; the message is about that object and does not name it."""

"""Why something is not read as a log."""

from __future__ import annotations


class UnfitError(Exception):
    """Something is read no further.

    Attributes:
        what: what the input is, as the words after "is".

    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class NoLogError(UnfitError):
    """Its own words show it to be no log; who reads several may leave it out."""


class UnnamedError(UnfitError):
    """Nothing says what the columns of its rows are."""


class UnreadableError(UnfitError):
    """It may be a log, but it cannot be read like this."""


class CopyError(Exception):
    """A Parquet file cannot be copied to a temporary file; the message says why."""

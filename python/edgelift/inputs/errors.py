"""Errors of inputs that are not read as logs."""

from __future__ import annotations

from typing import Final

_NO_COLUMNS: Final = "nothing says what the columns are: --fields or --config names them"

NOT_REALTIME: Final = (
    'a standard log, whose header names its columns: leave out [input] format = "realtime", '
    "or use --input-format auto"
)
"""A standard log that is read as real-time rows, as the words after "is"."""


class UnfitError(Exception):
    """An input is not read, or no further.

    Attributes:
        what: what the input is, as the words after "is".

    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class NoLogError(UnfitError):
    """The input is not a log. A caller that reads several may skip it."""

    @property
    def problem(self) -> str:
        """The description of the input after "is", and that it is not read."""
        return f"{self.what}, not a CloudFront log"


class PlainTextError(NoLogError):
    """The input is text without tabs: not a log, or rows of one column that nothing names."""

    def __init__(self) -> None:
        super().__init__("plain text")


class MalformedLogError(NoLogError):
    """The input may be a log, in a form that cannot be read; ``what`` says what to do."""

    @property
    def problem(self) -> str:
        """The description of the input after "is"."""
        return self.what


class UnnamedError(UnfitError):
    """The input has rows, and nothing says what their columns are."""

    def describe(self, config: str | None) -> str:
        """Return the description of the input after "is", and what to do.

        ``config`` is the name of a configuration that has no layouts, or None.
        """
        reason = _NO_COLUMNS if config is None else f"{config} has no [[layouts]]"
        return f"{self.what}, and {reason}"


class StandardRowsError(UnnamedError):
    """The input has rows of a standard log without a header; ``what`` says what to do."""

    def describe(self, config: str | None) -> str:
        """Return the description of the input after "is", and what to do."""
        del config
        return self.what


class LacksColumnsError(StandardRowsError):
    """The input is a log without the columns that are selected; ``what`` says which."""


class UnreadableError(UnfitError):
    """The input may be a log, but cannot be read in this way or without an optional package."""


class CopyError(Exception):
    """A Parquet file cannot be copied to a temporary file; the message says why."""

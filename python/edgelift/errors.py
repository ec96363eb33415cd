"""The exceptions of edgelift, defined once; the engine raises these very classes."""

from __future__ import annotations


class EdgeliftError(ValueError):
    """Root of everything that edgelift raises on purpose."""


class RecordError(EdgeliftError):
    """One record could not be transformed; its bytes are untouched.

    Attributes:
        reason: stable snake_case code, such as ``"column_count"``.
        field: real-time name of the field in question, or None if it is the whole record.
        column: its column, counted from 1, or None.
        offset: byte of the record, counted from 0, at which the trouble starts.

    """

    def __init__(
        self,
        message: str,
        reason: str,
        field: str | None = None,
        column: int | None = None,
        offset: int = 0,
    ) -> None:
        # All of it goes into args, so that pickle and copy rebuild the exception without help.
        super().__init__(message, reason, field, column, offset)
        self.reason = reason
        self.field = field
        self.column = column
        self.offset = offset

    def __str__(self) -> str:
        return str(self.args[0])


class ConfigError(EdgeliftError):
    """A configuration that cannot be used.

    Attributes:
        line: line of the TOML text, counted from 1, or None if the configuration was no text.
        key: the key in question, with its path (``output.names``), or None.
        suggestion: the nearest name that would be valid, or None if none is near.

    """

    def __init__(
        self,
        message: str,
        line: int | None = None,
        key: str | None = None,
        suggestion: str | None = None,
    ) -> None:
        super().__init__(message, line, key, suggestion)
        self.line = line
        self.key = key
        self.suggestion = suggestion

    def __str__(self) -> str:
        return str(self.args[0])

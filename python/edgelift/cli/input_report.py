"""Reports the detected format of each file, in few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgelift.cli.console import eprint, shown_name
from edgelift.inputs.errors import LacksColumnsError, MalformedLogError, PlainTextError, UnnamedError

if TYPE_CHECKING:
    from edgelift.inputs.errors import NoLogError

SHOWN = 10
"""Maximum number of skipped files that are listed one by one."""


class InputReport:
    """Reports on standard error the detected format of files: one line for consecutive files of one kind.

    Args:
        config: the configuration, or None.

    Attributes:
        skipped: number of files that are not read.
        lacks_columns: true if one of them may hold rows whose columns nothing names.

    """

    def __init__(self, config: str | None) -> None:
        self.skipped = 0
        self._config = None if config is None else shown_name(config)
        self.lacks_columns = False
        self._may_be_logs = False
        self._kinds = ""
        self._names: tuple[str, str] | None = None
        self._files = 0

    def add_file(self, name: str, kinds: str) -> None:
        """Add a file and its detected formats."""
        if self._names is None or kinds != self._kinds:
            self.flush()
            self._names, self._kinds = (name, name), kinds
        self._names = (self._names[0], name)
        self._files += 1

    def skip_file(self, name: str, error: NoLogError | UnnamedError) -> None:
        """Report a file that is not read, and why."""
        self.skipped += 1
        # Rows of one column look like plain text.
        is_named = isinstance(error, LacksColumnsError)
        self.lacks_columns |= isinstance(error, (PlainTextError, UnnamedError)) and not is_named
        self._may_be_logs |= isinstance(error, (MalformedLogError, UnnamedError))
        if self.skipped <= SHOWN:
            self.flush()
            problem = error.describe(self._config) if isinstance(error, UnnamedError) else error.problem
            eprint(f"edgelift: skipped {name}: {problem}")

    def flush(self) -> None:
        """Print what has not been printed yet."""
        if self._names is None:
            return
        first, last = self._names
        files = first if self._files == 1 else f"{self._files} files, {first} to {last}"
        eprint(f"edgelift: {files}: {self._kinds}")
        self._names, self._files = None, 0

    def end(self) -> None:
        """Print the rest, at the end."""
        self.flush()
        if self.skipped > SHOWN:
            kind = "cannot be read as they are" if self._may_be_logs else "are not CloudFront logs"
            eprint(f"edgelift: skipped {self.skipped - SHOWN} more files that {kind}")

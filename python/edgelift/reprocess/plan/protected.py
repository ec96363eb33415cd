"""Files that a job reads or keeps beside its objects, which its outputs must not replace."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from edgelift.reprocess.error_objects import SUFFIX
from edgelift.reprocess.errors import UsageError
from edgelift.reprocess.journal.file import SUFFIXES
from edgelift.reprocess.objects import display_path

if TYPE_CHECKING:
    from collections.abc import Iterable


def list_of(source: str | None) -> str | None:
    """Return the path of the list or inventory that a source names, or None."""
    kind, _, path = (source or "").partition(":")
    return path if kind in {"list", "inventory"} and path != "-" else None


class ProtectedFiles:
    """The journal, the configuration and the lists of a job.

    Args:
        journal: path of the journal, or None.
        inputs: paths of other files that the job reads.

    """

    def __init__(self, journal: str | None, inputs: Iterable[str] = ()) -> None:
        own = [] if journal is None else [journal + suffix for suffix in SUFFIXES]
        self._paths = frozenset(map(os.path.realpath, [*own, *inputs]))

    def check(self, path: str) -> None:
        """Check a file that the job would write.

        Args:
            path: its path, without links.

        Raises:
            UsageError: it would replace one of the files.

        """
        if path in self._paths:
            raise UsageError(
                f"{display_path(path)} would be overwritten, but the job needs it: name another DEST, or "
                "another place for it"
            )

    def check_failed_folder(self, folder: str) -> None:
        """Check the folder of the error objects.

        Args:
            folder: its path, without links.

        Raises:
            UsageError: an error object could replace one of the files.

        """
        for path in self._paths:
            if path.endswith(SUFFIX) and path.startswith(f"{folder}/"):
                self.check(path)

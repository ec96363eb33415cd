"""The values that a sink keeps in the journal, among those of the job."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

_PREFIX: Final = "sink "


class Values(Protocol):
    """Keeps values with a job."""

    def get(self, key: str) -> str | None:
        """Return a value, or None."""

    def put(self, key: str, value: str) -> None:
        """Keep a value."""


class JournalSinkState:
    """Values of the sink."""

    def __init__(self, journal: Values) -> None:
        self._journal = journal

    def get(self, key: str, /) -> str | None:
        """Return a value, or None if there is none."""
        return self._journal.get(_PREFIX + key)

    def __setitem__(self, key: str, value: str, /) -> None:
        """Keep a value, durably."""
        self._journal.put(_PREFIX + key, value)


def state_for(base: sqlite3.Connection, settings: Mapping[str, Any]) -> dict[str, str]:
    """Return what the sink of an unfinished job has kept, if a new job has the same destination.

    It names the temporary file of a single file, which the new job removes.
    """
    job = dict(base.execute("SELECT key, value FROM job"))
    before: Any = None
    # A damaged journal names nothing that anybody may remove.
    with suppress(ValueError):
        before = json.loads(job.get("settings", "null"))
    if not isinstance(before, dict) or before.get("destination") != settings.get("destination"):
        return {}
    return {key: value for key, value in job.items() if key.startswith(_PREFIX)}

"""Differences between the settings of two jobs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from edgelift.reprocess.errors import UsageError


def check_same(journal: str, before: Mapping[str, Any], now: Mapping[str, Any], *, has_done: bool) -> None:
    """Make sure that a job is that of its journal.

    Args:
        journal: the journal's name for people.
        before: settings of the journal.
        now: settings of the job.
        has_done: whether an object of the journal is done.

    Raises:
        UsageError: it is another job.

    """
    different = differences(before, now)
    if different:
        lines = "".join(f"\n  {line}" for line in different)
        what_to_do = "delete the file to give that job up, or name another by --journal"
        if not has_done:
            what_to_do = "no object of it is done: run this one without --resume"
        raise UsageError(f"the journal {journal} is of another job; {what_to_do}:{lines}")


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Say in which settings two jobs differ, one line each."""
    old, new = dict(_flat(before)), dict(_flat(now))
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return [f"{key} was {old.get(key, 'not set')}, now {new.get(key, 'not set')}" for key in keys]


def _flat(settings: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    flat = []
    for key, value in settings.items():
        if isinstance(value, Mapping):
            flat += _flat(value, f"{before}{key}.")
        else:
            flat.append((before + key, json.dumps(value, ensure_ascii=False)))
    return flat

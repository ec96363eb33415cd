"""A callback that returns true when the job should stop."""

from __future__ import annotations

from collections.abc import Callable

Stopped = Callable[[], bool]
"""Returns true if the job is to end; asked where reading or writing might wait for ever."""

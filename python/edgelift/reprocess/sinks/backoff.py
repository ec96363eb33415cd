"""Backoff for a destination that takes nothing at the moment."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from edgelift.reprocess.errors import ObjectError

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_PAUSE = 0.5
"""Seconds before something is sent again; twice as many each time up to `LONGEST_PAUSE`, a half at random."""

LONGEST_PAUSE = 30.0

MAX_RETRIES = 10
"""Pauses, without anything taken between them, after which the job stops: two minutes or so."""

MAX_SECONDS = 180
"""Seconds without anything taken after which the job stops, though fewer pauses were needed: of a server that
never answers, each request takes as long as its timeout."""

GLANCE = 0.2
"""Seconds after which a pause lets the job see whether it is to end."""


def pause(tries: int, stopped: Callable[[], bool]) -> None:
    """Wait, the longer the more tries have failed.

    Raises:
        ObjectError: the job is to end.

    """
    longest = min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE)
    # Workers that were refused together must not come back together.
    end = time.monotonic() + longest * random.uniform(0.5, 1)  # noqa: S311 - no secret
    while (left := end - time.monotonic()) > 0:
        if stopped():
            raise ObjectError("the job ended before it did", temporary=True)
        time.sleep(min(left, GLANCE))

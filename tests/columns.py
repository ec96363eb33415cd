"""Columns of real-time logs that tests generate rows of."""

from __future__ import annotations

import edgelift

_USUAL = {
    "timestamp",
    "c-ip",
    "sc-status",
    "sc-bytes",
    "cs-method",
    "cs-protocol",
    "cs-host",
    "cs-uri-stem",
    "x-edge-location",
    "x-edge-request-id",
    "cs-user-agent",
    "cs-referer",
}


def usual_columns(*others: str) -> list[str]:
    """Return the columns that most logs have, and others, in CloudFront's order."""
    return [name for name in edgelift.FIELDS if name in _USUAL or name in others]

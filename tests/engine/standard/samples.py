"""The recorded standard logs, and a request rendered in each of the formats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import edgelift
from edgelift import Transformer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FIXTURES = Path(__file__).parents[2] / "fixtures"
SAMPLES = FIXTURES / "standard"

V1 = """
date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer)
cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol
cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type
cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type
sc-content-type sc-content-len sc-range-start sc-range-end
""".split()  # noqa: SIM905 -- as they stand in a header
"""The 33 columns of version 1."""

REALTIME = {field.standard: field.name for field in edgelift.FIELDS.values() if field.standard}
"""Real-time name of each field of standard logs that both have."""


def auto(input: Mapping[str, Any] | None = None, **options: Mapping[str, Any]) -> Transformer:  # noqa: A002
    """Make a transformer that reads what says itself what it is."""
    return Transformer({"input": {"format": "auto", **(input or {})}, **options})


def as_file(names: Sequence[str], *rows: Sequence[str], version: bool = True) -> bytes:
    """Write a log with a header."""
    head = ["#Version: 1.0"] if version else []
    lines = [*head, f"#Fields: {' '.join(names)}", *("\t".join(row) for row in rows)]
    return "".join(f"{line}\n" for line in lines).encode()


def as_json(names: Sequence[str], row: Sequence[str]) -> bytes:
    """Write a record of version 2."""
    return json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False).encode()

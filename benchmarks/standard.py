"""Seeded corpora of standard logs: the same requests as version 1, JSON records and real-time rows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import edgelift
from benchmarks.contenders import Transformers, check, check_lines
from benchmarks.corpus import BLOCK, SEED, Corpus
from benchmarks.traffic import draw_request
from benchmarks.viewers import Dice

if TYPE_CHECKING:
    from collections.abc import Mapping

# fmt: off
FIELDS: Final = (
    "date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem",
    "sc-status", "cs(Referer)", "cs(User-Agent)", "cs-uri-query", "cs(Cookie)",
    "x-edge-result-type", "x-edge-request-id", "x-host-header", "cs-protocol", "cs-bytes",
    "time-taken", "x-forwarded-for", "ssl-protocol", "ssl-cipher", "x-edge-response-result-type",
    "cs-protocol-version", "fle-status", "fle-encrypted-fields", "c-port", "time-to-first-byte",
    "x-edge-detailed-result-type", "sc-content-type", "sc-content-len", "sc-range-start",
    "sc-range-end",
)
"""The 33 columns of version 1 since 2019, in their order; JSON records have them unless others are chosen."""

REALTIME_FIELDS: Final = (
    "timestamp", "c-ip", "time-to-first-byte", "sc-status", "sc-bytes", "cs-method", "cs-protocol",
    "cs-host", "cs-uri-stem", "cs-bytes", "x-edge-location", "x-edge-request-id", "x-host-header",
    "time-taken", "cs-protocol-version", "c-ip-version", "cs-user-agent", "cs-referer", "cs-cookie",
    "cs-uri-query", "x-edge-response-result-type", "x-forwarded-for", "ssl-protocol", "ssl-cipher",
    "x-edge-result-type", "fle-encrypted-fields", "fle-status", "sc-content-type", "sc-content-len",
    "sc-range-start", "sc-range-end", "c-port", "x-edge-detailed-result-type",
)
"""As many of real-time logs: one for date and time, and in the place of the other `FILLER`."""
# fmt: on
FILLER: Final = "c-ip-version"
HEADER: Final = f"#Version: 1.0\n#Fields: {' '.join(FIELDS)}\n".encode()
NAMES: Final = ("v1", "v2", "r33")

# What the two kinds of logs call the same value.
_REALTIME: Final = {
    "cs(Host)": "x-host-header",
    "x-host-header": "cs-host",
    "cs(Referer)": "cs-referer",
    "cs(User-Agent)": "cs-user-agent",
    "cs(Cookie)": "cs-cookie",
}


@cache
def block(name: str, *, seed: int = SEED) -> Corpus:
    """Make the `BLOCK` distinct requests as ``v1``, ``v2`` or ``r33``; none of them is bad.

    ``v1`` has the two lines of its header before the rows.
    """
    requests = _requests(seed)
    if name == "v1":
        lines = [_row(request, FIELDS) for request in requests]
        return Corpus(name, seed, FIELDS, tuple(lines), {}, HEADER)
    if name == "v2":
        lines = [_record(request) for request in requests]
        return Corpus(name, seed, FIELDS, tuple(lines), {})
    lines = [_row(request, REALTIME_FIELDS) for request in requests]
    return Corpus(name, seed, REALTIME_FIELDS, tuple(lines), {})


@cache
def _requests(seed: int) -> tuple[Mapping[str, str], ...]:
    """Draw the requests: their columns by the names of both kinds of logs."""
    dice, milliseconds = Dice(seed), 1_711_929_600_000
    drawn = []
    for _ in range(BLOCK):
        milliseconds += dice.below(90)
        request = draw_request(dice, milliseconds)
        # Standard logs have no query in the stem and no milliseconds; the real-time rows must say the same.
        request["cs-uri-stem"] = request["cs-uri-stem"].partition("?")[0]
        # As standard logs write a blank between addresses.
        request["x-forwarded-for"] = request["x-forwarded-for"].replace("%20", "\\x20")
        request["timestamp"] = f"{milliseconds // 1000}.000"
        drawn.append(request)
    return tuple(drawn)


def _value(request: Mapping[str, str], field: str) -> str:
    """Give the value of a standard log's field."""
    if field in {"date", "time"}:
        moment = datetime.fromtimestamp(float(request["timestamp"]), UTC)
        return moment.strftime("%Y-%m-%d" if field == "date" else "%H:%M:%S")
    return request[_REALTIME.get(field, field)]


def _row(request: Mapping[str, str], fields: tuple[str, ...]) -> bytes:
    is_standard = fields is FIELDS
    columns = [_value(request, field) if is_standard else request[field] for field in fields]
    return ("\t".join(columns) + "\n").encode()


def _record(request: Mapping[str, str]) -> bytes:
    record = {field: _escaped(_value(request, field)) for field in FIELDS}
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def _escaped(value: str) -> str:
    """Escape characters outside ASCII: a record that has them is one that somebody has decoded."""
    return value if value.isascii() else "".join(c if c.isascii() else quote(c) for c in value)


@cache
def documents() -> bytes:
    """Make the documents of ``v1``, as JSON lines, and check that all three corpora say the same.

    Raises:
        AssertionError: an answer is wrong.

    """
    logs = edgelift.Transformer({"input": {"format": "standard"}})
    lines = logs.transform_lines(block("v1").data)
    check(lines.counts.ok == BLOCK, f"the core made {lines.counts.ok} documents of v1")
    records = logs.transform_lines(block("v2").data)
    check(records == lines, "v1 and v2 have different documents")
    rows = check_lines(Transformers.of(REALTIME_FIELDS), block("r33")).splitlines()
    for document, row in zip(lines.output.splitlines(), rows, strict=True):
        expected = json.loads(row)
        del expected[FILLER]
        check(json.loads(document) == expected, "a standard log and real-time rows have different documents")
    output: bytes = lines.output
    return output

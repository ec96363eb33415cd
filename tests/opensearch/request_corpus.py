"""Requests as rows of logs: raw values by the names of their fields in real-time logs."""

from __future__ import annotations

import base64
import random
from datetime import UTC, datetime
from pathlib import Path

import edgelift

FIXTURES = Path(__file__).parents[1] / "fixtures"

Row = dict[str, str]

BEGIN = int(datetime(2023, 2, 21, 12, tzinfo=UTC).timestamp())
"""Of the generated rows; the recorded standard log is of the next day."""

HOURS = 72

FIELDS = [
    name
    for name in edgelift.FIELDS
    if name
    in {
        "timestamp",
        "c-ip",
        "time-to-first-byte",
        "sc-status",
        "sc-bytes",
        "cs-method",
        "cs-host",
        "cs-uri-stem",
        "x-edge-location",
        "x-edge-request-id",
        "time-taken",
        "cs-protocol-version",
        "cs-user-agent",
        "cs-referer",
        "ssl-protocol",
        "x-edge-result-type",
        "x-edge-detailed-result-type",
        "c-country",
        "origin-fbl",
        "origin-lbl",
    }
]
RECORDED_FIELDS = [name for name in list(edgelift.FIELDS)[:46] if name != "s-ip"]
RECORDED = FIXTURES / "realtime/kds-2022-45col.tsv"
STANDARD = FIXTURES / "standard/v1-2023-33col.log"

_STANDARD_NAMES = {"x-host-header": "cs-host", "cs(Host)": "x-host-header"}


def generated(number: int, seed: int) -> list[Row]:
    """Generate requests with usual and unusual values, of which some are more frequent."""
    print(f"seed {seed}")  # noqa: T201 -- pytest shows it if a test fails
    chance = random.Random(seed)  # noqa: S311 -- no secret
    return [_request(chance) for _ in range(number)]


def _request(chance: random.Random) -> Row:
    result, detail, statuses = chance.choice(_RESULTS)
    reached_origin = result in {"Miss", "RefreshHit", "Error"}
    first = chance.lognormvariate(-4 if result == "Hit" else -1, 1)
    taken = first + chance.expovariate(3)
    return {
        "timestamp": f"{BEGIN + chance.randrange(HOURS * 3600)}.{chance.randrange(1000):03}",
        "c-ip": _address(chance),
        "time-to-first-byte": f"{first:.3f}",
        "sc-status": chance.choice(statuses),
        "sc-bytes": str(chance.choice((0, chance.randrange(10**4), chance.randrange(10**9)))),
        "cs-method": chance.choice(("GET", "GET", "HEAD", "POST")),
        "cs-host": f"www{_rank(chance, 14)}.example.com",
        "cs-uri-stem": _uri(chance),
        "x-edge-location": f"{chance.choice(('FRA', 'IAD'))}{_rank(chance, 50)}-P{chance.randrange(3)}",
        "x-edge-request-id": base64.b64encode(chance.randbytes(40)).decode(),
        # CloudFront's numbers are never negative or huge; one that is must not take a chart with it.
        "time-taken": f"{taken:.3f}" if chance.random() < 0.999 else chance.choice(("-0.001", "9" * 14)),
        "cs-protocol-version": chance.choice(("HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "HTTP/2.0", "HTTP/3.0")),
        "cs-user-agent": f"Mozilla/5.0%20(X11;%20Linux)%20{_rank(chance, 40)}",
        "cs-referer": chance.choice(("-", "%2D", "", f"https://example.com/%C3%BC?{_rank(chance, 20)}")),
        "ssl-protocol": chance.choice(("-", "TLSv1.2", "TLSv1.3", "TLSv1.3", "SSLv3")),
        "x-edge-result-type": result,
        "x-edge-detailed-result-type": detail,
        "c-country": chance.choice(("-", *(f"{a}{b}" for a in "ABCD" for b in "EFGH"))),
        "origin-fbl": f"{first * 0.9:.3f}" if reached_origin else "-",
        "origin-lbl": f"{taken * 0.9:.3f}" if reached_origin else "-",
    }


_RESULTS = (
    *[("Hit", "Hit", ("200", "200", "206", "304", "404"))] * 5,
    ("RefreshHit", "RefreshHit", ("200", "304")),
    *[("Miss", "Miss", ("200", "302", "404", "403", "000"))] * 3,
    ("Miss", "MissGeneratedResponse", ("200", "403")),
    ("Redirect", "Redirect", ("301",)),
    ("Error", "OriginConnectError", ("502", "504")),
    ("Error", "AccessDenied", ("403", "403", "200")),
    ("Error", "ClientCommError", ("000", "200")),
    (
        "LimitExceeded",
        "LimitExceeded",
        ("503", "599", "400", "499", "416", "429", "451", "500", "501", "505"),
    ),
    ("CapacityExceeded", "CapacityExceeded", ("503", "100", "199")),
)
"""Result type, detailed result type, statuses."""


def _rank(chance: random.Random, number: int) -> int:
    """Choose one of some numbers, of which low ones are more frequent."""
    return int(number * chance.random() ** 2)


def _address(chance: random.Random) -> str:
    number = _rank(chance, 900)
    if number % 7 == 0:
        # Written differently, the same address.
        return chance.choice((f"2001:DB8::{number:X}", f"2001:db8:0::{number:x}"))
    if number % 31 == 0:
        return f"::ffff:10.0.{number // 256}.{number % 256}"
    return f"10.0.{number // 256}.{number % 256}"


def _uri(chance: random.Random) -> str:
    number = _rank(chance, 300)
    if number == 7:
        # Longer than what is indexed.
        return "/" + "x" * 9000
    return f"/%C3%A4%20{number}.html" + (f"?q={number % 3}%25" if number % 2 else "")


def recorded() -> list[Row]:
    """Return the recorded real-time row."""
    values = RECORDED.read_text().rstrip("\n").split("\t")
    return [dict(zip(RECORDED_FIELDS, values, strict=True))]


def standard(*, joined: bool) -> list[Row]:
    """Return the rows of the recorded standard log; with ``joined``, URIs have their query strings."""
    lines = STANDARD.read_text().splitlines()
    names = lines[1].removeprefix("#Fields: ").split()
    rows = []
    for line in lines[2:]:
        raw = dict(zip(names, line.split("\t"), strict=True))
        row = {_STANDARD_NAMES.get(name, name): value for name, value in raw.items()}
        moment = datetime.fromisoformat(f"{raw['date']}T{raw['time']}+00:00")
        row |= {"timestamp": str(int(moment.timestamp()))}
        row |= {"cs-user-agent": raw["cs(User-Agent)"], "cs-referer": raw["cs(Referer)"]}
        if joined and raw["cs-uri-query"] != "-":
            row["cs-uri-stem"] = f"{raw['cs-uri-stem']}?{raw['cs-uri-query']}"
        rows.append(row)
    return rows


def log(rows: list[Row], fields: list[str]) -> bytes:
    """Return rows as a real-time log."""
    return "".join("\t".join(row[name] for name in fields) + "\n" for row in rows).encode()

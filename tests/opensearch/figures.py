"""The figures of all charts, computed from the rows of a log in plain Python.

They are written from what each chart says of itself, not from the table that the charts are made from.
"""

from __future__ import annotations

import ipaddress
import math
import struct
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.opensearch.request_corpus import Row

HOUR = 3_600_000
LONGEST = 8191


class Figures:
    """The figures that each chart must show for some rows.

    Args:
        rows: the requests.
        names: the naming profile, which changes some values.
        keeps_missing: whether a missing value is in the document, where it equals a text ``-``.

    """

    def __init__(self, rows: list[Row], names: str, *, keeps_missing: bool) -> None:
        self.rows = rows
        self._names = names
        self._keeps_missing = keeps_missing

    def text(self, row: Row, field: str) -> str | None:
        raw = row.get(field, "-")
        value = unquote(raw, errors="replace")
        if raw in {"-", ""} or (self._keeps_missing and value == "-") or len(value) > LONGEST:
            return None
        return value

    def address(self, row: Row, _: str) -> str | None:
        address = ipaddress.ip_address(row["c-ip"])
        return str(getattr(address, "ipv4_mapped", None) or address)

    def http(self, row: Row, field: str) -> str | None:
        value = self.text(row, field)
        if value and self._names in {"ecs", "otel"}:
            value = value.removeprefix("HTTP/")
        return value.removesuffix(".0") if value in {"2.0", "3.0"} and self._names == "otel" else value

    def tls(self, row: Row, field: str) -> str | None:
        value = self.text(row, field)
        if value and self._names in {"ecs", "otel"}:
            value = value.removeprefix("TLSv").removeprefix("SSLv")
        return value

    def top(self, field: str, value: Callable[[Row, str], str | None], rows: Iterable[Row]) -> list[Any]:
        """Return the ten most frequent values with requests and bytes."""
        requests: Counter[str] = Counter()
        sent: Counter[str] = Counter()
        for row in rows:
            found = value(row, field)
            if found is not None:
                requests[found] += 1
                sent[found] += int(row["sc-bytes"])
        order = _address_order if field == "c-ip" else str.encode
        best = sorted(requests, key=lambda found: (-requests[found], order(found)))[:10]
        return [(found, requests[found], sent[found]) for found in best]

    def of(self, *conditions: Callable[[Row], bool]) -> list[Row]:
        return [row for row in self.rows if all(condition(row) for condition in conditions)]

    def ratio(
        self, part: Callable[[Row], bool], whole: Callable[[Row], bool], weight: Callable[[Row], int]
    ) -> dict[int, float]:
        parts: Counter[int] = Counter()
        wholes: Counter[int] = Counter()
        for row in self.of(whole):
            wholes[hour(row)] += weight(row)
            parts[hour(row)] += weight(row) if part(row) else 0
        return {time: parts[time] / total for time, total in wholes.items() if total}

    def percentiles(self, label: str, field: str, rows: list[Row]) -> dict[tuple[int, str], float]:
        values = defaultdict(list)
        for row in rows:
            raw = row.get(field, "-")
            if raw != "-" and 0 <= as_float(raw) < 1_000_000_000:
                values[hour(row)].append(as_float(raw))
        return {
            (time, f"{label} p{percent}"): nearest_rank(found, percent)
            for time, found in values.items()
            for percent in (50, 95, 99)
        }


def hour(row: Row) -> int:
    seconds, _, fraction = row["timestamp"].partition(".")
    milliseconds = int(seconds) * 1000 + int(f"{fraction:0<3}"[:3])
    return milliseconds // HOUR * HOUR


def status(row: Row) -> int:
    return int(row["sc-status"])


def is_error(row: Row) -> bool:
    return 400 <= status(row) <= 599


def is_hit(row: Row) -> bool:
    return row["x-edge-result-type"] in {"Hit", "RefreshHit"}


def is_miss(row: Row) -> bool:
    return row["x-edge-result-type"] == "Miss"


def is_hit_or_miss(row: Row) -> bool:
    return is_hit(row) or is_miss(row)


def status_class(row: Row) -> str:
    return f"{status(row) // 100}xx" if status(row) >= 100 else "none"


def one(_: Row) -> int:
    return 1


def sent(row: Row) -> int:
    return int(row["sc-bytes"])


def as_float(text: str) -> float:
    """Return a number as a field of the type float has it."""
    value: float = struct.unpack("f", struct.pack("f", float(text)))[0]
    return value


def nearest_rank(values: list[float], percent: int) -> float:
    return sorted(values)[math.ceil(percent / 100 * len(values)) - 1]


def _address_order(text: str) -> bytes:
    address = ipaddress.ip_address(text)
    return (b"\0" * 10 + b"\xff\xff" if address.version == 4 else b"") + address.packed


def _per_hour(rows: list[Row], group: Callable[[Row], Any], weight: Callable[[Row], int]) -> dict[Any, int]:
    found: dict[Any, int] = {}
    for row in rows:
        key = (hour(row), group(row))
        found[key] = found.get(key, 0) + weight(row)
    return found


def _without_bytes(rows: list[Any]) -> list[Any]:
    return [row[:2] for row in rows]


def _series(label: str, values: dict[int, float]) -> dict[tuple[int, str], float]:
    return {(time, label): value for time, value in values.items()}


def _latency(figures: Figures, field: str) -> dict[tuple[int, str], float]:
    hits = figures.percentiles("hit", field, figures.of(is_hit))
    return hits | figures.percentiles("miss", field, figures.of(is_miss))


def _statuses(figures: Figures) -> dict[tuple[int, int], int]:
    """Return the ten most frequent statuses of each hour."""
    counts: dict[int, Counter[int]] = defaultdict(Counter)
    for row in figures.of(is_error):
        counts[hour(row)][status(row)] += 1
    return {
        (time, found): count[found]
        for time, count in counts.items()
        for found in sorted(count, key=lambda found: (-count[found], found))[:10]
    }


def everywhere(_: Row) -> bool:
    return True


EXPECTED: dict[str, Callable[[Figures], Any]] = {
    "requests": lambda of: len(of.rows),
    "bytes": lambda of: sum(map(sent, of.rows)),
    "clients": lambda of: len({of.address(row, "c-ip") for row in of.rows}),
    "requests-over-time": lambda of: _per_hour(of.rows, status_class, one),
    "bytes-over-time": lambda of: _per_hour(of.rows, status_class, sent),
    "hit-ratio": lambda of: _series("hit ratio", of.ratio(is_hit, is_hit_or_miss, one)),
    "hit-ratio-bytes": lambda of: _series("hit ratio", of.ratio(is_hit, is_hit_or_miss, sent)),
    "time-to-first-byte": lambda of: _latency(of, "time-to-first-byte"),
    "time-taken": lambda of: _latency(of, "time-taken"),
    "top-uris": lambda of: of.top("cs-uri-stem", of.text, of.rows),
    "top-hosts": lambda of: of.top("cs-host", of.text, of.rows),
    "top-countries": lambda of: of.top("c-country", of.text, of.rows),
    "top-edge-locations": lambda of: of.top("x-edge-location", of.text, of.rows),
    "top-clients": lambda of: of.top("c-ip", of.address, of.rows),
    "top-referers": lambda of: of.top("cs-referer", of.text, of.rows),
    "top-user-agents": lambda of: of.top("cs-user-agent", of.text, of.rows),
    "tls-versions": lambda of: _without_bytes(of.top("ssl-protocol", of.tls, of.rows)),
    "http-versions": lambda of: _without_bytes(of.top("cs-protocol-version", of.http, of.rows)),
    "error-rate": lambda of: (
        _series("4xx", of.ratio(lambda row: 400 <= status(row) <= 499, everywhere, one))
        | _series("5xx", of.ratio(lambda row: 500 <= status(row) <= 599, everywhere, one))
    ),
    "errors-by-status": _statuses,
    "error-results": lambda of: _without_bytes(
        of.top("x-edge-detailed-result-type", of.text, of.of(is_error))
    ),
    "error-uris": lambda of: _without_bytes(of.top("cs-uri-stem", of.text, of.of(is_error))),
    "origin-latency": lambda of: (
        of.percentiles("first byte", "origin-fbl", of.rows)
        | of.percentiles("last byte", "origin-lbl", of.rows)
    ),
    "top-misses": lambda of: of.top("cs-uri-stem", of.text, of.of(is_miss)),
    "error-requests": lambda of: sorted(row["x-edge-request-id"] for row in of.of(is_error)),
}
"""By the name of the chart or listing."""

"""One request of a made-up web site, as the columns in which CloudFront would log it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from benchmarks.viewers import (
    CIPHERS,
    COUNTRIES,
    DETAILS,
    EDGES,
    HEX,
    HOSTS,
    LANGUAGES,
    LETTERS,
    METHODS,
    NETWORKS,
    PAGES,
    RESULTS,
    SITES,
    STATUSES,
    TLS_VERSIONS,
    VIEWER_DRAW,
    VIEWERS,
    WORDS,
    encoded,
)

if TYPE_CHECKING:
    from benchmarks.viewers import Dice, Viewer

HEADER_BYTES = 800
"""CloudFront drops whole headers so that what is left stays under this many decoded bytes."""

_encoded = cache(encoded)


def draw_request(dice: Dice, milliseconds: int) -> dict[str, str]:
    """Draw one request that ended at ``milliseconds`` since 1970: its columns by their real-time names."""
    viewer = VIEWERS[dice.pick(VIEWER_DRAW)]
    version = str(viewer.newest - dice.below(max(1, viewer.newest // 8)))
    agent = _encoded(viewer.agent.replace("{v}", version))
    path, query, content_type = dice.pick(_TARGETS)(dice)
    site, host = dice.pick(SITES), dice.pick(HOSTS)
    referer = _referer(dice, site)
    cookie = _cookie(dice) if viewer.has_cookies and dice.chance(0.55) else "-"
    result, status = dice.pick(RESULTS), dice.pick(STATUSES)
    known = {
        "host": host,
        "user-agent": agent,
        "referer": referer,
        "cookie": cookie,
        "accept": _encoded(viewer.accept),
        "accept-encoding": _encoded(viewer.encodings),
        "accept-language": _encoded(dice.pick(LANGUAGES)),
    }
    headers, names, count = _headers(dice, viewer, version, known)
    is_ipv6 = dice.chance(0.3)
    is_tls = dice.chance(0.96)
    size = dice.below(80) ** 3
    taken = dice.below(40) ** 2
    to_origin = result in {"Miss", "Error"}
    return {
        "timestamp": _seconds(milliseconds),
        "c-ip": _ipv6(dice) if is_ipv6 else _ipv4(dice),
        "time-to-first-byte": _seconds(taken * 3 // 4),
        "sc-status": status,
        "sc-bytes": str(size + 420),
        "cs-method": dice.pick(METHODS),
        "cs-protocol": "https" if is_tls else "http",
        "cs-host": host if dice.chance(0.3) else _encoded(site),
        "cs-uri-stem": f"{path}?{query}" if query else path,
        "cs-bytes": str(dice.between(30, 900)),
        "x-edge-location": dice.pick(EDGES),
        "x-edge-request-id": dice.token(LETTERS, 54) + "==",
        "x-host-header": host,
        "time-taken": _seconds(taken),
        "cs-protocol-version": viewer.protocol,
        "c-ip-version": "IPv6" if is_ipv6 else "IPv4",
        "cs-user-agent": agent,
        "cs-referer": referer,
        "cs-cookie": cookie,
        "cs-uri-query": query or "-",
        "x-edge-response-result-type": result,
        "x-forwarded-for": _forwarded(dice) if dice.chance(0.15) else "-",
        "ssl-protocol": dice.pick(TLS_VERSIONS) if is_tls else "-",
        "ssl-cipher": dice.pick(CIPHERS) if is_tls else "-",
        "x-edge-result-type": result,
        "fle-encrypted-fields": "-",
        "fle-status": "-",
        "sc-content-type": content_type,
        "sc-content-len": str(size) if dice.chance(0.6) else "-",
        "sc-range-start": "0" if status == "206" else "-",
        "sc-range-end": str(size) if status == "206" else "-",
        "c-port": str(dice.between(1_024, 65_535)),
        "x-edge-detailed-result-type": DETAILS.get(result, result),
        "c-country": dice.pick(COUNTRIES),
        "cs-accept-encoding": known["accept-encoding"],
        "cs-accept": known["accept"],
        "cache-behavior-path-pattern": dice.pick(("*", "*", "/assets/*", "/api/*")),
        "cs-headers": headers,
        "cs-header-names": names,
        "cs-headers-count": str(count),
        "primary-distribution-id": "E32QJQ394BWBEI" if dice.chance(0.7) else "-",
        "primary-distribution-dns-name": host,
        "origin-fbl": _seconds(taken // 2) if to_origin else "-",
        "origin-lbl": _seconds(taken * 2 // 3) if to_origin else "-",
        "asn": dice.pick(NETWORKS),
    }


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds // 1000}.{milliseconds % 1000:03d}"


Target = tuple[str, str, str]
"""Path, query (empty if there is none) and content type."""


def _script(dice: Dice) -> Target:
    name = dice.pick(("app", "vendor", "main"))
    return f"/assets/{name}.{dice.token(HEX, 8)}.js", "", "text/javascript"


def _image(dice: Dice) -> Target:
    return f"/img/{dice.below(100_000)}-{dice.pick((320, 640))}.webp", "", "image/webp"


def _texts(dice: Dice) -> Target:
    return "/locales/en.json", f"v=1.{dice.below(9)}.0", "application/json"


def _items(dice: Dice) -> Target:
    query = f"limit={dice.pick((20, 50))}&cursor={dice.token(LETTERS, 11)}%3D"
    return f"/api/v1/items/{dice.below(10_000)}", query, "application/json;%20charset=utf-8"


def _video(dice: Dice) -> Target:
    return f"/video/{dice.token(HEX, 12)}/seg-{dice.below(900)}.ts", "", "video/MP2T"


def _search(dice: Dice) -> Target:
    query = f"q={_encoded(dice.pick(WORDS))}&page={dice.between(1, 9)}"
    return "/search", query, "text/html;%20charset=utf-8"


def _page(dice: Dice) -> Target:
    return dice.pick(PAGES), "", "text/html"


def _root(_dice: Dice) -> Target:
    return "/", "", "-"


# How often each of them is asked for.
_TARGETS = (_script,) * 6 + (_image,) * 5 + (_texts, _items, _video) * 2 + (_search, _page, _root)


def _referer(dice: Dice, site: str) -> str:
    kind = dice.below(10)
    if kind < 6:
        return "-"
    if kind < 9:
        return f"https://{_encoded(site)}/"
    return f"https://{_encoded(site)}/sale?page={dice.below(90)}&utm_source=mail"


def _cookie(dice: Dice) -> str:
    pairs = [f"session={dice.token(LETTERS, 32)}", f"_ga=GA1.2.{dice.below(10**9)}.{dice.below(10**9)}"]
    if dice.chance(0.5):
        pairs.append(f"consent=%7B%22ads%22:{dice.pick(('true', 'false'))}%7D")
    if dice.chance(0.4):
        pairs.append(f"cart={dice.token(HEX, 40)}")
    return ";%20".join(pairs)


def _ipv4(dice: Dice) -> str:
    return f"{dice.between(1, 223)}.{dice.below(256)}.{dice.below(256)}.{dice.between(1, 254)}"


def _ipv6(dice: Dice) -> str:
    network = f"2{dice.token(HEX, 3)}:{dice.below(2**16):x}:{dice.below(2**16):x}"
    if dice.chance(0.4):
        return f"{network}::{dice.between(1, 2**16 - 1):x}"
    return network + "".join(f":{dice.between(1, 2**16 - 1):x}" for _ in range(5))


def _forwarded(dice: Dice) -> str:
    proxy = "unknown" if dice.chance(0.1) else _ipv4(dice)
    return _ipv4(dice) + dice.pick((",", ",%20", ",\\x20")) + proxy


def _headers(dice: Dice, viewer: Viewer, version: str, known: dict[str, str]) -> tuple[str, str, int]:
    """Draw ``cs-headers``, ``cs-header-names`` and their count; ``known`` by name in lower case."""
    entries = []
    for name, fixed in viewer.headers:
        if fixed is not None:
            value = _encoded(fixed.replace("{v}", version))
        else:
            value = known.get(name.lower()) or _header_value(dice, name.lower())
        if value != "-":
            entries.append((name, value))
    if dice.chance(0.06):
        entries.append(("x-session-state", dice.token(LETTERS, 360)))
    count = len(entries)
    kept, room = [], HEADER_BYTES
    for name, value in entries:
        # An escape is three bytes of the log and one of the header; then the colon and the line feed.
        room -= len(name) + len(value) - 2 * value.count("%") + 2
        if room <= 0:
            break
        kept.append((name, value))
    headers = "".join(f"{name}:{value}%0A" for name, value in kept)
    names = "".join(f"{name}%0A" for name, _ in kept)
    return headers, names, count


def _header_value(dice: Dice, name: str) -> str:
    """Draw the value of a header that every request has of its own, ``-`` if this one does without."""
    if name == "if-none-match":
        return f"W/%22{dice.token(HEX, 16)}%22" if dice.chance(0.4) else "-"
    if name == "traceparent":
        return f"00-{dice.token(HEX, 32)}-{dice.token(HEX, 16)}-01"
    return dice.token(HEX, 36)

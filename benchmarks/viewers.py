"""Who asks for what: the tables and draws from which `corpus` makes its requests.

All text here is as viewers send it; `encoded` writes it as CloudFront does.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

# CloudFront leaves these raw (seen in recorded rows), and writes every other byte as %XX.
_RAW = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~/:;,?=&*()+@!$'")
T = TypeVar("T")

HEX = "0123456789abcdef"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def encoded(text: str) -> str:
    """Percent-encode ``text`` once, as CloudFront writes a value."""
    return "".join(chr(byte) if byte in _RAW else f"%{byte:02X}" for byte in text.encode())


class Dice:
    """Draws that are the same on every machine and every Python.

    Built on ``random()`` alone: the only draw of `random.Random` whose sequence Python promises to keep.
    """

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed).random  # noqa: S311 - a corpus needs repeatable draws, not secret ones

    def below(self, bound: int) -> int:
        """Draw an integer from 0 to ``bound - 1``."""
        return int(self._draw() * bound)

    def between(self, low: int, high: int) -> int:
        """Draw an integer from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def chance(self, share: float) -> bool:
        """Draw True in ``share`` of all cases."""
        return self._draw() < share

    def pick(self, choices: Sequence[T]) -> T:
        """Draw one of ``choices``."""
        return choices[self.below(len(choices))]

    def token(self, alphabet: str, length: int) -> str:
        """Draw ``length`` characters of ``alphabet``."""
        return "".join(alphabet[self.below(len(alphabet))] for _ in range(length))


@dataclass(frozen=True)
class Viewer:
    """One kind of client: what it calls itself and which headers it sends.

    ``{v}`` in ``agent`` and in ``headers`` becomes its version. A header whose value is None depends on the
    request.
    """

    agent: str
    newest: int
    headers: tuple[tuple[str, str | None], ...]
    accept: str = "*/*"
    encodings: str = "gzip, deflate, br"
    protocol: str = "HTTP/2.0"
    has_cookies: bool = True


_FETCH: tuple[tuple[str, str | None], ...] = (
    ("sec-fetch-site", "same-origin"),
    ("sec-fetch-mode", "cors"),
    ("sec-fetch-dest", "empty"),
    ("referer", None),
    ("accept-encoding", None),
    ("accept-language", None),
)


def _chromium(brand: str, platform: str) -> tuple[tuple[str, str | None], ...]:
    marks = f'"Not?A_Brand";v="8", "Chromium";v="{{v}}", "{brand}";v="{{v}}"'
    return (
        ("host", None),
        ("cache-control", "no-cache"),
        ("sec-ch-ua", marks),
        ("sec-ch-ua-mobile", "?0"),
        ("sec-ch-ua-model", '""'),
        ("user-agent", None),
        ("sec-ch-ua-platform", f'"{platform}"'),
        ("accept", None),
        *_FETCH,
        ("priority", "u=1, i"),
        ("if-none-match", None),
    )


_PLAIN: tuple[tuple[str, str | None], ...] = (
    ("Host", None),
    ("User-Agent", None),
    ("Accept", None),
    ("Accept-Language", None),
    ("Accept-Encoding", None),
    ("DNT", "1"),
    ("Connection", "keep-alive"),
    ("Referer", None),
)

_APP: tuple[tuple[str, str | None], ...] = (
    ("host", None),
    ("x-app-version", "5.{v}.1+2024-03-28"),
    ("accept", None),
    ("traceparent", None),
    ("x-device-id", None),
    ("accept-language", None),
    ("accept-encoding", None),
    ("cookie", None),
    ("user-agent", None),
    ("if-none-match", None),
)

VIEWERS: tuple[Viewer, ...] = (
    Viewer(
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/{v}.0.0.0 Safari/537.36",
        124,
        _chromium("Google Chrome", "Windows"),
        "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
    ),
    Viewer(
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/{v}.0.0.0 Safari/537.36",
        124,
        _chromium("Google Chrome", "macOS"),
    ),
    Viewer(
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/{v}.0.0.0 Safari/537.36 Edg/{v}.0.0.0",
        124,
        _chromium("Microsoft Edge", "Windows"),
    ),
    Viewer(
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/{v}.0.0.0 Mobile Safari/537.36",
        124,
        _chromium("Google Chrome", "Android"),
    ),
    Viewer(
        "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:{v}.0) Gecko/20100101 Firefox/{v}.0",
        125,
        (
            *_PLAIN,
            ("Cookie", None),
            ("Sec-Fetch-Dest", "image"),
            ("Sec-Fetch-Mode", "no-cors"),
            ("TE", "trailers"),
        ),
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    ),
    Viewer(
        "Mozilla/5.0 (iPhone; CPU iPhone OS {v}_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/{v}.4 Mobile/15E148 Safari/604.1",
        17,
        (*_PLAIN, ("cookie", None), ("x-requested-with", "XMLHttpRequest")),
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        protocol="HTTP/3.0",
    ),
    Viewer(
        "ÉcranPlus/{v}.2 (SmartTV; Système 6.1; fr-CA) — lecteur vidéo",
        9,
        (*_PLAIN, ("Range", "bytes=0-"), ("X-Playback-Session-Id", None), ("Cookie", None)),
        "video/mp4, application/vnd.apple.mpegurl",
    ),
    Viewer(
        "Mozilla/5.0 (compatible; Crawler/{v}.1; +http://crawler.example.org/about.html)",
        2,
        (*_PLAIN, ("From", "crawler(at)example.org"), ("If-None-Match", None), ("X-Trace-Id", None)),
        encodings="gzip, deflate",
        protocol="HTTP/1.1",
        has_cookies=False,
    ),
    Viewer(
        "Shop/5.{v} CFNetwork/1490.0.4 Darwin/23.2.0",
        9,
        _APP,
        "application/json",
    ),
    Viewer(
        "okhttp/4.{v}.0",
        12,
        _APP,
        "application/json",
        "gzip",
    ),
    Viewer(
        "curl/8.{v}.0",
        7,
        (
            *_PLAIN[:3],
            ("X-Trace-Id", None),
            ("Authorization-Kind", "bearer"),
            ("Via", "1.1 proxy-7.example.net (squid)"),
        ),
        encodings="gzip",
        protocol="HTTP/1.1",
        has_cookies=False,
    ),
)
# How often each of them comes, as places in VIEWERS.
VIEWER_DRAW = (0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 4, 4, 5, 5, 5, 6, 7, 8, 8, 8, 8, 9, 9, 9, 10)

HOSTS = ("d2omsvnrx2yu4i.cloudfront.net", "d111111abcdef8.cloudfront.net", "d3k7qn0yx5r1zs.cloudfront.net")
SITES = (
    "www.example.com",
    "shop.example.com",
    "media.example.org",
    "api.example.net",
    "xn--mller-kva.example",
)
# Some viewers send bytes that are no UTF-8, and some edges log UTF-8 without encoding it.
PAGES = ("/caf%E9/menu.html", "/straße/karte.html", "/%E4%BD%A0%E5%A5%BD/", "/100%25/")
WORDS = (
    "running shoes",
    "grüne Jacke",
    "東京 ホテル",
    "café crème",
    "50% off",
    'tv 55"',
    "été 2024",
    "naïve+simple",
    "a/b test",
)
LANGUAGES = (
    "en-US,en;q=0.9",
    "de-DE,de;q=0.9,en;q=0.8",
    "ja",
    "fr-CA,fr;q=0.8,en;q=0.5",
    "pt-BR,pt;q=0.9",
    "en,zh-CN;q=0.9",
)
COUNTRIES = ("US", "US", "US", "DE", "JP", "BR", "FR", "GB", "IN", "KR", "CA", "AU", "-")
EDGES = ("IAD89-P1", "FRA56-P4", "NRT57-C1", "GRU3-P2", "CDG52-C2", "LHR61-P5", "SEA19-C3", "SYD62-P1")
NETWORKS = ("16509", "7922", "3320", "2516", "28573", "3215", "2856", "55836", "-")
METHODS = ("GET",) * 22 + ("HEAD", "POST", "OPTIONS")
RARE_STATUSES = ("206", "206", "301", "302", "403", "404", "404", "499", "502", "000")
STATUSES = ("200",) * 30 + ("304",) * 5 + RARE_STATUSES
RESULTS = ("Hit",) * 14 + ("Miss",) * 5 + ("RefreshHit", "RefreshHit", "Error", "Redirect")
DETAILS = {"Error": "OriginDnsError", "Miss": "MissGeneratedResponse"}
TLS_VERSIONS = ("TLSv1.3",) * 9 + ("TLSv1.2",)
CIPHERS = ("TLS_AES_128_GCM_SHA256",) * 4 + ("ECDHE-RSA-AES128-GCM-SHA256",)

"""The usual values of fields, by which the columns of a row are recognized: guesses, not checks."""

from __future__ import annotations

import re

__all__ = ["MISFIT", "SIMILAR", "UNUSUAL", "WRONG_SHAPE", "Place"]

# Costs of values that look like those of other fields.
MISFIT, WRONG_SHAPE, UNUSUAL = 4.0, 2.5, 1.2
_UNPROVEN_MISFIT, _PLAIN = 1.5, 0.5

SIMILAR = 0.3
"""Alternatives whose costs differ less are as likely."""


def _pattern(text: str) -> re.Pattern[bytes]:
    return re.compile(text.encode())


_KINDS = {
    "timestamp": _pattern(r"\d{1,14}(\.\d{1,9})?|\d{4}-\d\d-\d\dT[\d:.]+Z"),
    "integer": _pattern(r"-?\d{1,19}"),
    "status": _pattern(r"\d{3}"),
    "decimal": _pattern(r"-?\d+(\.\d+)?"),
    "boolean": _pattern(r"(?i)true|false|0|1"),
    "address": _pattern(r"\d{1,3}(\.\d{1,3}){3}|(?=.*:.*:)[\da-fA-F:.]+"),
    "date": _pattern(r"\d{4}-\d\d-\d\d"),
    "time": _pattern(r"\d\d:\d\d:\d\d"),
}
"""Values of each kind that is checked."""

_SHAPES = {
    "method": _pattern(r"[A-Z][A-Z-]{2,19}"),
    "http_version": _pattern(r"HTTP/\d(\.\d)?"),
    "ip_version": _pattern(r"IPv[46]"),
    "tls_version": _pattern(r"SSLv3|TLSv1(\.\d)?"),
    "scheme": _pattern(r"https?|grpcs|wss?"),
    "edge_location": _pattern(r"[A-Z]{3}\d.*"),
    "country": _pattern(r"[A-Z][A-Z\d]"),
    "request_id": _pattern(r"[\w-]{20,}=+"),
    "result_type": _pattern(r"[A-Z][a-zA-Z]{2,}"),
}

_USUAL = {
    "timestamp": _pattern(r"1\d{9}(\.\d{1,3})?|1\d{12}"),
    "time-to-first-byte": _pattern(r"\d+\.\d{3}"),
    "time-taken": _pattern(r"\d+\.\d{3}"),
    "origin-fbl": _pattern(r"\d+\.\d{3}"),
    "origin-lbl": _pattern(r"\d+\.\d{3}"),
    "cs-host": _pattern(r"[\w-]+(\.[\w-]+)+(:\d+)?"),
    "x-host-header": _pattern(r"[\w-]+(\.[\w-]+)+"),
    "cs-uri-stem": _pattern(r"/.*"),
    "cs-uri-query": _pattern(r"[^/:]+=.*"),
    "cs-user-agent": _pattern(r".*[/%].*"),
    "cs-referer": _pattern(r"https?:.*"),
    "cs-cookie": _pattern(r"[^/]+=.*"),
    "x-forwarded-for": _pattern(r"[\da-fA-F.:]{7,}.*"),
    "ssl-cipher": _pattern(r"(TLS|ECDHE|DHE|AES|CHACHA|RC4|DES)[\w-]+"),
    "fle-status": _pattern(r"[A-Z]\w+"),
    "sc-content-type": _pattern(r"\w+/[\w.+-]+.*"),
    "cs-accept-encoding": _pattern(r".*(gzip|br|deflate|identity|\*).*"),
    "cs-accept": _pattern(r".*/.*"),
    "cache-behavior-path-pattern": _pattern(r"/?.*\*.*"),
    "cs-headers": _pattern(r"[\w-]+:.*"),
    "cs-header-names": _pattern(r"[\w-]+%0[aA].*"),
    "primary-distribution-id": _pattern(r"E[A-Z0-9]{6,}"),
    "primary-distribution-dns-name": _pattern(r"[\w-]+\.cloudfront\.net"),
    "DistributionId": _pattern(r"E[A-Z0-9]{6,}"),
    "c-port": _pattern(r"\d{2,5}"),
}
"""Usual values of fields of which the kind says little."""

_TYPED = (
    _pattern(r"1\d{9}\.\d{3}"),
    _KINDS["address"],
    _KINDS["date"],
    _KINDS["time"],
    *(
        _SHAPES[shape]
        for shape in ("http_version", "ip_version", "tls_version", "edge_location", "request_id")
    ),
)
"""Values that texts seldom have."""


class Place:
    """A field that a column may have, and whether it is in the layout."""

    __slots__ = ("is_in_layout", "kind", "name", "shape", "unproven", "usual")

    def __init__(
        self, name: str, kind: str, *, shape: str | None, unproven: bool, is_in_layout: bool
    ) -> None:
        self.name = name
        self.kind = kind
        self.shape = shape
        self.unproven = unproven
        self.is_in_layout = is_in_layout
        self.usual: str = name

    def cost(self, raw: bytes) -> float:
        """Return how little a value looks like one of this field."""
        if raw in {b"", b"-"}:
            is_checked = self.shape or self.kind in {"timestamp", "status", "address", "date", "time"}
            return 2 * _PLAIN if is_checked else SIMILAR
        kind = _KINDS.get(self.kind)
        if kind and not kind.fullmatch(raw):
            return _UNPROVEN_MISFIT if self.unproven else MISFIT
        if self.shape:
            return 0.0 if _SHAPES[self.shape].fullmatch(raw) else WRONG_SHAPE
        usual = _USUAL.get(self.usual)
        if usual:
            return 0.0 if usual.fullmatch(raw) else UNUSUAL
        if kind:
            return 0.1
        return UNUSUAL if any(typed.fullmatch(raw) for typed in _TYPED) else _PLAIN

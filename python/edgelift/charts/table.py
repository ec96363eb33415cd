"""The table of charts: name, measures, dimensions, filter and explanation of each."""

from __future__ import annotations

from typing import Final

from edgelift.charts.model import (
    Between,
    Chart,
    Dashboard,
    Form,
    Groups,
    Listing,
    OneOf,
    Percentiles,
    Requests,
    Share,
    Sum,
    Time,
    Top,
    Unique,
)

_RESULT: Final = "x-edge-result-type"
HIT: Final = OneOf(_RESULT, ("Hit", "RefreshHit"))
"""Responses from the cache: RefreshHit is an expired object that the origin confirmed."""
MISS: Final = OneOf(_RESULT, ("Miss",))
CACHEABLE: Final = OneOf(_RESULT, (*HIT.values, *MISS.values))
"""Requests that count for the hit ratio: neither errors nor redirects."""

CLIENT_ERROR: Final = Between("sc-status", 400, 500)
SERVER_ERROR: Final = Between("sc-status", 500, 600)
ERROR: Final = Between("sc-status", 400, 600)

STATUS_CLASSES: Final = Groups(
    (
        ("none", Between("sc-status", 0, 100)),
        ("1xx", Between("sc-status", 100, 200)),
        ("2xx", Between("sc-status", 200, 300)),
        ("3xx", Between("sc-status", 300, 400)),
        ("4xx", CLIENT_ERROR),
        ("5xx", SERVER_ERROR),
    )
)
"""Status 0 is a viewer that disconnected before the response."""

_BYTES: Final = Sum("sc-bytes")
_BOTH: Final = (Requests(), _BYTES)


def _latency(name: str, title: str, field: str, explanation: str) -> Chart:
    measures = (Percentiles("hit", field, HIT), Percentiles("miss", field, MISS))
    return Chart(name, title, Form.LINES, explanation, measures, (Time(),))


CHARTS: Final = (
    Chart("requests", "Requests", Form.NUMBER, "Number of requests."),
    Chart("bytes", "Bytes sent", Form.NUMBER, "Bytes sent to viewers, including headers.", (_BYTES,)),
    Chart(
        "clients",
        "Unique clients",
        Form.NUMBER,
        "Distinct addresses of viewers; many viewers can share one.",
        (Unique("c-ip"),),
    ),
    Chart(
        "requests-over-time",
        "Requests by status",
        Form.BARS,
        "Requests by class of the HTTP status; none is a viewer that disconnected before the response.",
        (Requests(),),
        (Time(), STATUS_CLASSES),
    ),
    Chart(
        "bytes-over-time",
        "Bytes sent by status",
        Form.BARS,
        "Bytes sent to viewers, by class of the HTTP status.",
        (_BYTES,),
        (Time(), STATUS_CLASSES),
    ),
    Chart(
        "hit-ratio",
        "Hit ratio by requests",
        Form.LINES,
        "(Hit + RefreshHit) / (Hit + RefreshHit + Miss): errors and redirects count for neither side.",
        (Share("hit ratio", HIT, CACHEABLE),),
        (Time(),),
    ),
    Chart(
        "hit-ratio-bytes",
        "Hit ratio by bytes",
        Form.LINES,
        "The hit ratio with each request counted by the bytes that were sent for it.",
        (Share("hit ratio", HIT, CACHEABLE, "sc-bytes"),),
        (Time(),),
    ),
    _latency(
        "time-to-first-byte",
        "Time to first byte",
        "time-to-first-byte",
        "Seconds from the request to the first byte of the response; of 100 requests 95 are below p95.",
    ),
    _latency(
        "time-taken",
        "Total time",
        "time-taken",
        "Seconds from the request to the last byte of the response; it grows with the size of the response.",
    ),
    Chart(
        "top-uris",
        "Top URIs",
        Form.TABLE,
        "The most requested paths; in real-time logs with the query string.",
        _BOTH,
        (Top("cs-uri-stem"),),
    ),
    Chart(
        "top-hosts",
        "Top hosts",
        Form.TABLE,
        "Host headers of the viewers: your domain names.",
        _BOTH,
        (Top("cs-host"),),
    ),
    Chart(
        "top-countries", "Top countries", Form.TABLE, "Countries of the viewers.", _BOTH, (Top("c-country"),)
    ),
    Chart(
        "top-edge-locations",
        "Top edge locations",
        Form.TABLE,
        "Edge locations that responded; the first three letters are those of the nearest airport.",
        _BOTH,
        (Top("x-edge-location"),),
    ),
    Chart(
        "top-clients",
        "Top client addresses",
        Form.TABLE,
        "Addresses with the most requests: crawlers, monitors, attacks.",
        _BOTH,
        (Top("c-ip"),),
    ),
    Chart(
        "top-referers",
        "Top referers",
        Form.TABLE,
        "Pages that requests came from; requests without a referer are not counted.",
        _BOTH,
        (Top("cs-referer"),),
    ),
    Chart(
        "top-user-agents",
        "Top user agents",
        Form.TABLE,
        "Programs with the most requests, as they call themselves.",
        _BOTH,
        (Top("cs-user-agent"),),
    ),
    Chart(
        "tls-versions",
        "TLS versions",
        Form.PIE,
        "TLS versions of the connections; requests over plain HTTP are not counted.",
        by=(Top("ssl-protocol"),),
    ),
    Chart(
        "http-versions",
        "HTTP versions",
        Form.PIE,
        "HTTP versions of the requests.",
        by=(Top("cs-protocol-version"),),
    ),
    Chart(
        "error-rate",
        "Error rate",
        Form.LINES,
        "Share of requests with a status of 400 to 499 and of 500 to 599.",
        (Share("4xx", CLIENT_ERROR), Share("5xx", SERVER_ERROR)),
        (Time(),),
    ),
    Chart(
        "errors-by-status",
        "Errors by status",
        Form.BARS,
        "Requests with a status from 400 on; the ten most frequent statuses.",
        (Requests(),),
        (Time(), Top("sc-status")),
        ERROR,
    ),
    Chart(
        "error-results",
        "Causes of errors",
        Form.TABLE,
        "Detailed result types of errors, such as OriginConnectError or AccessDenied.",
        by=(Top("x-edge-detailed-result-type"),),
        where=ERROR,
    ),
    Chart(
        "error-uris",
        "URIs with errors",
        Form.TABLE,
        "Paths with the most errors.",
        by=(Top("cs-uri-stem"),),
        where=ERROR,
    ),
    Chart(
        "origin-latency",
        "Origin latency",
        Form.LINES,
        "Seconds to the first and to the last byte from the origin, of the requests that reached it.",
        (Percentiles("first byte", "origin-fbl"), Percentiles("last byte", "origin-lbl")),
        (Time(),),
    ),
    Chart(
        "top-misses",
        "Top misses",
        Form.TABLE,
        "Paths that were most often fetched from the origin: candidates for longer caching.",
        _BOTH,
        (Top("cs-uri-stem"),),
        MISS,
    ),
)
"""All charts."""

LISTINGS: Final = (
    Listing(
        "error-requests",
        "Requests with errors",
        "Requests with a status from 400 on; AWS Support asks for the request id.",
        (
            "sc-status",
            "cs-method",
            "cs-host",
            "cs-uri-stem",
            "x-edge-detailed-result-type",
            "x-edge-request-id",
            "x-edge-location",
            "c-ip",
            "origin-fbl",
            "time-taken",
        ),
        ERROR,
    ),
)
"""All listings."""

DASHBOARDS: Final = (
    Dashboard(
        "overview",
        "CloudFront overview",
        "Traffic, cache and latency of CloudFront distributions.",
        (
            ("requests", "bytes", "clients"),
            ("requests-over-time", "bytes-over-time"),
            ("hit-ratio", "hit-ratio-bytes"),
            ("time-to-first-byte", "time-taken"),
            ("top-uris", "top-hosts"),
            ("top-countries", "top-edge-locations"),
            ("top-clients", "top-user-agents"),
            ("top-referers", "tls-versions", "http-versions"),
        ),
    ),
    Dashboard(
        "errors",
        "CloudFront errors",
        "Errors of CloudFront and its origins, the latency of origins, and what is missing from the cache.",
        (
            ("error-rate", "errors-by-status"),
            ("error-results", "error-uris"),
            ("origin-latency", "top-misses"),
            ("error-requests",),
        ),
    ),
)
"""All dashboards."""

"""Generated rows that are legitimate and unusual give exactly what the viewer sent."""

from __future__ import annotations

import base64
import string
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

import orjson
import pytest

import edgelift
import edgelift.pure
from tests.columns import usual_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")

SEED = 20261129
ROWS = 100_000
STEP = 10_000

# Source: RFC 9110, "Tokens". A method is any of them.
TOKEN = string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~"
# Source: IANA, "HTTP Method Registry".
METHODS = """
ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE GET HEAD LABEL LINK LOCK MERGE
MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE OPTIONS ORDERPATCH PATCH POST PRI
PROPFIND PROPPATCH PUT QUERY REBIND REPORT SEARCH TRACE UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE
UPDATEREDIRECTREF VERSION-CONTROL M-SEARCH NOTIFY SUBSCRIBE PURGE
""".split()  # noqa: SIM905 -- as the registry lists them
# Source: Amazon CloudFront Developer Guide, "Standard logging reference" and "Use real-time access logs".
PROTOCOLS = ["http", "https", "grpcs", "ws", "wss"]
VERSIONS = ["HTTP/0.9", "HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "HTTP/3.0"]
TLS = ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]
RESULTS = """
Hit RefreshHit OriginShieldHit Miss LimitExceeded CapacityExceeded Error Redirect
LambdaGeneratedResponse FunctionGeneratedResponse
""".split()  # noqa: SIM905 -- as the guide lists them
DETAILS = """
AbortedOrigin ClientCommError ClientGeoBlocked ClientHungUpRequest FunctionExecutionError
FunctionThrottledError FunctionValidationError InvalidRequest InvalidRequestBlocked
InvalidRequestCertificate InvalidRequestHeader InvalidRequestMethod LambdaExecutionError
LambdaValidationError OriginCommError OriginConnectError OriginContentRangeLengthError
OriginDnsError OriginError OriginHeaderTooBigError OriginInvalidResponseError OriginReadError
OriginWriteError OriginZeroSizeObjectError SlowReaderOriginError
""".split()  # noqa: SIM905 -- as the guide lists them
COUNTRIES = ["US", "DE", "JP", "ZA", "XK", "EU", "A1", "A2", "T1"]
LOCATIONS = ["SFO53-P7", "SEA900-P1", "LHR50-C1", "DFW3", "ICN57-P2", "HIO52-P1", "BOM78-C9"]

# Values that viewers and origins send, also text that looks like the value of another column.
LOOKALIKES = [
    *PROTOCOLS,
    *VERSIONS,
    *TLS,
    *RESULTS,
    *COUNTRIES,
    *LOCATIONS,
    "IPv4",
    "GET",
    "200",
    "1700000000.123",
]
HOSTS = """
example.com EXAMPLE.COM. www.example.com:8443 192.0.2.1 192.0.2.1:80 [2001:db8::1] [2001:db8::1]:443
localhost a xn--bcher-kva.example _dmarc.example.com a_b.example d1.cloudfront.net 1.2.3
*.example.com bücher.example
""".split()  # noqa: SIM905 -- plain words
TYPES = [
    "text/html; charset=utf-8",
    'multipart/form-data; boundary="a b"',
    "application/vnd.api+json;version=1.0",
    "TEXT/HTML;CHARSET=UTF-8",
    "image/svg+xml",
    "*/*",
    "text",
    "application/x-www-form-urlencoded; a=%20",
    'video/mp4; codecs="avc1.42E01E, mp4a.40.2"',
    "application/grpc-web+proto",
]
AGENTS = [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "curl/8.7.1",
    "() { :;}; echo Content-Type: text/plain",
    "Mozilla/5.0%20(X11)",
    "\"quoted\" \\backslash\\ 'single'",
    "日本語ブラウザ/1.0 😀",
    "a\tb\nc\rd\x00e\x7f",
    "%",
    "100% natural",
    '{"json": true}',
    "x" * 2000,
    " ",
]
FIELDS = usual_columns(
    "time-to-first-byte",
    "x-host-header",
    "cs-protocol-version",
    "c-ip-version",
    "cs-uri-query",
    "x-edge-response-result-type",
    "ssl-protocol",
    "x-edge-result-type",
    "sc-content-type",
    "x-edge-detailed-result-type",
    "c-country",
    "asn",
)
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
KEPT = PRINTABLE.replace("%", "").replace('"', "").replace("\\", "")
"""Characters that CloudFront does not escape."""


def escaped(text: str) -> str:
    """Escape a text as CloudFront does."""
    return quote(text, safe=KEPT)


def sent(rng: Random, usual: Sequence[str], characters: str = PRINTABLE + " é😀") -> str:
    """Choose what a viewer or an origin sends: a usual text, one of another column, or any characters."""
    dice = rng.random()
    if dice < 0.6:
        return rng.choice(usual)
    if dice < 0.8:
        return rng.choice(LOOKALIKES)
    # A hyphen alone is a missing value.
    return "".join(rng.choices(characters, k=rng.randint(1, 20))).replace("-", "_", 1)


def maybe(rng: Random, value: T) -> T | None:
    """Return a value, or None as if the request had none."""
    return None if rng.random() < 0.1 else value


def request(rng: Random) -> dict[str, Any]:
    """Return a document as CloudFront's row of the request must give it, with None for missing values."""
    address = bytes(rng.randrange(256) for _ in range(16))
    is_v6 = rng.random() < 0.3
    groups = [f"{address[at] << 8 | address[at + 1] | 0x1000:x}" for at in range(0, 16, 2)]
    return {
        "timestamp": rng.randrange(1_500_000_000_000, 1_900_000_000_000),
        "c-ip": ":".join(groups) if is_v6 else ".".join(map(str, address[:4])),
        "time-to-first-byte": maybe(rng, rng.randrange(60_000) / 1000),
        "sc-status": rng.choice([0, 100, 200, 206, 304, 404, 418, 451, 499, 503, 599]),
        "sc-bytes": rng.choice([0, 1, 4096, 2**40, 2**63 - 1]),
        "cs-method": sent(rng, METHODS, TOKEN),
        "cs-protocol": rng.choice(PROTOCOLS),
        "cs-host": maybe(rng, sent(rng, HOSTS)),
        "cs-uri-stem": "/" + sent(rng, ["", "a b", "%20", "?q=1%25", "日本", "-"]),
        "x-edge-location": rng.choice(LOCATIONS),
        "x-edge-request-id": base64.urlsafe_b64encode(address * 2 + bytes(rng.choice([6, 8, 9]))).decode(),
        "x-host-header": sent(rng, ["d111111abcdef8.cloudfront.net", *HOSTS]),
        "cs-protocol-version": maybe(rng, rng.choice(VERSIONS)),
        "c-ip-version": "IPv6" if is_v6 else "IPv4",
        "cs-user-agent": maybe(rng, sent(rng, AGENTS)),
        "cs-referer": maybe(
            rng, sent(rng, ["https://example.com/?a=b%20c", "about:blank", "android-app://a"])
        ),
        "cs-uri-query": maybe(rng, sent(rng, ["a=b&c=%C3%A9", "=", "&&", "a=1;b=2"])),
        "x-edge-response-result-type": rng.choice(RESULTS),
        "ssl-protocol": maybe(rng, rng.choice(TLS)),
        "x-edge-result-type": rng.choice(RESULTS),
        "sc-content-type": maybe(rng, sent(rng, TYPES)),
        "x-edge-detailed-result-type": rng.choice(RESULTS + DETAILS),
        "c-country": maybe(rng, rng.choice(COUNTRIES)),
        "asn": maybe(rng, rng.randrange(2**32)),
    }


def row(values: dict[str, Any]) -> str:
    """Return the row that CloudFront writes."""
    columns = {name: escaped(str(value)) if value is not None else "-" for name, value in values.items()}
    columns["timestamp"] = f"{values['timestamp'] / 1000:.3f}"
    columns["sc-status"] = f"{values['sc-status']:03}"
    return "\t".join(columns.values()) + "\n"


def requests() -> Iterator[dict[str, Any]]:
    rng = Random(SEED)  # noqa: S311 -- repeatable
    while True:
        yield request(rng)


def check(transformer: edgelift.Transformer | edgelift.pure.Transformer, some: list[dict[str, Any]]) -> None:
    result = transformer.transform_lines("".join(map(row, some)).encode())
    assert not result.failures, result.failures[0]
    assert (result.counts.ok, result.counts.shape_mismatches) == (len(some), 0)
    for values, line in zip(some, bytes(result.output).splitlines(), strict=True):
        document = orjson.loads(line)
        assert document == {name: value for name, value in values.items() if value is not None}


def test_unusual_requests_give_what_the_viewer_sent() -> None:
    transformer, generated = edgelift.Transformer.from_fields(FIELDS), requests()
    for _ in range(0, ROWS, STEP):
        check(transformer, list(islice(generated, STEP)))


@pytest.mark.parametrize("kind", [edgelift.Transformer, edgelift.pure.Transformer], ids=["engine", "pure"])
@pytest.mark.parametrize("is_newest", [True, False], ids=["newest", "older"])
def test_unusual_requests_choose_their_layout_of_two_with_equal_kinds(kind: Any, is_newest: bool) -> None:  # noqa: ANN401, FBT001
    other = [name for name in edgelift.FIELDS if name in {*FIELDS, "ssl-cipher"} - {"cs-uri-query"}]
    layouts = [{"fields": FIELDS}, {"fields": other}]
    transformer = kind({"layouts": layouts if is_newest else layouts[::-1]})
    check(transformer, list(islice(requests(), STEP)))

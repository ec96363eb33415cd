"""Values that are hard to read, for generated records."""

# Of each kind some values that fit, chosen so that two kinds often take the same one.
FIT = {
    "timestamp": [b"1700000000.123", b"0", b"007", b"99999999999.999999999", b"200"],
    "integer": [b"0", b"-0", b"007", b"200", b"9223372036854775807", b"-9223372036854775808", b"2"],
    "status": [b"200", b"000", b"099"],
    "decimal": [b"0.001", b"00.50", b"-0", b"200", b"12345678901234567890.12345678901"],
    "boolean": [b"true", b"FALSE", b"1", b"0"],
    "address": [b"1.2.3.4", b"::1", b"2001:DB8::a", b"::ffff:1.2.3.4"],
    "list": [b"1.2.3.4,\\x205.6.7.8", b"%20a ,,b%2Cc", b",", b"\\x20"],
    "names": [b"Host%0AAccept%0A", b"%0A", b"a%0ab"],
    "headers": [b"Host:a%0AX:b:c%0A", b":a:b%0ac", b"%0A", b"a%3Ab"],
    "text": [b"a%20b", b"%C3%A9", b"%2520", b"HTTP/2.0", b"HTTP%2F3.0", b"TLSv1.3", b"SSLv3"],
    "keyword": [b"GET", b"https", b"HTTP/2.0", b"HTTP/1.1", b"IPv6", b"TLSv1.3", b"SSLv3", b"Hit"],
}
# And some that are just beside them.
NEAR = [
    b"9223372036854775808",
    b"-9223372036854775809",
    b"0" * 33,
    b"1" * 33,
    b"1.",
    b".5",
    b"1e3",
    b"1700000000.1234567890",
    b"100000000000",
    b"20",
    b"2000",
    b"fe80::1%eth0",
    b"01.2.3.4",
    b"1.2.3.4:80",
    b"truee",
    b"%2D",
    b"get",
    b"HTTP/2",
    b"x" * 50,
]
_RESULT_TYPES = [
    b"Hit",
    b"Miss",
    b"RefreshHit",
    b"OriginDnsError",
    b"hit",
    b"HIT",
    b"Hit2",
    b"H",
    b"Hi",
    b"Hit ",
]
_REQUEST_ID = b"cGX9Jx7KFX7UwY8KwRFS5FvFrdUJBpSBqMgaHWi3yuHJ7mblrhzT5A=="
# Of fields with a shape some values that have it, and some that are one byte away from it.
SHAPED = {
    "cs-protocol": [b"http", b"https", b"grpcs", b"ws", b"wss", b"httpss", b"httq", b"HTTPS", b"w", b"grpc"],
    "cs-protocol-version": [
        *(b"HTTP/0.9", b"HTTP/1.1", b"HTTP/2.0", b"HTTP/3.0", b"HTTP/9.9", b"HTTP/2", b"HTTP/3"),
        *(b"HTTP/", b"HTTP/2.", b"HTTP/2.00", b"http/2.0", b"HTTP/:.0", b"HTTP/4.0", b"HTTP/0.4", b"2.0"),
    ],
    "c-ip-version": [b"IPv4", b"IPv6", b"IPv5", b"IPv", b"IPv44", b"ipv4"],
    "ssl-protocol": [
        *(b"SSLv3", b"TLSv1", b"TLSv1.0", b"TLSv1.3", b"TLSv1.9", b"SSLv2", b"TLSv2", b"TLSv1.", b"TLSv1.33"),
        *(b"TLSv1.:", b"TLS_AES_128_GCM_SHA256"),
    ],
    "x-edge-location": [
        b"IAD89-C1",
        b"DFW3",
        b"ZZZ9",
        b"AAA0" + b"x" * 40,
        b"IA89",
        b"iad89",
        b"IADX",
        b"IAD",
        b"[AA0",
    ],
    "c-country": [b"US", b"T1", b"A1", b"ZZ", b"us", b"1T", b"USA", b"U", b"U[", b"@A"],
    "x-edge-request-id": [
        *(_REQUEST_ID, _REQUEST_ID[:-1], _REQUEST_ID[:-2], _REQUEST_ID[:20] + b"+" + _REQUEST_ID[21:]),
        *(_REQUEST_ID[:-3] + b"===", b"_" + _REQUEST_ID, b"a=", b"ab_-==", b"=", b"==", b"a/=", b"a", b"a=b"),
    ],
    "x-edge-result-type": _RESULT_TYPES,
    "x-edge-response-result-type": _RESULT_TYPES,
    "x-edge-detailed-result-type": _RESULT_TYPES,
}
# Pieces of which values are put together that are hard to decode, split or escape.
PIECES = [
    *(b"%", b"%2", b"%zz", b"%20", b"%25", b"%2C", b"%3A", b"%0A", b"%0a", b"%0D", b"%00", b"%22", b"%5C"),
    *(b"%C3", b"%A9", b"\xc3", b"\xa9", b"%E2", b"\xe2\x82", b"\xac", b"\xf0\x9f", b"%98", b"\x80", b"%7f"),
    *(b"\xff", b"%F5", b"\xc0\x80", b"\xed\xa0", b"%E2%80%A8", b'"', b"\\", b"\\x20", b" ", b",", b":", b"/"),
    *(b"+", b"-", b"\r", b"\x00", b"\x1f", b"\x7f", b"HTTP/", b"TLSv", b"SSLv", b"2.0", b"3.0", b"a", b"7"),
    b"plain text of some length",
]
MISSING = [b"-", b""]

ISO_TIMES = [
    b"2024-11-14T21:34:06.814Z",
    b"2024-11-14T21:34:06Z",
    b"2024-11-14T21:34:06.123456789Z",
    b"2024-11-14T21:34:061Z",
    b"2024-11-14T21:34:06.Z",
    b"2024-11-14T24:34:06Z",
    b"2024-11-14T21:34:06",
]

BEGINNINGS = [
    b"#Fields:x",
    b"#Fields: x",
    b"#Fields:\tasn",
    b"#Fields:asn c-ip x",
    b"#fields: asn",
    b"# Fields:",
    b"#Version: 1.0",
    b"#Version:1.0",
    b"#Version: x",
    b"#note:x",
    b"#note: x",
    b"# a",
    b"#a",
    b"#",
    b"{",
    b"{x",
    b"{}",
    b" {}",
    b"\t{x",
    b'{"asn":"7"}',
    b' {"asn":7}',
    b'{"asn":"7"',
    b'{"asn":{"a":1}}',
    b'{"asn":"7"} x',
    b'{"attemptsMade":1}',
    b'{"attemptsMade":1,',
    b'{"rawData":"MQ=="}',
]
"""Beginnings of a line that could decide how a file is read."""

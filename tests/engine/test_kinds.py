"""Each kind of value against a plain oracle, on strings that are nearly of that kind."""

import functools
import ipaddress
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

import edgelift
import edgelift.pure

Oracle = Callable[[str], str | None]
"""JSON text of a value, or None if it does not fit."""


def timestamp(text: str) -> str | None:
    match = re.fullmatch(r"([0-9]{1,11})(?:\.([0-9]{1,9}))?", text)
    return match and str(int(match[1] + (match[2] or "")[:3].ljust(3, "0")))


def integer(text: str) -> str | None:
    fits = re.fullmatch(r"-?[0-9]+", text) and -(2**63) <= int(text) < 2**63
    return str(int(text)) if fits else None


def status(text: str) -> str | None:
    return str(int(text)) if re.fullmatch(r"[0-9]{3}", text) else None


def decimal(text: str) -> str | None:
    match = re.fullmatch(r"(-?)([0-9]+)(\.[0-9]+)?", text)
    return f"{match[1]}{int(match[2])}{match[3] or ''}" if match and len(text) <= 32 else None


def boolean(text: str) -> str | None:
    return {"true": "true", "1": "true", "false": "false", "0": "false"}.get(
        text.lower() if text.isascii() else ""
    )


def address(text: str) -> str | None:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return None
    # A zone is what Python takes and the engine does not.
    return None if "%" in text else f'"{text}"'


# Name of the kind: the oracle and the pieces that values are put together from.
KINDS: dict[str, tuple[Oracle, list[str]]] = {
    "timestamp": (
        timestamp,
        ["0", "1", "9", "12345", "99999999999", ".", "123456789", "-", "e", "x", " ", "\u0661"],
    ),
    "integer": (
        integer,
        ["0", "1", "-", "922337203685477580", "7", "8", "9", "000", ".", "+", "x", "_", "\u0661"],
    ),
    "status": (status, ["0", "1", "20", "200", "-", "+", "x", " ", ".", "\u0661"]),
    "decimal": (decimal, ["0", "00", "1", "-", ".", "5", "e3", "1234567890123", "+", "x", " ", "\u0661"]),
    "boolean": (boolean, ["true", "false", "T", "rue", "F", "ALSE", "0", "1", " ", "\u017f", "e"]),
    "address": (
        address,
        [
            *("1.2.3.4", ".", "0", "00", "25", "5", "256", "1.2"),
            *(":", "::", "1:2:3", "ffff", "0000", "A", "g", "%1"),
        ],
    ),
}
MISFIT = "bad_value x-value 1 0"


@functools.cache
def transformers(kind: str) -> tuple[edgelift.Transformer, edgelift.pure.Transformer]:
    config = {
        "input": {"format": "realtime"},
        "layouts": [{"fields": ["x-value"]}],
        "custom_fields": [{"name": "x-value", "kind": kind, "after": "asn"}],
    }
    return edgelift.Transformer(config), edgelift.pure.Transformer(config)


def value_of(transformer: edgelift.Transformer | edgelift.pure.Transformer, raw: bytes) -> str:
    try:
        document = transformer.transform(raw).decode()
    except edgelift.RecordError as error:
        return f"{error.reason} {error.field} {error.column} {error.offset}"
    assert document.startswith('{"x-value":')
    assert document.endswith("}")
    return document.removeprefix('{"x-value":').removesuffix("}")


@pytest.mark.parametrize("kind", KINDS)
@given(st.data())
def test_checked_kinds_accept_what_the_oracle_accepts(kind: str, data: st.DataObject) -> None:
    oracle, pieces = KINDS[kind]
    text = data.draw(st.lists(st.sampled_from(pieces), min_size=1, max_size=8).map("".join))
    assume(text != "-")
    for transformer in transformers(kind):
        assert value_of(transformer, text.encode()) == (oracle(text) or MISFIT)


@given(
    st.one_of(
        st.integers(-(2**64), 2**64), st.integers(2**63 - 9, 2**63 + 9), st.integers(-(2**63) - 9, 9 - 2**63)
    )
)
@example(2**63 - 1)
@example(2**63)
@example(-(2**63))
@example(-(2**63) - 1)
def test_integers_within_64_bits_are_accepted(number: int) -> None:
    expected = str(number) if -(2**63) <= number < 2**63 else MISFIT
    for transformer in transformers("integer"):
        assert value_of(transformer, str(number).encode()) == expected


@given(st.one_of(st.ip_addresses(), st.ip_addresses(v=6)))
def test_addresses_are_accepted_in_each_spelling(
    given_address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    spellings = {str(given_address), given_address.exploded, given_address.exploded.upper()}
    for transformer in transformers("address"):
        for spelling in spellings:
            assert value_of(transformer, spelling.encode()) == f'"{spelling}"'


@given(st.integers(0, 10**11 - 1), st.integers(0, 999))
@example(10**11 - 1, 999)
def test_iso8601_equals_the_calendar_of_python(seconds: int, milliseconds: int) -> None:
    # Python's own calendar ends in the year 9999, after the last second of eleven digits.
    moment = datetime(1970, 1, 1) + timedelta(seconds=seconds, milliseconds=milliseconds)  # noqa: DTZ001
    expected = f'"{moment.isoformat(timespec="milliseconds")}Z"'
    output = {"timestamp": "iso8601"}
    config = {"layouts": [{"fields": ["timestamp"]}], "output": output}
    document = edgelift.Transformer(config).transform(f"{seconds}.{milliseconds:03}9".encode())
    assert document.decode() == f'{{"timestamp":{expected}}}'


PIECES = [
    *(
        b"%",
        b"%2",
        b"%zz",
        b"%20",
        b"%25",
        b"%0A",
        b"%00",
        b"%1f",
        b"%22",
        b"%5C",
        b"%7f",
        b"%C3",
        b"%a9",
        b"%E2",
    ),
    *(
        b"%82",
        b"%AC",
        b"%F0",
        b"%9F",
        b"%98",
        b"%ED",
        b"%A0",
        b"%F4",
        b"%90",
        b"%C0",
        b"%80",
        b"%FF",
        b"\xc3",
    ),
    *(
        b"\xa9",
        b"\xe2",
        b"\x82",
        b"\xac",
        b"\xf0",
        b"\x9f",
        b"\x98",
        b"\xed",
        b"\xa0",
        b"\xf4",
        b"\x90",
        b"\xe0",
    ),
    *(b"\xff", b'"', b"\\", b"/", b" ", b"+", b"-", b"\r", b"\x00", b"\x1f", b"\x7f", b"a", b"4", b"x" * 15),
]


@given(
    st.one_of(st.lists(st.sampled_from(PIECES), min_size=2, max_size=40).map(b"".join), st.binary(min_size=2))
)
def test_text_is_decoded_as_urllib_does(raw: bytes) -> None:
    raw = raw.replace(b"\t", b"").replace(b"\n", b"") + b"."
    expected = json.dumps(unquote_to_bytes(raw).decode("utf-8", "replace"), ensure_ascii=False)
    for transformer in transformers("text"):
        assert value_of(transformer, raw) == expected

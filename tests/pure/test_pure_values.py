"""The values of the pure path in the corners in which Python reads them its own way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import pytest

import edgelift
from edgelift import _core, pure
from edgelift.pure import values

if TYPE_CHECKING:
    from typing import Unpack

    from edgelift._core import _Output

ADDRESSES = [
    "0.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "::",
    "::1",
    "1::",
    "2001:db8::1",
    "2001:DB8::ABCD",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8",
    "1:2:3::5:6:7:8",
    "0001:0002:0003:0004:0005:0006:0007:0008",
    "::ffff:1.2.3.4",
    "::1.2.3.4",
    "64:ff9b::192.0.2.33",
    "1:2:3:4:5:6:1.2.3.4",
    "1:2:3:4:5::1.2.3.4",
    "::1:2:3:4:5:1.2.3.4",
    "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
]
NO_ADDRESSES = [
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "1.2.3.1000",
    "01.2.3.4",
    "1.2.3.04",
    "1.2.3.00",
    "1.2.3.0x4",
    "1.2.3.",
    ".1.2.3.4",
    "1..2.3",
    "1.2.3.4 ",
    " 1.2.3.4",
    "1.2.3.4:80",
    "1.2.3.4/32",
    "1.2.3.4\0",
    "1.2.3.4\r",
    "16909060",
    "0x1.2.3.4",
    "+1.2.3.4",
    "\u0661.2.3.4",
    "\u00b9.2.3.4",
    "localhost",
    "unknown",
    ":",
    ":::",
    "1:",
    ":1",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:",
    ":2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
    "1::2:3:4:5:6:7:8",
    "1::2::3",
    "12345::",
    "00001::",
    "g::",
    "-1::",
    "fe80::1%eth0",
    "fe80::1%1",
    "fe80::1%",
    "[::1]",
    "[::1]:443",
    "::1/128",
    "::1 ",
    "::1\0",
    "::\uff11",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "::1.2.3",
    "::1.2.3.256",
    "::01.2.3.4",
    "1:2:3:4:5:6:7:1.2.3.4",
    "1:2:3:4:5:6::1.2.3.4",
    "::1:2:3:4:5:6:1.2.3.4",
    "::ffff:1.2.3.4%eth0",
]


def core_and_pure(fields: list[str], **output: Unpack[_Output]) -> tuple[_core.Transformer, pure.Transformer]:
    return _core.Transformer.from_fields(fields, **output), pure.Transformer.from_fields(fields, **output)


def outcome(transformer: _core.Transformer | pure.Transformer, record: bytes) -> object:
    try:
        return transformer.transform(record)
    except edgelift.RecordError as error:
        return error.args


@pytest.mark.parametrize("address", ADDRESSES, ids=repr)
def test_valid_addresses_are_accepted(address: str) -> None:
    assert values.address(address) == address
    core, plain = core_and_pure(["c-ip"])
    assert outcome(core, address.encode()) == outcome(plain, address.encode()) != ()
    assert json.loads(plain.transform(address.encode())) == {"c-ip": address}


@pytest.mark.parametrize("address", NO_ADDRESSES, ids=repr)
def test_invalid_addresses_are_refused(address: str) -> None:
    with pytest.raises(values.Misfit):
        values.address(address)
    core, plain = core_and_pure(["c-ip"])
    said = outcome(plain, address.encode())
    assert isinstance(said, tuple)
    assert said[1:] == ("bad_value", "c-ip", 1, 0)
    assert outcome(core, address.encode()) == said


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"::\xff", b"1.2.3.\xb9"])
def test_bytes_that_are_not_text_are_refused_as_addresses(raw: bytes) -> None:
    with pytest.raises(values.Misfit):
        values.address(raw.decode("latin-1"))


TEXTS = [
    b"a%20b",
    b"%2520",
    b"%25%20",
    b"%25%32%30",
    b"%%20A",
    b"%2%200",
    b"%0%0AA",
    b"%0A%0a%0D",
    b"%",
    b"%2",
    b"%zz%20",
    b"%20%",
    b"\xc3%A9 %C3\xa9 \xc3\xa9 %c3%a9",
    b"\xc3%20\xa9",
    b"%E2%82 %F0%9F%98%80 %ED%A0%80",
    b"\xff%FF",
    b"a+b",
]


@pytest.mark.parametrize("raw", TEXTS, ids=repr)
def test_texts_are_decoded_once(raw: bytes) -> None:
    expected = unquote_to_bytes(raw).decode("utf-8", "replace")
    assert values.decoded(raw.decode("latin-1")) == expected
    core, plain = core_and_pure(["cs-uri-stem"])
    assert json.loads(plain.transform(raw)) == {"cs-uri-stem": expected}
    assert plain.transform(raw) == core.transform(raw)


INTEGERS = {
    b"0" * 5000 + b"7": 7,
    b"-0": 0,
    b"-007": -7,
    b"9223372036854775807": 2**63 - 1,
    b"-9223372036854775808": -(2**63),
    b"000000000000000000009": 9,
}
# Beyond 4,300 digits int() itself refuses.
NO_INTEGERS = [
    b"1" * 5000,
    b"9223372036854775808",
    b"-9223372036854775809",
    b"+1",
    b"1_0",
    b" 1",
    b"1\r",
    b"--1",
    b"-",
]


@pytest.mark.parametrize(("raw", "value"), INTEGERS.items())
def test_integers_are_read_without_leading_zeros(raw: bytes, value: int) -> None:
    assert values.integer(raw.decode("latin-1")) == value


@pytest.mark.parametrize("raw", [*NO_INTEGERS, "\u0661".encode()], ids=repr)
def test_invalid_integers_are_refused(raw: bytes) -> None:
    with pytest.raises(values.Misfit):
        values.integer(raw.decode("latin-1"))


def test_list_of_many_blanks_is_trimmed_in_linear_time() -> None:
    # Trimming blank by blank would copy the rest of the megabyte each time.
    raw = b"%20" * 200_000 + b"a" + rb"\x20" * 100_000 + b"," + b" " * 100_000
    core, plain = core_and_pure(["x-forwarded-for"])
    assert plain.transform(raw[:1_000_000]) == core.transform(raw[:1_000_000])
    assert json.loads(plain.transform(b" %20" * 3 + b"a%20 b" + rb" \x20")) == {"x-forwarded-for": ["a  b"]}

"""Base64 is the same with the package pybase64 and without it."""

from __future__ import annotations

import base64
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pybase64
import pytest

from edgelift.simulate import base64_codec

if TYPE_CHECKING:
    from collections.abc import Callable

DECODERS = [base64_codec.decode, base64_codec.plain_decode]
ENCODERS = [base64_codec.encode, base64_codec.plain_encode]


def test_the_package_is_used_where_it_is_installed() -> None:
    assert base64_codec.encode is pybase64.b64encode_as_string


@pytest.mark.parametrize("encode", ENCODERS)
@pytest.mark.parametrize("decode", DECODERS)
def test_all_lengths_and_bytes_come_back(
    encode: Callable[[bytes], str], decode: Callable[[str], bytes]
) -> None:
    for length in (*range(100), 256, 1316):
        data = bytes(number * 7 % 256 for number in range(length))
        assert encode(data) == base64.b64encode(data).decode()
        assert decode(encode(data)) == data


@pytest.mark.parametrize("decode", DECODERS)
@pytest.mark.parametrize(
    "text",
    [
        *("YQ", "YQ=", "YQ===", "YQ==YQ==", "Y=Q=", "=", "====", "Y\nQ==", "YQ==\n", " YQ==", "Y-_=", "ü"),
        *("é" * 4, "YQ\0="),
    ],
)
def test_other_text_is_refused(decode: Callable[[str], bytes], text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        decode(text)


@pytest.mark.parametrize("decode", DECODERS)
@pytest.mark.parametrize("value", [None, 1, [], {}, True])
def test_a_value_that_is_not_text_is_refused(decode: Callable[[Any], bytes], value: object) -> None:
    with pytest.raises(TypeError):
        decode(value)


def test_a_stream_needs_no_package_beside_orjson() -> None:
    code = """if True:
        import sys
        sys.modules |= dict.fromkeys(["pybase64", "awslambdaric", "opensearchpy", "osmem_server"])
        from edgelift.simulate import DeliveryStream
        stream = DeliveryStream({"layouts": [{"fields": ["timestamp", "sc-status"]}]})
        stream.put(b"1700000000.123\\t200\\nbad\\n")
        print(stream.run())
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("2 source records = 1 indexed + 0 dropped + 1 in backup\n")

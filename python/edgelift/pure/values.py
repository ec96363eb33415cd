"""The encoders: one function per kind, from a column to a value that orjson writes.

A column comes as a string with one character a byte, which is what decoding a line as Latin-1 makes of it:
nearly every line is ASCII, and then a text without escapes is finished already. No function sees a missing
value. Each begins with the test that nearly every value passes; the general form comes after it.
"""

from __future__ import annotations

import re
import socket
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edgelift._core import LayoutColumn

    Encoder = Callable[[str], object]
    String = Callable[[str], str]

_TIMESTAMP: Final = re.compile(r"(\d{1,11})(?:\.(\d{1,9}))?", re.ASCII).fullmatch
_SHORTEST_DECIMAL: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?", re.ASCII).fullmatch
_DECIMAL: Final = re.compile(r"(-?)0*(\d+(?:\.\d+)?)", re.ASCII).fullmatch
_LONGEST_DECIMAL: Final = 32
_INTEGERS: Final = range(-(2**63), 2**63)
_SHORT_INTEGER: Final = 18
_LONGEST_INTEGER: Final = 19
_STATUS_DIGITS: Final = 3
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 (isoformat would write "+00:00" where "Z" is wanted)

_ESCAPE: Final = re.compile(r"(%[0-9A-Fa-f]{2})")
_HEX: Final = "0123456789abcdefABCDEF"
_ESCAPED: Final = {f"%{a}{b}": chr(int(a + b, 16)) for a in _HEX for b in _HEX}

_BLANKS: Final = (" ", "%20", r"\x20")
_BLANKS_BEFORE: Final = re.compile(r"\A(?: |%20|\\x20)+")
# For an entry that is turned round, so that a long run of blanks is looked at once.
_BLANKS_BEHIND: Final = re.compile(r"\A(?: |02%|02x\\)+")


class Misfit(Exception):  # noqa: N818 (not an error yet: another layout may fit)
    """The value is not of its kind."""


def epoch_millis(raw: str) -> int:
    """Turn ``1700000000.123``, in seconds, into milliseconds; finer digits are dropped.

    Raises:
        Misfit: the value is not a timestamp.

    """
    digits = raw[:10] + raw[11:]
    if len(raw) == 14 and raw[10] == "." and digits.isdecimal():  # noqa: PLR2004 (as in the docstring)
        return int(digits)
    match = _TIMESTAMP(raw)
    if match is None:
        raise Misfit
    seconds, fraction = match.groups("")
    return int(seconds + fraction[:3].ljust(3, "0"))


def iso8601(raw: str) -> str:
    """Turn a timestamp into UTC with three decimals.

    Raises:
        Misfit: the value is not a timestamp.

    """
    moment = _EPOCH + timedelta(milliseconds=epoch_millis(raw))
    return moment.isoformat(timespec="milliseconds") + "Z"


def verbatim_timestamp(raw: str) -> str:
    """Check a timestamp and leave it as it is.

    Raises:
        Misfit: the value is not a timestamp.

    """
    if _TIMESTAMP(raw) is None:
        raise Misfit
    return raw


def integer(raw: str) -> int:
    """Read an integer of 64 bits.

    Raises:
        Misfit: the value is not one.

    """
    if len(raw) <= _SHORT_INTEGER and raw.isdecimal():
        return int(raw)
    digits = raw.removeprefix("-")
    significant = digits.lstrip("0")
    if not digits.isdecimal() or len(significant) > _LONGEST_INTEGER:
        raise Misfit
    value = int(significant or "0")
    if raw[0] == "-":
        value = -value
    if value not in _INTEGERS:
        raise Misfit
    return value


def status(raw: str) -> int:
    """Read a status of three digits.

    Raises:
        Misfit: the value is not one.

    """
    if len(raw) != _STATUS_DIGITS or not raw.isdecimal():
        raise Misfit
    return int(raw)


def decimal(raw: str) -> orjson.Fragment:
    """Keep the digits of a decimal number, which as a float might come out as others.

    Raises:
        Misfit: the value is not a decimal number.

    """
    if len(raw) > _LONGEST_DECIMAL:
        raise Misfit
    if _SHORTEST_DECIMAL(raw):
        return orjson.Fragment(raw)
    match = _DECIMAL(raw)
    if match is None:
        raise Misfit
    return orjson.Fragment("".join(match.groups()))


def boolean(raw: str) -> bool:
    """Read true, false, 1 or 0.

    Raises:
        Misfit: the value is not one of them.

    """
    value = _BOOLEANS.get(raw.lower())
    if value is None:
        raise Misfit
    return value


def address(raw: str) -> str:
    """Check an IPv4 or IPv6 address and leave it as it is.

    The C library's ``inet_pton`` takes just what Rust's ``IpAddr`` takes: no zone, no port, no leading zeros
    in IPv4. ``ipaddress`` would take a zone and twenty times the time.

    Raises:
        Misfit: the value is not an address.

    """
    try:
        socket.inet_pton(socket.AF_INET6 if ":" in raw else socket.AF_INET, raw)
    except (OSError, ValueError):
        raise Misfit from None
    return raw


CHECKED: Final[Mapping[str, Encoder]] = {
    "timestamp": epoch_millis,
    "integer": integer,
    "status": status,
    "decimal": decimal,
    "boolean": boolean,
    "address": address,
}
"""The kinds that a value can misfit."""


def plain(raw: str) -> str:
    """Read text unchanged; bytes that are not UTF-8 become U+FFFD."""
    return raw if raw.isascii() else raw.encode("latin-1").decode("utf-8", "replace")


def decoded(raw: str) -> str:
    """Read text and percent-decode it once; invalid escapes stay."""
    if "%" in raw:
        # Most escapes are these two. What replaces them is part of no escape, so the order changes nothing.
        raw = raw.replace("%20", " ").replace("%0A", "\n")
        if "%" in raw:
            parts = _ESCAPE.split(raw)
            parts[1::2] = [_ESCAPED[escape] for escape in parts[1::2]]
            raw = "".join(parts)
    return raw if raw.isascii() else raw.encode("latin-1").decode("utf-8", "replace")


def _trimmed(entry: str) -> str:
    if entry.startswith(_BLANKS):
        entry = _BLANKS_BEFORE.sub("", entry)
    if entry.endswith(_BLANKS):
        entry = _BLANKS_BEHIND.sub("", entry[::-1])[::-1]
    return entry


def _list(string: String) -> Encoder:
    def encode(raw: str) -> list[str]:
        return [string(entry) for entry in map(_trimmed, raw.split(",")) if entry]

    return encode


def _lines(string: String) -> Callable[[str], list[str]]:
    """Make the function that splits names and headers at their encoded line feeds."""
    if string is decoded:
        # A record contains no line feed, so that after decoding each one was an escape.
        return lambda raw: decoded(raw).split("\n")
    return lambda raw: plain(raw.replace("%0a", "%0A")).split("%0A")


def _names(string: String) -> Encoder:
    lines = _lines(string)

    def encode(raw: str) -> list[str]:
        return [name for name in lines(raw) if name]

    return encode


def _headers(string: String) -> Encoder:
    lines = _lines(string)

    def encode(raw: str) -> list[dict[str, str]]:
        parts = [_parted(line) if line[0] == ":" else line.partition(":") for line in lines(raw) if line]
        return [{"name": name, "value": value} for name, _, value in parts]

    return encode


def _parted(line: str) -> tuple[str, str, str]:
    """Part a header at its first colon, but for the one that it begins with, as HTTP/2's own do."""
    name, colon, value = line[1:].partition(":")
    return ":" + name, colon, value


def _http_version(string: String, *, short: bool) -> Encoder:
    def encode(raw: str) -> str:
        version = string(raw).removeprefix("HTTP/")
        return version[0] if short and version in ("2.0", "3.0") else version

    return encode


def _tls_version(string: String) -> Encoder:
    def encode(raw: str) -> str:
        version = string(raw)
        return version[4:] if version.startswith(("TLSv", "SSLv")) else version

    return encode


def _text(key: str, string: String, output: Mapping[str, Any]) -> Encoder:
    """Choose the encoder of a text or keyword; the profiles ecs and otel want some in another form."""
    names = output["names"]
    match names, key:
        case ("ecs", "http.version") | ("otel", "network.protocol.version"):
            return _http_version(string, short=names == "otel")
        case ("ecs", "tls.version") | ("otel", "tls.protocol.version"):
            return _tls_version(string)
    if names == "otel" and output["values"] == "typed" and key.startswith("http.") and ".header." in key:
        return lambda raw: [string(raw)]
    return string


def encoder(column: LayoutColumn, output: Mapping[str, Any]) -> Encoder:
    """Choose the function that writes the values of a column, with every option already in it."""
    string = decoded if column.decode else plain
    kind, timestamp = column.kind, output["timestamp"]
    if kind in ("text", "keyword"):
        return _text(column.key, string, output)
    if output["values"] == "text":
        if kind in ("list", "names", "headers"):
            return string
        return verbatim_timestamp if kind == "timestamp" and timestamp != "verbatim" else plain
    if kind == "timestamp":
        return {"epoch_millis": epoch_millis, "iso8601": iso8601, "verbatim": verbatim_timestamp}[timestamp]
    if kind in CHECKED:
        return CHECKED[kind]
    return {"list": _list, "names": _names, "headers": _headers}[kind](string)

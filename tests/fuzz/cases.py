"""Generates configurations and input for them: mostly well-formed, so that damage reaches all of the code."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING, Any, NamedTuple

import edgelift
from edgelift import _core

from .values import BEGINNINGS, FIT, ISO_TIMES, MISSING, NEAR, PIECES, SHAPED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    Config = dict[str, Any]


class Case(NamedTuple):
    """A configuration, lines with their line ends, and the sizes of the chunks in which they arrive."""

    config: Config
    lines: list[bytes]
    sizes: list[int]

    @property
    def format(self) -> str:
        return str(self.config.get("input", {}).get("format", "auto"))

    @property
    def is_decided_by_first_record(self) -> bool:
        """True if lines that begin with a brace or a number sign depend on the first record."""
        is_other = any(
            line.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")[:1] in (b"{", b"#")
            for line in [*self.lines, *self.text]
        )
        return self.format == "auto" and bool(self.config.get("layouts")) and is_other

    @property
    def text(self) -> list[bytes]:
        """The lines, whatever the records are."""
        return b"".join(self.lines).split(b"\n")


FIELDS = list(edgelift.FIELDS)
STANDARD = list(_core.STANDARD_FIELDS)
CONNECTION = list(_core.CONNECTION_FIELDS)
KINDS = list(FIT)
# Fields with a kind, a shape or a key that something depends on are drawn more often than plain text.
KEEN = [
    name
    for name, field in edgelift.FIELDS.items()
    if name in SHAPED
    or field.kind not in ("text", "keyword")
    or field.keys["otel"].startswith(("http.", "network.", "tls."))
]
COUNTED = ["cs-headers", "cs-headers-count"]
CUSTOM = ["x-new", "x-newer", "X_Other", "x:y", 'q"\\', "\u00e9", "x-headers", "cs-headers-truncated"]
STANDARD_KEEN = [
    "date",
    "time",
    "timestamp",
    "timestamp(ms)",
    "cs-uri-stem",
    "cs-uri-query",
    "cs(User-Agent)",
]
STANDARD_KEEN += ["c-ip", "sc-status", "time-taken", "x-edge-request-id", "cs(Host)", "cs-headers"]
DATES = [
    b"2024-11-15",
    b"2014-04-28",
    b"2024-02-29",
    b"2023-02-29",
    b"0000-01-01",
    b"9999-12-31",
    b"2024-1-1",
]
TIMES = [b"00:00:00", b"23:59:59", b"22:59:59", b"24:00:00", b"9:00:00"]
MILLIS = [b"1731699951123", b"0", b"99999999999999", b"x", b"1731699951", b"123456789012345"]
OFTEN = {
    # On both sides of an hour, and of a day.
    "timestamp": [b"1700002799", b"1700002800", b"1700006399.999", b"1700006400"],
    "cs-headers-count": [b"0", b"1", b"2", b"3", b"03", b"-1"],
    **SHAPED,
}
OUTPUT: dict[str, list[Any]] = {
    "names": ["cloudfront", "snake", "ecs", "otel"],
    "values": ["typed", "text"],
    "missing": ["omit", "null", "keep"],
    "decode": [True, False],
    "timestamp": ["epoch_millis", "iso8601", "verbatim"],
    "newline": [True, False],
    "raw": [
        [],
        ["cs-uri-stem"],
        ["cs-headers", "cs(User-Agent)", "x-forwarded-for", "date"],
        ["sc-bytes", "asn"],
    ],
}
INPUT: dict[str, list[Any]] = {
    "format": ["realtime", "realtime", "auto", "auto", "standard"],
    "bad_value": ["fail", "keep"],
    "shapes": ["warn", "fail", "ignore"],
    "order": ["cloudfront", "as_written"],
    "max_record_bytes": [1, 7, 30, 90, 10_000],
}
STANDARD_INPUT: dict[str, list[Any]] = {
    "uri": ["split", "joined"],
    "decode_twice": [True, False],
    "decode_json": ["auto", "auto", True, False],
    "delimiter": ["\t", ",", ";;", "|", "\u00e9", " "],
}
INDICES = ["cdn", "cdn-{yyyy}-{MM}-{dd}", "cdn-{dd}-{HH}", "\u00e9{yyyy}"]
ENDS = [b"\n"] * 6 + [b"\r\n", b"\n\n", b"\r\r\n", b""]
HOSTILE = [
    b"\t",
    b"\n",
    b"\r",
    b"\x00",
    b"\x80",
    b"\xff",
    b"%",
    b"%2",
    b"%zz",
    b'"',
    b"\\",
    b"{",
    b"}",
    b"#",
    b"-",
]
HOSTILE += [
    b"9" * 20,
    b"0" * 40,
    b"9" * 200,
    b"\xef\xbb\xbf",
    b"\\u12",
    b"\\ud800",
    b"\xed\xa0\x80",
    b"a" * 70,
]


def case(rng: Random) -> Case:
    """Generate a case; its configuration may be one that is refused."""
    config = _config(rng)
    lines = _lines(rng, config)
    if config.get("layouts") and rng.random() < 0.3:
        lines.insert(rng.choice([0, 0, 1]), _first_line(rng, config))
    sizes = [rng.choice([1, 2, 3, 7, 16, 40, 100, 1000]) for _ in range(rng.randint(1, 5))]
    return Case(config, lines, sizes)


def _some(rng: Random, choices: dict[str, list[Any]]) -> dict[str, Any]:
    return {key: rng.choice(values) for key, values in choices.items() if rng.random() < 0.5}


def _config(rng: Random) -> Config:
    read = _some(rng, INPUT)
    if rng.random() < 0.4:
        read.pop("max_record_bytes", None)
    if read.get("format", "auto") != "realtime":
        read |= _some(rng, STANDARD_INPUT)
    config: Config = {"input": read, "output": _some(rng, OUTPUT)}
    custom = _custom_fields(rng)
    if custom:
        config["custom_fields"] = custom
    if custom and rng.random() < 0.3:
        config["output"]["raw"] = [field["name"] for field in custom]
    layouts = _layouts(rng, config)
    if layouts:
        config["layouts"] = [{"fields": fields} for fields in layouts]
    if rng.random() < 0.2:
        config["output"]["columns"] = _columns(rng, layouts)
    if rng.random() < 0.3:
        config["bulk"] = {"index": rng.choice(INDICES)}
    if rng.random() < 0.2 and layouts and isinstance(layouts[0], list):
        config["firehose"] = {"partition_keys": {"key": rng.choice(layouts[0])}}
    if rng.random() < 0.1 and layouts and isinstance(layouts[0], list):
        config["overflow"] = {"policy": "slim", "optional": [rng.choice(layouts[0])]}
    return config


def _columns(rng: Random, layouts: Sequence[str | list[str]]) -> list[str]:
    """Select fields, of the layouts if there are lists."""
    named = [name for fields in layouts if isinstance(fields, list) for name in fields]
    known = named or [*FIELDS, *(STANDARD_KEEN if not layouts else [])]
    return rng.sample(known, rng.randint(1, min(len(known), 8)))


def _custom_fields(rng: Random) -> list[dict[str, str]]:
    custom: list[dict[str, str]] = []
    anchors = [*FIELDS]
    for name in rng.sample(CUSTOM, rng.choice([0, 0, 1, 2, 3, len(CUSTOM)])):
        after = rng.choice([*COUNTED, rng.choice(anchors), anchors[-1]])
        kind = rng.choice(["headers", *KINDS])
        custom.append({"name": name, "kind": kind, "after": after})
        anchors.append(name)
    return custom


def _layouts(rng: Random, config: Config) -> list[list[str] | str]:
    is_standard = config["input"].get("format") == "standard"
    known, keen = (STANDARD, STANDARD_KEEN) if is_standard else (FIELDS, KEEN + COUNTED * 6)
    custom = [field["name"] for field in config.get("custom_fields", [])]
    least = 1 if config["input"].get("format", "auto") == "realtime" else 0
    layouts: list[list[str] | str] = []
    size = rng.choice([1, 2, 3, 3, 4, 5, 8, 20])
    for _ in range(rng.choice([least, 1, 1, 2, 3])):
        count = size + (rng.random() < 0.2)
        drawn = [
            rng.choice([*known, *custom * 9]) if rng.random() < 0.3 else rng.choice(keen)
            for _ in range(count)
        ]
        drawn[: rng.randint(0, len(custom))] = custom[: len(drawn)]
        fields = list(dict.fromkeys(drawn))
        rng.shuffle(fields)
        if config["input"].get("order") != "as_written" and rng.random() < 0.7:
            fields.sort(key=lambda name: known.index(name) if name in known else len(known))
        if fields and fields not in layouts:
            layouts.append(fields)
    if rng.random() < 0.03 and not is_standard:
        layouts.insert(0, "all")
    if rng.random() < 0.2 and is_standard:
        layouts.append(rng.sample(CONNECTION, rng.randint(1, 6)))
    return layouts


def _kind(config: Config, name: str) -> str:
    for field in config.get("custom_fields", []):
        if field["name"] == name:
            return str(field["kind"])
    field = edgelift.FIELDS.get(name) or _core.CONNECTION_FIELDS.get(name)
    return field.kind if field else "text"


def _value(rng: Random, config: Config, name: str) -> bytes:
    dice = rng.random()
    if dice < 0.08:
        return rng.choice(MISSING)
    if dice < 0.14:
        return rng.choice(NEAR)
    if dice < 0.24:
        return b"".join(rng.choices(PIECES, k=rng.randint(0, 8)))
    special = {
        "date": DATES,
        "time": TIMES,
        "timestamp(ms)": MILLIS,
        "eventTimestamp": MILLIS + ISO_TIMES,
    }.get(name)
    if special is not None and config["input"].get("format", "auto") != "realtime":
        return rng.choice(special[:3] if dice < 0.6 else special)
    if name in OFTEN and dice < 0.7:
        return rng.choice(OFTEN[name])
    return rng.choice(FIT[_kind(config, name)])


def _row(rng: Random, config: Config, fields: Sequence[str], delimiter: bytes = b"\t") -> bytes:
    return delimiter.join(_value(rng, config, name) for name in fields)


def _fields(rng: Random, config: Config) -> list[str]:
    """Choose a layout, as CloudFront orders its columns."""
    layouts = config.get("layouts")
    if not layouts:
        return [rng.choice(STANDARD)]
    fields = rng.choice(layouts)["fields"]
    if fields == "all":
        return FIELDS
    if config["input"].get("order") == "as_written":
        return list(fields)
    known = STANDARD if config["input"].get("format") == "standard" else FIELDS
    order = list(known)
    for field in config.get("custom_fields", []):
        if field["after"] in order:
            order.insert(order.index(field["after"]) + 1, field["name"])
    return sorted(fields, key=lambda name: order.index(name) if name in order else len(order))


def _lines(rng: Random, config: Config) -> list[bytes]:
    is_standard = config["input"].get("format", "auto") != "realtime"
    lines: list[bytes] = []
    names: list[str] = []
    delimiter = b"\t"
    for _ in range(rng.randint(1, 16)):
        dice = rng.random()
        if dice < 0.06:
            line = _error_object(rng, config)
        elif is_standard and dice < 0.25:
            names = _names(rng, config)
            version = rng.random() < 0.5
            if version:
                lines.append(b"#Version: 1.0" + rng.choice(ENDS[:6]))
            delimiter = _delimiter(rng, config, version=version)
            line = b"#Fields: " + " ".join(names).encode()
        elif is_standard and dice < 0.4:
            line = _json_record(rng, config)
        elif names and dice < 0.8:
            line = _row(rng, config, names, delimiter)
        else:
            line = _row(rng, config, _fields(rng, config))
        if rng.random() < 0.03:
            line += _row(rng, config, _fields(rng, config))
        if rng.random() < 0.12:
            line = damaged(rng, line)
        lines.append(line + rng.choice(ENDS))
    if rng.random() < 0.05:
        lines[0] = b"\xef\xbb\xbf" + lines[0]
    return lines


def _first_line(rng: Random, config: Config) -> bytes:
    """Generate a line whose first column a viewer may have written, or that is damaged."""
    value = rng.choice(BEGINNINGS)
    _, tab, rest = _row(rng, config, _fields(rng, config)).partition(b"\t")
    return rng.choice([value, value + tab + rest, value + tab + rest, value + b" " + rest]) + rng.choice(ENDS)


def _delimiter(rng: Random, config: Config, *, version: bool) -> bytes:
    """Choose the delimiter of the rows after a header: version 1 has tabs."""
    if version and rng.random() < 0.5:
        return b"\t"
    return str(config["input"].get("delimiter", "\t")).encode()


def _names(rng: Random, config: Config) -> list[str]:
    custom = [field["name"] for field in config.get("custom_fields", [])]
    names = rng.choices(STANDARD_KEEN, k=rng.randint(0, 5)) + rng.choices(STANDARD, k=rng.randint(0, 4))
    if rng.random() < 0.2:
        names = rng.choices(["eventTimestamp", *CONNECTION], k=rng.randint(0, 6)) + names[:1]
    names += rng.choices([*custom, "x-unknown", "cs-headers-count"], k=rng.randint(0, 3))
    rng.shuffle(names)
    return names if rng.random() < 0.05 else list(dict.fromkeys(names))


def _json_record(rng: Random, config: Config) -> bytes:
    members = []
    for name in _names(rng, config):
        value: Any = _value(rng, config, name).decode("utf-8", rng.choice(["replace", "surrogateescape"]))
        if rng.random() < 0.1:
            value = rng.choice([None, True, 7, -0.5, 1e300, [], {}, "\t", "\ud800", "\U0001f600"])
        members.append(f"{json.dumps(name)}{rng.choice([':', ' : '])}{_dumped(rng, value)}")
    blank = rng.choice(["", "", " ", "\t"])
    before = rng.choice(["", "", "", " ", "\t", "\r ", " " * 63, "\t" * 65])
    return f"{before}{{{blank}{(',' + blank).join(members)}{blank}}}".encode("utf-8", "surrogatepass")


def _dumped(rng: Random, value: object) -> str:
    text = json.dumps(value, ensure_ascii=rng.random() < 0.7)
    return text.replace("/", "\\/") if rng.random() < 0.1 else text


def _error_object(rng: Random, config: Config) -> bytes:
    data = _row(rng, config, _fields(rng, config)) + rng.choice(ENDS)
    members: dict[str, Any] = {"attemptsMade": 4, "errorCode": "Lambda.FunctionError", "lambdaARN": "arn"}
    if rng.random() < 0.3:
        del members["lambdaARN"]
        members |= {"esDocumentId": "49.0", "esIndexName": "cdn", "esTypeName": ""}
        data = b'{"a":1}' if rng.random() < 0.8 else data
    elif rng.random() < 0.4:
        members["errorCode"] = rng.choice(["Splunk.ServerError", "Iceberg.InvalidColumnName", 5])
        del members["lambdaARN"]
        data = rng.choice([data, data * 2, _json_record(rng, config) + data, b'{"a":1}', gzip.compress(data)])
    members["rawData"] = base64.b64encode(data).decode()
    if rng.random() < 0.2:
        names = " ".join(_names(rng, config))
        members["logHeader"] = f"#Fields: {names}\n"
    if rng.random() < 0.1:
        members["rawData"] = rng.choice(["", "!", None, 5])
    line = rng.choice([b"", b"", b" ", b"\t ", b" " * 64, b"\t" * 65]) + json.dumps(members).encode()
    return line * 2 if rng.random() < 0.1 else line


def damaged(rng: Random, data: bytes) -> bytes:
    """Change some bytes: one replaced, removed, inserted, or a slice that comes twice or is left out."""
    changed = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5])):
        start = rng.randint(0, len(changed))
        end = min(len(changed), start + rng.choice([0, 1, 1, 2, 9, 40]))
        dice = rng.random()
        if dice < 0.5:
            changed[start:end] = rng.choice(HOSTILE)
        elif dice < 0.7:
            changed[start:end] = rng.randbytes(end - start)
        elif dice < 0.85:
            changed[start:start] = changed[start:end]
        else:
            del changed[start:end]
    return bytes(changed)

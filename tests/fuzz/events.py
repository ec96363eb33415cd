"""Damages Firehose events, and compares the path of bytes with that of dicts."""

from __future__ import annotations

import base64
import contextlib
import gzip
import io
import json
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import edgelift
from edgelift import firehose, runtime

from .cases import damaged
from .documents import DisagreementError, same
from .ways import REPORTED

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

FIELDS = ["timestamp", "c-ip", "cs-uri-stem"]
CONFIGS: list[dict[str, Any]] = [
    {"layouts": [{"fields": FIELDS}]},
    {"layouts": [{"fields": FIELDS}], "firehose": {"partition_keys": {"key": "c-ip"}}},
    {"input": {"format": "auto"}, "output": {"newline": True}},
    {"layouts": [{"fields": FIELDS}], "firehose": {"multiple_lines": "ndjson"}},
    {
        "input": {"format": "auto"},
        "layouts": [{"fields": FIELDS}],
        "firehose": {"multiple_lines": "ndjson", "partition_keys": {"key": "asn"}},
    },
]


class Ways(NamedTuple):
    """The ways into one configuration for events."""

    transformer: edgelift.Transformer
    of_dicts: Callable[[Any, object], Any]
    of_bytes: Callable[[Any, object], Any]


def _ways(config: dict[str, Any]) -> Ways:
    with warnings.catch_warnings():
        # Only JSON records have the field of a key.
        warnings.filterwarnings("ignore", message=r".* partition_keys\.key: no layout has the field")
        return Ways(edgelift.Transformer(config), firehose.make_handler(config), runtime.make_handler(config))


WAYS = [_ways(config) for config in CONFIGS]


def _envelopes(kind: str) -> tuple[bytes, bytes]:
    """Return the envelope of a CloudWatch Logs subscription, as it is and compressed."""
    text = f'{{"messageType":"{kind}_MESSAGE","logEvents":[]}}'.encode()
    return text, gzip.compress(text, mtime=0)


ROWS = [
    b"1700000000.123\t192.0.2.1\t/a%20b\n",
    b"1700000000\t::1\t/\r\n",
    b"x\t-\t-",
    b"",
    b'{"asn":"1"}',
    b"\xff" * 9,
    b"\xf3\x89\x9a\xc2\n\x02pk",
    b"1700000000.123\t192.0.2.1\t/a\n\r\n1700000001\t::1\t/b",
    b"1700000000.123\t192.0.2.1\t/a\nx\t-\t-\n",
    b'{"asn":"1","cs(Cookie)":"}{"}{"asn":"1"}',
    b'{"asn":"1"} {"asn":"2"}\n1700000001\t::1\t/b\r\n',
    b'{"asn":"1"}\n{"asn":[]}\n',
    b"\n\n",
    *(text for kind in ("DATA", "CONTROL") for text in _envelopes(kind)),
]
IDS = ["1", "a", "\u00e9", "", "A\udc00", "\ud800", '"\\', "\u0000", "\U0001f600", "4957" + "0" * 52]
DATA: list[Any] = ["", "!", "QQ", "QR==", "QQ==\n", None, 5, 1e300, [], {"data": "QQ=="}, True]
OTHERS: list[Any] = [None, 7, -0.5, "x", [], [[{}]], {"recordId": "x", "data": "QQ=="}, {"partitionKey": "k"}]
KEYS = ["kinesisRecordMetadata", "approximateArrivalTimestamp", "recordID", "Data", "data\u0000", ""]


def event(rng: Random) -> bytes:
    """Generate the bytes of an event, damaged or not."""
    records = [_record(rng) for _ in range(rng.choice([0, 1, 2, 3, 8]))]
    members = [("invocationId", _dumped(rng, "i")), ("region", _dumped(rng, rng.choice(OTHERS)))]
    members += [
        ("deliveryStreamArn", _dumped(rng, rng.choice(["arn:aws:firehose:r:1:deliverystream/s", None])))
    ]
    between = rng.choice([",", ",", " ,\n", "\t,\r"])
    members += [("records", f"[{between.join(records)}]")] * rng.choice([1, 1, 1, 2])
    if rng.random() < 0.05:
        members.append(("records", _dumped(rng, rng.choice(OTHERS))))
    rng.shuffle(members)
    # As an escape, half a surrogate pair may be there; as bytes, it is not UTF-8.
    raw = _object(rng, members).encode("utf-8", "surrogatepass")
    return damaged(rng, raw) if rng.random() < 0.5 else raw


def _record(rng: Random) -> str:
    data: Any = base64.b64encode(rng.choice(ROWS)).decode() if rng.random() < 0.8 else rng.choice(DATA)
    members = [("recordId", _dumped(rng, rng.choice(IDS))), ("data", _dumped(rng, data))]
    others = range(rng.choice([0, 0, 1, 3]))
    members += [(rng.choice(KEYS), _dumped(rng, rng.choice(OTHERS))) for _ in others]
    if rng.random() < 0.2:
        rng.shuffle(members)
    if rng.random() < 0.05:
        members.append(rng.choice(members))
    if rng.random() < 0.03:
        members.pop(rng.randrange(len(members)))
    return _object(rng, members)


def _object(rng: Random, members: list[tuple[str, str]]) -> str:
    colon, comma = rng.choice([(":", ","), (":", ","), (": ", ", "), ("\t:\n", " , ")])
    return "{" + comma.join(f"{_dumped(rng, key)}{colon}{value}" for key, value in members) + "}"


def _dumped(rng: Random, value: object) -> str:
    text = json.dumps(value, ensure_ascii=rng.random() < 0.8)
    if isinstance(value, str) and value.isascii() and value.isprintable() and rng.random() < 0.1:
        # The same string, with each character as an escape.
        text = '"' + "".join(f"\\u{ord(character):04x}" for character in value) + '"'
    return text


def check_event(raw: bytes) -> int:
    """Answer an event as bytes and as a dict; return the number of its records.

    Raises:
        DisagreementError: the two do not agree, or a record is not answered once and in order.

    """
    return max(_check(ways, raw) for ways in WAYS)


def _check(ways: Ways, raw: bytes) -> int:
    parsed = _parsed(raw)
    transformer = ways.transformer
    try:
        answer = transformer.answer_event(raw)
    except edgelift.EdgeliftError as error:
        if not isinstance(parsed, _Invalid):
            _check_refused(transformer, parsed, error)
        return 0
    if isinstance(parsed, _Invalid):
        raise DisagreementError(f"answered {raw!r}, which is not JSON: {parsed.why}")
    batch = transformer.transform_records(parsed["records"])
    response = answer.response
    if response is None:
        raise DisagreementError(f"no response to {raw!r}")
    same("bytes and dicts", json.loads(response), {"records": batch.records})
    with contextlib.redirect_stdout(io.StringIO()):
        same("handler of dicts", ways.of_dicts(parsed, None), {"records": batch.records})
        same("handler of bytes", ways.of_bytes(raw, None), response)
    for name in REPORTED:
        same(f"report.{name}", getattr(answer.report, name), getattr(batch.report, name))
    ids = dict.fromkeys(record["recordId"] for record in parsed["records"])
    _check_documents(transformer, parsed["records"], batch.records)
    same("recordIds, each once and in order", [record["recordId"] for record in batch.records], list(ids))
    counts = batch.report.counts
    same("in = ok + dropped + failed", counts.read, counts.ok + counts.dropped + counts.failed)
    same("records and answers", counts.read, len(ids))
    return len(parsed["records"])


def _check_documents(
    transformer: edgelift.Transformer, records: list[Any], answers: list[dict[str, Any]]
) -> None:
    """Check that an answer has the documents of its record: one, or one per line."""
    first = {record["recordId"]: record.get("data") for record in reversed(records)}
    for answer in answers:
        if answer["result"] == "Ok":
            record = base64.b64decode(first[answer["recordId"]])
            made = base64.b64decode(answer["data"])
            same("documents of a record", made, _documents(transformer, record))


def _documents(transformer: edgelift.Transformer, record: bytes) -> bytes:
    """Return what a record becomes, by the lines and objects that Python finds in it."""
    end = b"\n" if transformer.options["output"]["newline"] else b""
    try:
        return transformer.transform(record) + end
    except edgelift.RecordError:
        if transformer.options["firehose"]["multiple_lines"] == "fail":
            raise
    parts = (part for line in record.split(b"\n") for part in _objects(line.removesuffix(b"\r")))
    return b"".join(transformer.transform(part) + end for part in parts if part)


def _objects(line: bytes) -> list[bytes]:
    """Return the JSON objects of a line, or the line if it has none."""
    objects, text = [], line.decode("latin-1")
    while text.startswith("{"):
        try:
            _, end = json.JSONDecoder().raw_decode(text)
        except ValueError:
            return [line]
        objects.append(text[:end].encode("latin-1"))
        text = text[end:].lstrip()
    return objects or [line]


def _check_refused(transformer: edgelift.Transformer, parsed: Any, error: edgelift.EdgeliftError) -> None:  # noqa: ANN401
    """Check that what was refused as bytes would be refused as a dict, too."""
    if not isinstance(parsed, dict) or not isinstance(parsed.get("records"), list):
        if "is not JSON" in str(error):
            raise DisagreementError(f"refused, though it is JSON: {error}")
        return
    try:
        transformer.transform_records(parsed["records"])
    except edgelift.EdgeliftError as other:
        same("messages of bytes and dicts", str(error), str(other))
    else:
        raise DisagreementError(f"only the bytes are refused: {error}")


class _Invalid:
    """Bytes that are not JSON."""

    def __init__(self, why: object) -> None:
        self.why = why


def _parsed(raw: bytes) -> Any:  # noqa: ANN401
    """Read JSON as its standard says: UTF-8 and no constants beyond it."""
    try:
        return json.loads(raw.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        return _Invalid(error)


def _refuse(constant: str) -> None:
    raise ValueError(constant)

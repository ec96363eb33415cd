"""An oracle for bulk bodies: rows whose time and id are known, and the body that they must give."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import edgelift

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
T = TypeVar("T")


def pairs(body: bytes) -> list[tuple[dict[str, str], dict[str, Any]]]:
    """Read a body as OpenSearch does: what is created, and the document."""
    lines = body.split(b"\n")
    assert lines.pop() == b""
    read = [json.loads(line) for line in lines]
    actions, documents = read[::2], read[1::2]
    assert len(actions) == len(documents)
    assert all(list(action) == ["create"] for action in actions)
    return [(action["create"], document) for action, document in zip(actions, documents, strict=True)]


class Value(NamedTuple, Generic[T]):
    """A value as it stands in a log, and what it says: seconds since 1970, or the id; None if nothing."""

    raw: str
    says: T | None


class Request(NamedTuple):
    """The values of a row that name its index and id."""

    timestamp: Value[int]
    date: Value[int]
    time: Value[int]
    milliseconds: Value[int]
    id: Value[str]
    address: str

    def real_time(self) -> int | None:
        return self.timestamp.says

    def standard_time(self, *, hour: bool) -> int | None:
        if self.milliseconds.says is not None:
            return self.milliseconds.says
        if self.date.says is not None and self.time.says is not None:
            return self.date.says + self.time.says
        return None if hour else self.date.says


class Row(NamedTuple):
    """A line of a log, with the seconds and the id that it tells."""

    line: bytes
    seconds: int | None
    id: str | None


def day(text: str) -> Value[int]:
    return Value(text, int((datetime.fromisoformat(f"{text}T00:00:00Z") - EPOCH).total_seconds()))


NOTHING: list[Value[int]] = [Value("-", None), Value("", None), Value("x", None)]
TIMESTAMPS = [
    Value("1700000000.123", 1_700_000_000),
    Value("1700006399.999", 1_700_006_399),
    Value("0.5", 0),
    Value("951782400", 951_782_400),
    Value("99999999999.999999999", 99_999_999_999),
    Value("1700000000.", None),
    *NOTHING,
]
DATES = [day("2024-11-15"), day("2024-02-29"), day("1970-01-01"), Value("2023-02-29", None), *NOTHING]
TIMES = [Value("19:45:51", 71_151), Value("00:00:00", 0), Value("24:00:00", None), *NOTHING]
MILLISECONDS = [Value("1731699951183", 1_731_699_951), Value("999", 0), *NOTHING]
TEXTS = [
    *("SOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==", "abc==", "_a", "%20", "x" * 512, "é" * 256),
    *('q"\\\x01\x7f/', "\u2028", "\U0001f600"),
]
IDS: list[Value[str]] = [
    *(Value(text, text) for text in TEXTS),
    *(Value(text, None) for text in ("-", "", "x" * 513, "é" * 257, "\udcff")),
]
# Only JSON can hold these.
JSON_IDS: list[Value[str]] = [*IDS[:-1], Value("\ud800", None), Value("a\tb\nc", "a\tb\nc")]
ADDRESSES = ["192.0.2.1", "::1", "x"]


def requests(ids: Sequence[Value[str]]) -> st.SearchStrategy[Request]:
    choices = (TIMESTAMPS, DATES, TIMES, MILLISECONDS, ids, ADDRESSES)
    return st.builds(Request, *(st.sampled_from(some) for some in choices))


def raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def real_time(request: Request) -> Row:
    line = f"{request.timestamp.raw}\t{request.address}\t{request.id.raw}"
    return Row(raw(line), request.real_time(), request.id.says)


def real_time_without_id(request: Request) -> Row:
    return Row(raw(f"{request.timestamp.raw}\t{request.address}"), request.real_time(), None)


PARTS: dict[str, Callable[[Request], str]] = {
    "date": lambda request: request.date.raw,
    "time": lambda request: request.time.raw,
    "timestamp(ms)": lambda request: request.milliseconds.raw,
    "c-ip": lambda request: request.address,
    "x-edge-request-id": lambda request: request.id.raw,
    "sc-status": lambda _: "200",
}


def without(request: Request, names: Sequence[str]) -> Request:
    """Return a request reduced to the columns of a log."""
    missing: Value[Any] = Value("", None)
    return request._replace(
        date=request.date if "date" in names else missing,
        time=request.time if "time" in names else missing,
        milliseconds=request.milliseconds if "timestamp(ms)" in names else missing,
        id=request.id if "x-edge-request-id" in names else missing,
    )


def standard(request: Request, names: Sequence[str], delimiter: str | None, *, hour: bool) -> Row:
    """Render a row of a standard log; without a delimiter as JSON."""
    values = [PARTS[name](request) for name in names]
    if delimiter is None:
        line = json.dumps(dict(zip(names, values, strict=True))).encode()
    else:
        line = raw(delimiter.join(values))
    reported = without(request, names)
    return Row(line, reported.standard_time(hour=hour), reported.id.says)


def named(pattern: str, seconds: int) -> str:
    at = EPOCH + timedelta(seconds=seconds)
    parts = {
        "{yyyy}": f"{at.year:04}",
        "{MM}": f"{at.month:02}",
        "{dd}": f"{at.day:02}",
        "{HH}": f"{at.hour:02}",
    }
    for placeholder, text in parts.items():
        pattern = pattern.replace(placeholder, text)
    return pattern


def expected_pairs(
    transformer: edgelift.Transformer, head: bytes, rows: Sequence[Row], pattern: str
) -> Iterator[bytes | str]:
    """Give the two lines of each row, or the reason for which it fails."""
    seen: Counter[str] = Counter()
    for row in rows:
        alone = transformer.transform_lines(head + row.line + b"\n")
        if alone.failures:
            yield alone.failures[0].reason
            continue
        if "{" in pattern and row.seconds is None:
            yield "missing_timestamp"
            continue
        identity = row.id
        if identity is None:
            digest = hashlib.blake2b(row.line, digest_size=16).hexdigest()
            seen[digest] += 1
            identity = f"{digest}-{seen[digest]}"
        name, of = (
            json.dumps(named(pattern, row.seconds or 0), ensure_ascii=False),
            json.dumps(identity, ensure_ascii=False),
        )
        yield f'{{"create":{{"_index":{name},"_id":{of}}}}}\n'.encode() + alone.output

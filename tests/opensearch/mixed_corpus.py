"""A prefix of everything found in buckets of logs; its valid records are counted as it is generated.

Index and id of each record are derived here from `docs/bulk.md`, with nothing of edgelift but the order of
CloudFront's columns.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import zlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.columns import usual_columns
from tests.engine.replay.objects import error_object, processing_failed

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

FIELDS = usual_columns("cs-cookie")

V1 = """
date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer)
cs(User-Agent) cs-uri-query cs(Cookie) x-edge-request-id
""".split()  # noqa: SIM905 -- as they stand in a header

BEGIN = 1_731_628_800
"""15 November 2024, 00:00 UTC."""

DAYS = 3

Key = tuple[str, str]
"""Index and id."""

Values = dict[str, str]
"""Of a request, by their names in real-time logs."""


@dataclass
class MixedCorpus:
    """Makes objects one after the other, and keeps what must become of their records.

    Attributes:
        chance: where everything comes from.
        rows: how many rows an object has at most.
        ids: index and id of each valid record.
        valid: number of valid records, of which some are there twice.
        invalid: number of records that must fail.
        kinds: number of objects of each kind.

    """

    chance: random.Random
    rows: int
    ids: set[Key] = field(default_factory=set)
    valid: int = 0
    invalid: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    _earlier: list[Values] = field(default_factory=list)
    _equal: Counter[bytes] = field(default_factory=Counter)

    def objects(self, size: int) -> Iterator[tuple[str, bytes]]:
        """Yield names and contents until they have `size` bytes together."""
        kinds: dict[str, tuple[int, Callable[[], bytes]]] = {
            "backup.gz": (6, lambda: self._packed(self._backup())),
            "backup": (3, self._backup),
            "v1.gz": (4, lambda: self._packed(self._v1())),
            "v2.json": (4, self._v2),
            "processing-failed": (3, self._processing_failed),
            "AmazonOpenSearchService_failed": (3, self._opensearch_failed),
            "cut.gz": (1, self._cut),
            "noise": (1, self._noise),
            "picture.png": (1, lambda: b"\x89PNG\r\n\x1a\n" + self.chance.randbytes(1000)),
            "empty": (1, lambda: b""),
        }
        names = list(kinds)
        weights = [weight for weight, _ in kinds.values()]
        made = number = 0
        while made < size:
            # Each kind is there, however few objects there are.
            kind = names[number] if number < len(names) else self.chance.choices(names, weights)[0]
            self.kinds[kind] += 1
            self._equal.clear()
            content = kinds[kind][1]()
            made += len(content)
            number += 1
            yield f"cdn/2024/11/15/{self.chance.randrange(24):02}/{number:05}-{kind}", content

    def _request(self) -> Values:
        """Make a request; one in thirty has come before, as best-effort delivery has it."""
        chance = self.chance
        if self._earlier and chance.random() < 1 / 30:
            return chance.choice(self._earlier)
        moment = BEGIN + chance.randrange(DAYS * 86400)
        path = f"/{chance.getrandbits(64):x}/%20a%22b"
        has_id = chance.random() < 29 / 30
        request = {
            "timestamp": f"{moment}.{chance.randrange(1000):03}",
            "c-ip": f"10.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(256)}",
            "sc-status": chance.choice(("200", "206", "304", "403", "404", "000")),
            "sc-bytes": str(chance.randrange(10**7)),
            "cs-method": "GET",
            "cs-protocol": "https",
            "cs-host": "d111111abcdef8.cloudfront.net",
            "cs-uri-stem": path,
            "x-edge-location": f"FRA{chance.randrange(90)}-P1",
            "x-edge-request-id": base64.b64encode(chance.randbytes(40)).decode() if has_id else "-",
            "cs-user-agent": f"Mozilla/5.0%20(X11;%20Linux%20x86_64)%20{chance.randrange(10**6)}",
            "cs-referer": f"https://example.com/{chance.getrandbits(80):x}",
            "cs-cookie": f"s={chance.randbytes(chance.randrange(100, 400)).hex()}",
        }
        if has_id and chance.random() < 1 / 20:
            self._earlier.append(request)
        return request

    def _keep(self, request: Values, record: bytes) -> bytes:
        """Note that a record is valid."""
        name = request["x-edge-request-id"]
        if name == "-":
            self._equal[record] += 1
            name = f"{hashlib.blake2b(record, digest_size=16).hexdigest()}-{self._equal[record]}"
        day = datetime.fromtimestamp(float(request["timestamp"]), UTC)
        self.ids.add((f"cdn-logs-{day:%Y-%m-%d}", name))
        self.valid += 1
        return record

    def _damaged(self, request: Values, write: Callable[[Values], bytes]) -> bytes:
        """Write a record that must fail."""
        self.invalid += 1
        damage = self.chance.randrange(3)
        if damage == 0:
            return write(request | {"sc-status": "2x0"})
        if damage == 1:
            return write(request | {"timestamp": "1731628800.x", "x-edge-request-id": "-"})
        return write(request)[:-40].replace(b"\t", b" ") + b"?"

    def _records(self, write: Callable[[Values], bytes]) -> Iterator[bytes]:
        for _ in range(self.chance.randrange(1, self.rows)):
            request = self._request()
            if self.chance.random() < 1 / 40:
                yield self._damaged(request, write)
                continue
            record = self._keep(request, write(request))
            yield record
            if request["x-edge-request-id"] == "-" and self.chance.random() < 1 / 4:
                # Two requests that nothing tells apart.
                yield self._keep(request, record)

    def _lines(self, write: Callable[[Values], bytes]) -> Iterator[bytes]:
        for record in self._records(write):
            yield record + (b"\r\n" if self.chance.random() < 1 / 50 else b"\n")
            if self.chance.random() < 1 / 50:
                yield b"\n"

    def _backup(self) -> bytes:
        return b"".join(self._lines(realtime))

    def _v1(self) -> bytes:
        header = f"#Version: 1.0\n#Fields: {' '.join(V1)}\n".encode()
        return header + b"".join(self._lines(version_1))

    def _v2(self) -> bytes:
        return b"".join(self._lines(version_2))

    def _processing_failed(self) -> bytes:
        return b"".join(processing_failed(record + b"\n") + b"\n" for record in self._records(realtime))

    def _opensearch_failed(self) -> bytes:
        lines = []
        for _ in range(self.chance.randrange(1, self.rows)):
            request = self._request()
            index = f"cdn-logs-2024-11-{15 + self.chance.randrange(DAYS)}"
            name = f"{self.chance.getrandbits(180)}.0"
            document = json.dumps({"timestamp": int(request["timestamp"][:10]), "x": request["cs-cookie"]})
            if self.chance.random() < 1 / 40:
                document = document[:-1]
                self.invalid += 1
            else:
                self.ids.add((index, name))
                self.valid += 1
            members = {"esDocumentId": name, "esIndexName": index, "esTypeName": ""}
            lines.append(error_object(document.encode(), **members) + b"\n")
        return b"".join(lines)

    def _packed(self, content: bytes) -> bytes:
        """Pack into members, as many writers do."""
        middle = self.chance.randrange(len(content))
        return b"".join(gzip.compress(part, 1, mtime=0) for part in (content[:middle], content[middle:]))

    def _cut(self) -> bytes:
        """Cut an object of good rows; what can be unpacked of them has whole lines."""
        requests = [self._request() for _ in range(self.rows // 2)]
        packed = gzip.compress(b"".join(realtime(request) + b"\n" for request in requests), 1, mtime=0)
        packed = packed[: len(packed) * 2 // 3]
        whole = zlib.decompressobj(wbits=31).decompress(packed).count(b"\n")
        for request in requests[:whole]:
            self._keep(request, realtime(request))
        return packed

    def _noise(self) -> bytes:
        lines = [b"\0" + self.chance.randbytes(100).translate(None, b"\r\n") for _ in range(20)]
        self.invalid += len(lines)
        return b"\n".join(lines)


def realtime(request: Values) -> bytes:
    return "\t".join(request[name] for name in FIELDS).encode()


def version_1(request: Values) -> bytes:
    return "\t".join(_standard(request)[name] for name in V1).encode()


def version_2(request: Values) -> bytes:
    return json.dumps(_standard(request)).encode()


def _standard(request: Values) -> Values:
    seconds, _, _ = request["timestamp"].partition(".")
    moment = datetime.fromtimestamp(int(seconds), UTC)
    # A time that is none stays none.
    time = f"{moment:%H:%M:%S}" if request["timestamp"][-1].isdigit() else "25:00:00"
    renamed = {
        "cs(Host)": request["cs-host"],
        "cs(Referer)": request["cs-referer"],
        "cs(User-Agent)": request["cs-user-agent"],
        "cs(Cookie)": request["cs-cookie"],
        "cs-uri-query": "-",
    }
    same = {name: value for name, value in request.items() if name in V1}
    return {"date": f"{moment:%Y-%m-%d}", "time": time, **renamed, **same}

"""Seeded corpora of real-time log lines, the same bytes on every machine and every Python.

``python -m benchmarks.corpus FOLDER`` writes each corpus as ``NAME.tsv`` with its facts in ``NAME.json``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.traffic import draw_request
from benchmarks.viewers import Dice

if TYPE_CHECKING:
    from collections.abc import Sequence

SEED: Final = 20_240_401
BLOCK: Final = 10_000
"""Distinct rows of a corpus; a longer file repeats them."""
BAD_EVERY: Final = 200
"""One row in so many is bad: 0.5 %."""

# fmt: off
LAYOUTS: Final[dict[str, tuple[str, ...]]] = {
    # The published recipe's fields, in the order in which CloudFront sends them.
    "c14": (
        "timestamp", "c-ip", "sc-status", "cs-method", "cs-protocol", "cs-uri-stem", "x-host-header",
        "time-taken", "cs-user-agent", "cs-referer", "cs-uri-query", "x-edge-response-result-type",
        "x-edge-result-type", "c-country",
    ),
    # The fields of the launch of real-time logs and the next five: the layout of a row recorded in 2022.
    "c45": (
        "timestamp", "c-ip", "time-to-first-byte", "sc-status", "sc-bytes", "cs-method", "cs-protocol",
        "cs-host", "cs-uri-stem", "cs-bytes", "x-edge-location", "x-edge-request-id", "x-host-header",
        "time-taken", "cs-protocol-version", "c-ip-version", "cs-user-agent", "cs-referer", "cs-cookie",
        "cs-uri-query", "x-edge-response-result-type", "x-forwarded-for", "ssl-protocol", "ssl-cipher",
        "x-edge-result-type", "fle-encrypted-fields", "fle-status", "sc-content-type", "sc-content-len",
        "sc-range-start", "sc-range-end", "c-port", "x-edge-detailed-result-type", "c-country",
        "cs-accept-encoding", "cs-accept", "cache-behavior-path-pattern", "cs-headers", "cs-header-names",
        "cs-headers-count", "primary-distribution-id", "primary-distribution-dns-name", "origin-fbl",
        "origin-lbl", "asn",
    ),
}
# fmt: on
# A request whose line is shorter or longer is drawn again.
_BOUNDS: Final = {"c14": (120, 700), "c45": (650, 1_900)}
_BAD_VALUES: Final = (("sc-status", "2O0"), ("time-taken", "0,042"), ("timestamp", "yesterday"))


@dataclass(frozen=True)
class Corpus:
    """Lines of one layout; ``bad`` says for each reason how many of them must fail."""

    name: str
    seed: int
    fields: tuple[str, ...]
    lines: tuple[bytes, ...]
    bad: dict[str, int]
    header: bytes = b""
    """Lines before the rows."""

    @property
    def data(self) -> bytes:
        """All lines, as they stand in a file."""
        return self.header + b"".join(self.lines)

    @property
    def good(self) -> int:
        """Number of lines that must become a document."""
        return len(self.lines) - sum(self.bad.values())


@dataclass(frozen=True)
class Facts:
    """Facts of a written corpus."""

    name: str
    seed: int
    fields: tuple[str, ...]
    rows: int
    bad_rows: dict[str, int]
    bytes: int
    sha256: str


@cache
def block(name: str, *, with_bad: bool = True, seed: int = SEED) -> Corpus:
    """Make the `BLOCK` distinct rows of corpus ``name``: ``c14`` or ``c45``.

    Without bad rows the lines are the same but for those that would have been bad.
    """
    dice = Dice(seed)
    fields = LAYOUTS[name]
    low, high = _BOUNDS[name]
    bad = {"column_count": 0, "bad_value": 0}
    lines = []
    milliseconds = 1_711_929_600_000
    for number in range(BLOCK):
        if number % BAD_EVERY == 0:
            chosen = number + dice.below(BAD_EVERY)
        milliseconds += dice.below(90)
        line = b""
        while not low <= len(line) <= high:
            request = draw_request(dice, milliseconds)
            columns = [request[field] for field in fields]
            line = _line(columns)
        if with_bad and number == chosen:
            reason = ("column_count", "bad_value")[number // BAD_EVERY % 2]
            bad[reason] += 1
            line = _line(_spoiled(columns, fields, reason, number // BAD_EVERY))
        lines.append(line)
    return Corpus(name, seed, fields, tuple(lines), bad)


def bad_rows_among(rows: int) -> int:
    """Count the bad rows among the first ``rows`` of a corpus, a multiple of `BAD_EVERY`."""
    return rows // BAD_EVERY


def _line(columns: Sequence[str]) -> bytes:
    return ("\t".join(columns) + "\n").encode()


def _spoiled(columns: list[str], fields: tuple[str, ...], reason: str, turn: int) -> list[str]:
    """Make a row bad for ``reason``, in another way each ``turn``."""
    if reason == "column_count":
        return columns[:-1] if turn % 4 else [*columns, "-"]
    field, value = _BAD_VALUES[turn // 2 % len(_BAD_VALUES)]
    spoiled = list(columns)
    spoiled[fields.index(field)] = value
    return spoiled


def write(folder: Path, corpus: Corpus, *, repeats: int = 1, stem: str | None = None) -> Facts:
    """Write ``corpus``, ``repeats`` times over, to ``folder`` as a ``.tsv`` with its facts in a ``.json``.

    Returns:
        The facts: rows, bad rows for each reason, bytes, fields, sha256 of the file.

    """
    folder.mkdir(parents=True, exist_ok=True)
    stem = stem or corpus.name
    data = corpus.data
    digest = hashlib.sha256()
    with (folder / f"{stem}.tsv").open("wb") as file:
        for _ in range(repeats):
            file.write(data)
            digest.update(data)
    facts = Facts(
        name=corpus.name,
        seed=corpus.seed,
        fields=corpus.fields,
        rows=len(corpus.lines) * repeats,
        bad_rows={reason: count * repeats for reason, count in corpus.bad.items()},
        bytes=len(data) * repeats,
        sha256=digest.hexdigest(),
    )
    (folder / f"{stem}.json").write_text(json.dumps(asdict(facts), indent=1) + "\n")
    return facts


def event(lines: Sequence[bytes], seed: int = SEED) -> dict[str, Any]:
    """Make the Firehose transformation event that carries ``lines``, one a record, from a Kinesis source."""
    dice = Dice(seed)
    stream = "arn:aws:kinesis:us-east-1:123456789012:stream/cdn-logs"
    first = 49_635_675_801_952_128_003_396_914_033_285_311_334_825_079_587_865_624_578
    records = [
        {
            "recordId": str(first + 16 * number),
            "approximateArrivalTimestamp": 1_711_929_600_000 + number,
            "data": base64.b64encode(line).decode(),
            "kinesisRecordMetadata": {
                "sequenceNumber": str(first + 16 * number),
                "subsequenceNumber": 0,
                "partitionKey": f"{dice.below(2**32):08x}-cbed-43f4-9a01-{dice.below(2**48):012x}",
                "shardId": "shardId-000000000000",
                "approximateArrivalTimestamp": 1_711_929_600_000 + number,
            },
        }
        for number, line in enumerate(lines)
    ]
    return {
        "invocationId": "2b4d1ad9-2f48-94bd-a088-767c317e994a",
        "sourceKinesisStreamArn": stream,
        "deliveryStreamArn": "arn:aws:firehose:us-east-1:123456789012:deliverystream/cdn-logs",
        "region": "us-east-1",
        "records": records,
    }


def event_bytes(lines: Sequence[bytes]) -> bytes:
    """Make the same event as it comes over the wire: JSON without blanks."""
    return json.dumps(event(lines), separators=(",", ":")).encode()


def event_of_size(lines: Sequence[bytes], size: int) -> bytes:
    """Make the event with as many of ``lines`` as a JSON text of ``size`` bytes holds."""
    around = len(event_bytes([]))
    a_record = (len(event_bytes(lines)) - around) / len(lines)
    count = int((size - around) / a_record)
    # About right; the lines at the beginning may be longer or shorter than all.
    while len(event_bytes(lines[:count])) > size:
        count -= 1
    while count < len(lines) and len(event_bytes(lines[: count + 1])) <= size:
        count += 1
    return event_bytes(lines[:count])


def main() -> int:
    """Write the corpora to the folder named on the command line."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".bench")
    print(f"seed {SEED}")
    for name in LAYOUTS:
        facts = write(folder, block(name))
        bad = sum(facts.bad_rows.values())
        print(f"{folder / name}.tsv: {facts.rows:,} rows, {bad} bad, {facts.bytes:,} bytes, {facts.sha256}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

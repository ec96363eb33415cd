"""Rows for the template: recorded ones, and generated ones with values that are hard to index."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgelift import FIELDS
from tests.fuzz.values import FIT, MISSING, NEAR, PIECES, SHAPED

if TYPE_CHECKING:
    from collections.abc import Iterator

FIXTURES = Path(__file__).parents[1] / "fixtures"

RECORDED_LAYOUTS: list[dict[str, Any]] = [
    {"fields": [name for name in list(FIELDS)[: FIELDS[last].position] if name != "s-ip"]}
    for last in ("asn", "cs-headers-count")
]
"""The layouts of the recorded real-time rows, of 45 and 40 columns."""

LONG = [b"x" * 33_000, b"%C3%A9" * 20_000, b"a%3A" * 10_000]
"""Values beyond the longest term that Lucene takes, which is 32,766 bytes."""


def recorded() -> Iterator[bytes]:
    """Yield the content of each recorded or documented log."""
    for folder in "realtime", "standard":
        for path in sorted((FIXTURES / folder).iterdir()):
            if path.suffix in {".tsv", ".log", ".jsonl"}:
                yield path.read_bytes()
    for group in json.loads((FIXTURES / "golden-standard/connection.json").read_text())["groups"]:
        for case in group["cases"]:
            yield case["record"].encode("latin-1")


def generated(number: int, seed: int) -> bytes:
    """Return rows of all fields; about every fourth value does not fit or is hard to read."""
    print(f"seed {seed}")  # noqa: T201 -- pytest shows it if a test fails
    chance = random.Random(seed)  # noqa: S311 -- no secret
    rows = [b"\t".join(_value(chance, name) for name in FIELDS) for _ in range(number)]
    return b"\n".join(rows)


def _value(chance: random.Random, name: str) -> bytes:
    kind = FIELDS[name].kind
    if name == "timestamp":
        return chance.choice(FIT[kind])
    if name == "x-edge-request-id":
        # It would be the id of many documents, of which one is kept.
        return b"-"
    dice = chance.random()
    if dice < 0.25:
        return _unusual(chance)
    return chance.choice(SHAPED[name] if name in SHAPED and dice < 0.5 else FIT[kind])


def _unusual(chance: random.Random) -> bytes:
    dice = chance.random()
    if dice < 0.001:
        return chance.choice(LONG)
    if dice < 0.2:
        return chance.choice(MISSING)
    if dice < 0.6:
        return chance.choice(NEAR)
    return b"".join(chance.choices(PIECES, k=chance.randint(1, 8)))

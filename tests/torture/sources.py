"""Small objects of every kind: rows, gzip, standard logs, error objects, damage, and what is not a log."""

from __future__ import annotations

import base64
import gzip
import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping
    from pathlib import Path

CONFIG = "edgelift.toml"

_CONFIG = """
input.format = "auto"
[[layouts]]
fields = ["timestamp", "c-ip", "sc-status", "cs-method", "cs-uri-stem"]
"""

_MODIFIED = 1_731_699_422
"""Time of all objects, in seconds."""


def make(chance: random.Random, objects: int, *, prefix: str = "") -> dict[str, bytes]:
    """Make objects by name; every record is there once, and names ``prefix`` in its path."""
    made = {}
    for number in range(objects):
        kind = chance.choices(list(_KINDS), [weight for _, weight in _KINDS.values()])[0]
        # One log at least: of files that are all something else nothing is written at all.
        kind = kind if number else "rows"
        rows = _rows(chance, chance.choice([1, 3, 20, 60]), f"{prefix}{number}")
        if chance.randrange(12) == 0:
            # Several blocks.
            rows = _rows(chance, 6000, f"{prefix}{number}")
        made[f"{chance.choice(['', 'a/', 'a/b/'])}{number:02}-{kind}"] = _KINDS[kind][0](rows)
    return made


def _rows(chance: random.Random, number: int, name: str) -> bytes:
    rows = []
    for row in range(number):
        status = "2x0" if chance.randrange(12) == 0 else "200"
        second = 1_700_000_000 + chance.randrange(10**6)
        rows.append(f"{second}.{row % 1000:03}\t10.0.0.1\t{status}\tGET\t/{name}/{row}\n")
        if chance.randrange(20) == 0:
            rows.append("\n")
    return "".join(rows).encode()


def _standard(rows: bytes) -> bytes:
    lines = [b"#Version: 1.0\n", b"#Fields: date time c-ip sc-status cs-method cs-uri-stem\n"]
    for row in rows.splitlines():
        if row:
            _, address, status, method, path = row.split(b"\t")
            lines.append(b"\t".join([b"2024-11-15", b"19:37:02", address, status, method, path]) + b"\n")
    return gzip.compress(b"".join(lines), 1, mtime=0)


def _error_object(rows: bytes) -> bytes:
    objects = [
        {"attemptsMade": 1, "errorCode": "x", "lambdaArn": None, "rawData": base64.b64encode(row).decode()}
        for row in rows.splitlines(keepends=True)
        if row.strip()
    ]
    return b"".join(json.dumps(error).encode() + b"\n" for error in objects)


_KINDS: dict[str, tuple[Callable[[bytes], bytes], int]] = {
    "rows": (lambda rows: rows, 4),
    "rows.gz": (lambda rows: gzip.compress(rows, 1, mtime=0), 6),
    "members.gz": (lambda rows: gzip.compress(rows, 1, mtime=0) + gzip.compress(rows[:0], 1, mtime=0), 1),
    "standard.gz": (_standard, 2),
    "failed": (_error_object, 2),
    "damaged.gz": (lambda rows: gzip.compress(rows, 1, mtime=0)[:-9], 1),
    "photo.png": (lambda rows: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(len(rows)), 1),
    "empty": (lambda _: b"", 1),
}


def save(objects: Mapping[str, bytes], folder: Path) -> None:
    """Write objects as files into a folder, and the configuration for them beside it."""
    (folder.parent / CONFIG).write_text(_CONFIG)
    for name, data in objects.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (_MODIFIED, _MODIFIED))

"""Lists of objects: one place a line, or the CSV of an S3 Inventory."""

from __future__ import annotations

import csv
import os
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from edgelift.gunzip import DamagedGzip, unpacked
from edgelift.reprocess.errors import UsageError
from edgelift.reprocess.objects import LogObject, shown
from edgelift.reprocess.sources.files import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator


def listed(path: str) -> Iterator[LogObject]:
    """Yield the objects that a file names, one path or ``s3://bucket/key`` a line; ``-`` is standard input.

    Raises:
        UsageError: the list cannot be read, or a line is no place.

    """
    with _lines(path) as lines:
        for number, line in enumerate(lines, 1):
            place = line.removesuffix("\n").removesuffix("\r")
            if not place:
                continue
            if place == "-":
                raise UsageError(f"{_name(path)}, line {number}: standard input is no object of a list")
            if not place.startswith("s3://"):
                place = os.path.abspath(place)  # noqa: PTH100 - strings, as they came
            yield LogObject(place, place.removeprefix("s3://").lstrip("/"))


def inventory(path: str) -> Iterator[LogObject]:
    """Yield the objects of an S3 Inventory in CSV, plain or gzip, whose first columns are bucket and key.

    Other columns have no names in the file and are left out. Keys are URL-encoded.
    Source: Amazon S3 User Guide, "Amazon S3 Inventory".

    Raises:
        UsageError: it cannot be read, or a row is none of an inventory.

    """
    with _lines(path) as lines:
        for number, row in enumerate(csv.reader(lines), 1):
            if len(row) < 2 or not row[0] or not row[1]:  # noqa: PLR2004 - bucket and key
                raise UsageError(f"{_name(path)}, row {number}: bucket and key are missing")
            key = unquote_plus(row[1])
            if not key.endswith("/"):
                yield LogObject(f"s3://{row[0]}/{key}", f"{row[0]}/{key}")


@contextmanager
def _lines(path: str) -> Iterator[Iterator[str]]:
    try:
        file = sys.stdin.buffer if path == "-" else open(path, "rb")  # noqa: PTH123, SIM115 - closed below
    except OSError as error:
        raise UsageError(f"cannot read the list {_name(path)}: {error.strerror}") from None
    with closing(file):
        try:
            yield _split(unpacked(lambda: file.read(BLOCK)))
        except DamagedGzip as damage:
            raise UsageError(f"{_name(path)}: {damage}") from None
        except OSError as error:
            raise UsageError(f"cannot read the list {_name(path)}: {error.strerror}") from None


def _split(blocks: Iterator[bytes]) -> Iterator[str]:
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        yield from (os.fsdecode(line) + "\n" for line in lines)
    if rest:
        yield os.fsdecode(rest)


def _name(path: str) -> str:
    return "standard input" if path == "-" else shown(path)

"""Lists of objects: one place per line, or the CSV of an S3 Inventory."""

from __future__ import annotations

import csv
import os
import sys
from contextlib import closing, contextmanager
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from edgelift.inputs.content import BLOCK
from edgelift.inputs.damage import DamagedFile
from edgelift.inputs.errors import UnfitError
from edgelift.inputs.layers import decompressed_files
from edgelift.reprocess.aws import is_s3, split_url
from edgelift.reprocess.errors import MissingSourceError, UsageError
from edgelift.reprocess.objects import LogObject, absolute_path, display_path, is_url
from edgelift.reprocess.sources.files import as_listed

if TYPE_CHECKING:
    from collections.abc import Iterator


def listed(path: str) -> Iterator[LogObject]:
    """Yield the objects that a file names, one path or ``s3://bucket/key`` per line; ``-`` is standard input.

    Raises:
        UsageError: the list cannot be read, or a line is not a place.

    """
    with _lines(path) as lines:
        for number, line in enumerate(lines, 1):
            place = line.removesuffix("\n").removesuffix("\r")
            if not place:
                continue
            if problem := _no_place(place):
                raise UsageError(f"{_name(path)}, line {number}: {problem}")
            if place.startswith("s3://"):
                yield LogObject(place, place.removeprefix("s3://"))
            else:
                place = absolute_path(place)
                yield as_listed(place, place.lstrip("/"))


def _no_place(place: str) -> str | None:
    """Return why a line of a list is not a place, or None if it is one."""
    if place == "-":
        return "standard input cannot be an object of a list"
    if "\0" in place:
        return "there is a zero byte in it"
    if is_url(place):
        return "a URL cannot be an object of a list: edgelift transform reads presigned URLs"
    return _no_key(place) if is_s3(place) else None


def _no_key(place: str) -> str | None:
    bucket, _, key = place[len("s3://") :].partition("/")
    if not bucket or not key:
        return f"{display_path(place)} names no object: s3://bucket/key"
    try:
        split_url(place)
    except UsageError as error:
        return str(error)
    return None


def inventory(path: str) -> Iterator[LogObject]:
    """Yield the objects of an S3 Inventory in CSV, compressed or not; its first columns are bucket and key.

    Other columns have no names in the file and are left out. Keys are URL-encoded.
    Source: Amazon S3 User Guide, "Amazon S3 Inventory".

    Raises:
        UsageError: it cannot be read, or a row is not one of an inventory.

    """
    with _lines(path) as lines:
        for number, row in enumerate(_rows(lines, path), 1):
            if len(row) < 2 or not row[0] or not row[1]:  # noqa: PLR2004 - bucket and key
                raise UsageError(f"{_name(path)}, row {number}: bucket and key are missing")
            key = unquote_plus(row[1])
            place = f"s3://{row[0]}/{key}"
            if problem := _no_key(place):
                raise UsageError(f"{_name(path)}, row {number}: {problem}")
            if not key.endswith("/"):
                yield LogObject(place, f"{row[0]}/{key}")


def _rows(lines: Iterator[str], path: str) -> Iterator[list[str]]:
    rows = csv.reader(lines)
    try:
        yield from rows
    except csv.Error as error:
        raise UsageError(f"{_name(path)}, line {rows.line_num}: not a CSV file: {error}") from None


@contextmanager
def _lines(path: str) -> Iterator[Iterator[str]]:
    try:
        file = sys.stdin.buffer if path == "-" else open(path, "rb")  # noqa: PTH123, SIM115 - closed below
    except OSError as error:
        raise MissingSourceError(f"cannot read the list {_name(path)}: {error.strerror}") from None
    with closing(file):
        try:
            # A list is as trusted as the command line: nothing limits what it expands to.
            files = decompressed_files(lambda: file.read(BLOCK), max_expansion=0)
            yield chain.from_iterable(_split(chain((first,), iter(read, b""))) for first, read in files)
        except DamagedFile as damage:
            raise UsageError(f"{_name(path)}: {damage}") from None
        except UnfitError as error:
            raise UsageError(f"{_name(path)} is {error.what}") from None
        except OSError as error:
            raise MissingSourceError(f"cannot read the list {_name(path)}: {error.strerror}") from None


def _split(blocks: Iterator[bytes]) -> Iterator[str]:
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        yield from (os.fsdecode(line) + "\n" for line in lines)
    if rest:
        yield os.fsdecode(rest)


def _name(path: str) -> str:
    return "standard input" if path == "-" else display_path(path)

"""Writes a zip whose members are compressed by zopfli: 4 % smaller than zlib's best, and read by any unzip.

The module `zipfile` cannot add a member that is compressed already, so the few records of the format are
written here. All of them are fixed, so the same files give the same bytes.
"""

from __future__ import annotations

import io
import stat
import struct
import zlib
from typing import TYPE_CHECKING

import zopfli.zlib

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")

_VERSION = 20
"""2.0, the first version of the format with deflate."""

_UNIX = 3 << 8
"""The system in the upper byte of the version: the attributes hold a mode."""

_DEFLATE = 8

_DATE = 1 << 5 | 1
"""1980-01-01, the earliest date of the format; midnight is 0."""

_MODE = (stat.S_IFREG | 0o644) << 16
"""A regular file that everyone can read: the function does not run as the owner."""


def dumps(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of files by name, sorted by name.

    Args:
        files: contents by name; names are ASCII.

    """
    output, directory = io.BytesIO(), io.BytesIO()
    for name in sorted(files):
        content, encoded = files[name], name.encode("ascii")
        deflated = _deflate(content)
        shared = (
            *(0, _DEFLATE, 0, _DATE),
            *(zlib.crc32(content), len(deflated), len(content), len(encoded), 0),
        )
        offset = output.tell()
        directory.write(_CENTRAL.pack(b"PK\1\2", _UNIX | _VERSION, _VERSION, *shared, 0, 0, 0, _MODE, offset))
        directory.write(encoded)
        output.write(_LOCAL.pack(b"PK\3\4", _VERSION, *shared))
        output.write(encoded)
        output.write(deflated)
    offset, size = output.tell(), directory.tell()
    output.write(directory.getbuffer())
    output.write(_END.pack(b"PK\5\6", 0, 0, len(files), len(files), size, offset, 0))
    return output.getvalue()


def _deflate(content: bytes) -> bytes:
    # No limit of blocks: the default of 15 makes the extension 1 % larger. More iterations save nothing.
    wrapped: bytes = zopfli.zlib.compress(content, numiterations=15, blocksplittingmax=0)
    return wrapped[2:-4]  # without zlib's header and checksum

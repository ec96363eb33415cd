"""An object: a file, something in S3, or standard input."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Final

_URL: Final = re.compile(r"\s*https?:[/\\]", re.IGNORECASE)

# One more "25" each time, so that no two names become the same one.
_LOOKS_ESCAPED: Final = re.compile(r"%(25)*(2E|\Z)")


@dataclass(frozen=True, slots=True)
class LogObject:
    """An object as it was listed.

    Attributes:
        place: its path, or ``s3://bucket/key``.
        name: its name below the source, with ``/`` between folders.
        size: its bytes, or None if the listing does not say.
        version: what changes with its content (ETag; time, size and inode of a file), or None if not known.
        modified: when it was written, in milliseconds since 1970, or None if not known.
        version_id: which version of it in a bucket that keeps them, or None: the newest.

    """

    place: str
    name: str
    size: int | None = None
    version: str | None = None
    modified: int | None = None
    version_id: str | None = None


def file_name(name: str) -> str:
    """Return a name for a file system, another one for each name, that leads out of no folder."""
    return "/".join(_file_part(part) for part in name.split("/"))


def _file_part(part: str) -> str:
    if part in {"", ".", ".."}:
        # Parts with a meaning of their own, or none; S3 knows no such thing.
        return "%" + "%".join(f"{ord(char):X}" for char in part)
    return part.replace("%", "%25", 1) if _LOOKS_ESCAPED.match(part) else part


def absolute_path(path: str) -> str:
    """Return a path of a file that means the same in another folder; there is one spelling of each.

    Links stay, except before ``..``, which leads out of the folder that a link points to.
    """
    if ".." in path.split("/"):
        folder, name = os.path.split(path)
        path = os.path.join(os.path.realpath(folder), name)  # noqa: PTH118 - strings, as they came
    return "/" + os.path.abspath(path).lstrip("/")  # noqa: PTH100


def is_url(place: str) -> bool:
    """Return true if somebody means a URL, which may hold a signature, however it is spelled."""
    return _URL.match(place) is not None


def display_path(place: str) -> str:
    r"""Return a place for messages and JSON: bytes that are not UTF-8 as ``\xff``."""
    try:
        return os.fsencode(place).decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        # Half a character, which may be in JSON but not in a name of the system.
        return place.encode("utf-8", "backslashreplace").decode()

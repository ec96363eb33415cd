"""The places that a request names: files, folders, prefixes in S3, services."""

from __future__ import annotations

import glob
import os

from edgelift.reprocess.sources.s3 import fixed_part


def is_one_file(destination: str) -> bool:
    """Return true if a destination is one file, and not a folder."""
    is_folder = destination.endswith("/") or os.path.isdir(destination)  # noqa: PTH112
    return is_local(destination) and not is_folder


def is_local(place: str) -> bool:
    """Return true if a place is in the file system."""
    return not place.startswith("s3://") and not is_service(place)


def is_stream(place: str) -> bool:
    """Return true if a destination is a stream of AWS, which takes source records."""
    return place.startswith(("firehose:", "kinesis:"))


def is_service(place: str) -> bool:
    """Return true if a destination is OpenSearch or a stream of AWS."""
    return is_opensearch(place) or is_stream(place)


def is_opensearch(place: str) -> bool:
    """Return true if a destination is the URL of OpenSearch."""
    return place.startswith(("http://", "https://"))


def is_in_source(source: str, path: str) -> bool:
    """Return true if a file or folder is in the folder, or below the prefix, that is the source."""
    if source.startswith("s3://"):
        if "/" not in source.removeprefix("s3://"):
            # A whole bucket, and not those whose names begin so.
            source += "/"
        # A pattern counts by its fixed part.
        return path.startswith("s3://") and f"{path}/".startswith(fixed_part(source))
    inner, outer = real(path), real(source)
    # A source may be a file: it contains itself.
    return (
        not path.startswith("s3://")
        and not is_service(path)
        and (inner == outer or inner.startswith(outer.rstrip("/") + "/"))
    )


def absolute(place: str) -> str:
    """Return a place that means the same in another folder; a pattern, too."""
    if place == "-" or is_service(place) or place.startswith(("s3://", "list:", "inventory:")):
        return place
    return real(place) if not glob.has_magic(place) else os.path.abspath(place)  # noqa: PTH100


def real(path: str) -> str:
    """Return a path without links; two slashes at its beginning mean the same as one."""
    return "/" + os.path.realpath(path).lstrip("/")

"""Validation of a request: it is refused before anything is written."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from edgelift.reprocess.aws import check_scheme
from edgelift.reprocess.errors import UsageError
from edgelift.reprocess.objects import display_path, is_url
from edgelift.reprocess.plan.places import absolute, is_in_source, is_local, is_one_file
from edgelift.reprocess.plan.protected import ProtectedFiles, list_of
from edgelift.reprocess.sinks import MOST_WORKERS

if TYPE_CHECKING:
    from edgelift.reprocess.plan.request import Request

_NO_SCHEME: Final = re.compile(r"//[^/]*:\d+(/|$)")
_HOST_AND_PORT: Final = re.compile(r"[\w.-]+:\d{2,5}(/|$)", re.ASCII)
_REMOTE: Final = re.compile(r"(https?|s3|firehose|kinesis):", re.IGNORECASE)


def check_request(request: Request, *, resume: bool) -> None:
    """Make sure that a request makes sense, and that nothing it reads would be overwritten.

    Raises:
        UsageError: it does not.

    """
    if not 1 <= request.workers <= MOST_WORKERS:
        raise UsageError(f"workers: from 1 to {MOST_WORKERS}, not {request.workers}")
    _refuse_urls(request)
    if request.destination is None and (request.failed is not None or request.delete_source or resume):
        raise UsageError("a dry run writes and deletes nothing: no failed records, no source, no journal")
    if request.existing != "keep" and not request.is_opensearch:
        raise UsageError("only OpenSearch has documents to replace or compare, and DEST is something else")
    if request.source == "-" and (resume or request.delete_source):
        raise UsageError("standard input cannot be read again, nor be deleted")
    if request.source is not None and request.destination is not None:
        _check_apart(request.source, request.destination, "the destination")
    if request.source is not None and request.failed is not None:
        _check_apart(request.source, request.failed, "the folder of failed records")
    if request.destination is not None and is_local(request.destination):
        _check_local(request.destination)
    if request.failed and request.destination:
        _check_two(request.failed, request.destination)


def _refuse_urls(request: Request) -> None:
    """Refuse URLs that may hold a signature, which neither the journal nor a report may show."""
    if request.source is not None and is_url(request.source):
        raise UsageError("SOURCE is a URL: edgelift transform reads presigned URLs")
    for option, path in ("--failed", request.failed), ("--journal", request.journal):
        if path is not None and is_url(path):
            raise UsageError(f"{option} is a URL: name a path")
    for place in request.source, request.destination, request.failed:
        if place is not None:
            check_scheme(place)


def protected_files(request: Request) -> ProtectedFiles:
    """Collect the files that the job needs, and check the outputs that are known before it begins.

    Raises:
        UsageError: an output would replace one of the files.

    """
    inputs = [path for path in (list_of(request.source), request.configuration) if path is not None]
    protected = ProtectedFiles(request.journal, inputs)
    if request.destination is not None and is_one_file(request.destination):
        protected.check(absolute(request.destination))
    if request.failed is not None and is_local(request.failed):
        protected.check_failed_folder(absolute(request.failed))
    return protected


def _check_apart(source: str, path: str, role: str) -> None:
    if is_in_source(source, path):
        raise UsageError(f"{role} is in the source {display_path(source)}: the next job would read it")


def _check_two(failed: str, destination: str) -> None:
    if absolute(failed).rstrip("/") == absolute(destination).rstrip("/"):
        raise UsageError(
            f"documents and failed records would mix in {display_path(failed)}: --failed names another place"
        )


def _check_local(destination: str) -> None:
    if _REMOTE.match(destination):
        raise UsageError(
            f"the destination {display_path(destination)} is not of a known kind; "
            f"a file of that name is ./{display_path(destination)}"
        )
    if _NO_SCHEME.match(destination):
        raise UsageError(
            f"the destination {display_path(destination)} is a URL without its scheme; "
            f"a cluster is https:{display_path(destination)}"
        )
    if _HOST_AND_PORT.match(destination) and not os.path.exists(destination):  # noqa: PTH110
        shown = display_path(destination)
        scheme = "http" if destination.startswith(("localhost:", "127.")) else "https"
        raise UsageError(
            f"the destination {shown} is a URL without its scheme; a cluster is {scheme}://{shown}, "
            f"a file is ./{shown}"
        )
    path = absolute(destination)
    # os.path returns false for a name that is too long; pathlib raises in some versions.
    is_other = os.path.exists(path) and not os.path.isfile(path)  # noqa: PTH110, PTH113
    if destination == "-" or (is_one_file(destination) and is_other):
        # A file that is there only when it is whole would take the place of a device.
        raise UsageError(
            f"the destination {display_path(destination)} is not a regular file: documents cannot be streamed"
        )

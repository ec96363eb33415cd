"""The request of a job, validated and turned into a plan."""

from __future__ import annotations

import glob
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edgelift.atomic_file import remove_temporaries
from edgelift.errors import ConfigError
from edgelift.inputs.limits import MAX_EXPANSION, Limits
from edgelift.output_lock import LockedError, OutputLock
from edgelift.reprocess.compression import SUFFIXES, packer
from edgelift.reprocess.error_objects.folder import ErrorObjectFolder
from edgelift.reprocess.errors import JobError, UsageError
from edgelift.reprocess.fingerprint import MOST_WORKERS, transformer_fingerprint
from edgelift.reprocess.job import JobPlan
from edgelift.reprocess.objects import display_path
from edgelift.reprocess.pipeline import Pipeline
from edgelift.reprocess.protected import ProtectedFiles
from edgelift.reprocess.sinks import Nothing
from edgelift.reprocess.sinks.opensearch_client import ClusterOptions
from edgelift.reprocess.sinks.records import StreamSink
from edgelift.reprocess.sources import Stores, listing
from edgelift.reprocess.sources.filters import Filter
from edgelift.reprocess.sources.s3 import S3Options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edgelift._core import Stream, Transformer
    from edgelift.reprocess.aws import AwsOptions
    from edgelift.reprocess.compression import Compression
    from edgelift.reprocess.error_objects import ErrorObjectStore
    from edgelift.reprocess.objects import LogObject
    from edgelift.reprocess.sinks import Sink


_NO_SCHEME: Final = re.compile(r"//[^/]*:\d+(/|$)")
_REMOTE: Final = re.compile(r"(https?|s3|firehose|kinesis):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Request:
    """The request of a job.

    Attributes:
        source: a file, folder, pattern, ``s3://bucket/prefix``, ``list:FILE``, ``inventory:FILE`` or ``-``;
            None: nothing is listed, since objects are named one by one while others go on.
        destination: a file, a folder, ``s3://bucket/prefix``, the URL of OpenSearch, ``firehose:NAME`` or
            ``kinesis:NAME``; None: everything is read and counted only.
        transformer: makes documents of records.
        compression: how files are packed, or None: as the name of the one file says, else not at all.
        failed: folder or ``s3://bucket/prefix`` for failed records, or None.
        filter: which objects are wanted.
        limit: how many objects at most, or None.
        workers: how many objects at a time.
        delete_source: whether objects are deleted that are done.
        s3: how S3 is reached.
        index: pattern of the index's name in OpenSearch, or None: that of the configuration.
        cluster: how OpenSearch is reached.
        puts_back: whether records for a stream are read and counted, though there is no destination.
        columns_known: whether the columns of rows are configured; if not, rows without a header are refused.
        journal: path of the journal, which no output may replace, or None.
        configuration: path of the configuration, likewise protected, or None.
        max_expansion: highest ratio of content to compressed bytes of an object, beyond its first 16 MiB; 0:
            unlimited.

    """

    source: str | None
    destination: str | None
    transformer: Transformer
    compression: Compression | None = None
    failed: str | None = None
    filter: Filter = field(default_factory=Filter)
    limit: int | None = None
    workers: int = 1
    delete_source: bool = False
    s3: S3Options = field(default_factory=S3Options)
    index: str | None = None
    cluster: ClusterOptions = field(default_factory=ClusterOptions)
    puts_back: bool = False
    columns_known: bool = True
    journal: str | None = None
    configuration: str | None = None
    max_expansion: int = MAX_EXPANSION

    @property
    def is_opensearch(self) -> bool:
        """Whether documents go to OpenSearch."""
        return self.destination is not None and _is_url(self.destination)

    @property
    def wants_records(self) -> bool:
        """Whether records go somewhere as they are, in place of documents."""
        return self.puts_back or (self.destination is not None and is_stream(self.destination))


def build_plan(request: Request, *, resume: bool) -> JobPlan:
    """Make the plan; nothing is written yet.

    Raises:
        UsageError: it cannot be done.

    """
    if not 1 <= request.workers <= MOST_WORKERS:
        raise UsageError(f"workers: from 1 to {MOST_WORKERS}, not {request.workers}")
    if request.destination is None and (request.failed is not None or request.delete_source or resume):
        raise UsageError("a dry run writes and deletes nothing: no failed records, no source, no journal")
    if request.source == "-" and (resume or request.delete_source):
        raise UsageError("standard input cannot be read again, nor be deleted")
    if request.source is not None and request.destination is not None:
        _check_apart(request.source, request.destination, "the destination")
    if request.source is not None and request.failed is not None:
        _check_apart(request.source, request.failed, "the folder of failed records")
    if request.destination is not None and _is_local(request.destination):
        _check_local(request.destination)
    if request.failed and request.destination:
        _check_two(request.failed, request.destination)
    protected = _protected(request)
    failed = _failed(request)
    compression = _compression(request)
    stores = Stores(request.s3)
    pipeline = Pipeline(
        stream=_stream(request),
        stores=stores,
        sink=_sink(request, compression),
        pack=packer(compression),
        failed=failed,
        # Columns of records for a stream come from the configuration of its function.
        columns_known=request.columns_known or request.wants_records,
        delete_source=request.delete_source,
        limits=Limits(request.transformer.options["input"]["max_record_bytes"], request.max_expansion),
    )
    return JobPlan(
        pipeline=pipeline,
        objects=islice(_wanted(request, stores), request.limit),
        settings=_settings(request, compression),
        workers=request.workers,
        protected=protected,
        locked=partial(_locked, request, failed, resume=resume),
    )


def _protected(request: Request) -> ProtectedFiles:
    """Collect the files that the job needs, and check the outputs that are known before it begins."""
    kind, _, path = (request.source or "").partition(":")
    listing = path if kind in {"list", "inventory"} and path != "-" else None
    inputs = [path for path in (listing, request.configuration) if path is not None]
    protected = ProtectedFiles(request.journal, inputs)
    if request.destination is not None and _is_one_file(request.destination):
        protected.check(_absolute(request.destination))
    if request.failed is not None and _is_local(request.failed):
        protected.check_failed_folder(_absolute(request.failed))
    return protected


@contextmanager
def _locked(request: Request, failed: ErrorObjectStore | None, *, resume: bool) -> Iterator[None]:
    """Keep other jobs from what is local; what killed ones have left there is removed.

    Raises:
        UsageError: another job writes there, or there are failed records of one.
        JobError: it cannot be locked.

    """
    destination, failed_place = request.destination, request.failed
    files: list[Path] = []
    folders: list[Path] = []
    if destination is not None and _is_local(destination):
        (files if _is_one_file(destination) else folders).append(Path(_absolute(destination)))
    if failed_place is not None and _is_local(failed_place):
        folders.append(Path(_absolute(failed_place)))
    try:
        lock = OutputLock(files=files, folders=folders)
    except LockedError as error:
        raise UsageError(str(error)) from None
    except NotADirectoryError as error:
        place = display_path(os.fsdecode(error.filename or [*files, *folders][0]))
        raise UsageError(f"{place} is not a folder; name another place") from None
    except OSError as error:
        place = display_path(os.fsdecode(error.filename or [*files, *folders][0]))
        raise JobError(f"cannot write to {place}: {error.strerror}") from None
    with lock:
        for folder in filter(lock.is_held, folders):
            remove_temporaries(folder)
        # Those of objects that are named one by one lie side by side.
        if failed and request.source is not None and not resume and not failed.is_empty():
            raise UsageError(
                f"the folder of failed records {display_path(failed_place or '')} is not empty: "
                "it would hold those of two jobs"
            )
        yield
        # It is there before the first failed record, since it is locked; without any it is not wanted.
        lock.remove_empty(
            folder for folder in folders if destination is None or folder != Path(_absolute(destination))
        )


def is_in_source(source: str, path: str) -> bool:
    """Say whether a file or folder lies in the folder, or below the prefix, that is the source."""
    if source.startswith("s3://"):
        if "/" not in source.removeprefix("s3://"):
            # A whole bucket, and not those whose names begin so.
            source += "/"
        return path.startswith("s3://") and f"{path}/".startswith(source)
    inner, outer = _real(path), _real(source)
    # A file is no folder, but it is in itself.
    return (
        not path.startswith("s3://")
        and not _is_service(path)
        and (inner == outer or inner.startswith(outer.rstrip("/") + "/"))
    )


def _check_apart(source: str, path: str, role: str) -> None:
    if is_in_source(source, path):
        raise UsageError(f"{role} lies in the source {display_path(source)}: the next job would read it")


def _check_two(failed: str, destination: str) -> None:
    if _absolute(failed).rstrip("/") == _absolute(destination).rstrip("/"):
        raise UsageError(
            f"documents and failed records would mix in {display_path(failed)}: --failed names another place"
        )


def _check_local(destination: str) -> None:
    if _REMOTE.match(destination):
        raise UsageError(
            f"the destination {display_path(destination)} is spelled like none; "
            f"a file of that name is ./{display_path(destination)}"
        )
    if _NO_SCHEME.match(destination):
        raise UsageError(
            f"the destination {display_path(destination)} is a URL without its scheme; "
            f"a cluster is https:{display_path(destination)}"
        )
    path = _absolute(destination)
    # By os.path, for which a name that is too long is no file; pathlib raises, though not in every version.
    is_other = os.path.exists(path) and not os.path.isfile(path)  # noqa: PTH110, PTH113
    if destination == "-" or (_is_one_file(destination) and is_other):
        # A file that is there only when it is whole would take the place of a device.
        raise UsageError(
            f"the destination {display_path(destination)} is no file: documents cannot be streamed"
        )


def _failed(request: Request) -> ErrorObjectStore | None:
    if request.failed is None:
        return None
    if request.failed.startswith("s3://"):
        from edgelift.reprocess.error_objects.s3 import ErrorObjectPrefix  # noqa: PLC0415 - boto3 takes 0.3 s

        return ErrorObjectPrefix(request.failed, request.s3.aws)
    return ErrorObjectFolder(Path(_absolute(request.failed)))


def _compression(request: Request) -> Compression:
    """Decide how files are packed."""
    one_file = request.destination is not None and _is_one_file(request.destination)
    if request.is_opensearch and request.compression is not None:
        raise UsageError("OpenSearch takes documents as they are: nothing is packed")
    if request.wants_records and request.compression is not None:
        raise UsageError("streams take records as they are: nothing is packed")
    if not one_file:
        return request.compression or "none"
    if request.compression is not None:
        raise UsageError("a single file is packed as its name says: .gz, .zst or neither")
    name = os.fspath(request.destination or "")
    found: list[Compression] = [
        known for known, suffix in SUFFIXES.items() if suffix and name.endswith(suffix)
    ]
    return found[0] if found else "none"


def _is_one_file(destination: str) -> bool:
    is_folder = destination.endswith("/") or os.path.isdir(destination)  # noqa: PTH112
    return _is_local(destination) and not is_folder


def _is_local(place: str) -> bool:
    return not place.startswith("s3://") and not _is_service(place)


def is_stream(place: str) -> bool:
    """Say whether a destination is a stream of AWS, which takes source records."""
    return place.startswith(("firehose:", "kinesis:"))


def _is_service(place: str) -> bool:
    return _is_url(place) or is_stream(place)


def _is_url(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def _stream(request: Request) -> Callable[[], Stream]:
    if not request.is_opensearch:
        if request.index is not None:
            raise UsageError("only OpenSearch has an index: DEST is none")
        return partial(request.transformer.stream, format="raw" if request.wants_records else "ndjson")
    stream = partial(request.transformer.stream, format="bulk", index=request.index)
    try:
        stream()
    except ConfigError as error:
        raise UsageError(str(error)) from None
    except UnicodeEncodeError:
        raise UsageError("--index is not UTF-8") from None
    return stream


def _sink(request: Request, compression: Compression) -> Sink:
    suffix, destination = SUFFIXES[compression], request.destination
    if destination is None:
        return Nothing()
    if destination.startswith("s3://"):
        from edgelift.reprocess.sinks.s3 import S3Objects  # noqa: PLC0415 - boto3 takes 0.3 s

        return S3Objects(destination, suffix, request.s3.aws)
    if request.is_opensearch:
        from edgelift.reprocess.sinks.opensearch import Documents  # noqa: PLC0415 - opensearch-py likewise

        return Documents(destination, request.cluster, request.s3.aws)
    if destination.startswith("firehose:"):
        from edgelift.reprocess.sinks.firehose import DeliveryStream  # noqa: PLC0415

        return StreamSink(DeliveryStream(destination, _of_streams(request)))
    if destination.startswith("kinesis:"):
        from edgelift.reprocess.sinks.kinesis import DataStream  # noqa: PLC0415

        return StreamSink(DataStream(destination, _of_streams(request)))
    from edgelift.reprocess.sinks.folder import Folder  # noqa: PLC0415
    from edgelift.reprocess.sinks.onefile import OneFile  # noqa: PLC0415

    path = Path(_absolute(destination))
    return OneFile(path) if _is_one_file(destination) else Folder(path, suffix)


def _of_streams(request: Request) -> AwsOptions:
    """Return how streams are reached: not at an endpoint that is that of S3."""
    return replace(request.s3.aws, endpoint_url=None)


def _wanted(request: Request, stores: Stores) -> Iterator[LogObject]:
    if request.source is None:
        return
    destination = None if request.destination is None else _absolute(request.destination)
    for listed in request.filter.wanted(listing(request.source, stores)):
        if listed.place == destination:
            raise UsageError(f"{display_path(listed.place)} would be overwritten: name another DEST")
        yield listed


def _settings(request: Request, compression: Compression) -> dict[str, Any]:
    chosen = request.filter
    return {
        "source": None if request.source is None else display_path(_absolute(request.source)),
        "destination": None if request.destination is None else _kept(request.destination),
        "compression": compression,
        "failed": None if request.failed is None else display_path(_absolute(request.failed)),
        "suffix": chosen.suffix,
        "since": None if chosen.since is None else chosen.since.isoformat(),
        "until": None if chosen.until is None else chosen.until.isoformat(),
        "limit": request.limit,
        "index": request.index,
        "configuration": transformer_fingerprint(request.transformer),
    }


def _kept(destination: str) -> str:
    """Return a destination for the journal: a folder and a file of the same name are two."""
    place = display_path(_absolute(destination))
    return f"{place}/" if _is_local(destination) and not _is_one_file(destination) else place


def _absolute(place: str) -> str:
    """Return a place that means the same in another folder; a pattern, too."""
    if place == "-" or _is_service(place) or place.startswith(("s3://", "list:", "inventory:")):
        return place
    return _real(place) if not glob.has_magic(place) else os.path.abspath(place)  # noqa: PTH100


def _real(path: str) -> str:
    """Return a path without links; two slashes at its beginning mean the same as one."""
    return "/" + os.path.realpath(path).lstrip("/")

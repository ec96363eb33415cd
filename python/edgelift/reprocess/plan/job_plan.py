"""Builds the plan of a job from its request."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from edgelift.inputs.limits import Limits
from edgelift.reprocess.errors import UsageError
from edgelift.reprocess.objects import display_path
from edgelift.reprocess.pipeline import Pipeline
from edgelift.reprocess.plan.compression import packer
from edgelift.reprocess.plan.destinations import (
    build_sink,
    choose_compression,
    error_object_store,
    stream_factory,
)
from edgelift.reprocess.plan.fingerprint import request_fingerprint
from edgelift.reprocess.plan.locking import locked_outputs
from edgelift.reprocess.plan.own_files import OwnFiles
from edgelift.reprocess.plan.places import absolute
from edgelift.reprocess.plan.validation import check_request, protected_files
from edgelift.reprocess.sources.stores import Stores, listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from edgelift.reprocess.objects import LogObject
    from edgelift.reprocess.plan.protected import ProtectedFiles
    from edgelift.reprocess.plan.request import Request


@dataclass(frozen=True)
class JobPlan:
    """The plan of a job.

    Attributes:
        pipeline: the one that every object passes through.
        objects: the objects, when they are listed; not asked for if the journal has them.
        settings: what makes the job the same as that of a journal.
        workers: objects at a time.
        protected: files that no output may replace, or None.
        locked: returns a context in which no other job writes to the same local files and folders.

    """

    pipeline: Pipeline
    objects: Iterable[LogObject]
    settings: Mapping[str, Any]
    workers: int
    protected: ProtectedFiles | None = None
    locked: Callable[[], AbstractContextManager[object]] = nullcontext


def build_plan(request: Request, *, resume: bool) -> JobPlan:
    """Return the plan of a request; nothing is written yet.

    Raises:
        UsageError: the request cannot be carried out.

    """
    check_request(request, resume=resume)
    protected = protected_files(request)
    failed = error_object_store(request)
    compression = choose_compression(request)
    stores = Stores(request.s3)
    pipeline = Pipeline(
        stream=stream_factory(request),
        stores=stores,
        sink=build_sink(request, compression),
        pack=packer(compression),
        failed=failed,
        # Columns of records for a stream come from the configuration of its function.
        columns_known=request.columns_known or request.wants_records,
        input_format=request.transformer.options["input"]["format"],
        delete_source=request.delete_source,
        limits=Limits(request.transformer.options["input"]["max_record_bytes"], request.max_expansion),
        check_columns=request.check_columns,
        configuration=None if request.configuration is None else display_path(request.configuration),
    )
    return JobPlan(
        pipeline=pipeline,
        objects=islice(_wanted(request, stores), request.limit),
        settings=request_fingerprint(request, compression),
        workers=request.workers,
        protected=protected,
        locked=partial(locked_outputs, request, failed, resume=resume),
    )


def _wanted(request: Request, stores: Stores) -> Iterator[LogObject]:
    if request.source is None:
        return
    destination = None if request.destination is None else absolute(request.destination)
    own_files = OwnFiles(request)
    for listed in request.filter.wanted(listing(request.source, stores)):
        own_files.check(listed.place)
        if listed.place == destination:
            raise UsageError(f"{display_path(listed.place)} would be overwritten: name another DEST")
        yield listed

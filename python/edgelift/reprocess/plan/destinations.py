"""The destinations of a request: its sink, the form of what goes there, and the store of error objects."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from edgelift.errors import ConfigError
from edgelift.reprocess.error_objects.folder import ErrorObjectFolder
from edgelift.reprocess.errors import UsageError
from edgelift.reprocess.extras import needs
from edgelift.reprocess.plan.compression import SUFFIXES
from edgelift.reprocess.plan.places import absolute, is_one_file
from edgelift.reprocess.sinks import Nothing
from edgelift.reprocess.sinks.records import StreamSink

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgelift._core import Stream
    from edgelift.reprocess.aws import AwsOptions
    from edgelift.reprocess.error_objects import ErrorObjectStore
    from edgelift.reprocess.plan.compression import Compression
    from edgelift.reprocess.plan.request import Request
    from edgelift.reprocess.sinks import Sink


def error_object_store(request: Request) -> ErrorObjectStore | None:
    """Return the store of error objects, or None if nobody wants them.

    Raises:
        UsageError: it cannot be used.

    """
    if request.failed is None:
        return None
    if request.failed.startswith("s3://"):
        from edgelift.reprocess.error_objects.s3 import ErrorObjectPrefix  # boto3 takes 0.3 s

        return ErrorObjectPrefix(request.failed, request.s3.aws)
    return ErrorObjectFolder(Path(absolute(request.failed)))


def choose_compression(request: Request) -> Compression:
    """Return how files are packed.

    Raises:
        UsageError: the request wants something else than its destination has.

    """
    one_file = request.destination is not None and is_one_file(request.destination)
    if request.is_opensearch and request.compression is not None:
        raise UsageError("OpenSearch takes uncompressed documents only")
    if request.wants_records and request.compression is not None:
        raise UsageError("streams take uncompressed records only")
    if not one_file:
        return request.compression or "none"
    if request.compression is not None:
        raise UsageError("the name of a single file decides its compression: .gz, .zst or neither")
    name = os.fspath(request.destination or "")
    found: list[Compression] = [
        known for known, suffix in SUFFIXES.items() if suffix and name.endswith(suffix)
    ]
    return found[0] if found else "none"


def stream_factory(request: Request) -> Callable[[], Stream]:
    """Return what begins the stream of an object.

    Raises:
        UsageError: the index cannot be used.

    """
    if not request.is_opensearch:
        if request.index is not None:
            raise UsageError("only OpenSearch has an index, and DEST is something else")
        return partial(
            request.transformer.stream,
            format="raw" if request.wants_records else "ndjson",
            raw_data=request.raw_data,
        )
    stream = partial(
        request.transformer.stream, format="bulk", index=request.index, raw_data=request.raw_data
    )
    try:
        stream()
    except ConfigError as error:
        raise UsageError(str(error)) from None
    except UnicodeEncodeError:
        raise UsageError("--index is not UTF-8") from None
    return stream


def build_sink(request: Request, compression: Compression) -> Sink:
    """Return the sink of the destination.

    Raises:
        UsageError: it cannot be used.

    """
    suffix, destination = SUFFIXES[compression], request.destination
    if destination is None:
        return Nothing()
    if destination.startswith("s3://"):
        from edgelift.reprocess.sinks.s3 import S3Objects  # boto3 takes 0.3 s

        return S3Objects(destination, suffix, request.s3.aws)
    if request.is_opensearch:
        with needs("opensearchpy", "OpenSearch"):
            from edgelift.reprocess.sinks.opensearch.sink import Documents  # 0.3 s, too

        return Documents(destination, request.cluster, request.s3.aws, request.existing)
    if destination.startswith("firehose:"):
        from edgelift.reprocess.sinks.firehose import DeliveryStream

        return StreamSink(DeliveryStream(destination, _of_streams(request)))
    if destination.startswith("kinesis:"):
        from edgelift.reprocess.sinks.kinesis import DataStream

        return StreamSink(DataStream(destination, _of_streams(request)))
    from edgelift.reprocess.sinks.folder import Folder
    from edgelift.reprocess.sinks.onefile import OneFile

    path = Path(absolute(destination))
    return OneFile(path) if is_one_file(destination) else Folder(path, suffix)


def _of_streams(request: Request) -> AwsOptions:
    """Return the options of streams: without the endpoint, which is that of S3."""
    return replace(request.s3.aws, endpoint_url=None)

"""The request of a job."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from edgelift.inputs.detect import accept_columns
from edgelift.inputs.limits import MAX_EXPANSION
from edgelift.reprocess.plan.places import is_opensearch, is_stream
from edgelift.reprocess.sinks.opensearch.options import ClusterOptions, OnExisting
from edgelift.reprocess.sources.filters import Filter
from edgelift.reprocess.sources.s3 import S3Options

if TYPE_CHECKING:
    from edgelift._core import Transformer
    from edgelift.inputs.detect import CheckColumns
    from edgelift.reprocess.plan.compression import Compression


@dataclass(frozen=True, slots=True)
class Request:
    """The request of a job.

    Attributes:
        source: a file, folder, pattern, ``s3://bucket/prefix``, ``list:FILE``, ``inventory:FILE`` or ``-``;
            None: nothing is listed, since objects are named one by one while others go on.
        destination: a file, a folder, ``s3://bucket/prefix``, the URL of OpenSearch, ``firehose:NAME`` or
            ``kinesis:NAME``; None: everything is read and counted only.
        transformer: transforms records into documents.
        compression: how files are packed, or None: as the name of the one file says, else not at all.
        failed: folder or ``s3://bucket/prefix`` for failed records, or None.
        filter: which objects are wanted.
        limit: how many objects at most, or None.
        workers: how many objects at a time.
        delete_source: whether objects are deleted that are done.
        s3: how S3 is reached.
        raw_data: what ``rawData`` of error objects holds that do not say it, or None: the content decides.
        index: pattern of the index's name in OpenSearch, or None: that of the configuration.
        cluster: how OpenSearch is reached.
        existing: how to treat documents whose id exists already in OpenSearch.
        reingests: whether records for a stream are read and counted without a destination.
        columns_known: whether the columns of rows are configured; if not, rows without a header are refused.
        journal: path of the journal, which no output may replace, or None.
        configuration: path of the configuration, which no output may replace, or None.
        max_expansion: highest ratio of content to compressed bytes of an object, beyond its first 16 MiB; 0:
            unlimited.
        check_columns: looks at the columns of each log.

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
    raw_data: Literal["source", "document"] | None = None
    index: str | None = None
    cluster: ClusterOptions = field(default_factory=ClusterOptions)
    existing: OnExisting = "keep"
    reingests: bool = False
    columns_known: bool = True
    journal: str | None = None
    configuration: str | None = None
    max_expansion: int = MAX_EXPANSION
    check_columns: CheckColumns = accept_columns

    @property
    def is_opensearch(self) -> bool:
        """True if documents go to OpenSearch."""
        return self.destination is not None and is_opensearch(self.destination)

    @property
    def wants_records(self) -> bool:
        """True if source records go to the destination, in place of documents."""
        return self.reingests or (self.destination is not None and is_stream(self.destination))

"""Documents into OpenSearch, under ids that are the same each time: what is there stays, or is replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgelift.reprocess.sinks import Put
from edgelift.reprocess.sinks.opensearch.client import Delivery, OpenSearchClient
from edgelift.reprocess.sinks.opensearch.credentials import check_url

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edgelift.reprocess.aws import AwsOptions
    from edgelift.reprocess.object_progress import ObjectProgress
    from edgelift.reprocess.sinks import Refuse
    from edgelift.reprocess.sinks.opensearch.options import ClusterOptions, OnExisting

BODY = 4 * 1024 * 1024
"""Bytes of a request, about: the smallest domains of AWS take 10 MiB."""


class Documents:
    """The indices of a cluster.

    Args:
        url: where it is.
        options: how it is reached.
        aws: credentials and region of signatures.
        existing: how to treat documents whose id exists already.

    Raises:
        UsageError: OpenSearch cannot be reached so.

    """

    in_order = False
    is_service = True

    def __init__(
        self, url: str, options: ClusterOptions, aws: AwsOptions, existing: OnExisting = "keep"
    ) -> None:
        check_url(url)
        self._cluster = OpenSearchClient(url, options, aws, existing)

    def target(self, name: str) -> None:
        """Return None: each document says where it goes."""
        del name

    def begin(self, end: int | None) -> None:
        """Make sure that the cluster answers."""
        del end
        self._cluster.check()

    def put(
        self, target: str | None, blocks: Iterable[bytes], refuse: Refuse, progress: ObjectProgress
    ) -> Put:
        """Send the documents of an object; each block is of whole actions."""
        del target
        delivery = Delivery(refuse, progress.on_move)
        waiting: list[bytes] = []
        size = sent = 0
        for block in blocks:
            waiting.append(block)
            size += len(block)
            if size >= BODY:
                self._cluster.deliver(b"".join(waiting), delivery, progress.stopped)
                waiting.clear()
                sent, size = sent + size, 0
        if waiting:
            self._cluster.deliver(b"".join(waiting), delivery, progress.stopped)
        return Put(
            sent + size,
            already_there=delivery.already_there,
            replaced=delivery.replaced,
            different=delivery.different,
            notes=frozenset(delivery.notes),
        )

    def finish(self) -> None:
        """Do nothing: what was taken is there."""

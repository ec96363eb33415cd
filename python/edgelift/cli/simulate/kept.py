"""Checks that an index still has the documents at the end that it has confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgelift.reprocess.errors import JobError

if TYPE_CHECKING:
    from edgelift.simulate.account import Account
    from edgelift.simulate.indexes import OpenSearchIndex


class KeptDocuments:
    """Counts the documents of a cluster before and after a run.

    An engine that dies, or an index that is deleted, loses documents that were confirmed, and the account
    does not know it.

    Args:
        index: the cluster.
        prefix: beginning of the names of its indices.
        place: its name in messages.

    Raises:
        JobError: the cluster cannot be used.

    """

    def __init__(self, index: OpenSearchIndex, prefix: str, place: str) -> None:
        self._index = index
        self._prefix = prefix
        self._place = place
        self._before = index.count(prefix)

    def problem(self, account: Account) -> str:
        """Return the problem with the documents after a run, or an empty text.

        Others may add documents in the meantime, so only too few of them are a problem.
        """
        expected = account.documents - account.replaced
        if not expected or self._before is None:
            return ""
        if self._before and account.failed_bulk_requests:
            # A document whose answer was lost may have replaced one of an earlier run.
            return ""
        try:
            count = self._index.count(self._prefix)
        except JobError as error:
            return f"cannot count the {expected:,} documents that {self._place} confirmed: {error}"
        added = expected if count is None else max(count - self._before, 0)
        if added >= expected:
            return ""
        return f"{self._place} confirmed {expected:,} documents and has {added:,} of them: it lost the others"

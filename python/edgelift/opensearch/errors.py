"""Errors of a cluster that does not do something."""

from __future__ import annotations

from edgelift.reprocess.errors import JobError


class RefusedError(JobError):
    """The cluster answers that it does not do something.

    Attributes:
        cause: what it does not do, and what it answers.
        remedy: what to do, if something else on the cluster is in the way; otherwise empty.

    """

    def __init__(self, cause: str, remedy: str = "", progress: str = "") -> None:
        super().__init__("; ".join(words for words in (cause, remedy, progress) if words))
        self.cause = cause
        self.remedy = remedy


def interrupted(error: JobError, done: list[str], left: list[str]) -> JobError:
    """Return the error of a sequence of requests, with those done before it and those not done."""
    return JobError(f"{error}\ndone: {', '.join(done) or 'nothing'}; not done: {', '.join(left)}")

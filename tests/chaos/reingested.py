"""The Kinesis stream to which a handler puts records again that do not fit into its response."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from edgelift import reingest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random


class Reingested:
    """Takes records as Kinesis does, refuses some, and sometimes gives no answer.

    Attributes:
        new: records that it took and that are not in the stream yet.
        taken: all records that it took.

    """

    def __init__(self, chance: Random) -> None:
        self.new: list[bytes] = []
        self.taken: list[bytes] = []
        self._chance = chance

    def put_records(self, *, StreamARN: str, Records: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - of boto3
        """Take records."""
        del StreamARN
        if self._chance.random() < 0.1:
            raise ConnectionError("by an injected fault, nothing was taken")
        refused = [self._chance.random() < 0.05 for _ in Records]
        for record, is_refused in zip(Records, refused, strict=True):
            if not is_refused:
                self.new.append(record["Data"])
                self.taken.append(record["Data"])
        if self._chance.random() < 0.1:
            raise ConnectionError("by an injected fault, the answer was lost")
        throttled = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "busy"}
        return {"Records": [throttled if is_refused else {} for is_refused in refused]}

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Let the handlers of this process put their records here, without pauses."""
        with (
            patch.object(reingest, "_client", lambda *_: self),
            patch.object(reingest, "PAUSES", (0, 0, 0)),
        ):
            yield

"""Putting records into Data Firehose and Kinesis Data Streams: what one call takes, and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# Amazon Data Firehose API Reference, PutRecordBatch: the smaller limits of the two services.
MOST_RECORDS = 500
MOST_BYTES = 4 * 1024 * 1024


class Entry(Protocol):
    """A record to put."""

    @property
    def size(self) -> int:
        """Bytes, as the service counts them."""


E = TypeVar("E", bound=Entry)


def batches(entries: Iterable[E]) -> Iterator[list[E]]:
    """Yield entries in as many lists as they need calls; one that is too large is alone."""
    batch: list[E] = []
    size = 0
    for entry in entries:
        if batch and (len(batch) == MOST_RECORDS or size + entry.size > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += entry.size
    if batch:
        yield batch


def refusal(answer: Mapping[str, str]) -> str | None:
    """Return why a record was refused, or None if it was taken."""
    code = answer.get("ErrorCode")
    return f"{code}: {answer.get('ErrorMessage')}" if code else None

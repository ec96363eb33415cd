"""Source records back into the stream that they came from, so that its function transforms them once more.

A stream knows no ids: what is put twice is there twice.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from edgelift.put_batches import batches, refusal
from edgelift.reprocess.errors import JobError, UsageError
from edgelift.reprocess.objects import display_path
from edgelift.reprocess.sinks import Put
from edgelift.reprocess.sinks.backoff import MAX_RETRIES, pause

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from edgelift.reprocess.object_progress import ObjectProgress
    from edgelift.reprocess.sinks import Refuse

# Names of both services, which allow 64 and 128 characters.
_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]+")


class Stream(Protocol):
    """A stream of AWS.

    Attributes:
        place: what the command line calls it.
        most: bytes that a record may have.
        key_size: bytes that it counts for a record beside its own.

    """

    place: str
    most: int
    key_size: int

    def check(self) -> None:
        """Make sure that it is there and takes records.

        Raises:
            JobError: it does not.

        """

    def put(self, records: Sequence[bytes]) -> list[str | None]:
        """Put what one call takes; for each record why it was refused for now, or None.

        Raises:
            JobError: none is taken, for a reason that lasts.

        """


class StreamSink:
    """A stream as the sink of a job whose blocks are records, each with one line feed at its end."""

    in_order = False
    is_service = True

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def target(self, name: str) -> None:
        """Return None: records have no place of their own."""
        del name

    def begin(self, end: int | None) -> None:
        """Make sure that the stream takes records."""
        del end
        self._stream.check()

    def put(
        self, target: str | None, blocks: Iterable[bytes], refuse: Refuse, progress: ObjectProgress
    ) -> Put:
        """Put the records of an object; each block is of whole ones."""
        del target
        taken = 0
        for batch in batches(self._entries(blocks, refuse)):
            records = [entry.record for entry in batch]
            self._deliver(records, progress)
            taken += sum(map(len, records))
        return Put(taken)

    def finish(self) -> None:
        """Do nothing: what was taken is there."""

    def _entries(self, blocks: Iterable[bytes], refuse: Refuse) -> Iterator[_Entry]:
        stream = self._stream
        for block in blocks:
            # Not by splitlines, for which a CR ends a line, too.
            for record in io.BytesIO(block):
                entry = _Entry(record, len(record) + stream.key_size)
                if entry.size <= stream.most:
                    yield entry
                    continue
                why = f"it has {entry.size} bytes, and {stream.place} takes {stream.most} at most"
                refuse(b"", record, 413, why)

    def _deliver(self, records: Sequence[bytes], progress: ObjectProgress) -> None:
        """Put records until each is there: those that are refused for now again, and alone."""
        tries = 0
        while records:
            refusals = self._stream.put(records)
            progress.on_move()
            if len(refusals) != len(records):
                raise JobError(f"{self._stream.place} answered {len(refusals)} of {len(records)} records")
            whys = [why for why in refusals if why is not None]
            if not whys:
                return
            tries = tries + 1 if len(whys) == len(records) else 1
            if tries > MAX_RETRIES:
                raise JobError(f"{self._stream.place} keeps rejecting records: {whys[0]}", temporary=True)
            pause(tries, progress.stopped)
            records = [record for record, why in zip(records, refusals, strict=True) if why is not None]


class _Entry(NamedTuple):
    record: bytes
    size: int


def refusals(answers: Sequence[Mapping[str, str]] | None, count: int) -> list[str | None]:
    """Return for each record why it was refused for now, or None if it was taken.

    boto3 returns a truncated answer without its list: what has become of the records is not known.
    """
    if answers is None:
        return ["the response was truncated"] * count
    return [refusal(answer) for answer in answers]


def name_of(place: str) -> str:
    """Return the name in ``firehose:NAME`` or ``kinesis:NAME``.

    Raises:
        UsageError: the name is invalid.

    """
    service, _, name = place.partition(":")
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{display_path(place)} names no stream: {service}:NAME, in the region of the AWS configuration"
        )
    return name

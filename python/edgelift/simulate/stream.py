"""A Firehose delivery stream from a Kinesis stream through a function to OpenSearch, in virtual time."""

from __future__ import annotations

import os
import random
import uuid
from typing import TYPE_CHECKING, Any, Final

from edgelift._core import Transformer
from edgelift.errors import EdgeliftError
from edgelift.simulate.account import Ledger
from edgelift.simulate.bucket import Bucket, Entry
from edgelift.simulate.buffering import MIB, Buffer
from edgelift.simulate.clock import Clock
from edgelift.simulate.delivery import Delivery
from edgelift.simulate.error_objects import PROCESSING_FAILED_PREFIX, processing_failed
from edgelift.simulate.invocation import build_event
from edgelift.simulate.memory import HandlerFunction, MemoryBackup, MemoryIndex, TransformerFunction
from edgelift.simulate.ports import SourceRecord
from edgelift.simulate.processor import INVOCATIONS_PER_SHARD, Processor
from edgelift.simulate.run import Run
from edgelift.simulate.settings import Settings
from edgelift.simulate.source import MemorySource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from edgelift.simulate.account import Account
    from edgelift.simulate.invocation import Event
    from edgelift.simulate.ports import Backup, FaultInjector, Function, Index, Source
    from edgelift.simulate.processor import Processed

    Config = str | Mapping[str, Any] | os.PathLike[str] | Transformer

START: Final = 1_704_067_200.0
"""2024-01-01T00:00:00Z, at which virtual time begins."""

_REGION: Final = "us-east-1"
"""The region of CloudFront's real-time logs."""

_ACCOUNT: Final = f"{_REGION}:123456789012"
"""Region and account in the ARNs of what is not there."""


class DeliveryStream:
    """A delivery stream whose records, function, index and backup are in this process unless given.

    All that is chosen by chance follows from the seed, and nothing depends on real time: the same records and
    settings give the same objects with the same names.

    Source: the modules of each step say which document, or measurement, it follows. Of the whole: Firehose
    Developer Guide, "Transform source data": the processor has a buffer before the function, and the
    destination one after it. Whether the former is one per shard is not documented: here it is one per
    stream.

    Not simulated: the delay of a read of up to a second, throttling by Kinesis, resharding, the expiry of
    records that were not read in time, and encryption.

    Args:
        config: configuration of the function: TOML text, a mapping, the path of a file, or a transformer;
            None if there is a function.
        function: a Lambda handler, called with the event as a dict and a `LambdaContext`, or anything with
            the method of `Function`.
        index: takes the documents; a `MemoryIndex` by default.
        backup: takes the objects for S3; a `MemoryBackup` by default.
        source: the records, instead of those that are put.
        faults: makes function, index, backup and source fail.
        seed: decides all that is chosen by chance.
        clock: the virtual time, if others need it.
        settings: those of `Settings`, such as ``interval=10``.

    Attributes:
        clock: the virtual time.
        index: takes the documents.
        backup: takes the objects for S3.
        settings: all settings.

    Raises:
        ConfigError: the configuration cannot be used.
        EdgeliftError: a setting has a value that AWS does not allow.
        TypeError: there is no such setting, or not exactly one of config and function.

    """

    def __init__(  # noqa: PLR0913 - each is a part that may be replaced
        self,
        config: Config | None = None,
        *,
        function: Function | Callable[[Any, Any], Any] | None = None,
        index: Index | None = None,
        backup: Backup | None = None,
        source: Source | None = None,
        faults: FaultInjector | None = None,
        seed: int = 0,
        clock: Clock | None = None,
        **settings: Any,  # noqa: ANN401 - checked by Settings
    ) -> None:
        self.settings = Settings(**settings)
        self.clock = clock or Clock(START)
        # By identity: an empty MemoryIndex is false.
        self.index = MemoryIndex() if index is None else index
        self.backup = MemoryBackup() if backup is None else backup
        self._run = Run(self.settings, self.clock, random.Random(seed), Ledger())  # noqa: S311 - no secret
        self._own_source: MemorySource | None = None
        if source is None:
            self._own_source = source = MemorySource(self._run)
        called = _function(config, function)
        taking, storing = self.index, self.backup
        if faults is not None:
            source, called = faults.source(source, self.clock), faults.function(called, self.clock)
            taking, storing = faults.index(taking, self.clock), faults.backup(storing, self.clock)
        self._source = source
        self._bucket = Bucket(self._run, storing, self._go_on)
        self._delivery = Delivery(self._run, taking, self._bucket, self._go_on)
        self._processor = Processor(self._run, called, self._event, self._processed)
        self._records = Buffer[SourceRecord](
            self.clock,
            size=self.settings.buffer_mb * MIB,
            interval=self.settings.interval,
            size_of=lambda record: len(record.data),
            deliver=self._processor.take,
        )
        self._documents = Buffer[tuple[SourceRecord, bytes]](
            self.clock,
            size=self.settings.index_buffer_mb * MIB,
            interval=self.settings.index_interval,
            size_of=lambda item: len(item[1]),
            deliver=self._delivery.deliver,
        )
        self._batches: Iterator[Sequence[SourceRecord]] = iter(())
        self._is_waiting = False
        self._pause = 0.0

    def put(self, records: bytes | Iterable[bytes]) -> None:
        """Put records into the Kinesis stream; they arrive during `run`.

        Args:
            records: the bytes of each record; or lines, each of which is a record with its line feed, as
                CloudFront writes them.

        Raises:
            EdgeliftError: the stream was given its source.

        """
        if self._own_source is None:
            raise EdgeliftError("the records of this stream are those of its source; none can be put")
        self._own_source.put(records, pause=self._pause, earliest=self.clock.now)
        self._pause = 0.0

    def wait(self, seconds: float) -> None:
        """Let virtual time pass before the records that are put next."""
        self._pause += seconds

    def run(self) -> Account:
        """Deliver all records, the last buffers included, and return the account.

        It may be called again after more records were put; the account is that of all runs.

        Raises:
            EdgeliftError: a record is too large for Kinesis.

        """
        self._batches = iter(self._source.batches())
        self._read_next()
        self.clock.run()
        return self.account

    def stop(self) -> None:
        """Read no more records: `run` ends as soon as those that were read are delivered."""
        self._batches = iter(())

    @property
    def account(self) -> Account:
        """The account so far, also during a run."""
        return self._run.ledger.account(self.clock.now)

    def _read_next(self) -> None:
        """Schedule the next read, or leave it to a later call while deliveries are behind.

        Source: Firehose Developer Guide, "Handle data delivery failures": if Firehose can write neither to
        the destination nor to the backup, it pauses the delivery of the stream. How many batches it keeps
        otherwise is not documented.
        """
        limit = self.settings.shards * INVOCATIONS_PER_SHARD
        behind = max(self._processor.waiting, self._delivery.outstanding)
        self._is_waiting = self._bucket.refused > 0 or behind > limit
        if self._is_waiting:
            return
        records = next(self._batches, None)
        if records is None:
            return
        when = records[-1].arrival / 1000 if records else self.clock.now
        self.clock.at(when, lambda: self._read(records))

    def _read(self, records: Sequence[SourceRecord]) -> None:
        self._run.ledger.read(records, self.clock.now)
        if self.settings.backup_mode == "AllDocuments":
            self._bucket.add_source(records)
        self._records.add(records)
        self._read_next()

    def _go_on(self) -> None:
        if self._is_waiting:
            self._read_next()

    def _processed(self, batch: Processed) -> None:
        """Pass on what became of the records of a batch."""
        checked = batch.checked
        self._documents.add(checked.documents)
        self._run.ledger.drop(checked.dropped)
        arn = f"arn:aws:lambda:{_ACCOUNT}:function:{self.settings.name}:$LATEST"
        failed = [
            Entry(record, processing_failed(record, failure, batch.attempts, arn), failure.code)
            for record, failure in checked.failed
        ]
        self._bucket.add_failed(PROCESSING_FAILED_PREFIX, failed)
        self._go_on()

    def _event(self, records: Sequence[SourceRecord]) -> Event:
        return build_event(
            records,
            invocation_id=str(uuid.UUID(int=self._run.chance.getrandbits(128), version=4)),
            stream_arn=f"arn:aws:firehose:{_ACCOUNT}:deliverystream/{self.settings.name}",
            source_arn=f"arn:aws:kinesis:{_ACCOUNT}:stream/{self.settings.name}",
            region=_REGION,
        )


def _function(config: Config | None, function: Function | Callable[[Any, Any], Any] | None) -> Function:
    """Return the function for a configuration, or for a handler, or the function itself.

    Raises:
        ConfigError: the configuration cannot be used.
        TypeError: there are both a configuration and a function, or neither.

    """
    if function is not None and config is None:
        return function if hasattr(function, "invoke") else HandlerFunction(function)
    if function is not None or config is None:
        raise TypeError("a delivery stream takes either a configuration or a function")
    if isinstance(config, os.PathLike):
        config = Transformer.from_file(config)
    return TransformerFunction(config if isinstance(config, Transformer) else Transformer(config))

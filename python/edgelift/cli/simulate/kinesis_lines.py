"""The records of a Kinesis stream at an endpoint, in place of lines of files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edgelift.cli.console import CliExit, ExitCode, shown_name
from edgelift.cli.signals import signals_held
from edgelift.reprocess.aws import AwsOptions
from edgelift.simulate.kinesis import KinesisSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edgelift.cli.simulate.options import Options
    from edgelift.simulate.ports import Source, SourceRecord

STREAM: Final = "kinesis:"
"""Prefix of the LINES that name a stream."""


class KinesisLines:
    """The records of a stream, from the oldest on.

    Args:
        options: what the command line says.

    Raises:
        CliExit: more than the stream is named, or nothing after the colon.
        UsageError: Kinesis cannot be used.

    """

    def __init__(self, options: Options) -> None:
        name, *others = options.lines or [""]
        if others:
            raise CliExit(ExitCode.USAGE, f"{shown_name(name)} and other LINES exclude each other")
        stream = name.removeprefix(STREAM)
        if not stream:
            raise CliExit(ExitCode.USAGE, f"{STREAM} names no stream")
        self.names = name
        with signals_held():
            source = KinesisSource(stream, AwsOptions(options.profile, options.kinesis, options.region))
        self._reads: Iterator[Sequence[SourceRecord]] = iter(source.batches())
        self._next: list[SourceRecord] = []

    @property
    def started(self) -> float:
        """Return when the next record arrived, in seconds since 1970. There must be one."""
        return self._next[0].arrival / 1000

    def is_empty(self) -> bool:
        """Return true if no record is left.

        Raises:
            JobError: the stream cannot be read.

        """
        while not self._next:
            read = next(self._reads, None)
            if read is None:
                return True
            self._next = list(read)
        return False

    def take(self, most: int | None) -> Source:
        """Return the next records as a source: all of them, or as many as are wanted at most."""
        return _Reads(self, most)

    def read(self, most: int | None) -> Sequence[SourceRecord]:
        """Return the records of the next read, or as many of them as are wanted at most."""
        taken, self._next = self._next[:most], [] if most is None else self._next[most:]
        return taken


class _Reads:
    """A source of records until there are enough."""

    def __init__(self, lines: KinesisLines, most: int | None) -> None:
        self._lines = lines
        self._most = most

    def batches(self) -> Iterator[Sequence[SourceRecord]]:
        left = self._most
        while left != 0 and not self._lines.is_empty():
            records = self._lines.read(left)
            left = None if left is None else left - len(records)
            yield records

"""A simulation from its options to its exit code."""

from __future__ import annotations

import os
import signal
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edgelift.cli.cluster_options import cluster_options, warn_if_insecure_is_idle
from edgelift.cli.console import CliExit, ExitCode, SignalExit, eprint, shown_name
from edgelift.cli.signals import signals_held
from edgelift.cli.simulate.environment import environment_of
from edgelift.cli.simulate.kept import KeptDocuments
from edgelift.cli.simulate.kinesis_lines import STREAM, KinesisLines
from edgelift.cli.simulate.lines import Lines
from edgelift.cli.simulate.live import live_view, pace, shown_time
from edgelift.cli.simulate.options import BackupMode, Handler
from edgelift.cli.simulate.report import explain_failures, facts, json_of, text_of
from edgelift.cli.simulate.watch import WatchedBackup, WatchedFunction, WatchedIndex
from edgelift.cli.sink import write_standard_output
from edgelift.cli.unexpected import Unexpected
from edgelift.cli.waiting import waiting_for
from edgelift.errors import EdgeliftError
from edgelift.reprocess.aws import AwsOptions, is_s3
from edgelift.reprocess.errors import JobError
from edgelift.reprocess.extras import needs
from edgelift.simulate.backups import is_unused, open_backup
from edgelift.simulate.clock import Clock
from edgelift.simulate.embedded import MOST_DOCUMENTS, embedded_opensearch
from edgelift.simulate.faults import load_faults
from edgelift.simulate.faulty import Faults
from edgelift.simulate.function import DICT_HANDLER, PURE_HANDLER, RAW_HANDLER, LambdaProcess
from edgelift.simulate.memory import MemoryBackup
from edgelift.simulate.stream import DeliveryStream

if TYPE_CHECKING:
    from edgelift._core import Transformer
    from edgelift.cli.simulate.options import Options
    from edgelift.simulate.indexes import OpenSearchIndex

_HANDLERS: Final = {Handler.RAW: RAW_HANDLER, Handler.DICT: DICT_HANDLER, Handler.PURE: PURE_HANDLER}

_ROTATIONS: Final = {
    "none": "NoRotation",
    "hour": "OneHour",
    "day": "OneDay",
    "week": "OneWeek",
    "month": "OneMonth",
}

_BACKUP_MODES: Final = {BackupMode.FAILED: "FailedDocumentsOnly", BackupMode.ALL: "AllDocuments"}


def run(transformer: Transformer, options: Options) -> int:
    """Run a simulation and report on it; return the exit code.

    Raises:
        CliExit: it cannot be run, or what it wrote is lost.

    """
    try:
        lines = _open(options, transformer)
        faults = Faults(load_faults(Path(options.faults)) if options.faults else [], options.seed)
        if lines.is_empty():
            eprint("edgelift: there are no lines: nothing was simulated")
            return ExitCode.DONE
        if options.backup is not None:
            _refuse_other_objects(options.backup, _aws(options))
        with ExitStack() as stack:
            simulation = _Simulation(transformer, options, lines, faults, stack)
            with Unexpected(EdgeliftError, hint="run the same command again"):
                return simulation.run()
    except JobError as error:
        raise CliExit(ExitCode.STOPPED, str(error)) from None
    except EdgeliftError as error:
        raise CliExit(ExitCode.USAGE, str(error)) from None
    except OSError as error:
        name = shown_name(os.fspath(error.filename)) if error.filename else ""
        reason = f"cannot use {name}: {error.strerror}" if name else str(error)
        raise CliExit(ExitCode.STOPPED, reason) from None


def _open(options: Options, transformer: Transformer) -> Lines | KinesisLines:
    """Return what the stream reads.

    Raises:
        CliExit: it cannot be read.
        EdgeliftError: Kinesis cannot be used.

    """
    if any(place.startswith(STREAM) for place in options.lines or ()):
        return KinesisLines(options)
    if options.kinesis is not None:
        raise CliExit(ExitCode.USAGE, f"--kinesis is the endpoint of LINES such as {STREAM}NAME")
    return Lines(options, transformer)


def _aws(options: Options) -> AwsOptions:
    return AwsOptions(options.profile, options.endpoint_url, options.region)


def _refuse_other_objects(place: str, aws: AwsOptions) -> None:
    """Refuse a folder or prefix that has objects already, which those of this run might replace.

    Raises:
        CliExit: it has some.
        EdgeliftError: it cannot be used.
        OSError: it cannot be read.

    """
    if not is_unused(place, aws):
        kind = "prefix" if is_s3(place) else "folder"
        raise CliExit(
            ExitCode.USAGE,
            f"--backup: the {kind} {shown_name(place)} is not empty, and would hold the objects of two runs: "
            "empty it or name another one",
        )


class _Simulation:
    """A stream with its places; they end with the stack."""

    def __init__(
        self,
        transformer: Transformer,
        options: Options,
        lines: Lines | KinesisLines,
        faults: Faults,
        stack: ExitStack,
    ) -> None:
        self._transformer = transformer
        self._options = options
        self._lines = lines
        self._faults = faults
        # No process is started before an event comes.
        self._function = WatchedFunction(stack.enter_context(_function(options)), transformer)
        self._most = None if options.opensearch else MOST_DOCUMENTS
        self._place = options.opensearch or "the embedded engine"
        url = options.opensearch or stack.enter_context(embedded_opensearch())
        section = transformer.options["opensearch"]
        index = _index(url, transformer, options)
        self._documents = KeptDocuments(index, section["index_prefix"], self._place)
        self._index = WatchedIndex(index)
        backup = MemoryBackup() if options.backup is None else open_backup(options.backup, _aws(options))
        self._backup = WatchedBackup(backup)
        records = lines if isinstance(lines, KinesisLines) else None
        self._stream = DeliveryStream(
            source=None if records is None else records.take(self._most),
            clock=None if records is None else Clock(records.started),
            function=self._function,
            index=self._index,
            backup=self._backup,
            faults=faults,
            seed=options.seed,
            shards=options.shards,
            rate=options.rate,
            buffer_mb=options.buffer_mb,
            interval=options.interval,
            index_interval=options.interval,
            timeout=options.timeout,
            index_name=section["index_prefix"],
            rotation=_ROTATIONS[section["rotation"]],
            backup_mode=_BACKUP_MODES[options.backup_mode],
        )

    def run(self) -> int:
        """Put the lines and run the stream; return the exit code.

        Raises:
            CliExit: a record cannot be put, or the backup did not take what it had to.

        """
        options, stream, lines = self._options, self._stream, self._lines
        firehose = f"Firehose ({options.buffer_mb:g} MiB, {options.interval:g} s)"
        source = [lines.names] if isinstance(lines, KinesisLines) else [lines.names, "Kinesis"]
        eprint(f"edgelift: {' → '.join([*source, firehose, _HANDLERS[options.handler], self._place])}")
        if isinstance(lines, Lines):
            stream.put(lines.take(self._most))
        self._began = time.perf_counter()
        wait = pace(options.speed, stream.clock.now)
        try:
            with live_view(self._live_facts) as show:

                def on_advance(when: float) -> None:
                    show()
                    wait(when)

                stream.clock.on_advance = on_advance
                stream.run()
        except SignalExit as end:
            number = signal.Signals(int(end.code or 0) - 128)
            eprint(f"edgelift: stopped by {number.name} at {shown_time(stream.clock.now)}; so far:")
            for line in str(stream.account).splitlines():
                eprint(f"edgelift: {line}")
            raise
        except EdgeliftError as error:
            raise CliExit(ExitCode.STOPPED, str(error)) from None
        return self._report()

    def _report(self) -> int:
        account = self._stream.account
        problem = self._documents.problem(account)
        if self._most is not None and not self._lines.is_empty():
            eprint(
                f"edgelift: the embedded engine takes {self._most:,} records, and there are more; "
                "--opensearch URL takes all"
            )
        schedule = self._faults.schedule
        has_faults = any(at == "function" for at, _ in schedule.struck)
        explain_failures(account, self._transformer, self._function, self._backup, has_faults=has_faults)
        if self._options.as_json:
            write_standard_output(json_of(account, self._function, self._index, schedule, problem))
        else:
            write_standard_output(text_of(account, self._facts()))
        if account.replaced:
            eprint("edgelift: documents of an earlier run were replaced; another --seed makes other ids")
        if account.in_backup and self._options.backup is None:
            eprint("edgelift: --backup DIR keeps failed records, for edgelift reprocess")
        if problem:
            eprint(f"edgelift: {problem}")
        if not account.is_balanced and self._backup.problem:
            raise CliExit(ExitCode.STOPPED, self._backup.problem)
        return ExitCode.DONE if account.is_balanced and not problem else ExitCode.SOME_FAILED

    def _facts(self) -> list[tuple[str, str]]:
        return facts(
            self._stream.account,
            self._function,
            self._index,
            self._backup,
            self._faults.schedule,
            time.perf_counter() - self._began,
        )

    def _live_facts(self) -> list[tuple[str, str]]:
        account = self._stream.account
        records = (
            f"{account.source:,} read = {account.indexed:,} indexed + {account.dropped:,} dropped "
            f"+ {account.in_backup:,} in backup + {account.pending:,} on their way"
        )
        time_now = shown_time(self._stream.clock.now)
        return [("time", time_now), ("records", records), *self._facts()[1:]]


def _function(options: Options) -> LambdaProcess:
    """Return the function as the options configure it."""
    layer = None if options.layer is None else Path(options.layer)
    return LambdaProcess(
        _HANDLERS[options.handler], environment_of(options), layer=layer, memory_mb=options.memory
    )


def _index(url: str, transformer: Transformer, options: Options) -> OpenSearchIndex:
    """Return the index at a URL, which answers, with the template if it is wanted.

    Raises:
        JobError: nobody answers, or the template is refused.

    """
    with needs("opensearchpy", "OpenSearch"), signals_held():
        from edgelift.simulate.indexes import OpenSearchIndex  # 0.3 s

    warn_if_insecure_is_idle(options, url)
    # The endpoint of the options is that of S3.
    aws = AwsOptions(options.profile, None, options.region)
    index = OpenSearchIndex(url, cluster_options(options), aws)
    with waiting_for(url):
        index.check()
    if options.apply_template or not options.opensearch:
        index.apply_template(transformer)
    return index

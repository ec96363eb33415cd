"""A job of ``edgelift reprocess``: from its options to its exit code."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edgelift.cli.cluster_options import apply_command, cluster_options, warn_if_insecure_is_idle
from edgelift.cli.collector import collect_as_usual
from edgelift.cli.console import CliExit, ExitCode, eprint, shown_name
from edgelift.cli.progress import job_progress
from edgelift.cli.reprocess.interrupt import StopNotice, describe_account, stop_on_signals
from edgelift.cli.reprocess.report import next_step, print_report, write_json
from edgelift.cli.selection import Selection
from edgelift.cli.signals import import_orjson
from edgelift.cli.unexpected import Unexpected
from edgelift.cli.waiting import waiting_for
from edgelift.errors import ConfigError
from edgelift.reprocess.aws import AwsOptions
from edgelift.reprocess.errors import (
    JobError,
    MissingSourceError,
    NothingFoundError,
    ReprocessError,
    UsageError,
)
from edgelift.reprocess.job import Job
from edgelift.reprocess.journal.journal import Journal
from edgelift.reprocess.plan.job_plan import build_plan
from edgelift.reprocess.plan.places import is_in_source, is_one_file, is_opensearch, is_stream
from edgelift.reprocess.plan.request import Request
from edgelift.reprocess.sources.filters import Filter, moment
from edgelift.reprocess.sources.s3 import S3Options

if TYPE_CHECKING:
    from edgelift._core import Transformer
    from edgelift.cli.reprocess.options import Options
    from edgelift.reprocess.job import Outcome, Progress
    from edgelift.reprocess.plan.job_plan import JobPlan
    from edgelift.reprocess.sinks.opensearch.options import OnExisting

_REFUSALS: Final[dict[type[ReprocessError], ExitCode]] = {
    NothingFoundError: ExitCode.SOME_FAILED,
    MissingSourceError: ExitCode.STOPPED,
}
"""Exit codes of jobs that cannot begin, by error; others are wrong usage."""

DELIVERED = """\
edgelift: documents that Firehose delivered have other ids: those of the same time will be in the index \
twice; a data stream compares ids within its write index only"""

TWICE = """\
edgelift: a stream has no ids: records of interrupted objects, and records without an answer, are sent again \
and may arrive twice"""


def run(options: Options, transformer: Transformer, began: float) -> int:
    """Run the job and report on it; return the exit code.

    Args:
        options: what the command line says.
        transformer: makes documents of records.
        began: when the command began, by `time.perf_counter`.

    Raises:
        CliExit: the job cannot be done, or its report cannot be written.

    """
    _warn_of_duplicates(options)
    try:
        _check_journal(options)
        selection = Selection(transformer)
        request = replace(build_request(options, transformer), check_columns=selection.check)
        if request.is_opensearch:
            import_orjson()
        plan = build_plan(request, resume=options.resume)
        if request.is_opensearch:
            warn_if_insecure_is_idle(options, options.dest)
        if request.is_opensearch and not options.resume:
            with waiting_for(options.dest or "", wanted=not options.quiet):
                _warn_without_template(request, options)
        path = None if options.dry_run else Path(options.journal)
        # The lock first: a job that is refused has not touched its journal.
        with (
            plan.locked(),
            Journal(path, must_exist=options.resume) as journal,
            _unexpected(journal, options.source),
        ):
            _note_one_file(options)
            outcome, received = _run_job(plan, journal, options)
            seconds = time.perf_counter() - began
            for warning in selection.warnings():
                eprint(f"edgelift: {warning}")
            print_report(journal, outcome, seconds, options, transformer.options["input"]["format"])
            if options.as_json:
                write_json(journal, outcome, seconds, is_dry=options.dry_run)
            code = _exit_code(journal, outcome, received)
            if outcome.abandoned:
                # Within the locks: threads still hold files and requests, and the interpreter waits for them.
                journal.close()
                os._exit(code)
            return code
    except JobError as error:
        raise CliExit(ExitCode.STOPPED, f"{error}; nothing was written; run the same command again") from None
    except ReprocessError as error:
        first, *others = str(error).splitlines()
        eprint(f"edgelift: {first}")
        for line in others:
            eprint(line)
        raise CliExit(_REFUSALS.get(type(error), ExitCode.USAGE)) from None


def _warn_without_template(request: Request, options: Options) -> None:
    """Say before the first document if OpenSearch would guess the types of a new index."""
    from edgelift.opensearch.cluster import Cluster
    from edgelift.opensearch.coverage import is_covered, is_in_patterns

    cluster = Cluster(request.destination or "", request.cluster, request.s3.aws)
    problem = "edgelift: warning: no index template of edgelift covers the index, so OpenSearch guesses types"
    try:
        if is_covered(cluster, request.transformer, request.index) is not False:
            return
        is_ours = is_in_patterns(request.transformer, request.index)
    except ConfigError as error:
        eprint(f"{problem}; {error}")
        return
    first = "first" if is_ours else "first set [bulk] index or [opensearch] index_prefix to its name, then"
    command = apply_command(request.destination, options)
    eprint(f"{problem}; {first} run: {command}")


def build_request(options: Options, transformer: Transformer) -> Request:
    """Build the request of a job; a dry run has no destination, no journal, and deletes nothing.

    Raises:
        ReprocessError: ``--since`` or ``--until`` is not a time, or options contradict each other.

    """
    writes = not options.dry_run
    existing = _existing(options)
    since, until = (moment(text) if text else None for text in (options.since, options.until))
    return Request(
        source=options.source,
        destination=options.dest if writes else None,
        transformer=transformer,
        compression=None if options.compress is None else options.compress.value,
        failed=options.failed if writes else None,
        filter=Filter(options.suffix, since, until),
        limit=options.limit,
        workers=options.workers or 2 * _cpus(),
        delete_source=options.delete_source and writes,
        s3=S3Options(
            AwsOptions(options.profile, options.endpoint_url, options.region), options.requester_pays
        ),
        raw_data=None if options.raw_data is None else options.raw_data.value,
        index=options.index if writes else None,
        existing=existing if writes else "keep",
        cluster=cluster_options(options),
        reingests=options.dry_run and _is_to_stream(options),
        columns_known=bool(transformer.layouts),
        max_expansion=options.max_expansion,
        journal=options.journal if writes else None,
        configuration=options.config,
    )


def _existing(options: Options) -> OnExisting:
    if options.compare and options.dry_run:
        raise UsageError(
            "either --compare or --dry-run: a dry run sends nothing to OpenSearch, so it cannot compare; "
            "--compare without --dry-run also writes the documents that are missing"
        )
    if options.overwrite and options.compare:
        raise UsageError("either --overwrite or --compare: what is replaced is not compared")
    return "replace" if options.overwrite else "compare" if options.compare else "keep"


def _cpus() -> int:
    """Return the number of CPUs of this process, where the system says so; macOS does not."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _is_to_stream(options: Options) -> bool:
    return options.dest is not None and is_stream(options.dest)


def _warn_of_duplicates(options: Options) -> None:
    if options.dry_run and options.dest and is_opensearch(options.dest):
        eprint(DELIVERED)
    if _is_to_stream(options):
        eprint(TWICE)


def _note_one_file(options: Options) -> None:
    """Say that a name that looks like a folder's is the name of one file for all documents."""
    dest = options.dest
    if dest is None or options.dry_run or options.resume or not is_one_file(dest):
        return
    if options.source == "-" or os.path.isfile(options.source):  # noqa: PTH113 - strings, as they came
        return
    if not Path(dest).suffix and not os.path.exists(dest):  # noqa: PTH110
        name = shown_name(dest)
        eprint(
            f"edgelift: {name} becomes one file for all documents; {name}/ is a folder with a file per object"
        )


def _check_journal(options: Options) -> None:
    if not options.dry_run and is_in_source(options.source, options.journal):
        message = f"the journal {options.journal} would be in the source; choose another with --journal"
        raise CliExit(ExitCode.USAGE, message)


def _run_job(plan: JobPlan, journal: Journal, options: Options) -> tuple[Outcome, list[int]]:
    """Run the job; return its outcome and the signals that came."""
    received: list[int] = []
    with job_progress(wanted=not options.quiet) as show:
        announce = StopNotice(received)

        def watch(progress: Progress) -> None:
            announce(progress)
            show(progress)

        def last_words() -> list[str]:
            name = signal.Signals(received[-1]).name
            account = describe_account(job.progress)
            return [f"{name}: stopped now; {account}", next_step(journal, options.source)]

        waiting = partial(waiting_for, options.dest or "", wanted=not options.quiet)
        job = Job(plan, journal, watch, waiting)
        collect_as_usual()
        with stop_on_signals(job.stop, received, last_words):
            return job.run(resume=options.resume), received


def _unexpected(journal: Journal, source: str) -> Unexpected:
    """Return the context that says how far the job of a journal got, and what to do."""

    def done() -> str:
        _, states = journal.totals()
        states = {state: count for state, count in states.items() if state != "problems"}
        return f"{states['done']} of {sum(states.values())} objects are done"

    return Unexpected(ReprocessError, done=done, hint=next_step(journal, source))


def _exit_code(journal: Journal, outcome: Outcome, received: list[int]) -> int:
    if outcome.error:
        return ExitCode.STOPPED
    if outcome.stopped and received:
        return 128 + received[0]
    tally, states = journal.totals()
    has_nothing = not any(states.values())
    return ExitCode.SOME_FAILED if tally.failed or states["problems"] or has_nothing else ExitCode.DONE

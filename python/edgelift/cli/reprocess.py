"""``edgelift reprocess``: whole folders and buckets of logs to where they belong."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from edgelift.cli.collector import collect_as_usual
from edgelift.cli.configuration import ConfigOption, FieldsOption, MaxExpansionOption, load
from edgelift.cli.console import CliExit, ExitCode, eprint, shown_name
from edgelift.cli.unexpected import Unexpected
from edgelift.inputs.limits import MAX_EXPANSION

if TYPE_CHECKING:
    from edgelift.reprocess.job import Outcome
    from edgelift.reprocess.journal import Journal

JOURNAL = "edgelift-reprocess.journal"

DELIVERED = """\
edgelift: documents that Firehose has delivered have ids of its own: what it delivered of the same time will \
be there twice; a data stream knows the ids of its write index only"""


TWICE = """\
edgelift: a stream knows no ids: records of objects that are interrupted, or whose answers are lost, are put \
again, and may come twice"""


class Packing(StrEnum):
    """Choices of ``--compress``."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"


class Service(StrEnum):
    """Choices of ``--sigv4``."""

    MANAGED = "es"
    SERVERLESS = "aoss"


def reprocess(  # noqa: PLR0913 - an option each
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="File, folder, pattern, s3://bucket/prefix, list:FILE, inventory:FILE; -: standard input.",
        ),
    ],
    dest: Annotated[
        str | None,
        typer.Argument(
            metavar="DEST",
            help="File, folder, s3://bucket/prefix, URL of OpenSearch, firehose:NAME or kinesis:NAME; may be "
            "left out with --dry-run.",
        ),
    ] = None,
    *,
    fields: FieldsOption = None,
    config: ConfigOption = None,
    failed: Annotated[
        str | None,
        typer.Option(
            "--failed",
            metavar="DIR",
            help="Folder or s3://bucket/prefix for failed records, as error objects of Firehose.",
        ),
    ] = None,
    compress: Annotated[
        Packing | None,
        typer.Option("--compress", help="How the files of a folder or of S3 are packed."),
    ] = None,
    suffix: Annotated[
        str, typer.Option("--suffix", metavar="TEXT", help="Only objects whose names end so.")
    ] = "",
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="TIME",
            help="Only objects of this time or later, by the date in their names, in UTC.",
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--until", metavar="TIME", help="Only objects from before this time, by the date in their names."
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="Only the first N objects.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", metavar="N", min=1, max=64, help="Objects at a time; two a CPU, if not said."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and count everything, write nothing.")
    ] = False,
    journal: Annotated[
        str,
        typer.Option("--journal", metavar="FILE", help="Where the job keeps what is done."),
    ] = JOURNAL,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the job of the journal: what is done stays.")
    ] = False,
    delete_source: Annotated[
        bool,
        typer.Option("--delete-source", help="Delete each object that is done, at the end of the job."),
    ] = False,
    requester_pays: Annotated[
        bool, typer.Option("--requester-pays", help="Pay for what is read from S3.")
    ] = False,
    profile: Annotated[
        str | None,
        typer.Option("--profile", metavar="NAME", help="Profile of the AWS configuration files."),
    ] = None,
    endpoint_url: Annotated[
        str | None,
        typer.Option("--endpoint-url", metavar="URL", help="Where S3 is, if not at AWS."),
    ] = None,
    index: Annotated[
        str | None,
        typer.Option(
            "--index", metavar="PATTERN", help="Name of the index in OpenSearch, by the time of the record."
        ),
    ] = None,
    user: Annotated[
        str | None,
        typer.Option(
            "--user", metavar="NAME", help="User of OpenSearch; the password is in OPENSEARCH_PASSWORD."
        ),
    ] = None,
    sigv4: Annotated[
        Service | None,
        typer.Option("--sigv4", help="Sign requests to OpenSearch with AWS credentials."),
    ] = None,
    ca_certs: Annotated[
        str | None,
        typer.Option("--ca-certs", metavar="FILE", help="Certificates to trust OpenSearch by."),
    ] = None,
    max_expansion: MaxExpansionOption = MAX_EXPANSION,
    insecure: Annotated[
        bool,
        typer.Option("--insecure", help="Let credentials go over http:// to another machine, unencrypted."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write the account of all objects to standard output.")
    ] = False,
) -> None:
    """Bring the logs of a folder or bucket to where they belong."""
    began = time.perf_counter()
    transformer = load(fields, config, verb="reprocess", operand="SOURCE DEST", auto=True)
    if not journal:
        raise CliExit(ExitCode.USAGE, "--journal names no file")
    if dest is None and not dry_run:
        raise CliExit(ExitCode.USAGE, "DEST is missing: where the documents go; --dry-run does without")
    # Here, not above: SQLite and the rest are nothing that other verbs should pay for.
    from edgelift.cli.progress import job_progress  # noqa: PLC0415
    from edgelift.reprocess.aws import AwsOptions  # noqa: PLC0415
    from edgelift.reprocess.errors import JobError, ReprocessError  # noqa: PLC0415
    from edgelift.reprocess.job import Job  # noqa: PLC0415
    from edgelift.reprocess.journal import Journal  # noqa: PLC0415
    from edgelift.reprocess.request import Request, build_plan, is_in_source, is_stream  # noqa: PLC0415
    from edgelift.reprocess.sinks.opensearch_client import ClusterOptions  # noqa: PLC0415
    from edgelift.reprocess.sources.filters import Filter, moment  # noqa: PLC0415
    from edgelift.reprocess.sources.s3 import S3Options  # noqa: PLC0415

    path = None if dry_run else Path(journal)
    if dry_run and dest and dest.startswith(("http://", "https://")):
        eprint(DELIVERED)
    puts_back = dest is not None and is_stream(dest)
    if puts_back:
        eprint(TWICE)
    try:
        if path and is_in_source(source, journal):
            raise CliExit(
                ExitCode.USAGE, f"the journal {journal} would lie in the source: --journal names another"
            )
        request = Request(
            source=source,
            destination=None if dry_run else dest,
            transformer=transformer,
            compression=None if compress is None else compress.value,
            failed=None if dry_run else failed,
            filter=Filter(suffix, moment(since) if since else None, moment(until) if until else None),
            limit=limit,
            workers=workers or 2 * len(os.sched_getaffinity(0)),
            delete_source=delete_source and not dry_run,
            s3=S3Options(AwsOptions(profile, endpoint_url), requester_pays),
            index=None if dry_run else index,
            cluster=ClusterOptions(
                user,
                None if sigv4 is None else sigv4.value,
                None if ca_certs is None else Path(ca_certs),
                insecure,
            ),
            puts_back=puts_back and dry_run,
            columns_known=fields is not None or config is not None,
            max_expansion=max_expansion,
            journal=None if dry_run else journal,
            configuration=config,
        )
        plan = build_plan(request, resume=resume)
        # The lock first: a job that is refused has not touched its journal.
        with plan.locked(), Journal(path, must_exist=resume) as kept, _unexpected(kept, source):
            with job_progress() as show:
                job = Job(plan, kept, show)
                collect_as_usual()
                with _signals(job.stop) as received:
                    outcome = job.run(resume=resume)
            _tell(kept, outcome, time.perf_counter() - began, as_json=as_json, shows_failures=failed is None)
            code = _code(kept, outcome, received)
    except JobError as error:
        raise CliExit(ExitCode.STOPPED, f"{error}; nothing was written; run the same command again") from None
    except ReprocessError as error:
        first, *others = str(error).splitlines()
        eprint(f"edgelift: {first}")
        for line in others:
            eprint(line)
        raise CliExit(ExitCode.STOPPED if isinstance(error, JobError) else ExitCode.USAGE) from None
    raise typer.Exit(code)


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[list[int]]:
    """Let SIGINT and SIGTERM call ``stop``; yield the list of those that came. A second one ends at once."""
    received: list[int] = []

    def answer(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        stop()
        for kept in before:
            signal.signal(kept, signal.SIG_DFL)

    wanted = (signal.SIGINT, signal.SIGTERM)
    # nohup hands signals down as ignored: leave them so.
    before = {number: signal.getsignal(number) for number in wanted}
    before = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, answer)
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _unexpected(kept: "Journal", source: str) -> Unexpected:
    """Return the context that says how far the job of a journal got, and how to resume it."""

    def done() -> str:
        _, states = kept.totals()
        states = {state: count for state, count in states.items() if state != "problems"}
        return f"{states['done']} of {sum(states.values())} objects are done"

    from edgelift.reprocess.errors import ReprocessError  # noqa: PLC0415

    hint = "run the same command again"
    if kept.path is not None:
        hint = f"the same command with --resume goes on from the journal {shown_name(str(kept.path))}"
        if source == "-":
            hint = f"delete the journal {shown_name(str(kept.path))} and run the same command again"
    return Unexpected(ReprocessError, done=done, hint=hint)


def _tell(
    kept: "Journal", outcome: "Outcome", seconds: float, *, as_json: bool, shows_failures: bool
) -> None:
    from edgelift.cli.account import problems, summary, write_json  # noqa: PLC0415

    if shows_failures and outcome.first_failures:
        for line in outcome.first_failures:
            eprint(line)
        eprint("--failed DIR keeps every failed record")
    for line in problems(kept):
        eprint(f"edgelift: {line}")
    for line in outcome.notes:
        eprint(f"edgelift: {line}")
    if outcome.error:
        eprint(f"edgelift: {outcome.error}")
    eprint(f"edgelift: {summary(kept, seconds)}")
    if kept.path and (outcome.error or outcome.stopped):
        eprint("edgelift: the same command with --resume goes on where it has ended")
    if as_json:
        write_json(kept, outcome, seconds)


def _code(kept: "Journal", outcome: "Outcome", received: list[int]) -> int:
    if outcome.error:
        return ExitCode.STOPPED
    if outcome.stopped and received:
        return 128 + received[0]
    tally, states = kept.totals()
    return ExitCode.SOME_FAILED if tally.failed or states["problems"] else ExitCode.DONE

"""``edgelift reprocess``: whole folders and buckets of logs into files, S3, OpenSearch or a stream."""

import time

import typer

from edgelift.cli.configuration import load
from edgelift.cli.console import CliExit, ExitCode
from edgelift.cli.options import takes_options
from edgelift.cli.reprocess.options import Options


@takes_options(Options)
def reprocess(options: Options) -> None:
    """Reprocess logs into files, S3, OpenSearch or a stream."""
    began = time.perf_counter()
    transformer = load(options.fields, options.config, verb="reprocess", operand="SOURCE DEST", auto=True)
    if not options.journal:
        raise CliExit(ExitCode.USAGE, "--journal is empty")
    if options.dest is None and not options.dry_run:
        raise CliExit(ExitCode.USAGE, "DEST is missing; only --dry-run needs none")
    # Imported here so that other verbs do not pay for SQLite and the rest.
    from edgelift.cli.reprocess.run import run  # noqa: PLC0415

    raise typer.Exit(run(options, transformer, began))

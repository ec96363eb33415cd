"""``edgelift reprocess``: whole folders and buckets of logs into files, S3, OpenSearch or a stream."""

import time

from edgelift.cli.arguments import Verb
from edgelift.cli.configuration import load
from edgelift.cli.console import CliExit, ExitCode
from edgelift.cli.output_section import output_section
from edgelift.cli.reprocess.options import Options


def reprocess(options: Options) -> int:
    """Reprocess logs into files, S3, OpenSearch or a stream."""
    began = time.perf_counter()
    transformer = load(
        options.fields,
        options.config,
        options.input_format,
        verb="reprocess",
        operand="SOURCE DEST",
        auto=True,
        output=output_section(options),
        shows_order=options.dry_run,
    )
    if options.dest is None and not options.dry_run:
        raise CliExit(ExitCode.USAGE, "DEST is missing; only --dry-run needs none")
    # Imported here so that other verbs do not pay for SQLite and the rest.
    from edgelift.cli.reprocess.run import run

    return run(options, transformer, began)


VERB = Verb(
    "reprocess",
    "Reprocess logs into files, S3, OpenSearch or a stream.",
    Options,
    reprocess,
    (
        "edgelift reprocess s3://bucket/logs/ documents/ --failed failed/ --compress gzip",
        "edgelift reprocess logs/ https://localhost:9200 --index 'cdn-logs-{yyyy}-{MM}-{dd}' --user admin",
        "edgelift reprocess s3://bucket/backup/processing-failed/ firehose:cdn --config edgelift.toml",
    ),
)

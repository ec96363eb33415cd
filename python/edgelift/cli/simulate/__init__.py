"""``edgelift simulate``: a Firehose delivery stream on this machine, from log lines to OpenSearch."""

import sys

from edgelift.cli.arguments import Verb
from edgelift.cli.configuration import load
from edgelift.cli.console import CliExit, ExitCode
from edgelift.cli.output_section import output_section
from edgelift.cli.signals import import_orjson
from edgelift.cli.simulate.lines import refuse_unfit
from edgelift.cli.simulate.options import Options


def simulate(options: Options) -> int:
    """Run log lines through a simulated delivery stream."""
    if not options.lines and sys.stdin is not None and sys.stdin.isatty():
        raise CliExit(ExitCode.USAGE, "no LINES are given and standard input is a terminal; - reads it")
    if options.fields is None and options.config is None:
        # Otherwise its columns would be asked for.
        for path in options.lines or ():
            refuse_unfit(path)
    transformer = load(
        options.fields,
        options.config,
        None,
        verb="simulate",
        operand="LINES",
        output=output_section(options),
    )
    import_orjson()
    # Imported here so that other verbs do not pay for it.
    from edgelift.cli.simulate.run import run

    return run(transformer, options)


VERB = Verb(
    "simulate",
    "Run log lines through a simulated Firehose delivery stream, with the real function, into OpenSearch.",
    Options,
    simulate,
    (
        "edgelift simulate real-time.log --config edgelift.toml",
        "edgelift simulate real-time.log --config edgelift.toml --faults faults.toml --backup backup/",
        "edgelift simulate logs/ --config edgelift.toml --opensearch http://localhost:9200 --apply-template",
    ),
)

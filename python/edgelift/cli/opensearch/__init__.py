"""``edgelift opensearch``: index template, retention, role and dashboards of a configuration."""

from edgelift.cli.arguments import Verb
from edgelift.cli.configuration import load
from edgelift.cli.console import CliExit, ExitCode
from edgelift.cli.opensearch.options import Options, What
from edgelift.cli.sink import write_standard_output


def opensearch(options: Options) -> int:
    """Show what a cluster needs for the documents of a configuration."""
    if options.what is None:
        raise CliExit(ExitCode.USAGE, f"WHAT is missing: {', '.join(What)}")
    transformer = load(options.fields, options.config, verb="opensearch", operand="", auto=True)
    # Imported here so that other verbs do not pay for it.
    from edgelift.cli.opensearch.show import show

    write_standard_output(show(transformer, What(options.what), options))
    return ExitCode.DONE


VERB = Verb(
    "opensearch",
    "Show what a cluster needs for the documents of a configuration.",
    Options,
    opensearch,
    (
        "edgelift opensearch show template --config edgelift.toml",
        "edgelift opensearch show roles --role least",
        "edgelift opensearch show dashboards > dashboards.ndjson",
    ),
)

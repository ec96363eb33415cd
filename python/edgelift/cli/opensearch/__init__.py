"""``edgelift opensearch``: index template, retention, role and dashboards of a configuration."""

from edgelift.cli.arguments import Verb
from edgelift.cli.configuration import load
from edgelift.cli.console import CliExit, ExitCode
from edgelift.cli.opensearch.options import Action, Options, What
from edgelift.cli.sink import write_standard_output


def opensearch(options: Options) -> int:
    """Show what a cluster needs for the documents of a configuration, or apply it."""
    shows = options.action == Action.SHOW
    if shows and options.what is None:
        raise CliExit(ExitCode.USAGE, f"WHAT is missing: {', '.join(What)}")
    if not shows and options.what is not None:
        raise CliExit(ExitCode.USAGE, f"one argument too many: {options.what}; only show has a WHAT")
    if not shows and options.endpoint is None and options.dashboards is None:
        raise CliExit(
            ExitCode.USAGE,
            "--endpoint is missing, the URL of OpenSearch, or --dashboards, that of Dashboards",
        )
    transformer = load(options.fields, options.config, None, verb="opensearch", operand="", auto=True)
    # Imported here so that other verbs do not pay for it.
    if options.what is not None:
        from edgelift.cli.opensearch.show import show

        write_standard_output(show(transformer, What(options.what), options))
        return ExitCode.DONE
    from edgelift.cli.opensearch.run import run

    return run(transformer, options)


VERB = Verb(
    "opensearch",
    "Show what a cluster needs for the documents of a configuration, apply it, or check a cluster.",
    Options,
    opensearch,
    (
        "edgelift opensearch show template --config edgelift.toml",
        "edgelift opensearch show roles --role least",
        "edgelift opensearch show dashboards > dashboards.ndjson",
        "edgelift opensearch apply --endpoint https://localhost:9200 --user admin --dry-run",
        "edgelift opensearch apply --dashboards http://localhost:5601 --user admin",
        "edgelift opensearch check --endpoint https://localhost:9200 --user admin --json",
    ),
)

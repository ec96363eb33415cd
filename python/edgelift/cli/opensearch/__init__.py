"""``edgelift opensearch``: index template, retention, role and dashboards of a configuration."""

import shlex

from edgelift.cli.arguments import Option, Verb, parameters
from edgelift.cli.configuration import load
from edgelift.cli.console import CliExit, ExitCode
from edgelift.cli.opensearch.options import NEEDS, TAKEN_BY, Action, Options, What
from edgelift.cli.sink import write_standard_output


def opensearch(options: Options) -> int:
    """Show what a cluster needs for the documents of a configuration, or apply it."""
    shows = options.action == Action.SHOW
    if shows and options.what is None:
        raise CliExit(ExitCode.USAGE, f"WHAT is missing: {', '.join(What)}")
    if not shows and options.what is not None:
        raise CliExit(ExitCode.USAGE, f"one argument too many: {options.what}; only show has a WHAT")
    command = f"show {options.what}" if shows else str(options.action)
    _check_options(options, command)
    where = "" if options.endpoint is None else f"--endpoint {shlex.quote(options.endpoint)}"
    transformer = load(
        options.fields,
        options.config,
        options.input_format,
        verb=f"opensearch {command}",
        operand=where,
        auto=True,
        # The mapping ignores "-" where it is not a value.
        handled='missing = "keep"',
        shows_order=True,
    )
    # Imported here so that other verbs do not pay for it.
    if options.what is not None:
        from edgelift.cli.opensearch.show import show

        write_standard_output(show(transformer, What(options.what), options))
        return ExitCode.DONE
    from edgelift.cli.opensearch.run import run

    return run(transformer, options)


def _check_options(options: Options, command: str) -> None:
    """Make sure that no option is missing, and that each has an effect.

    Raises:
        CliExit: it is otherwise.

    """
    known = parameters(Options)
    spelled = {each.name: each.declared.name for each in known if isinstance(each.declared, Option)}
    given = [each.name for each in known if getattr(options, each.name) != each.default]
    for name in given:
        takers = TAKEN_BY.get(name, (command,))
        if command not in takers:
            problem = f"{command} does not take {spelled[name]}, which is for {_listed(takers)}"
            raise CliExit(ExitCode.USAGE, problem)
    if options.action == Action.SHOW:
        return
    if "endpoint" not in given and "dashboards" not in given:
        or_dashboards = ", or --dashboards, that of Dashboards" if options.action == Action.APPLY else ""
        raise CliExit(ExitCode.USAGE, f"--endpoint is missing, the URL of OpenSearch{or_dashboards}")
    for name, other in NEEDS.items():
        if name in given and other not in given:
            raise CliExit(ExitCode.USAGE, f"{spelled[name]} has no effect without {spelled[other]}")


def _listed(names: tuple[str, ...]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


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

"""The verbs of the command line, each imported when it runs, and the help that lists them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from edgelift._core import __version__
from edgelift.cli.console import EXIT_CODES, CliExit, ExitCode, eprint
from edgelift.cli.sink import write_standard_output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgelift.cli.arguments import Verb

SUMMARY = "Turn Amazon CloudFront log lines into JSON documents."

VERBS: Final = {
    "transform": "Turn log lines into JSON lines.",
    "explain": "Show which field each column of a line is, and its value.",
    "fields": "List the fields: their kinds, and their keys in documents.",
    "size": "Size the buffer of a Firehose transformation, and its cost.",
    "simulate": "Run log lines through a simulated Firehose stream.",
    "reprocess": "Reprocess logs into files, S3, OpenSearch or a stream.",
    "opensearch": "Set up and check an OpenSearch cluster.",
    "completion": "Write the script that completes commands in a shell.",
}
"""The verbs in the order of the help, with their words there."""

VERSION = f"edgelift {__version__}\n"

HELP = "\n".join(
    [
        "Usage: edgelift COMMAND [ARGUMENTS] [OPTIONS]",
        "",
        f"  {SUMMARY}",
        "",
        "Commands:",
        *(f"  {name:<{max(map(len, VERBS))}}  {words}" for name, words in VERBS.items()),
        "",
        "Options:",
        "  -h, --help  Show this message and exit; of a command: edgelift COMMAND --help.",
        "  --version   Show the version and exit.",
        "",
        "Examples:",
        "  edgelift transform E2K1DISTRIBUTION.2024-11-15-19.*.gz > documents.ndjson",
        "  edgelift transform real-time.log --fields timestamp,c-ip,sc-status",
        "  edgelift explain - --config edgelift.toml < real-time.log",
        "",
        EXIT_CODES,
    ]
)


def run(words: Sequence[str]) -> int:
    """Run the verb that the command line names; return the exit code.

    Args:
        words: the command line without the program.

    Raises:
        CliExit: nothing or something else is named, or the verb ends so.

    """
    first = words[0] if words else None
    if first is None:
        for line in HELP.splitlines():
            eprint(line)
        return ExitCode.USAGE
    if first in {"-h", "--help", "--version"}:
        write_standard_output(VERSION if first == "--version" else HELP)
        return ExitCode.DONE
    if first not in VERBS:
        raise _unknown(first)
    from edgelift.cli.arguments import parse  # argparse, which help and version need not import

    verb = find_verb(first)
    return verb.run(parse(verb, words[1:]))


def find_verb(name: str) -> Verb:
    """Import and return a verb."""
    verb: Verb = import_module(f"edgelift.cli.{name}").VERB
    return verb


def _unknown(word: str) -> CliExit:
    from edgelift.cli.arguments import suggestion  # for wrong usage only

    what = "option" if word.startswith("-") else "command"
    names = ["--help", "--version"] if word.startswith("-") else list(VERBS)
    # Somebody may expect that files need no verb.
    return CliExit(
        ExitCode.USAGE,
        f"no such {what}: {word}{suggestion(word, names)} (edgelift --help lists the commands)",
    )

"""The output of ``edgelift --help`` and ``--version``, without the slow import of typer."""

from typing import Final

from edgelift._core import __version__

SUMMARY = "Turn Amazon CloudFront log lines into JSON documents."

VERBS = {
    "transform": "Turn log lines into JSON lines.",
    "explain": "Show which field each column of a line is, and its value.",
    "fields": "List the fields: their kinds, and their keys in documents.",
    "size": "Size the buffer of a Firehose transformation, and its cost.",
    "reprocess": "Reprocess logs into files, S3, OpenSearch or a stream.",
}
"""The verbs in the order of the help, with their words there."""

VERSION = f"edgelift {__version__}\n"

HELP = "\n".join(
    [
        "Usage: edgelift [OPTIONS] COMMAND [ARGS]...",
        "",
        f"  {SUMMARY}",
        "",
        "Options:",
        "  --version   Show the version and exit.",
        "  -h, --help  Show this message and exit.",
        "",
        "Commands:",
        *(f"  {verb:<{max(map(len, VERBS))}}  {words}" for verb, words in VERBS.items()),
        "",
    ]
)
"""As typer formats it for a terminal of 80 columns or more."""

ANSWERS: Final[dict[tuple[str, ...], str]] = {("-h",): HELP, ("--help",): HELP, ("--version",): VERSION}
"""The whole arguments that need no typer, and the answers."""

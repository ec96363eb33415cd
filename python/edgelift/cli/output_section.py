"""Options for ``[output]``, which replace those of the configuration."""

from enum import StrEnum
from typing import Annotated, Any

from edgelift.cli.arguments import Option
from edgelift.cli.console import CliExit, ExitCode
from edgelift.errors import ConfigError


class Names(StrEnum):
    """Choices of ``--names``."""

    CLOUDFRONT = "cloudfront"
    SNAKE = "snake"
    ECS = "ecs"
    OTEL = "otel"


class Values(StrEnum):
    """Choices of ``--values``."""

    TYPED = "typed"
    TEXT = "text"


class Missing(StrEnum):
    """Choices of ``--missing``."""

    OMIT = "omit"
    NULL = "null"
    KEEP = "keep"


class Timestamp(StrEnum):
    """Choices of ``--timestamp``."""

    EPOCH_MILLIS = "epoch_millis"
    ISO8601 = "iso8601"
    VERBATIM = "verbatim"


NamesOption = Annotated[
    Names | None, Option("--names", meaning="Keys of the documents, instead of those in the configuration.")
]
ValuesOption = Annotated[
    Values | None, Option("--values", meaning="Numbers and lists as such, or everything as text.")
]
MissingOption = Annotated[
    Missing | None, Option("--missing", meaning='Missing values: no key, null, or "-" as in the log.')
]
TimestampOption = Annotated[
    Timestamp | None, Option("--timestamp", meaning="Timestamps: milliseconds, UTC text, or as in the log.")
]
ColumnsOption = Annotated[
    str | None,
    Option(
        "--columns",
        metavar="NAMES",
        meaning="Only these fields in the documents, separated by commas.",
    ),
]


def output_section(options: Any) -> dict[str, Any]:  # noqa: ANN401 - options of several verbs
    """Return the options of ``[output]`` that the command line gives.

    Raises:
        CliExit: ``--columns`` has an empty name.

    """
    chosen = {
        "names": options.names,
        "values": options.values,
        "missing": options.missing,
        "timestamp": options.timestamp,
    }
    section: dict[str, Any] = {key: choice.value for key, choice in chosen.items() if choice is not None}
    if options.columns is not None:
        columns = [name.strip() for name in options.columns.split(",")]
        if "" in columns:
            raise CliExit(ExitCode.USAGE, "--columns: an empty name; one comma separates two names")
        section["columns"] = columns
    return section


def option_message(error: ConfigError, section: dict[str, Any]) -> str | None:
    """Return the message of an error for the option that caused it, or None if none did."""
    _, _, key = (error.key or "").partition("output.")
    option, _, _ = key.partition("[")
    if option not in section:
        return None
    message = str(error).removeprefix(f"{error.key}: ")
    unknown, is_unknown, _ = message.partition("; if CloudFront has added it")
    if not is_unknown:
        return f"--{option}: {message}"
    hint = f'did you mean "{error.suggestion}"?' if error.suggestion else "edgelift fields lists all"
    return f"--{option}: {unknown}; {hint}"

"""``--format``, ``--index`` and ``--raw-data``: what a stream makes of its input."""

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Annotated

from edgelift._core import Stream, Transformer
from edgelift.cli.arguments import Option
from edgelift.cli.console import CliExit, ExitCode
from edgelift.errors import ConfigError


class Format(StrEnum):
    """Output format of documents."""

    NDJSON = "ndjson"
    BULK = "bulk"


class RawData(StrEnum):
    """Choices of ``--raw-data``: the content of ``rawData`` in an error object."""

    SOURCE = "source"
    DOCUMENT = "document"


FormatOption = Annotated[
    Format, Option("--format", meaning="JSON lines, or bodies for the bulk API of OpenSearch.")
]
IndexOption = Annotated[
    str | None,
    Option(
        "--index",
        metavar="PATTERN",
        meaning="Name of the index with --format bulk, by the time of the record.",
    ),
]
RawDataOption = Annotated[
    RawData | None,
    Option(
        "--raw-data",
        meaning="What rawData of error objects holds; without it their keys or content decide.",
    ),
]


QuietOption = Annotated[
    bool,
    Option("--quiet", short="-q", meaning="Print problems only: no formats, no progress, no summary."),
]


def streams(
    transformer: Transformer, form: Format, index: str | None, raw_data: RawData | None
) -> Callable[[], Stream]:
    """Return the function that creates the stream of a file.

    Raises:
        CliExit: ``index`` is not a valid pattern, has no use, or needs a time that the rows do not have.

    """
    if index is not None and form is not Format.BULK:
        raise CliExit(ExitCode.USAGE, "--index needs --format bulk: JSON lines have no index")
    begin = partial(
        transformer.stream,
        format=form.value,
        index=index,
        raw_data=None if raw_data is None else raw_data.value,
    )
    try:
        begin()
    except ConfigError as error:
        # The message names the key of a configuration, which the user has not written.
        given = None if index is None else f"--index: {str(error).removeprefix('index: ')}"
        raise CliExit(ExitCode.USAGE, given or str(error)) from None
    except UnicodeEncodeError:
        raise CliExit(ExitCode.USAGE, "--index is not UTF-8") from None
    return begin

"""``--format``, ``--index``, ``--raw-data`` and ``--partition-by``: the output of a stream."""

from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

from edgelift._core import Transformer
from edgelift.cli.arguments import Option
from edgelift.cli.console import CliExit, ExitCode
from edgelift.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgelift._core import Stream
    from edgelift.cli.table_sink import TableStream

    Streams = Callable[[], Stream | TableStream]

ROWS: Final = 65_536
"""Most rows of a batch of a table: the more, the less work per batch."""


class Format(StrEnum):
    """Output format of documents."""

    NDJSON = "ndjson"
    BULK = "bulk"
    PARQUET = "parquet"
    ARROW = "arrow"


TABLES: Final = (Format.PARQUET, Format.ARROW)
"""Formats of typed columns."""


class PartitionBy(StrEnum):
    """Choices of ``--partition-by``."""

    DAY = "day"
    HOUR = "hour"
    HOST = "host"


class RawData(StrEnum):
    """Choices of ``--raw-data``: the content of ``rawData`` in an error object."""

    SOURCE = "source"
    DOCUMENT = "document"


FormatOption = Annotated[
    Format,
    Option(
        "--format", meaning="JSON lines, bodies for the bulk API of OpenSearch, or a table of typed columns."
    ),
]
PartitionByOption = Annotated[
    PartitionBy | None,
    Option("--partition-by", meaning="Writes a folder of tables, one for each input and partition."),
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


def streams(transformer: Transformer, form: Format, index: str | None, raw_data: RawData | None) -> "Streams":
    """Return the function that creates the stream of a file.

    Raises:
        CliExit: ``index`` is not a valid pattern, has no use, or needs a time that the rows do not have; or
            the columns of a table have no types.

    """
    if index is not None and form is not Format.BULK:
        raise CliExit(ExitCode.USAGE, "--index needs --format bulk: JSON lines have no index")
    if form is Format.PARQUET or form is Format.ARROW:
        return _table_streams(transformer, form, raw_data)
    begin = partial(
        transformer.stream,
        format="bulk" if form is Format.BULK else "ndjson",
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


def _table_streams(transformer: Transformer, form: Format, raw_data: RawData | None) -> "Streams":
    from importlib.util import find_spec

    from edgelift.cli.table_sink import TableStream

    if raw_data is not None:
        raise CliExit(ExitCode.USAGE, f"--raw-data has no use with --format {form}")
    if find_spec("pyarrow") is None:
        raise CliExit(
            ExitCode.USAGE,
            f"--format {form} needs the package pyarrow, which is not installed: pip install "
            "'edgelift[parquet]'",
        )
    try:
        transformer.schema()
    except ConfigError as error:
        raise CliExit(ExitCode.USAGE, f"--format {form}: {error}") from None
    return lambda: TableStream(transformer.column_stream(ROWS))

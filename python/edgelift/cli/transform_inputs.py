"""The inputs of ``edgelift transform``: which of them are not read, and why."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from edgelift.cli.configuration import unnamed
from edgelift.cli.console import CliExit, ExitCode
from edgelift.cli.input_report import InputReport
from edgelift.cli.objects import is_object
from edgelift.cli.selection import Selection
from edgelift.cli.source import Source, source_name
from edgelift.inputs.damage import DamagedFile
from edgelift.inputs.detect import check_beginning
from edgelift.inputs.errors import NoLogError, StandardRowsError, UnnamedError

if TYPE_CHECKING:
    from edgelift._core import Stream, Transformer
    from edgelift.cli.objects import Objects
    from edgelift.inputs.detect import CheckColumns
    from edgelift.inputs.limits import Limits


class Inputs(NamedTuple):
    """The inputs, and what is known of all of them."""

    paths: list[str]
    in_folders: set[str]
    """Those that were found in a folder or in S3: they are skipped if they have rows of unknown columns."""
    columns_known: bool
    """True if the command line names the columns."""
    config: str | None
    """The configuration, if there is one."""
    format: str
    """Format of the configuration."""
    limits: Limits
    """Those of each file."""
    objects: Objects
    non_logs: dict[str, NoLogError | UnnamedError]
    """Files that are not read, and why."""
    selection: Selection


def find_non_logs(transformer: Transformer, inputs: Inputs) -> dict[str, NoLogError | UnnamedError]:
    """Return the files that are not read, and why.

    If the columns are named, the search ends at the first log.

    Raises:
        CliExit: none of them is a log; a file has none of the selected columns; or, if the columns are not
            named, a file has rows of unknown columns.

    """
    non_logs, paths, columns_known = {}, inputs.paths, inputs.columns_known
    selection = Selection(transformer)
    for path in paths:
        # A pipe can be read only once, and an object costs a request and a transfer.
        is_file = not is_object(path) and os.path.isfile(path)  # noqa: PTH113
        error = _sniff_file(path, transformer.stream(), inputs, selection.check) if is_file else None
        if error:
            non_logs[path] = error
        elif columns_known:
            break
    if paths and all(path in non_logs for path in paths):
        report = InputReport(inputs.config)
        for path in paths:
            report.skip_file(source_name(path), non_logs[path])
        raise nothing_left(report, inputs)
    return non_logs


def _sniff_file(
    path: str, stream: Stream, inputs: Inputs, check_columns: CheckColumns
) -> NoLogError | UnnamedError | None:
    with Source(path) as source, suppress(DamagedFile):
        try:
            columns_known = inputs.columns_known
            check_beginning(
                stream, source.content(), columns_known=columns_known, check_columns=check_columns
            )
        except NoLogError as error:
            return error
        except UnnamedError as error:
            if path in inputs.in_folders:
                return error
            raise unnamed_rows(source.name, error, inputs.config) from None
    return None


def nothing_left(report: InputReport, inputs: Inputs) -> CliExit:
    """Print the report of files of which none is a log; return the exception to raise."""
    report.end()
    if report.lacks_columns and not inputs.columns_known:
        return _unnamed(inputs.config)
    return CliExit(ExitCode.USAGE)


def unnamed_rows(name: str, error: UnnamedError, config: str | None) -> CliExit:
    """Return the exception for a file of rows of unknown columns, or without those that are selected."""
    if isinstance(error, StandardRowsError):
        return CliExit(ExitCode.USAGE, f"{name} is {error.what}")
    return _unnamed(config, f"{name} is {error.what}: ")


def _unnamed(config: str | None, why: str = "") -> CliExit:
    return unnamed(verb="transform", operand="FILE", why=why, config=config)

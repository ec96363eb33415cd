"""Validation of the arguments of ``edgelift transform``, before anything is written."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING, Any

from edgelift.cli.console import CliExit, ExitCode
from edgelift.cli.objects import is_object, object_name
from edgelift.cli.output_options import TABLES
from edgelift.cli.sink import STANDARD_OUTPUT, Identity, file_identity, identity_of
from edgelift.cli.source import check_readable, is_standard_input, source_name

if TYPE_CHECKING:
    from edgelift.cli.objects import Objects


def check_usage(files: list[str] | None, paths: list[str]) -> None:
    """Refuse a terminal that is not named, and standard input that is named twice."""
    if not files and sys.stdin is not None and sys.stdin.isatty():
        raise CliExit(ExitCode.USAGE, "no FILE is given and standard input is a terminal; - reads it")
    names = [path for path in paths if is_standard_input(path)]
    if len(names) > 1:
        named = ", ".join(dict.fromkeys(names))
        raise CliExit(ExitCode.USAGE, f"standard input ({named}) can be read only once")


def check_outputs(*outputs: str | None) -> None:
    """Refuse objects as outputs."""
    for output in outputs:
        if output is not None and is_object(output):
            raise CliExit(
                ExitCode.USAGE,
                f"cannot write {object_name(output)}: transform writes files; use edgelift reprocess",
            )


def check_files(
    paths: list[str], objects: Objects, config: str | None, output: str, failed: str | None
) -> int | None:
    """Refuse outputs that would overwrite an input; return the bytes of all inputs, or None if unknown."""
    outputs = {"the output": file_identity(output)}
    if failed is not None:
        outputs["the failed file"] = file_identity(failed)
    size: int | None = 0
    for path in paths:
        if is_object(path):
            length = objects.stat(path).size
            size = None if size is None or length is None else size + length
            continue
        status = check_readable(path)
        _refuse_same(outputs, identity_of(status), f"the input {source_name(path)}")
        size = size + status.st_size if size is not None and stat.S_ISREG(status.st_mode) else None
    if config is not None:
        _refuse_same(outputs, file_identity(config), "the configuration")
    first, *others = outputs.values()
    if failed == output == STANDARD_OUTPUT or (first is not None and first in others):
        raise CliExit(ExitCode.USAGE, "the output and the failed file are the same file")
    return size


def check_partitions(options: Any) -> None:  # noqa: ANN401 - the options of transform
    """Refuse partitions of documents, or on standard output."""
    if options.partition_by is None:
        return
    if options.form not in TABLES:
        raise CliExit(ExitCode.USAGE, f"--partition-by needs --format {' or '.join(TABLES)}")
    if options.output == STANDARD_OUTPUT:
        raise CliExit(ExitCode.USAGE, "--partition-by needs -o FOLDER")


def check_folder(paths: list[str], folder: str) -> None:
    """Refuse inputs in the folder of the output: a second run would read its tables as inputs."""
    outer = os.path.join(os.path.realpath(folder), "")  # noqa: PTH118
    for path in paths:
        if not is_object(path) and os.path.realpath(path).startswith(outer):
            raise CliExit(ExitCode.USAGE, f"the input {source_name(path)} is in the folder of the output")


def _refuse_same(outputs: dict[str, Identity], other: Identity, name: str) -> None:
    for role, identity in outputs.items():
        if identity is not None and identity == other:
            raise CliExit(ExitCode.USAGE, f"{role} is the same file as {name}")

"""Log lines as the records of a stream: one per line, with its line feed, as CloudFront writes them."""

from __future__ import annotations

import io
import os
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from edgelift.cli.console import CliExit, ExitCode
from edgelift.cli.files import expand
from edgelift.cli.objects import ObjectOptions, Objects, is_object
from edgelift.cli.source import STANDARD_INPUT, Source, check_readable, source_name
from edgelift.cli.standard_hints import beginning
from edgelift.inputs.damage import DamagedFile
from edgelift.inputs.detect import JSON_ARRAY
from edgelift.inputs.limits import Limits
from edgelift.inputs.sniff import is_header, is_json_array

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edgelift._core import Transformer
    from edgelift.cli.simulate.options import Options

NOT_IN_A_STREAM: Final = (
    "a standard log: simulate reads real-time logs, which CloudFront writes to Kinesis; edgelift transform "
    "and edgelift reprocess read standard logs"
)

LONGEST_RECORD: Final = 1 << 20
"""Bytes of a record of Kinesis."""

TOO_LONG: Final = "a line is longer than 1 MiB, as no record of Kinesis can be"


class Lines:
    """The lines of the inputs of a command.

    Args:
        options: what the command line says.
        transformer: says how long a record may be.

    Raises:
        CliExit: an input cannot be read, or is a standard log.

    """

    def __init__(self, options: Options, transformer: Transformer) -> None:
        self._objects = Objects(
            ObjectOptions(options.profile, options.region, options.endpoint_url, options.requester_pays)
        )
        arguments = options.lines or [STANDARD_INPUT]
        self._paths, _ = expand(arguments, self._objects)
        self._limits = Limits(transformer.options["input"]["max_record_bytes"], options.max_expansion)
        self._lines: Iterator[bytes] = self._read()
        for path in self._paths:
            if is_object(path):
                continue
            check_readable(path)
            refuse_unfit(path)

    @property
    def names(self) -> str:
        """Return the names of the inputs, in words."""
        names = [source_name(path) for path in self._paths]
        return names[0] if len(names) == 1 else f"{len(names)} files"

    def is_empty(self) -> bool:
        """Return true if no line is left."""
        first = next(self._lines, None)
        if first is None:
            return True
        self._lines = chain([first], self._lines)
        return False

    def take(self, most: int | None) -> Iterator[bytes]:
        """Yield the next lines: all of them, or as many as are wanted at most."""
        return self._lines if most is None else islice(self._lines, most)

    def _read(self) -> Iterator[bytes]:
        code = ExitCode.USAGE
        for path in self._paths:
            with Source(path, limits=self._limits, objects=self._objects) as source:
                try:
                    blocks = source.blocks()
                    first = next(blocks, b"")
                    _refuse(source.name, first, code)
                    yield from _split(source.name, chain([first], blocks))
                    code = ExitCode.STOPPED if first else code
                except DamagedFile as damage:
                    raise CliExit(ExitCode.STOPPED, f"{source.name}: {damage}") from None


def refuse_unfit(path: str) -> None:
    """Refuse a file whose lines are not records; a pipe can be read only once, and is looked at then.

    Raises:
        CliExit: it begins as a standard log or as a JSON array, or cannot be read.

    """
    if os.path.isfile(path):  # noqa: PTH113 - a string of the command line
        _refuse(source_name(path), beginning(path), ExitCode.USAGE)


def _refuse(name: str, block: bytes, code: ExitCode) -> None:
    if is_header(block):
        raise CliExit(code, f"{name} is {NOT_IN_A_STREAM}")
    if is_json_array(block):
        raise CliExit(code, f"{name} is {JSON_ARRAY}")


def _split(name: str, blocks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        # Not by splitlines, for which a CR ends a line, too.
        lines = io.BytesIO(rest + block).readlines()
        rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        yield from lines
        if len(rest) > LONGEST_RECORD:
            raise CliExit(ExitCode.STOPPED, f"{name}: {TOO_LONG}")
    if rest:
        yield rest

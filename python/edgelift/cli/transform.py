"""``edgelift transform``: log files in, JSON lines or bulk bodies out."""

import stat
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Annotated

import typer

from edgelift._core import Lines, Stream, Transformer
from edgelift.cli.configuration import ConfigOption, FieldsOption, load, unnamed
from edgelift.cli.console import ExitCode, Stop, say
from edgelift.cli.documents import Format, FormatOption, IndexOption, streams
from edgelift.cli.failures import FailedFile, FailureLog, FirstFailures
from edgelift.cli.guess import looks_like
from edgelift.cli.gunzip import DamagedGzip
from edgelift.cli.progress import progress
from edgelift.cli.sink import STANDARD_OUTPUT, Identity, Sink, file_identity, identity_of
from edgelift.cli.source import STANDARD_INPUT, Source, check_readable, source_name
from edgelift.cli.summary import Totals


def transform(  # noqa: PLR0913, PLR0917 - its parameters are the options
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE]...", help="Log files, plain or gzip; - or none: standard input."),
    ] = None,
    fields: FieldsOption = None,
    config: ConfigOption = None,
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="FILE", help="Where the documents go; -: standard output."),
    ] = STANDARD_OUTPUT,
    failed: Annotated[
        str | None,
        typer.Option("--failed", metavar="FILE", help="Where failed lines go, as JSON lines with reason."),
    ] = None,
    form: FormatOption = Format.NDJSON,
    index: IndexOption = None,
) -> None:
    """Turn log lines into JSON lines."""
    paths = files or [STANDARD_INPUT]
    _check_usage(files, paths)
    transformer = load(fields, config, verb="transform", operand="FILE", auto=True)
    stream = streams(transformer, form, index)
    size = _check_files(paths, config, output, failed)
    named = fields is not None or config is not None
    if not named:
        for path in paths:
            _check_columns_are_named(transformer, path)
    with ExitStack() as stack:
        documents = stack.enter_context(Sink(output))
        failed_file = None if failed is None else stack.enter_context(Sink(failed))
        log = FailedFile(failed_file) if failed_file else FirstFailures()
        to_terminal = output == STANDARD_OUTPUT and sys.stdout is not None and sys.stdout.isatty()
        moved = stack.enter_context(progress(size, wanted=not to_terminal))
        job = _Job(stream, documents, log, moved)
        job.truncates = [documents, *([failed_file] if failed_file else [])]
        if named:
            # Only now that both could be opened is the work of an earlier run given up.
            job.begin()
        code = job.run(paths)
    raise typer.Exit(code)


class _Job:
    def __init__(
        self,
        stream: Callable[[], Stream],
        documents: Sink,
        log: FailureLog,
        moved: Callable[[int], object],
    ) -> None:
        self._stream = stream
        self._documents = documents
        self._log = log
        self._moved = moved
        self._totals = Totals()
        self._damaged = 0
        self.truncates: list[Sink] = []

    def begin(self) -> None:
        """Give up what the outputs held, once."""
        while self.truncates:
            self.truncates.pop(0).truncate()

    def run(self, paths: list[str]) -> ExitCode:
        try:
            for path in paths:
                self._transform(path)
        except Stop as stop:
            # Not for a broken pipe, which is silent.
            if stop.code is ExitCode.STOPPED:
                self._sum_up()
            raise
        self._sum_up()
        return ExitCode.SOME_FAILED if self._totals.failed or self._damaged else ExitCode.DONE

    def _transform(self, path: str) -> None:
        # A stream a file, so that lines are counted from the file's beginning and a last line without its
        # line feed does not run into the next file.
        stream = self._stream()
        with Source(path, self._moved) as source:
            try:
                for block in source.blocks():
                    lines = stream.feed(block)
                    if self.truncates:
                        # A pipe could not be looked at before.
                        _refuse_unnamed(source.name, block, lines)
                    self._totals.bytes_in += len(block)
                    self._deliver(path, lines)
                self._deliver(path, stream.finish())
            except DamagedGzip as damage:
                # Half a line is left out: it may look like a whole one with a shorter last value.
                if not damage.unfinished:
                    self._deliver(path, stream.finish())
                self._damaged += 1
                say(f"edgelift: {source.name}: {damage}")
            finally:
                self._totals.add(stream.counts)

    def _deliver(self, path: str, lines: Lines) -> None:
        self.begin()
        self._documents.write(lines.output)
        if lines.failures:
            self._log.take(path, lines.failures)

    def _sum_up(self) -> None:
        self.begin()
        hint = self._log.hint()
        if hint:
            say(hint)
        say(f"edgelift: {self._totals.line(self._documents.written)}")


def _check_usage(files: list[str] | None, paths: list[str]) -> None:
    if not files and sys.stdin is not None and sys.stdin.isatty():
        raise Stop(ExitCode.USAGE, "no FILE is given and standard input is a terminal; - reads it")
    if paths.count(STANDARD_INPUT) > 1:
        raise Stop(ExitCode.USAGE, "standard input (-) can be read only once")


def _check_files(paths: list[str], config: str | None, output: str, failed: str | None) -> int | None:
    """Refuse what would destroy or mix up files; return the bytes of all inputs, or None if not known."""
    outputs = {"the output": file_identity(output)}
    if failed is not None:
        outputs["the failed file"] = file_identity(failed)
    size: int | None = 0
    for path in paths:
        status = check_readable(path)
        _refuse_same(outputs, identity_of(status), f"the input {source_name(path)}")
        size = size + status.st_size if size is not None and stat.S_ISREG(status.st_mode) else None
    if config is not None:
        _refuse_same(outputs, file_identity(config), "the configuration")
    first, *others = outputs.values()
    if failed == output == STANDARD_OUTPUT or (first is not None and first in others):
        raise Stop(ExitCode.USAGE, "the output and the failed file are the same file")
    return size


def _check_columns_are_named(transformer: Transformer, path: str) -> None:
    """Refuse a file whose first rows have neither header nor keys."""
    if Path(path).is_file():
        with Source(path) as source, suppress(DamagedGzip):
            block = next(iter(source.blocks()), b"")
            _refuse_unnamed(source.name, block, transformer.stream().feed(block))


def _refuse_unnamed(name: str, block: bytes, lines: Lines) -> None:
    reasons = lines.counts.by_reason
    if "no_header" in reasons and "bad_header" not in reasons:
        raise unnamed(verb="transform", operand="FILE", why=f"{name} is {looks_like(block)}: ")


def _refuse_same(outputs: dict[str, Identity], other: Identity, name: str) -> None:
    for role, identity in outputs.items():
        if identity is not None and identity == other:
            raise Stop(ExitCode.USAGE, f"{role} is the same file as {name}")

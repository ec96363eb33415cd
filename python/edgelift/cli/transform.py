"""``edgelift transform``: turns log files and error objects into JSON lines or bulk bodies."""

import signal
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

from edgelift._core import Stream
from edgelift.cli.arguments import Argument, Option, Verb, VerbOptions
from edgelift.cli.configuration import (
    ConfigOption,
    FieldsOption,
    InputFormatOption,
    MaxExpansionOption,
    load,
)
from edgelift.cli.console import CliExit, ExitCode, SignalExit, eprint
from edgelift.cli.failures import FailedFile, FailureLog, FirstFailures, create_folder, failed_path
from edgelift.cli.files import expand
from edgelift.cli.foreign_json import foreign_keys
from edgelift.cli.input_report import InputReport
from edgelift.cli.jobs_option import JobsOption, open_workers
from edgelift.cli.object_options import EndpointOption, ProfileOption, RegionOption, RequesterPaysOption
from edgelift.cli.objects import ObjectOptions, Objects
from edgelift.cli.output_options import (
    TABLES,
    Format,
    FormatOption,
    IndexOption,
    PartitionByOption,
    QuietOption,
    RawDataOption,
    streams,
)
from edgelift.cli.output_section import (
    ColumnsOption,
    MissingOption,
    NamesOption,
    TimestampOption,
    ValuesOption,
    output_section,
)
from edgelift.cli.parts import Workers
from edgelift.cli.progress import progress
from edgelift.cli.selection import Selection
from edgelift.cli.sink import STANDARD_OUTPUT, Documents, open_sink
from edgelift.cli.source import STANDARD_INPUT, Source, source_name
from edgelift.cli.summary import Totals, format_documents, format_foreign_json
from edgelift.cli.transform_checks import (
    check_files,
    check_folder,
    check_outputs,
    check_partitions,
    check_usage,
)
from edgelift.cli.transform_inputs import Inputs, find_non_logs, nothing_left, unnamed_rows
from edgelift.cli.unexpected import Unexpected
from edgelift.inputs.damage import DamagedFile
from edgelift.inputs.detect import is_document, is_unexpected_header, transformed
from edgelift.inputs.errors import NOT_REALTIME, NoLogError, UnnamedError
from edgelift.inputs.limits import MAX_EXPANSION, Limits

if TYPE_CHECKING:
    from edgelift._core import Transformer, TransformResult
    from edgelift.cli.output_options import Streams
    from edgelift.cli.table_sink import TableResult, TableStream
    from edgelift.inputs.detect import LineStream
    from edgelift.tables import Form

    _Result = TransformResult | TableResult


class Options(VerbOptions):
    """The arguments and options."""

    files: Annotated[
        list[str] | None,
        Argument(
            metavar="FILE",
            meaning="Log files, folders, s3:// and presigned https:// URLs, plain or compressed; - or none: "
            "standard input.",
        ),
    ] = None
    fields: FieldsOption = None
    config: ConfigOption = None
    input_format: InputFormatOption = None
    names: NamesOption = None
    values: ValuesOption = None
    missing: MissingOption = None
    timestamp: TimestampOption = None
    columns: ColumnsOption = None
    output: Annotated[
        str,
        Option("--output", short="-o", metavar="FILE", meaning="File for the documents; -: standard output."),
    ] = STANDARD_OUTPUT
    failed: Annotated[
        str | None,
        Option(
            "--failed",
            metavar="FILE",
            meaning="File or folder for failed records, as error objects of Firehose.",
        ),
    ] = None
    form: FormatOption = Format.NDJSON
    partition_by: PartitionByOption = None
    index: IndexOption = None
    raw_data: RawDataOption = None
    max_expansion: MaxExpansionOption = MAX_EXPANSION
    jobs: JobsOption = None
    quiet: QuietOption = False
    requester_pays: RequesterPaysOption = False
    profile: ProfileOption = None
    region: RegionOption = None
    endpoint_url: EndpointOption = None


def transform(options: Options) -> int:
    """Turn log lines into JSON lines."""
    arguments = options.files or [STANDARD_INPUT]
    check_usage(options.files, arguments)
    check_outputs(options.output, options.failed)
    check_partitions(options)
    failed = None if options.failed is None else failed_path(options.failed)
    transformer = load(
        options.fields,
        options.config,
        options.input_format,
        verb="transform",
        operand="FILE",
        auto=True,
        output=output_section(options),
    )
    stream = streams(transformer, options.form, options.index, options.raw_data)
    objects = Objects(
        ObjectOptions(options.profile, options.region, options.endpoint_url, options.requester_pays)
    )
    paths, in_folders = expand(arguments, objects)
    if not paths:
        # All folders are empty, which has been reported: nothing replaces an output by nothing.
        return ExitCode.SOME_FAILED
    size = check_files(paths, objects, options.config, options.output, failed)
    limits = Limits(transformer.options["input"]["max_record_bytes"], options.max_expansion)
    inputs = Inputs(
        paths=paths,
        in_folders=in_folders,
        columns_known=bool(transformer.layouts),
        config=options.config,
        format=transformer.options["input"]["format"],
        limits=limits,
        objects=objects,
        non_logs={},
        selection=Selection(transformer),
    )
    inputs.non_logs.update(find_non_logs(transformer, inputs))
    with ExitStack() as stack:
        documents = _open_documents(options, transformer, paths, stack)
        if options.failed is not None:
            create_folder(options.failed)
        failed_file = None if failed is None else open_sink(failed, stack)
        log = FailedFile(failed_file) if failed_file else FirstFailures()
        # A bar would be drawn among what the reader of a pipe, such as less, writes to the same terminal.
        on_bytes_read = stack.enter_context(progress(size, wanted=documents.is_file and not options.quiet))
        job = _Job(stream, inputs, documents, log, on_bytes_read)
        job.is_quiet = options.quiet
        job.workers = open_workers(options.jobs, stack)
        job.outputs = [documents, *([failed_file] if failed_file else [])]
        job.truncates = [*job.outputs]
        with Unexpected(done=job.describe_progress, hint="run the same command again"):
            code = job.run()
    return code


def _open_documents(
    options: Options, transformer: "Transformer", paths: list[str], stack: ExitStack
) -> Documents:
    """Open the output for documents, or for a table or tables of columns.

    Raises:
        CliExit: it cannot be opened or locked, or the rows lack the column of the partitions.

    """
    if options.form not in TABLES:
        return open_sink(options.output, stack)
    form: Form = "parquet" if options.form is Format.PARQUET else "arrow"
    # These need pyarrow, which takes half a second to import.
    if options.partition_by is None:
        from edgelift.cli.table_sink import TableSink

        return TableSink(options.output, stack, transformer.schema(), form)
    from edgelift.cli.partitioned_sink import PartitionedSink

    check_folder(paths, options.output)
    return PartitionedSink(options.output, stack, transformer.schema(), form, options.partition_by)


VERB = Verb(
    "transform",
    "Turn log lines into JSON lines.",
    Options,
    transform,
    (
        "edgelift transform E2K1DISTRIBUTION.2024-11-15-19.*.gz > documents.ndjson",
        "edgelift transform real-time.log --fields timestamp,c-ip,sc-status",
        "edgelift transform logs --config edgelift.toml -o documents.ndjson --failed failed.ndjson",
        "edgelift transform logs --format parquet --partition-by day -o table/",
    ),
)


class _Job:
    workers: Workers | None = None

    def __init__(
        self,
        stream: "Streams",
        inputs: Inputs,
        documents: Documents,
        log: FailureLog,
        on_bytes_read: Callable[[int], object],
    ) -> None:
        self._stream = stream
        self._documents = documents
        self._log = log
        self._on_bytes_read = on_bytes_read
        self._inputs = inputs
        self._totals = Totals()
        self._input_report = InputReport(inputs.config)
        self._damaged = 0
        self._standard_log: str | None = None
        self._document_file: str | None = None
        self._foreign_json: str | None = None
        self.is_quiet = False
        self.truncates: list[Documents] = []
        self.outputs: list[Documents] = []

    def begin(self) -> None:
        """Empty the outputs that are written in place, once."""
        while self.truncates:
            self.truncates.pop(0).truncate()

    def describe_progress(self) -> str:
        """Return in words what has been done."""
        if self.truncates:
            return "nothing was written"
        state = "is unchanged" if self._documents.is_atomic else "is incomplete"
        return f"{self._totals.describe()}; the output {state}"

    def commit(self) -> None:
        """Replace the old content of the outputs; documents only by documents."""
        self.begin()
        for output in self.outputs:
            if output is not self._documents or not self._keeps_documents:
                output.commit()

    @property
    def _keeps_documents(self) -> bool:
        """True if the output has the documents of an earlier run, and every record of this one failed."""
        return self._totals.has_no_documents and self._documents.replaces_content

    def run(self) -> ExitCode:
        try:
            self._transform_all()
            if not self._has_nothing:
                self.commit()
        except CliExit as stop:
            # Not for a broken pipe, which is silent.
            if stop.code is ExitCode.STOPPED:
                self._sum_up()
            raise
        if self._has_nothing:
            raise nothing_left(self._input_report, self._inputs)
        self._sum_up()
        some_failed = self._totals.failed or self._damaged or self._input_report.skipped
        return ExitCode.SOME_FAILED if some_failed else ExitCode.DONE

    def _transform_all(self) -> None:
        try:
            for path in self._inputs.paths:
                self._transform(path)
        except SignalExit as end:
            number = signal.Signals(int(end.code or 0) - 128)
            eprint(f"edgelift: stopped by {number.name}; {self.describe_progress()}")
            raise

    @property
    def _has_nothing(self) -> bool:
        """True if no input is a log."""
        return bool(self._inputs.paths) and self._input_report.skipped == len(self._inputs.paths)

    def _transform(self, path: str) -> None:
        # One stream per file, so that lines are counted from its beginning, and a last line without a line
        # feed does not continue in the next file.
        stream = self._stream()
        if path in self._inputs.non_logs:
            self._input_report.skip_file(source_name(path), self._inputs.non_logs[path])
            return
        with Source(path, self._on_bytes_read, self._inputs.limits, self._inputs.objects) as source:
            try:
                self._feed(path, source, stream)
            except NoLogError as error:
                # A skipped file does not count.
                self._input_report.skip_file(source.name, error)
                return
            except UnnamedError as error:
                if path not in self._inputs.in_folders:
                    raise unnamed_rows(source.name, error, self._inputs.config) from None
                self._input_report.skip_file(source.name, error)
                return
            except DamagedFile as damage:
                self._damaged += 1
                self._input_report.flush()
                eprint(f"edgelift: {source.name}: {damage}")
            except BaseException:
                self._totals.add(stream.counts)
                raise
            empty = "a file without records" if source.position else "an empty file"
        self._totals.add(stream.counts)
        if not self.is_quiet:
            self._input_report.add_file(source.name, " and ".join(stream.detected_formats) or empty)

    def _feed(self, path: str, source: Source, stream: "Stream | TableStream") -> None:
        """Transform what a file holds."""
        self._documents.begin_source(source.place)
        in_parts, flush = None, None
        if not isinstance(stream, Stream):
            flush = stream.flush
        elif self.workers:
            in_parts = self.workers.reading(stream, source.waits_on)
        # An output that has been begun cannot be refused any more: rows of unknown columns fail then.
        lines_of: LineStream[_Result] = stream
        made = transformed(
            lines_of,
            source.content(),
            columns_known=self._inputs.columns_known,
            may_refuse=lambda: path in self._inputs.in_folders or bool(self.truncates),
            check_columns=self._inputs.selection.check,
            flush=flush,
            in_parts=in_parts,
        )
        for size, lines in made:
            self._totals.bytes_in += size
            self._deliver(source, lines)
            # The failures of two blocks need not exist at once.
            del lines

    def _deliver(self, source: Source, lines: "_Result") -> None:
        self.begin()
        self._documents.write(lines.output)
        if lines.failures:
            self._log.take(source, lines.failures)
            if self._standard_log is None and is_unexpected_header(lines.failures[0], self._inputs.format):
                self._standard_log = source.name
            if self._document_file is None and is_document(lines.failures[0]):
                self._document_file = source.name
            if self._foreign_json is None and (keys := foreign_keys(lines.failures[0])):
                self._foreign_json = format_foreign_json(source.name, keys)

    def _sum_up(self) -> None:
        self.begin()
        self._input_report.end()
        hint = self._log.hint()
        if hint:
            eprint(hint)
        if self._standard_log is not None:
            eprint(f"edgelift: {self._standard_log} is {NOT_REALTIME}")
        if self._document_file is not None:
            eprint(f"edgelift: {format_documents(self._document_file, 'transform')}")
        if self._foreign_json is not None:
            eprint(f"edgelift: {self._foreign_json}")
        if shape_mismatches := self._totals.shape_mismatches():
            eprint(f"edgelift: {shape_mismatches}")
        for warning in self._inputs.selection.warnings():
            eprint(f"edgelift: {warning}")
        self._advise()
        if not self.is_quiet:
            eprint(f"edgelift: {self._totals.summary(self._documents.written)}")

    def _advise(self) -> None:
        """Say what to do if every record failed."""
        advice = self._totals.all_failed(self._inputs.format)
        is_explained = self._standard_log is not None or self._document_file is not None
        if advice and self._inputs.columns_known and not is_explained:
            eprint(f"edgelift: {advice}")
        if self._keeps_documents:
            eprint(
                f"edgelift: {self._documents.name} is unchanged, since there are no documents to replace it"
            )

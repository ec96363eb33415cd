"""The report of `edgelift size`: measured from a file, as tables for people and as an object for programs."""

from __future__ import annotations

import stat
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from edgelift._core import describe_record
from edgelift.cli.console import CliExit, ExitCode, eprint
from edgelift.cli.objects import ObjectOptions, Objects, is_object
from edgelift.cli.progress import progress
from edgelift.cli.size.cost import (
    MILLION_REQUESTS_USD,
    PRICES,
    X86_GB_SECOND_USD,
    Function,
    least_cpu_seconds,
    million,
)
from edgelift.cli.size.payload import (
    FREE_PERCENT,
    LEAST_TENTHS,
    LIMIT,
    MOST_TENTHS,
    RECORD_ID,
    build_request,
)
from edgelift.cli.size.sample import LONGEST, WAYS, RowReader, Sample
from edgelift.cli.source import Source, check_readable, source_name
from edgelift.cli.standard_hints import NOT_FOR_SIZE
from edgelift.inputs.sniff import is_header

if TYPE_CHECKING:
    from edgelift._core import Transformer
    from edgelift.cli.size.cost import Million
    from edgelift.cli.size.sample import Spread, Way

SIZES_HEAD: Final = ("a record", "p50", "p99", "max", "growth", "buffer", "request full", "response full")
FACTS_HEAD: Final = ("what", "value", "how")

NAMES: Final = {"handler": "out: handler", "raw": "out: raw", "naive": "out: naive"}

NOTES: Final = """
handler  edgelift.firehose.handler
raw      Transformer.transform_event, which takes and gives bytes
naive    a handler that splits lines and writes dicts of strings by json.dumps
out      bytes of the answer: the document in base64, and what is around it,
         with a recordId of {id} characters
buffer   largest safe BufferSizeInMBs, from {least} to {most}: wherever in these rows
         it begins, request and response stay {free}% below the {limit:,} bytes
         that Lambda takes; full: the largest of each
A response of edgelift that would be too large loses no record:
[overflow] policy = "{policy}".
"""

NONE_SAFE: Final = (
    "none: even the least buffer, {least}, is too large; request and response are those of that one.\n"
)


@dataclass(frozen=True)
class SizeReport:
    """Sizes, safe buffers, time and cost of the rows of one file."""

    name: str
    limit: int
    policy: str
    rows: RowReader
    sample: Sample
    ways: dict[str, Way]
    function: Function
    records: int
    """Rows of a full buffer of the raw handler, on which time and cost are based."""
    million: Million

    @property
    def prices(self) -> str | None:
        """Source of the prices; None if they were given as options."""
        function = self.function
        defaults = (X86_GB_SECOND_USD, MILLION_REQUESTS_USD)
        return PRICES if (function.gb_second_usd, function.million_requests_usd) == defaults else None

    def as_object(self) -> dict[str, object]:
        """Return the report as an object for programs."""
        return {
            "rows": {
                "read": self.rows.read,
                "failed": self.sample.failed.total(),
                "failed_by_reason": dict(self.sample.failed),
                "blank": self.rows.blank,
                "too_long": self.rows.too_long,
            },
            "bytes_in": asdict(self.sample.spread_in()),
            "ways": {name: _way_as_object(way) for name, way in self.ways.items()},
            "million_records": asdict(self.million),
            "assumed": {
                "record_id_length": len(RECORD_ID),
                "limit_bytes": LIMIT,
                "free_percent": FREE_PERCENT,
                "overflow_policy": self.policy,
                "records_per_request": self.records,
                "memory_mb": self.function.memory_mb,
                "gb_second_usd": self.function.gb_second_usd,
                "million_requests_usd": self.function.million_requests_usd,
                "prices": self.prices,
            },
        }

    def size_rows(self) -> list[tuple[str, ...]]:
        """Return the rows of the table of sizes."""
        return [
            ("in", *_cells(self.sample.spread_in()), *[""] * 4),
            *((NAMES[name], *_cells(way.bytes_out), *_limits(way)) for name, way in self.ways.items()),
        ]

    def fact_rows(self) -> list[tuple[str, str, str]]:
        """Return the rows of the table of rows read, time and cost."""
        rows, failed = self.rows, self.sample.failed
        reasons = ", ".join(f"{reason} {count}" for reason, count in failed.items())
        return [
            ("rows read", f"{rows.read:,}", f"the first of {self.name}, at most {self.limit:,}"),
            ("rows failed", f"{failed.total():,}", reasons and f"{reasons}; answered with their own data"),
            *_skipped(rows),
            *((f"million records: {what}", value, how) for what, value, how in self._million_rows()),
        ]

    def _million_rows(self) -> list[tuple[str, str, str]]:
        million, function = self.million, self.function
        tenths = self.ways["raw"].tenths or LEAST_TENTHS
        buffer = f"of {self.records:,} records: a buffer of {_tenths(tenths)}, full"
        cpu = "raw, measured on this machine, without Lambda's runtime"
        share = f"{function.memory_mb:,} MB give {1 / function.slowdown:.2f} vCPU; whole ms a request"
        prices = (
            f"Lambda alone: {_usd(function.gb_second_usd)} a GB-second, "
            f"{_usd(function.million_requests_usd)} a million requests; {self.prices or 'prices as given'}"
        )
        return [
            ("requests", f"{million.requests:,.0f}", buffer),
            ("CPU seconds", f"{million.cpu_seconds:,.2f}", cpu),
            ("billed seconds", f"{million.billed_seconds:,.2f}", share),
            ("GB-seconds", f"{million.gb_seconds:,.2f}", "billed seconds times memory"),
            ("USD", f"{million.usd:,.6f}", prices),
        ]

    def notes(self) -> str:
        """Return the explanation of the words in the table of sizes."""
        least, most = _tenths(LEAST_TENTHS), _tenths(MOST_TENTHS)
        text = NOTES.format(
            id=len(RECORD_ID), least=least, most=most, limit=LIMIT, free=FREE_PERCENT, policy=self.policy
        )
        unsafe = any(way.tenths is None for way in self.ways.values())
        return text + (NONE_SAFE.format(least=least) if unsafe else "")


def _skipped(rows: RowReader) -> list[tuple[str, str, str]]:
    found = (
        ("blank lines", rows.blank, "left out"),
        ("lines too long", rows.too_long, "left out: no record of Firehose may have so many bytes"),
    )
    return [(what, f"{count:,}", how) for what, count, how in found if count]


def _cells(spread: Spread) -> tuple[str, str, str]:
    return f"{spread.p50:,}", f"{spread.p99:,}", f"{spread.max:,}"


def _limits(way: Way) -> tuple[str, str, str, str]:
    buffer = "none" if way.tenths is None else _tenths(way.tenths)
    return f"{way.growth:.2f}", buffer, _share(way.fullest_request), _share(way.fullest_response)


def _way_as_object(way: Way) -> dict[str, object]:
    return {
        "bytes_out": asdict(way.bytes_out),
        "growth": way.growth,
        "buffer_size_in_mbs": None if way.tenths is None else way.tenths / 10,
        "fullest_request": way.fullest_request,
        "fullest_response": way.fullest_response,
    }


def _share(size: int) -> str:
    return f"{size / LIMIT:.0%}"


def _tenths(tenths: int) -> str:
    return f"{tenths / 10:.1f}"


def _usd(price: float) -> str:
    # Cents at least, and as many digits as Amazon gives.
    return f"${price:.2f}" if price == round(price, 2) else f"${price:.10f}".rstrip("0")


def measure(transformer: Transformer, path: str, limit: int, function: Function) -> SizeReport:
    """Size the first ``limit`` rows of a file.

    Raises:
        CliExit: it cannot be read, or no row of it became a document.

    """
    rows, sample = _read(transformer, path, limit)
    ways = {name: sample.way(name) for name in WAYS}
    batch = sample.batch(ways["raw"].tenths or LEAST_TENTHS)
    event = build_request(batch)
    cpu_seconds = least_cpu_seconds(lambda: transformer.transform_event(event))
    return SizeReport(
        name=source_name(path),
        limit=limit,
        policy=transformer.options["overflow"]["policy"],
        rows=rows,
        sample=sample,
        ways=ways,
        function=function,
        records=len(batch),
        million=million(function, cpu_seconds, len(batch)),
    )


def _read(transformer: Transformer, path: str, limit: int) -> tuple[RowReader, Sample]:
    objects = Objects(ObjectOptions())
    with (
        progress(_size(path, objects), wanted=True) as on_bytes_read,
        Source(path, on_bytes_read, objects=objects) as source,
    ):
        rows, sample = RowReader(source.blocks(), limit), Sample(transformer)
        is_standard_log, form = False, None
        for row in rows:
            is_standard_log = is_standard_log or is_header(row)
            form = form or (None if sample.bytes_in else describe_record(row))
            sample.add(row, rows.line)
    name = source_name(path)
    if rows.damage:
        eprint(f"edgelift: {name}: {rows.damage}")
    if not rows.read:
        what = f"blank lines {rows.blank}, lines longer than {LONGEST:,} bytes {rows.too_long}"
        raise CliExit(ExitCode.STOPPED, f"{name} has no rows to sample: {what}")
    _print_failures(sample, path)
    if sample.all_failed:
        what = f"none of the {rows.read:,} rows read became a document, so there is nothing to size"
        if is_standard_log:
            raise CliExit(ExitCode.SOME_FAILED, f"{what}: {name} is {NOT_FOR_SIZE}")
        if form:
            raise CliExit(ExitCode.SOME_FAILED, f"{what}: the first one is {form}")
        raise CliExit(ExitCode.SOME_FAILED, f"{what}: do --fields or --config name the columns of {name}?")
    return rows, sample


def _size(path: str, objects: Objects) -> int | None:
    if is_object(path):
        if objects.is_listed(path):
            name = source_name(path)
            raise CliExit(ExitCode.USAGE, f"{name} is a prefix or pattern: size reads one object")
        return objects.stat(path).size
    status = check_readable(path)
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _print_failures(sample: Sample, path: str) -> None:
    for reason, (line, message) in sample.first_failures.items():
        eprint(f"{source_name(path)}:{line}: {reason}: {message}")
    if sample.failed:
        eprint("the first of each reason; edgelift transform --failed FILE writes every failed line")


def exit_code(report: SizeReport) -> ExitCode:
    """Return the exit code for the rows that were read."""
    has_problems = report.sample.failed or report.rows.too_long or report.rows.damage
    return ExitCode.SOME_FAILED if has_problems else ExitCode.DONE

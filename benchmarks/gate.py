"""The gate: measures what the limits file limits, prints a table, and ends with 1 if something misses.

``python -m benchmarks.gate [--only PART] [--set]``
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from benchmarks import (
    cloudfront_logs,
    inflating,
    interleaved,
    invocation,
    jobs,
    loopback,
    machine,
    peers,
    records,
    replay,
    resident,
    simulated,
    standard,
    startup,
    verdict,
)
from benchmarks import corpus as corpora
from benchmarks import layer as layers
from benchmarks.contenders import Handlers
from benchmarks.events import Event
from benchmarks.limits import FILE, Limits, write_baseline
from benchmarks.throughput import Throughput
from benchmarks.verdict import Ratio, Verdict
from edgelift.simulate.function import DICT_HANDLER, RAW_HANDLER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FOLDER = machine.ROOT / ".bench"
HANDLER_ROUNDS = 25
CORPORA = ("c45", "c14")


COUNTED: dict[str, Callable[[str], float]] = {
    "instructions": lambda name: Throughput.checked(FOLDER, name).instructions(),
    "column-instructions": lambda name: Throughput.checked(FOLDER, name).column_instructions(),
    "event-instructions": lambda name: Event.checked(FOLDER, name).instructions(),
}
"""Instruction counts with a baseline: of rows into documents and into columns, and of whole events."""
COUNTED_CORPORA = {
    "instructions": (*CORPORA, "v1", "v2"),
    "column-instructions": CORPORA,
    "event-instructions": CORPORA,
}


def counted(part: str, limits: Limits) -> list[Verdict]:
    """Count the instructions a record of the engine alone."""
    versions, crates = machine.counting_versions(), machine.crate_versions()
    return [
        replace(
            verdict.instructions(
                name,
                COUNTED[part](name),
                *_bounds(limits, part, name),
                limits.baseline(part, name, versions, crates),
            ),
            part=part.replace("-", " ") + " a record",
        )
        for name in COUNTED_CORPORA[part]
    ]


def rows(limits: Limits) -> list[Verdict]:
    """Compare the engine with memchr over the tabs and with the reference, on one core."""
    verdicts = []
    for name in CORPORA:
        to_memchr, of_reference = Throughput.checked(FOLDER, name).ratios()
        verdicts += [
            verdict.at_most("lines / memchr of tabs", name, to_memchr, *_bounds(limits, "memchr", name)),
            verdict.at_least("reference / lines", name, of_reference, *_bounds(limits, "reference", name)),
        ]
    return verdicts


def handlers(limits: Limits) -> list[Verdict]:
    """Compare the handler with the naive one and with that of the pure path."""
    verdicts = []
    for name in CORPORA:
        times = _handler_times(name)
        for peer in ("naive", "pure"):
            ratio = Ratio.of(times[peer], times["core"])
            bounds = _bounds(limits, f"handler-{peer}", name)
            verdicts.append(verdict.at_least(f"{peer} / handler", name, ratio, *bounds))
    return verdicts


def _handler_times(name: str) -> dict[str, list[float]]:
    with interleaved.quiet():
        trio = Handlers.checked(name)
    contenders: dict[str, Callable[[], object]] = {
        "core": lambda: trio.core(trio.event, None),
        "naive": lambda: trio.naive(trio.event, None),
        "pure": lambda: trio.pure(trio.event, None),
    }
    return interleaved.calls(contenders, HANDLER_ROUNDS)


def invocations(limits: Limits) -> list[Verdict]:
    """Compare whole invocations: naive with the raw path, and with that of dicts."""
    verdicts = []
    for name in CORPORA:
        times = invocation.times(name)
        for path in ("raw", "dict"):
            ratio = Ratio.of(times["naive"], times[path])
            bounds = _bounds(limits, f"invocation-{path}", name)
            verdicts.append(verdict.at_least(f"naive / {path} invocation", name, ratio, *bounds))
    return verdicts


def echo(limits: Limits) -> list[Verdict]:
    """Compare the raw path with an echo, both in the real runtime client."""
    verdicts = []
    for size in loopback.SIZES:
        for name in CORPORA:
            compared = loopback.against_echo(FOLDER, name, size)
            bounds = _bounds(limits, f"loopback-{size}", name)
            row = verdict.at_most(f"raw path / echo, {size} event", name, compared.ratio, *bounds)
            verdicts.append(replace(row, note=str(compared)))
    return verdicts


def memory(limits: Limits) -> list[Verdict]:
    """Compare what a large event takes of memory with its size."""
    verdicts = []
    for name in CORPORA:
        limit, aim = _bounds(limits, "resident", name)
        times = resident.growth(FOLDER, name).times_the_event
        row = Verdict(
            "resident size / event", name, f"{times:.2f}", f"<= {limit:.2f}", f"{aim:.2f}", times <= limit
        )
        verdicts.append(row)
    return verdicts


def process(limits: Limits) -> list[Verdict]:
    """Compare whole processes: ``edgelift transform`` and polars."""
    ratio = peers.against_polars(FOLDER)
    return [verdict.at_least("polars / transform", "c45", ratio, *_bounds(limits, "process-polars", "c45"))]


def standard_logs(limits: Limits) -> list[Verdict]:
    """Compare lines of standard logs with real-time ones, and with what others do to them."""
    v1, r33 = (Throughput.checked(FOLDER, name).instructions() for name in ("v1", "r33"))
    limit, aim = _bounds(limits, "standard-realtime", "v1")
    part = f"v1 / real-time instructions, {len(standard.FIELDS)} columns"
    typed = cloudfront_logs.against_typed_parse(FOLDER)
    loop = records.against_orjson()
    return [
        Verdict(part, "v1", f"{v1 / r33:.3f}", f"<= {limit:.2f}", f"{aim:.2f}", v1 <= limit * r33),
        verdict.at_least("cloudfront-logs / lines", "v1", typed, *_bounds(limits, "standard-typed", "v1")),
        verdict.at_least("orjson loop / lines", "v2", loop, *_bounds(limits, "standard-orjson", "v2")),
    ]


def replayed(limits: Limits) -> list[Verdict]:
    """Compare rows with the error objects of Firehose that carry them."""
    return [
        verdict.at_least(
            "rows / error objects", name, replay.against_rows(name), *_bounds(limits, "replay", name)
        )
        for name in CORPORA
    ]


def simulation(limits: Limits) -> list[Verdict]:
    """Compare the function with a simulated delivery stream around it."""
    verdicts = []
    for name in CORPORA:
        compared = simulated.against_process(name, DICT_HANDLER)
        raw = simulated.against_process(name, RAW_HANDLER)
        bounds = _bounds(limits, "simulated", name)
        row = verdict.at_least("function / simulated stream", name, compared.ratio, *bounds)
        within = simulated.against_function(name)
        bounds = _bounds(limits, "simulated-in-process", name)
        verdicts += [
            replace(row, note=f"{compared.records_per_second:,.0f} records/s; raw path {raw}: not limited"),
            verdict.at_least("the same in one process", name, within, *bounds),
        ]
    return verdicts


def gunzip(limits: Limits) -> list[Verdict]:
    """Compare the way from a gzip file to JSON lines with inflating alone."""
    ratio = inflating.against_gzip(FOLDER)
    return [verdict.at_least("gzip -dc / transform", "v1", ratio, *_bounds(limits, "gunzip", "v1"))]


def reprocessing(limits: Limits) -> list[Verdict]:
    """Compare a job into OpenSearch with sending alone, and look at its memory."""
    ratio, peak = jobs.against_bodies(FOLDER), jobs.peak(FOLDER)
    most = limits.limit("job-memory", "v1")
    bounds = _bounds(limits, "job-opensearch", "v1")
    return [
        replace(
            verdict.at_most("job into OpenSearch / bodies sent", "v1", ratio, *bounds),
            note=f"two workers are {jobs.two_workers(FOLDER)} times as fast as one: not limited",
        ),
        Verdict("bytes of memory of a job", "v1", f"{peak:,}", f"< {most:,.0f}", "", peak < most),
    ]


def started(limits: Limits) -> list[Verdict]:
    """Compare the start of the command line with a Python that does nothing."""
    return [
        verdict.minima_at_most(
            "start / python -I -c pass", command, ratio, limits.limit("startup", command), note=""
        )
        for command, ratio in startup.against_nothing(FOLDER).items()
    ]


def layer(limits: Limits) -> list[Verdict]:
    """Weigh the layer's zip, and compare a Python that imports its handler with one that does nothing."""
    name = "x86_64"
    imported = layers.imported(FOLDER)
    return [
        verdict.size(name, layers.size(), limits.limit("layer-size", name)),
        verdict.size("tools", layers.tools_size(), limits.limit("layer-size", "tools")),
        verdict.minima_at_most(
            "import of the layer / python -I -c pass",
            name,
            imported.compiled,
            limits.limit("layer-import", name),
            note=f"{imported.uncompiled} without bytecode, as Lambda finds the layer: not limited",
        ),
        verdict.none_of("modules of others in the layer", name, imported.foreign),
    ]


def _bounds(limits: Limits, part: str, name: str) -> tuple[float, float]:
    return limits.limit(part, name), limits.aim(part, name)


PARTS: dict[str, Callable[[Limits], list[Verdict]]] = {
    **{part: partial(counted, part) for part in COUNTED},
    "rows": rows,
    "handlers": handlers,
    "invocations": invocations,
    "loopback": echo,
    "resident": memory,
    "process": process,
    "standard": standard_logs,
    "replay": replayed,
    "simulated": simulation,
    "gunzip": gunzip,
    "reprocess": reprocessing,
    "startup": started,
    "layer": layer,
}


ATTEMPTS = 4
"""Measurements that a ratio may take to hold: noise passes, a change of ours does not."""


def measure(parts: Sequence[str] = tuple(PARTS)) -> list[Verdict]:
    """Measure the parts named, each after its answers have been checked."""
    FOLDER.mkdir(exist_ok=True)
    limits = Limits.read()
    return retry_misses([partial(PARTS[part], limits) for part in parts])


def retry_misses(parts: Sequence[Callable[[], list[Verdict]]]) -> list[Verdict]:
    """Measure parts, and those with a miss again; what misses every time counts as missed.

    Not at once, but after all others: a busy neighbour stays for minutes.
    """
    rows = [part() for part in parts]
    for _ in range(ATTEMPTS - 1):
        for place, (part, before) in enumerate(zip(parts, rows, strict=True)):
            if not all(row.ok for row in before):
                rows[place] = [row if row.ok else again for row, again in zip(before, part(), strict=True)]
    return [row for some in rows for row in some]


def set_baseline() -> None:
    """Write the current figures and versions as the new baseline."""
    FOLDER.mkdir(exist_ok=True)
    figures = {part: {name: count(name) for name in COUNTED_CORPORA[part]} for part, count in COUNTED.items()}
    write_baseline(figures, machine.counting_versions(), machine.crate_versions())
    for part, counted_now in figures.items():
        listed = ", ".join(f"{name} {figure:,.0f}" for name, figure in counted_now.items())
        print(f"{FILE.name}: new baseline for {part}: {listed}")


def main() -> int:
    """Run the gate as the command line says."""
    parser = argparse.ArgumentParser(prog="gate", description="Check the speed limits of limits.toml.")
    parser.add_argument("--only", choices=tuple(PARTS), help="measure this part alone")
    parser.add_argument(
        "--set", action="store_true", help="write the current counts and versions as the baseline"
    )
    arguments = parser.parse_args()
    if arguments.set:
        set_baseline()
        return 0
    print(f"seed {corpora.SEED}; ratios are median of rounds / ratio of minima", flush=True)
    verdicts = measure([arguments.only] if arguments.only else tuple(PARTS))
    print(verdict.table(verdicts))
    missed = sum(not row.ok for row in verdicts)
    print(f"{missed} of {len(verdicts)} missed" if missed else f"all {len(verdicts)} within limits")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())

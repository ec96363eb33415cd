"""Generates the table of measured figures in the README from a result of ``make bench``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmarks import bench
from docs.generator.tables import Block, paragraph, table
from edgelift.cli.size import cost

if TYPE_CHECKING:
    from pathlib import Path

_CORPUS = "c45"
_BUFFER_MB = 1.0


def speed(block: Block) -> str:
    """Return the table of the result whose commit the block names."""
    (path,) = bench.RESULTS.glob(f"*-{block.argument}.json")
    result: dict[str, Any] = json.loads(path.read_text("utf-8"))
    lines = {row["contender"]: row for row in result["suites"] if row["group"] == f"lines {_CORPUS}"}
    handler = {row["contender"]: row for row in result["suites"] if row["group"] == f"handler {_CORPUS}"}
    invocation, polars = (_ratio(result, part) for part in ("naive / raw invocation", "polars / transform"))
    core, naive = lines["core"], lines["naive"]
    body = [
        [
            "MB of log lines per second",
            _number(core["megabytes_a_second"]),
            _number(naive["megabytes_a_second"]),
            "",
        ],
        ["microseconds per record, many lines", _microseconds(core), _microseconds(naive), ""],
        [
            "microseconds per record, handler with dicts",
            *map(_microseconds, (handler["core"], handler["naive"])),
            "",
        ],
        ["CPU time of a Lambda invocation, relative", "1", f"{invocation:.1f}", ""],
        ["CPU time of a process from file to JSON lines, relative", "1", "", f"{polars:.1f}"],
        ["US dollars per million records", *(f"{usd:.4f}" for usd in _dollars(result, invocation)), ""],
    ]
    head = ("45 columns, one core", "edgelift", "naive Lambda", "polars")
    return f"{table(head, body, '|---|--:|--:|--:|')}\n{paragraph(_source(result, core, path))}"


def _ratio(result: dict[str, Any], part: str) -> float:
    """Return the smaller one of the two measured ratios: median of the rounds, and of the minima."""
    (row,) = (row for row in result["gate"] if (row["part"], row["corpus"]) == (part, _CORPUS))
    return min(float(figure) for figure in row["measured"].split(" / "))


def _dollars(result: dict[str, Any], invocation: float) -> tuple[float, float]:
    """Return the price of a million records with edgelift and with the naive handler."""
    (row,) = (row for row in result["buffers"] if (row["corpus"], row["megabytes"]) == (_CORPUS, _BUFFER_MB))
    function = cost.Function(cost.ONE_VCPU_MB, cost.X86_GB_SECOND_USD, cost.MILLION_REQUESTS_USD)
    seconds = row["cpu_ms"] / 1000
    edgelift, naive = (
        cost.million(function, cpu_seconds, row["records"]).usd
        for cpu_seconds in (seconds, seconds * invocation)
    )
    return edgelift, naive


def _source(result: dict[str, Any], core: dict[str, Any], path: Path) -> str:
    machine, versions = result["machine"], result["versions"]
    mean = core["bytes"] / core["records"]
    return (
        f"Measured on {result['date']} by `make bench` on an {machine['cpu']} with {machine['cores']} cores,"
        f" Python {versions['python']}, {versions['peers'].replace('==', ' ')}, commit {result['commit']}"
        f" ([result](benchmarks/results/{path.name})). Rows have {mean:,.0f} bytes on average; times are"
        " of the fastest round, and empty cells were not measured."
        f" Dollars are calculated from the CPU time of buffers of {_BUFFER_MB:g} MB and the prices of"
        f" Lambda alone ({cost.PRICES})."
    )


def _microseconds(row: dict[str, Any]) -> str:
    return f"{row['ns_a_record_min'] / 1000:.1f}"


def _number(figure: float) -> str:
    return f"{figure:,.0f}"

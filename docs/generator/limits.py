"""Generates the tables of limits of the gate from ``benchmarks/limits.toml``."""

from __future__ import annotations

from typing import Any

from benchmarks.limits import Limits
from docs.generator.tables import Block, code, paragraph, table

AT_MOST, AT_LEAST = "at most", "at least"

_MEASURED = {
    "instructions": ("instructions per record of the engine, counted by callgrind", AT_MOST),
    "memchr": ("time of `transform_lines` / time to find the tabs with `memchr_iter`", AT_MOST),
    "reference": ("time of the simple reference in Rust / time of `transform_lines`", AT_LEAST),
    "handler-naive": (
        "time of a naive handler (`split`, `dict`, `json.dumps`) / time of the handler",
        AT_LEAST,
    ),
    "handler-pure": ("time of the same mapping in Python with orjson / time of the handler", AT_LEAST),
    "column-instructions": ("instructions per record of the engine into columns", AT_MOST),
    "event-instructions": (
        "instructions per record from event bytes to response bytes",
        AT_MOST,
    ),
    "invocation-raw": (
        "time of a whole invocation with the naive handler / time of one with raw bytes",
        AT_LEAST,
    ),
    "invocation-dict": (
        "time of a whole invocation with the naive handler / time of one with dicts",
        AT_LEAST,
    ),
    "loopback-small": (
        "time of a raw invocation of the real client / time of an echo, event of 1.9 MB",
        AT_MOST,
    ),
    "loopback-large": (
        "time of a raw invocation of the real client / time of an echo, event of 5.5 MB",
        AT_MOST,
    ),
    "resident": ("memory for an event of 6 MB, including the event / size of the event", AT_MOST),
    "replay": (
        "time of `transform_lines` for rows / for Firehose error objects with the same rows",
        AT_LEAST,
    ),
    "simulated": (
        "time of the function in the real runtime client / time of a simulated delivery stream with it",
        AT_LEAST,
    ),
    "simulated-in-process": ("the same in one process, without the Runtime API", AT_LEAST),
    "process-polars": ("time of polars `scan_csv` → `sink_ndjson` / time of `edgelift transform`", AT_LEAST),
}
"""The parts of the gate for real-time logs: what is measured, and the side of the limit."""

_OF_JOBS = {
    "instructions": AT_MOST,
    "standard-realtime": AT_MOST,
    "standard-typed": AT_LEAST,
    "standard-orjson": AT_LEAST,
    "gunzip": AT_LEAST,
    "job-opensearch": AT_MOST,
    "job-memory": "less than",
}

_SEPARATE = {"startup", "layer-size", "layer-import"}
"""Parts whose limits do not depend on a corpus; they are sentences."""


def limits(_block: Block) -> str:
    """Return the limits for real-time logs and for the layer."""
    sections = _limits()
    size, of_import = sections["layer-size"], sections["layer-import"]
    of_layer = paragraph(
        f"It also fails if the x86_64 layer has {size['x86_64']:,} bytes or more, if importing"
        f" `edgelift.firehose` from it takes more than {of_import['x86_64']:g} times the CPU time of"
        " `python -I -c pass`, or if the import loads a third-party module."
    )
    return _table(("measured", "limit"), _MEASURED, ("c45", "c14"), sections) + f"\n{of_layer}"


def limits_of_jobs(_block: Block) -> str:
    """Return the limits for standard logs, jobs and the start of the command line."""
    sections = _limits()
    rows = {part: (code(part), side) for part, side in _OF_JOBS.items()}
    startup = sections["startup"]
    of_startup = paragraph(
        f"`edgelift --help` takes at most {startup['help']:g} times the CPU time of `python -I -c pass`, and"
        f" `edgelift transform` of two rows at most {startup['transform']:g} times."
    )
    return _table(("`limits.toml`", ""), rows, ("v1", "v2"), sections) + f"\n{of_startup}"


def _limits() -> dict[str, dict[str, float]]:
    sections: dict[str, Any] = Limits.read().sections
    found = {part: section["limit"] for part, section in sections.items() if "limit" in section}
    unknown = found.keys() - _MEASURED.keys() - _OF_JOBS.keys() - _SEPARATE
    if unknown:
        raise LookupError(f"no page has the limits of {', '.join(sorted(unknown))}")
    return found


def _table(
    head: tuple[str, str],
    parts: dict[str, tuple[str, str]],
    corpora: tuple[str, str],
    sections: dict[str, dict[str, float]],
) -> str:
    body = []
    for part, words in parts.items():
        figures = (sections[part].get(corpus) for corpus in corpora)
        body.append([*words, *("" if figure is None else f"{figure:,.10g}" for figure in figures)])
    return table((*head, *corpora), body, "|---|---|--:|--:|")

"""The end report of a job: what was read and where it went, for people and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from edgelift.cli.console import eprint, shown_name
from edgelift.cli.sink import STANDARD_OUTPUT, Sink
from edgelift.cli.summary import format_all_failed, format_documents, format_shape_mismatches, format_summary
from edgelift.reprocess.job import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgelift.cli.reprocess.options import Options
    from edgelift.reprocess.job import Outcome
    from edgelift.reprocess.journal.journal import Journal
    from edgelift.reprocess.tally import Tally

SHOWN = 10
"""Objects with a problem that are shown, and of those that were given up."""


def print_report(
    journal: Journal, outcome: Outcome, seconds: float, options: Options, input_format: str
) -> None:
    """Print the end report to standard error: problems, totals, and what to do if the job has not finished.

    The first failed records are part of it; if ``--failed`` keeps them all, only the very first one.
    ``input_format`` is the format of the configuration.
    """
    for line in outcome.first_failures[: None if options.failed is None else 1]:
        eprint(line)
    if options.failed is None and outcome.first_failures:
        eprint("--failed DIR keeps every failed record")
    for line in _remarks(journal, outcome, options):
        eprint(f"edgelift: {line}")
    for line in _advice(journal, outcome, options, input_format):
        eprint(f"edgelift: {line}")
    if not options.quiet or outcome.error or outcome.stopped:
        for line in _resumed(journal, outcome):
            eprint(f"edgelift: {line}")
        eprint(f"edgelift: {_summary(journal, seconds, options)}")
    if journal.path and (outcome.error or outcome.stopped):
        eprint(f"edgelift: {next_step(journal, options.source, has_failed=bool(outcome.error))}")


def _remarks(journal: Journal, outcome: Outcome, options: Options) -> Iterator[str]:
    """Yield problems, where documents are now, and what the counts do not say."""
    yield from _problems(journal)
    yield from outcome.notes
    for place in outcome.abandoned[:SHOWN]:
        yield f"{place}: not done: nothing moved for {PATIENCE} seconds after the signal"
    if len(outcome.abandoned) > SHOWN:
        yield f"and {len(outcome.abandoned) - SHOWN} more objects that were not done"
    if outcome.error:
        yield outcome.error
    tally, _ = journal.totals()
    if tally.shape_mismatches:
        yield format_shape_mismatches(tally.shape_mismatches, tally.shape_field)
    if tally.different:
        documents = "1 document is" if tally.different == 1 else f"{tally.different} documents are"
        yield f"{documents} there with other content and not changed; --overwrite replaces them"
    if options.compare and tally.written:
        documents = "1 document was" if tally.written == 1 else f"{tally.written} documents were"
        yield f"{documents} missing, and written: --compare keeps only those that are there as they are"


def _advice(journal: Journal, outcome: Outcome, options: Options, input_format: str) -> Iterator[str]:
    """Yield what to do if there was no object, or no record that became a document."""
    tally, states = journal.totals()
    if not any(states.values()) and not outcome.error and not outcome.stopped:
        yield f"{shown_name(options.source)} has no objects{_filters(options)}"
    if outcome.document_object is not None:
        yield format_documents(outcome.document_object, "reprocess")
        return
    columns_known = options.fields is not None or options.config is not None
    if columns_known and tally.failed and not tally.written + tally.already_there + tally.dropped:
        advice = format_all_failed(tally.by_reason, input_format)
        if advice:
            yield advice


def _resumed(journal: Journal, outcome: Outcome) -> Iterator[str]:
    """Yield what somebody who resumes a job should know about its journal."""
    name = shown_name(str(journal.path))
    if journal.was_empty:
        yield f"the journal {name} was empty: nothing was resumed, all objects are new"
    if outcome.was_complete:
        yield f"the job of the journal {name} was complete already; nothing was read, and its figures are:"


def _filters(options: Options) -> str:
    """Return the options that select objects, in words."""
    filters = {"--suffix": options.suffix, "--since": options.since, "--until": options.until}
    chosen = " ".join(f"{name} {value}" for name, value in filters.items() if value)
    return f" that {shown_name(chosen)} select" if chosen else ""


def next_step(journal: Journal, source: str, *, has_failed: bool = False) -> str:
    """Return what to do after a job that has not finished.

    Args:
        journal: its journal.
        source: its source, as the command line has it.
        has_failed: whether an error ended it, and not a signal.

    """
    if journal.path is None:
        return "run the same command again"
    if journal.is_discarded:
        return "nothing was written; run the command again when this is corrected"
    if source == "-":
        return "standard input cannot be read twice: run the same command again, from its beginning"
    if has_failed and not journal.totals()[1]["done"]:
        return "no object is done; run the command again when this is corrected, with --resume or without"
    name = shown_name(str(journal.path))
    return f"the same command with --resume goes on from the journal {name}"


def _problems(journal: Journal) -> Iterator[str]:
    """Yield a line for each of the first objects with a problem."""
    _, states = journal.totals()
    for number, entry in enumerate(journal.entries(problems_only=True)):
        if number == SHOWN:
            yield f"and {states['problems'] - SHOWN} more objects with a problem; --json lists all"
            return
        yield f"{entry.place}: {entry.problem}"


def _summary(journal: Journal, seconds: float, options: Options) -> str:
    """Return the summary line; a dry run has written nothing."""
    tally, states = journal.totals()
    names = ("read", "written", "already_there", "dropped", "failed", "blank")
    not_done = states["to do"] + states["failed"] + states["refused"]
    return format_summary(
        {
            "ok" if options.dry_run and name == "written" else name.replace("_", " "): getattr(tally, name)
            for name in names
        },
        tally.by_reason,
        f"objects {states['done']} done, {not_done} not",
        # Of the files, and not of the lines in them.
        size=f"stored bytes {tally.bytes_in} in, {tally.bytes_out} out",
        seconds=seconds,
        parts={
            "written": f"replaced {tally.replaced}" if options.overwrite else "",
            "already there": f"different {tally.different}" if options.compare else "",
        },
    )


def write_json(journal: Journal, outcome: Outcome, seconds: float, *, is_dry: bool) -> None:
    """Write the report to standard output: one JSON object, in which each object has a line.

    A dry run has written nothing: its count is called ``ok``.

    Raises:
        CliExit: it cannot be written.

    """
    tally, states = journal.totals()
    head: dict[str, Any] = {
        "seconds": round(seconds, 3),
        "stopped": outcome.stopped,
        "was_complete": outcome.was_complete,
        "error": outcome.error,
        "notes": outcome.notes,
        "objects": {name.replace(" ", "_"): count for name, count in states.items()},
        "totals": _counts(tally, is_dry=is_dry),
    }
    with Sink(STANDARD_OUTPUT) as out:
        out.write(json.dumps(head)[:-1].encode() + b', "by_object": [')
        for number, entry in enumerate(journal.entries()):
            row = {
                "object": entry.place,
                "state": entry.state.replace(" ", "_"),
                "problem": entry.problem,
                **_counts(entry.tally, is_dry=is_dry),
            }
            out.write((",\n" if number else "\n").encode() + json.dumps(row).encode())
        out.write(b"\n]}\n")


def _counts(tally: Tally, *, is_dry: bool) -> dict[str, Any]:
    return {"ok" if is_dry and name == "written" else name: value for name, value in asdict(tally).items()}

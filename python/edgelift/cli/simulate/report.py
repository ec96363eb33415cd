"""The end of a simulation: the account, what each place did, and the first failures explained."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from edgelift.cli.console import eprint, printable
from edgelift.cli.summary import format_all_failed, format_shape_mismatches
from edgelift.errors import RecordError
from edgelift.simulate.invocation import FUNCTION_ERROR, PROCESSING_FAILED

if TYPE_CHECKING:
    from edgelift._core import Transformer
    from edgelift.cli.simulate.live import Facts
    from edgelift.cli.simulate.watch import WatchedBackup, WatchedFunction, WatchedIndex
    from edgelift.simulate.account import Account
    from edgelift.simulate.faults import Schedule

INJECTED: Final = "every attempt was struck by an injected fault"

TOO_LARGE: Final = (
    "the event is larger than the 6 MB that Lambda takes: short rows need a smaller --buffer-mb, and "
    "edgelift size FILE finds the largest safe one"
)
"""Nothing else fails an invocation that does not reach the function."""

_BATCHES: Final = {
    "backup": "object",
    "function": "invocation",
    "opensearch": "bulk request",
    "source": "read",
}
"""Name of a batch at each place of a fault."""

_LONGEST_CELL: Final = 60
_LONGEST_DOCUMENT: Final = 300


def facts(  # noqa: PLR0913, PLR0917 - a place each
    account: Account,
    function: WatchedFunction,
    index: WatchedIndex,
    backup: WatchedBackup,
    schedule: Schedule,
    real_seconds: float,
) -> Facts:
    """Return what happened, as labels and values; values without news are empty."""
    invocations = ""
    if function.invocations:
        mean = function.seconds / function.invocations * 1000
        slowest = function.slowest * 1000
        restarts = f", started {function.starts} times" if function.starts > 1 else ""
        invocations = (
            f"{_count(account.invocations, 'invocation')}, {mean:.1f} ms on average, "
            f"slowest {slowest:.1f} ms{restarts}"
        )
    documents = "".join(f"; {name} {count:,}" for name, count in sorted(index.stored.items()))
    return [
        ("simulated", f"{_duration(account.seconds)} in {real_seconds:.1f} seconds"),
        ("function", invocations),
        (
            "index",
            f"{_count(account.bulk_requests, 'bulk request')}{documents}" if account.bulk_requests else "",
        ),
        ("backup", _count(backup.objects, "object") if backup.objects else ""),
        ("faults", _faults(schedule)),
    ]


def _faults(schedule: Schedule) -> str:
    """Return how often faults struck, and which never did, of how many batches of their places."""
    struck = schedule.struck
    idle = sorted({(fault.at, fault.kind) for fault in schedule.faults} - struck.keys())
    words = ", ".join(f"{at} {kind} {count:,}" for (at, kind), count in sorted(struck.items()))
    if not idle:
        return words
    batches = sorted({_count(schedule.count(at), _BATCHES[at]) for at, _ in idle})
    never = f"not struck: {', '.join(map(' '.join, idle))}" if words else "none struck"
    return f"{words}{'; ' if words else ''}{never} ({', '.join(batches)})"


def text_of(account: Account, found: Facts) -> str:
    """Return the account and what happened as text."""
    width = max(len(label) for label, _ in found) + 2
    lines = [str(account), "", *(f"{label:<{width}}{value}" for label, value in found if value)]
    return "\n".join(lines) + "\n"


def json_of(
    account: Account,
    function: WatchedFunction,
    index: WatchedIndex,
    schedule: Schedule,
    index_problem: str,
) -> str:
    """Return the account and what happened as a JSON object in one line."""
    faults = {(fault.at, fault.kind): 0 for fault in schedule.faults} | schedule.struck
    return (
        json.dumps(
            asdict(account)
            | {
                "in_backup": account.in_backup,
                "repeated": account.repeated,
                "balanced": account.is_balanced and not index_problem,
                "index_problem": index_problem or None,
                "indices": dict(sorted(index.stored.items())),
                "function_seconds": round(function.seconds, 6),
                "shape_mismatches": function.shape_mismatches,
                "shape_field": function.shape_field,
                "faults": {f"{at} {kind}": count for (at, kind), count in sorted(faults.items())},
            }
        )
        + "\n"
    )


def explain_failures(
    account: Account,
    transformer: Transformer,
    function: WatchedFunction,
    backup: WatchedBackup,
    *,
    has_faults: bool,
) -> None:
    """Print the first failed record of each error code, and why it failed, on standard error.

    Documents with values under the wrong keys are failures that no count of the account shows.

    Args:
        account: counts the failed records.
        transformer: the configuration of the function.
        function: knows what it failed with.
        backup: has the failed records.
        has_faults: whether faults struck the function.

    """
    for code, error_object in backup.first.items():
        count = account.failed.get(code, 0)
        eprint(f"edgelift: {_count(count, 'record')} in backup by {code}; the first one:")
        if code == PROCESSING_FAILED.code:
            _explain(
                transformer, base64.b64decode(error_object["rawData"]), all_failed=count == account.source
            )
        elif code == FUNCTION_ERROR.code:
            eprint(f"  {function.problem or (INJECTED if has_faults else TOO_LARGE)}")
        else:
            eprint(f"  {error_object['errorMessage']}")
            _show_document(error_object)
    if mismatches := function.shape_mismatches:
        eprint(f"edgelift: {format_shape_mismatches(mismatches, function.shape_field)}")


def _explain(transformer: Transformer, record: bytes, *, all_failed: bool) -> None:
    """Print why the function could not transform a record, with its columns."""
    reason = None
    try:
        transformer.transform(record)
    except RecordError as error:
        reason = error.reason
        eprint(f"  {reason}: {error}")
    try:
        columns = transformer.explain(record)
    except RecordError:
        columns = []
    rows = [
        (str(column.position), column.field or "", _short(column.raw), column.note or column.value or "")
        for column in columns
    ]
    head = ("column", "field", "raw", "value or note")
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(3)]
    for row in (head, *rows) if rows else ():
        cells = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        eprint(f"  {cells}  {row[3][:_LONGEST_CELL]}".rstrip())
    advice = None
    if reason and all_failed:
        advice = format_all_failed({reason: 1}, transformer.options["input"]["format"])
    if advice:
        eprint(f"edgelift: {advice}")


def _show_document(error_object: dict[str, Any]) -> None:
    raw = base64.b64decode(error_object.get("rawData") or "")
    if raw:
        eprint(f"  {_short(raw, _LONGEST_DOCUMENT)}")


def _short(data: bytes, most: int = _LONGEST_CELL) -> str:
    text = printable(data.decode("utf-8", "backslashreplace"))
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "hour"), (minutes, "minute"), (rest, "second")]
    return " ".join(_count(number, noun) for number, noun in parts if number) or "0 seconds"

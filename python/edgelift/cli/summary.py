"""The summary line at the end: what came in and where it went."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from edgelift._core import REASONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edgelift._core import Counts


def format_summary(
    counts: Mapping[str, int],
    reasons: Mapping[str, int],
    *others: str,
    size: str,
    seconds: float,
    parts: Mapping[str, str] | None = None,
) -> str:
    """Format the summary line of any verb.

    Args:
        counts: numbers of records by their names in the line; ``failed`` is one of them.
        reasons: failed records by reason, shown after ``failed``.
        others: parts of the line between the counts and the bytes.
        size: bytes read and written, in words.
        seconds: duration.
        parts: what of a count is shown in brackets after it, by the count's name.

    """
    known = [code for code in REASONS if reasons.get(code)]
    codes = known + [code for code in reasons if code not in REASONS]
    by_reason = ", ".join(f"{code} {reasons[code]}" for code in codes)
    shown = {name: f" ({part})" for name, part in {"failed": by_reason, **(parts or {})}.items() if part}
    return "; ".join(
        [
            ", ".join(f"{name} {count}{shown.get(name, '')}" for name, count in counts.items()),
            *others,
            size,
            f"{seconds:.2f} seconds",
        ]
    )


def format_shape_mismatches(count: int, field: str | None) -> str:
    """Format the line about records whose values lack the shape of their fields.

    Args:
        count: number of such records, at least one.
        field: the field of the first such value, if it is known.

    """
    records = "1 record fits its" if count == 1 else f"{count} records fit their"
    first = f" (first: {field})" if field else ""
    return (
        f"{records} layout in number and kinds but not in shape{first}; check that the fields are "
        "those of the log configuration: explain shows the columns of a record"
    )


def format_documents(name: str, verb: str) -> str:
    """Format the line about an input that is an output of edgelift.

    Args:
        name: name of the input.
        verb: the command that reads it.

    """
    return f"{name} holds documents of edgelift; {verb} reads logs, once"


def format_foreign_json(name: str, keys: str) -> str:
    """Format the line about an input with JSON of another log, whose first keys are given."""
    return f"{name} holds JSON that is not a CloudFront log (first keys: {keys})"


def format_all_failed(reasons: Mapping[str, int], input_format: str) -> str | None:
    """Format the advice for a run of which every record failed.

    Args:
        reasons: failed records by reason.
        input_format: format of the configuration, which names columns.

    Returns:
        The advice, or None if the messages of the records say what to do.

    """
    most = max(reasons, key=lambda reason: reasons[reason], default="")
    if most == "column_count" and input_format == "standard":
        return (
            "no record became a document: --fields or --config must name all columns of the rows, in their "
            "order: those of the log delivery, or of the #Fields line of a log with a header"
        )
    if most == "column_count":
        return (
            "no record became a document: --fields or --config must name all fields of the log configuration "
            "that wrote the records; aws cloudfront get-realtime-log-config lists them"
        )
    if most in {"bad_value", "no_layout", "shape_mismatch"}:
        return (
            "no record became a document: check that the fields are those of the log configuration: "
            "explain shows the columns of a record"
        )
    return None


class Totals:
    """Counts of all inputs together.

    Attributes:
        bytes_in: bytes of log lines, after gzip has been taken off.

    """

    def __init__(self) -> None:
        self.bytes_in = 0
        self._counts = dict.fromkeys(("read", "ok", "dropped", "failed", "blank"), 0)
        self._reasons: Counter[str] = Counter()
        self._shape_mismatches = 0
        self._shape_field: str | None = None
        self._began = time.perf_counter()

    @property
    def failed(self) -> int:
        """Records that failed."""
        return self._counts["failed"]

    def add(self, counts: Counts) -> None:
        """Add the counts of one input.

        Raises:
            RuntimeError: a record went missing on its way, which is a defect of edgelift.

        """
        if counts.read != counts.ok + counts.dropped + counts.failed:
            raise RuntimeError(f"edgelift lost count of its records, please report it: {counts!r}")
        for name in self._counts:
            self._counts[name] += getattr(counts, name)
        self._reasons.update(counts.by_reason)
        self._shape_mismatches += counts.shape_mismatches
        self._shape_field = self._shape_field or counts.shape_field

    @property
    def has_no_documents(self) -> bool:
        """True if there were records, and every one failed."""
        return self._counts["failed"] > 0 and self._counts["failed"] == self._counts["read"]

    def all_failed(self, input_format: str) -> str | None:
        """Return the advice if every record failed, or None; see `format_all_failed`."""
        return format_all_failed(self._reasons, input_format) if self.has_no_documents else None

    def shape_mismatches(self) -> str | None:
        """Return the line about values that lack the shape of their fields, or None."""
        if not self._shape_mismatches:
            return None
        return format_shape_mismatches(self._shape_mismatches, self._shape_field)

    def describe(self) -> str:
        """Return the counts so far, in words."""
        count = self._counts
        return (
            f"{count['read']} records: {count['ok']} ok, {count['dropped']} dropped, {count['failed']} failed"
        )

    def summary(self, bytes_out: int) -> str:
        """Return the summary line; ``bytes_out`` is the size of the documents written."""
        return format_summary(
            self._counts,
            self._reasons,
            size=f"bytes {self.bytes_in} in, {bytes_out} out",
            seconds=time.perf_counter() - self._began,
        )
